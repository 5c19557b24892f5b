"""Whom pronouns, surnames and offices stand for."""

import pytest

from service.extraction.text.spans import Span
from tests.unit.extraction.attribution.reading import read, said

ANY = None
"""A language that is not known: the words of all of them count."""


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        ("Ilsa Varn said that it was late. She added that it was cold.", ["Ilsa Varn"] * 2),
        ("Ilsa Varn said that it was late. “We wait every day,” she added.", ["Ilsa Varn"] * 2),
        ("Ilsa Varn said that it was late. A bell rang. She later warned that it was cold.", ["Ilsa Varn"] * 2),
        (
            "Ilsa Varn said it was late. Oke Marl said it was not. He added that it was cold.",
            ["Ilsa Varn", "Oke Marl", "Oke Marl"],
        ),
        ("“We wait every day,” she said.", [None]),
        # whom the sentence before was about goes before the last speaker
        (
            "Oke Marl said it was late. Ilsa Varn opened the second oven. She warned that it was cold.",
            ["Oke Marl", "Ilsa Varn"],
        ),
        (
            "Oke Marl said it was late. The answer came by letter from Ilsa Varn. She warned that it was cold.",
            ["Oke Marl", "Ilsa Varn"],
        ),
        (
            "Ilsa Varn said it was late. Then Oke Marl came. “They are old,” Varn said. She denied that it was late.",
            ["Ilsa Varn", "Ilsa Varn", "Ilsa Varn"],
        ),
        ("Ilsa Varn said it was late. She spoke of Oke Marl. “The oven is cold,” she added.", ["Ilsa Varn"] * 2),
        ("Oke Marl said it was late. A tired cooper was not so sure. She said that it was early.", ["Oke Marl"] * 2),
        ("A tired resident was not so sure. She said that it was early.", ["A tired resident"]),
        ("The spokesman left. A woman stayed. He said that it was late.", ["The spokesman"]),
        # an office before a name, a country before the office, a name of one word that has spoken
        (
            "Russian President Oleg Marl said it was late. He added that it was cold.",
            ["Russian President Oleg Marl"] * 2,
        ),
        ("Kyiv Mayor Oleg Marl said it was late. “It is cold,” he said.", ["Kyiv Mayor Oleg Marl"] * 2),
        ("Marl said it was late. He added that it was cold.", ["Marl"] * 2),
        ("Ilsa Varn accused the army of theft. The army denied that it was late.", ["Ilsa Varn", "The army"]),
        ("“It is late now,” said\u202fshe.", [None]),
        # a description beside a name is the name's
        (
            "After it, a Tolmi spokesperson, Ilsa Varn, felt sad: “We wait every day,” she said, “and bake.”",
            ["Ilsa Varn"],
        ),
        # a name that only says where or which
        ("Ilsa Varn said it was late. The Marl campaign went on. She added that it was cold.", ["Ilsa Varn"] * 2),
        ("Ilsa Varn said it was late. Bakers waited in Port Adra. She added that it was cold.", ["Ilsa Varn"] * 2),
        # it is an institution and nobody else
        ("Vostria’s bakery ministry woke early. It said that it was late.", ["Vostria’s bakery ministry"]),
        ("Ilsa Varn said it was late. It said that it was cold.", ["Ilsa Varn", None]),
        (
            "The ministry said it was late. A source in the town agreed. It added that it was cold.",
            ["The ministry"] * 2,
        ),
    ],
)
def test_pronoun_is_the_last_speaker_who_was_named(text: str, speakers: list[str | None]) -> None:
    assert [speaker for speaker, _, _ in said(text)] == speakers


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Ilsa Varn arrived on Sunday. “The ovens are cold,” Varn said.", "Ilsa Varn"),
        ("Ilsa M. Varn arrived on Sunday. “The ovens are cold,” Varn said.", "Ilsa M. Varn"),
        ("Mayor Ilsa Varn arrived on Sunday. Varn said that it was late.", "Mayor Ilsa Varn"),
        ("“The ovens are cold,” Varn said. Ilsa Varn left.", "Varn"),
        ("Ilsa Varn Opens Ovens In Tolmi Town\n\n“The ovens are cold,” Varn said.", "Varn"),
        ("Ilsa Varn’s ovens are old. “The ovens are cold,” Varn said.", "Ilsa Varn"),
    ],
)
def test_surname_is_the_fullest_form_that_stands_before_it(text: str, speaker: str) -> None:
    [(found, _, _)] = said(text)

    assert found == speaker


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Ilsa Varn, the minister, said it was late. The minister added that it was cold.", "Ilsa Varn"),
        ("Ilsa Varn, the minister, said it was late. The baker added that it was cold.", "The baker"),
        ("Mr. Varn said it was late. Ms. Ilsa Marl said it was not. He added that it was cold.", "Mr. Varn"),
    ],
)
def test_description_or_pronoun_is_the_last_speaker_whom_it_fits(text: str, speaker: str) -> None:
    assert said(text)[-1][0] == speaker


def test_surname_points_to_the_place_of_the_full_name() -> None:
    text = "Ilsa Varn arrived on Sunday. “The ovens are cold,” Varn said."

    [attribution] = read(text)

    assert attribution.speaker == Span(0, len("Ilsa Varn"))
    assert [sentence.number for sentence in attribution.sentences] == [2]


@pytest.mark.parametrize(
    ("language", "text", "speaker"),
    [
        ("uk", "Ілса Варненко сказала, що печі холодні. Вона додала, що борошна немає.", "Ілса Варненко"),
        ("ru", "Илса Варнова сказала, что печи холодные. Она добавила, что муки нет.", "Илса Варнова"),
        ("de", "Ilsa Varnholt erklärte, die Öfen seien kalt. Sie betonte, dass Mehl fehle.", "Ilsa Varnholt"),
        ("de", "Ilsa Varnholt erklärte, die Öfen seien kalt. Varnholt betonte, dass Mehl fehle.", "Ilsa Varnholt"),
        ("uk", "Ілса Варненко сказала, що печі холодні. За її словами, борошна немає.", "Ілса Варненко"),
        ("ru", "Илса Варнова сказала, что печи холодные. По её словам, муки нет.", "Илса Варнова"),
        ("en", "Ilsa Varn said that it was late. The oven was cold, in her account.", "Ilsa Varn"),
        (ANY, "Ilsa Varnoğlu, fırının soğuduğunu bildirdi. O, unun kalmadığını ekledi.", "Ilsa Varnoğlu"),
    ],
)
def test_later_speech_of_another_language_is_the_same_speakers(language: str | None, text: str, speaker: str) -> None:
    assert [found for found, _, _ in said(text, language)] == [speaker, speaker]


def test_pronoun_with_more_beside_it_is_a_pronoun() -> None:
    text = "Ilsa Varn said it was late. Of the bakers’ losses she said that they were light."

    assert [speaker for speaker, _, _ in said(text)] == ["Ilsa Varn", "Ilsa Varn"]


def test_she_is_nobody_whom_a_title_calls_mister() -> None:
    text = "Ilsa Varn said it was late. Mr Marl said it was early. Oke Marl left. She said that it was cold."

    assert [speaker for speaker, _, _ in said(text)][-1] == "Ilsa Varn"


def test_quotation_of_a_person_named_in_passing_is_theirs_if_nobody_else_spoke() -> None:
    text = (
        "Про це повідомив пекар Остап Верещак. «Печі сьогодні холодні, а борошна немає», — заявив він після зустрічі."
    )

    assert [speaker for speaker, _, _ in said(text, "uk")] == ["Остап Верещак"]


# Subjects that go unsaid


@pytest.mark.parametrize(
    ("language", "before", "text", "speaker"),
    [
        ("uk", "Міністр Богдан Тшир вийшов до преси.", "Сказав, що гроші вже надійшли.", "Богдан Тшир"),
        ("uk", "Послиця Іда Варн привітала Олену Марл.", "Сказала, що гроші вже надійшли.", None),
        ("ru", "Министр Богдан Тшир вышел к прессе.", "Сказал, что деньги уже пришли.", "Богдан Тшир"),
        ("uk", "Міністр Богдан Тшир вийшов до преси.", "Повідомили, що гроші вже надійшли.", None),
        ("tr", "Başbakan Olcay Ergin elçiyi kabul etti.", "Hiçbir toprağı terk etmeyeceklerini söyledi.", "Ergin"),
        ("tr", "Olcay Ergin, Jale Holtan ile görüştü.", "Hiçbir toprağı terk etmeyeceklerini söyledi.", None),
    ],
)
def test_subject_that_goes_unsaid_is_the_only_person_named_before(
    language: str, before: str, text: str, speaker: str | None
) -> None:
    [(found, _, _)] = said(f"{before} {text}", language)

    assert (found is None) == (speaker is None)
    assert speaker is None or (found or "").endswith(speaker.split()[-1])


def test_subject_goes_unsaid_only_where_nobody_else_is_named_in_the_sentence() -> None:
    text = "Ілса Варн прийшла. Як сказав у коридорі сусід, гроші вже надійшли."

    assert [speaker for speaker, _, _ in said(text, "uk") if speaker == "Ілса Варн"] == []


# Two who are told of together


def test_they_are_the_two_with_whom_the_sentence_before_begins() -> None:
    text = "Headmaster Tom Dacrey and caretaker Ana Pirell came in May. They said the roof was lost."

    assert [speaker for speaker, _, _ in said(text)] == ["Headmaster Tom Dacrey and caretaker Ana Pirell"]


@pytest.mark.parametrize("before", ["Tom Dacrey met Ana Pirell.", "In May Tom Dacrey and the council of Sella met."])
def test_they_are_nobody_where_two_are_not_told_of_together(before: str) -> None:
    assert [speaker for speaker, _, _ in said(f"{before} They said the roof was lost.")] == [None]


@pytest.mark.parametrize("whom", ["of the growers' union", "of Norway"])
def test_name_is_without_whom_it_works_for(whom: str) -> None:
    assert said(f"“We wait for grain,” said Tobias Merren {whom}.")[0][0] == "Tobias Merren"


def test_pronoun_behind_what_somebody_is_called_and_a_surname_is_that_person() -> None:
    text = "Oke Marl came. In Sella, the shopkeeper Marl heard of it. “We wait for grain,” he said."

    assert [speaker for speaker, _, _ in said(text)] == ["Oke Marl"]
