"""Who is given words: the forms of newswire attribution, and what holds for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.extraction.attribution.attributions import attributions
from service.extraction.attribution.coreference import Attribution
from service.extraction.entities.lexicon import SPEECH, Cues, cues
from service.extraction.entities.mentions import Mentions
from service.extraction.text.matching import Span
from service.extraction.text.quotes import passages, spoken
from service.extraction.text.sentences import segment

ANY = None
"""A language that is not known: the cues of all of them count."""


def read(text: str, language: str | None = "en", words: Cues | None = None) -> list[Attribution]:
    words = cues(SPEECH, language) if words is None else words
    sentences, speech = segment(text, language), spoken(text, passages(text))
    return attributions(text, sentences, speech, Mentions(text, sentences, speech, words), words)


def said(text: str, language: str | None = "en") -> list[tuple[str | None, str | None, list[str]]]:
    """Speaker, cue and words of each attribution."""

    def words(span: Span | None) -> str | None:
        return text[span.start : span.end] if span else None

    return [(words(a.speaker), words(a.cue), [text[p.start : p.end] for p in a.parts]) for a in read(text, language)]


# Forms of English


@pytest.mark.parametrize(
    ("text", "speaker", "cue", "words"),
    [
        # quotation + X said
        ("“The ferry sails at dawn,” Ilsa Varn said.", "Ilsa Varn", "said", "The ferry sails at dawn,"),
        ("“The ferry sails at dawn,” Ilsa Varn told the Courier.", "Ilsa Varn", "told", "The ferry sails at dawn,"),
        ("“The ferry sails at dawn,” the harbour master said on Monday.", "the harbour master", "said", None),
        ("“The ferry sails at dawn,” Varn, who bakes, said.", "Varn", "said", "The ferry sails at dawn,"),
        ("“The ferry sails at dawn” — Ilsa Varn said.", "Ilsa Varn", "said", "The ferry sails at dawn"),
        # quotation + said X
        ("“The ferry sails at dawn,” said Ilsa Varn.", "Ilsa Varn", "said", "The ferry sails at dawn,"),
        ('"The ferry sails at dawn," said Ilsa Varn.', "Ilsa Varn", "said", "The ferry sails at dawn,"),
        ("‘The ferry sails at dawn,’ said Ilsa Varn.", "Ilsa Varn", "said", "The ferry sails at dawn,"),
        ("“The ferry sails at dawn,” said Ilsa Varn, a baker.", "Ilsa Varn", "said", "The ferry sails at dawn,"),
        ("“Does the ferry sail at dawn?” asked Ilsa Varn.", "Ilsa Varn", "asked", "Does the ferry sail at dawn?"),
        # X said + quotation
        ("Ilsa Varn said: “The ferry sails at dawn.”", "Ilsa Varn", "said", "The ferry sails at dawn."),
        ("Ilsa Varn said, “The ferry sails at dawn.”", "Ilsa Varn", "said", "The ferry sails at dawn."),
        ("Ilsa Varn called it “a danger to the street”.", "Ilsa Varn", "called", "a danger to the street"),
        # X said (that) words
        ("Ilsa Varn said that the ferry was late.", "Ilsa Varn", "said", "the ferry was late"),
        ("Ilsa Varn said the ferry was late.", "Ilsa Varn", "said", "the ferry was late"),
        ("Ilsa Varn said on Monday that the ferry was late.", "Ilsa Varn", "said", "the ferry was late"),
        ("Ilsa Varn told reporters that the ferry was late.", "Ilsa Varn", "told", "the ferry was late"),
        ("The Front has since said that the ferry was late.", "The Front", "said", "the ferry was late"),
        ("Ilsa Varn has repeatedly said that the ferry was late.", "Ilsa Varn", "said", "the ferry was late"),
        ("Ilsa Varn said the ferry was “a danger to the town”.", "Ilsa Varn", "said", None),
        ("On Monday, Ilsa Varn said the ferry was late.", "Ilsa Varn", "said", "the ferry was late"),
        ("The sea was calm, but Ilsa Varn insisted that it was cold.", "Ilsa Varn", "insisted", "it was cold"),
        # asides between the cue and the words
        (
            "Ilsa Varn said on Monday, citing the army, that the ferry was late.",
            "Ilsa Varn",
            "said",
            "the ferry was late",
        ),
        # a description, X, said
        ("Its spokesman, Oke Marl, said that the ferry was late.", "Oke Marl", "said", "the ferry was late"),
        ("“The ferry sails at dawn,” said its spokesman, Oke Marl, on Monday.", "Oke Marl", "said", None),
        ("Its spokesman, a baker, said that the ferry was late.", "Its spokesman", "said", "the ferry was late"),
        ("The mayor of Tolmi, Ilsa Varn, said that it was late.", "Ilsa Varn", "said", "it was late"),
        ("The Vostrian Foreign Minister, Ilsa Varn, said that it was late.", "Ilsa Varn", "said", "it was late"),
        (
            "A lawyer for Tolmi Ferries, Brig. Oke B. Marl, said it was late.",
            "Brig. Oke B. Marl",
            "said",
            "it was late",
        ),
        (
            "The deputy head of mission at the embassy in Tolmi, Ilsa Varn, said that it was late.",
            "Ilsa Varn",
            "said",
            "it was late",
        ),
        ("“The ferry sails at dawn,” said the mayor of Tolmi, Ilsa Varn.", "Ilsa Varn", "said", None),
        ("The mayor of Tolmi, Vostria, said that it was late.", "The mayor of Tolmi", "said", "it was late"),
        ("“It is late,” said a resident of the town, Sella.", "a resident of the town", "said", None),
        ("“It is late,” said a resident of the capital, Tallinn.", "a resident of the capital", "said", None),
        ("Envoy Ilsa Varn, Oke Marl, said that it was late.", "Envoy Ilsa Varn", "said", "it was late"),
        # after a dateline
        ("TOLMI, Vostria (Wire) — Ilsa Varn said that it was late.", "Ilsa Varn", "said", "it was late"),
        ("UN envoy Ilsa Varn said that talks — held in Tolmi — failed.", "UN envoy Ilsa Varn", "said", None),
        # words, X said
        ("The ferry sails at dawn, Ilsa Varn said.", "Ilsa Varn", "said", "The ferry sails at dawn"),
        ("The ferry sails at dawn, the office said on Monday.", "the office", "said", "The ferry sails at dawn"),
        ("The ferry sails at dawn, said the mayor of Tolmi.", "the mayor of Tolmi", "said", "The ferry sails at dawn"),
        # according to X
        ("According to Ilsa Varn, the ferry was late.", "Ilsa Varn", "According to", "the ferry was late"),
        ("The ferry was late, according to Ilsa Varn.", "Ilsa Varn", "according to", "The ferry was late"),
        ("The ferry was late according to the office.", "the office", "according to", "The ferry was late"),
        ("According to the office, “the ferry was late”.", "the office", "According to", "the ferry was late"),
        # X, a baker, said
        ("Ilsa Varn, a baker, said that the oven was cold.", "Ilsa Varn", "said", "the oven was cold"),
        ("In Tolmi, Ilsa Varn, a baker, said that the oven was cold.", "Ilsa Varn", "said", "the oven was cold"),
        ("But Ilsa Varn, the mayor, denied that the oven was cold.", "Ilsa Varn", "denied", "the oven was cold"),
        ("Ilsa Varn, 41, said she was tired.", "Ilsa Varn", "said", "she was tired"),
        ("The United States said that it was late.", "The United States", "said", "it was late"),
        ("The Gulf states and Iran said that it was late.", "The Gulf states and Iran", "said", "it was late"),
        ("A baker who asked not to be named said that it was late.", "A baker", "said", "it was late"),
        ("“It is late now,” said\u2028\u2003Ilsa Varn.", "Ilsa Varn", "said", "It is late now,"),
        ("Ilsa Varn, a baker from Tolmi, flatly denied that it was late.", "Ilsa Varn", "denied", "it was late"),
        # more than the subject before the cue
        ("On Sunday the bakers of Tolmi said that it was late.", "the bakers of Tolmi", "said", "it was late"),
        ("The Front rejected the charge, insisting that it was late.", "The Front", "insisting", "it was late"),
        # a subject with a clause of its own is not the words
        (
            "Ilsa Varn, who was praised for baking in the dark, said the oven would be lit.",
            "Ilsa Varn",
            "said",
            "the oven would be lit",
        ),
        ("Its owner, Ilsa Varn, said the oven was lit.", "Ilsa Varn", "said", "the oven was lit"),
    ],
)
def test_form_of_attribution_is_read(text: str, speaker: str, cue: str, words: str | None) -> None:
    [(found_speaker, found_cue, parts)] = said(text)

    assert (found_speaker, found_cue) == (speaker, cue)
    assert len(parts) == 1
    if words:
        assert parts == [words]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "“The ovens are cold,” Ilsa Varn said, “and they stay cold.”",
            ["The ovens are cold,", "and they stay cold."],
        ),
        (
            "“The ovens are cold,” said Ilsa Varn, a baker, “and they stay cold.”",
            ["The ovens are cold,", "and they stay cold."],
        ),
        ("“The ovens are cold,” said Ilsa Varn. “They stay cold.”", ["The ovens are cold,", "They stay cold."]),
    ],
)
def test_quotation_split_round_its_cue_is_one_attribution(text: str, parts: list[str]) -> None:
    assert said(text) == [("Ilsa Varn", "said", parts)]


def test_quoted_sentence_without_a_cue_goes_on_with_the_one_before() -> None:
    text = "“The ovens are cold,” said Ilsa Varn. “They stay cold. Nobody has flour.” The market opened."

    [attribution] = read(text)

    assert said(text) == [("Ilsa Varn", "said", ["The ovens are cold,", "They stay cold. Nobody has flour."])]
    assert [sentence.number for sentence in attribution.sentences][:2] == [1, 2]
    assert all("market" not in sentence.text for sentence in attribution.sentences)


def test_quotation_after_other_sentences_is_a_new_attribution_of_the_last_speaker() -> None:
    text = "“The ovens are cold,” said Ilsa Varn. The market opened at nine. “We wait for flour from the north.”"

    assert said(text) == [
        ("Ilsa Varn", "said", ["The ovens are cold,"]),
        ("Ilsa Varn", None, ["We wait for flour from the north."]),
    ]


def test_next_quotation_with_a_cue_of_its_own_is_another_attribution() -> None:
    text = "“We bake every day,” said Ilsa Varn. “Nobody has flour,” added Oke Marl."

    assert said(text) == [
        ("Ilsa Varn", "said", ["We bake every day,"]),
        ("Oke Marl", "added", ["Nobody has flour,"]),
    ]


def test_quotation_that_nobody_says_has_no_speaker() -> None:
    assert said("“We wait for flour every day.”") == [(None, None, ["We wait for flour every day."])]


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
        ("Oke Marl said it was late. A tired baker was not so sure. She said that it was early.", ["Oke Marl"] * 2),
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


def test_somebody_on_each_side_of_a_semicolon_is_an_attribution_each() -> None:
    text = "Ilsa Varn said that it was late; Oke Marl said that it was cold."

    assert said(text) == [("Ilsa Varn", "said", ["it was late"]), ("Oke Marl", "said", ["it was cold"])]


def test_surname_points_to_the_place_of_the_full_name() -> None:
    text = "Ilsa Varn arrived on Sunday. “The ovens are cold,” Varn said."

    [attribution] = read(text)

    assert attribution.speaker == Span(0, len("Ilsa Varn"))
    assert [sentence.number for sentence in attribution.sentences] == [2]


@pytest.mark.parametrize(
    "text",
    [
        "The reports reached the mayor on Monday.",
        "Its claims were read in the council of Tolmi.",
        "The mayor filed the claims in two volumes.",
        "The bakery rejected the claims of its bakers.",
        "The market opened at nine on Monday.",
        "The “Blue Oven” bakery opened at nine.",
        "Varn called the bakery.",
        "🧇",
        "",
    ],
)
def test_sentence_that_gives_nobody_words_has_no_attribution(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("Ilsa Varn said that the ovens were cold and warned that flour was short.", "warned"),
        ("Ilsa Varn said the ovens were cold, and warned that flour was short.", "warned"),
        ("Ilsa Varn said that the ovens were cold and later added that flour was short.", "added"),
    ],
)
def test_two_cues_of_one_subject_are_two_attributions(text: str, cue: str) -> None:
    (first_speaker, first_cue, [first]), second = said(text)

    assert (first_speaker, first_cue) == ("Ilsa Varn", "said")
    assert first.startswith("the ovens were cold")
    assert "flour" not in first
    assert second == ("Ilsa Varn", cue, ["flour was short"])


# Forms of other languages


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "uk",
            "«Пором вийде на світанку», — сказала Ілса Варненко.",
            ("Ілса Варненко", "сказала", "Пором вийде на світанку"),
        ),
        ("uk", "Ілса Варненко сказала, що печі холодні.", ("Ілса Варненко", "сказала", "печі холодні")),
        ("uk", "Ілса Варненко, пекарка, сказала, що печі холодні.", ("Ілса Варненко", "сказала", "печі холодні")),
        (
            "uk",
            "Ілса Варненко заявила: «Пором вийде на світанку».",
            ("Ілса Варненко", "заявила", "Пором вийде на світанку"),
        ),
        ("uk", "За словами Ілси Варненко, печі холодні.", ("Ілси Варненко", "За словами", "печі холодні")),
        (
            "ru",
            "«Паром выйдет на рассвете», — сказала Илса Варнова.",
            ("Илса Варнова", "сказала", "Паром выйдет на рассвете"),
        ),
        ("ru", "Илса Варнова сказала, что печи холодные.", ("Илса Варнова", "сказала", "печи холодные")),
        ("ru", "Илса Варнова, пекарь, сказала, что печи холодные.", ("Илса Варнова", "сказала", "печи холодные")),
        (
            "ru",
            "Илса Варнова заявила: «Паром выйдет на рассвете».",
            ("Илса Варнова", "заявила", "Паром выйдет на рассвете"),
        ),
        ("ru", "По словам Илсы Варновой, печи холодные.", ("Илсы Варновой", "По словам", "печи холодные")),
        (
            "de",
            "„Die Öfen sind heute kalt“, sagte Ilsa Varnholt.",
            ("Ilsa Varnholt", "sagte", "Die Öfen sind heute kalt"),
        ),
        ("de", "Ilsa Varnholt sagte, dass die Öfen kalt seien.", ("Ilsa Varnholt", "sagte", "die Öfen kalt seien")),
        ("de", "Ilsa Varnholt erklärte, die Öfen seien kalt.", ("Ilsa Varnholt", "erklärte", "die Öfen seien kalt")),
        (
            "de",
            "Ilsa Varnholt sagte: „Die Öfen sind heute kalt.“",
            ("Ilsa Varnholt", "sagte", "Die Öfen sind heute kalt."),
        ),
        (
            "de",
            "Die Fähre fahre im Morgengrauen, sagte Ilsa Varnholt.",
            ("Ilsa Varnholt", "sagte", "Die Fähre fahre im Morgengrauen"),
        ),
        (ANY, "“Vapur şafakta kalkacak,” dedi Ilsa Varnoğlu.", ("Ilsa Varnoğlu", "dedi", "Vapur şafakta kalkacak,")),
        (ANY, "Ilsa Varnoğlu, “Vapur şafakta kalkacak” dedi.", ("Ilsa Varnoğlu", "dedi", "Vapur şafakta kalkacak")),
        (ANY, "Ilsa Varnoğlu, vapurun kalkacağını söyledi.", ("Ilsa Varnoğlu", "söyledi", "vapurun kalkacağını")),
        (
            ANY,
            "Ilsa Varnoğlu “Vapur şafakta kalkacak” diye konuştu.",
            ("Ilsa Varnoğlu", "diye konuştu", "Vapur şafakta kalkacak"),
        ),
        (ANY, "Liman idaresi, vapurun kalkacağını açıkladı.", ("Liman idaresi", "açıkladı", "vapurun kalkacağını")),
        (
            "tr",
            "Sabah limanda konuşan Varnoğlu, vapurun “şafakta kalkacağını” söyledi.",
            ("Varnoğlu", "söyledi", "vapurun “şafakta kalkacağını”"),
        ),
        (
            "tr",
            "Tolmi Liman İdaresi dün sabah, vapurun “şafakta kalkacağını” duyurdu.",
            ("Tolmi Liman İdaresi", "duyurdu", "vapurun “şafakta kalkacağını”"),
        ),
        (
            "tr",
            "Liman kaynaklarına göre vapur şafakta kalkacak.",
            ("Liman kaynaklarına", "göre", "vapur şafakta kalkacak"),
        ),
        (
            "uk",
            "Пором вийде до міста на світанку, повідомила міська пекарня.",
            ("міська пекарня", "повідомила", "Пором вийде до міста на світанку"),
        ),
    ],
)
def test_form_of_another_language_is_read(language: str | None, text: str, expected: tuple[str, str, str]) -> None:
    speaker, cue, words = expected

    assert said(text, language) == [(speaker, cue, [words])]


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


def test_split_quotation_of_another_language_is_one_attribution() -> None:
    text = "„Die Öfen sind heute kalt“, sagte Ilsa Varnholt, „und sie bleiben es auch“."

    assert said(text, "de") == [("Ilsa Varnholt", "sagte", ["Die Öfen sind heute kalt", "und sie bleiben es auch"])]


def test_language_that_is_not_known_has_the_cues_of_all() -> None:
    for text in ("Ilsa Varn said that it was late.", "Ілса Варненко сказала, що печі холодні."):
        assert len(said(text, None)) == len(said(text, "tlh")) == 1


@pytest.mark.parametrize("words", [Cues(), cues(SPEECH, "en")])
def test_without_a_cue_only_sentences_that_are_quotations_are_somebodys_words(words: Cues) -> None:
    text = "The sign “closed for the whole long winter” hung there. “We wait for flour every day.”"

    [attribution] = read(text, words=words)

    assert attribution.cue is attribution.speaker is None
    assert [text[part.start : part.end] for part in attribution.parts] == ["We wait for flour every day."]


# What holds for any text

LANGUAGES = ["en", "en-GB", "uk", "ru", "de", "tlh", None]
PIECES = [
    *"“”„‟«»‘’\"'「」『』()—–-,.;:!?…",
    *(
        "\n",
        "\r\n",
        "\r",
        " ",
        " ",
        "\u00a0",
        "\u2028",
        "\x00",
        "\ue000",
        "\ud83d",
        "🧇",
        "👨‍👩‍👧‍👦",
        "e\u0301",
        "İ",
        "ß",
    ),
    *(" said ", " said that ", " and warned that ", " according to ", "According to ", ", said ", " told ", " claims "),
    *(" called ", " asked", " she added", " he ", " that ", " on Monday", " who ", " the reports "),
    *(" сказала ", ", що ", " за словами ", " заявил, что ", " sagte ", ", dass ", " laut ", " dedi", " söyledi."),
    *("Ilsa Varn", "Varn", "Oke Marl, a baker,", "The mayor of Tolmi", "In Tolmi,", "Ілса Варненко", "die Bäckerin"),
    *(
        "“We wait for flour every day,”",
        "“Nobody has flour.” ",
        "«Печі сьогодні холодні»",
        "the ovens were cold",
        "We. ",
    ),
]

texts = st.one_of(
    st.text(st.characters(), max_size=200),  # surrogates included
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join),
)


def assert_sound(text: str, found: list[Attribution]) -> None:
    """What holds for the attributions of any text."""
    for attribution in found:
        assert attribution.sentences
        assert attribution.parts
        for span in (*attribution.parts, attribution.cue, attribution.speaker):
            if span:
                assert 0 <= span.start < span.end <= len(text)
                assert text[span.start : span.end].strip()
        end = attribution.sentences[0].start
        for part in attribution.parts:
            assert end <= part.start
            end = part.end
        assert end <= attribution.sentences[-1].end


@given(texts, st.sampled_from(LANGUAGES))
def test_attributions_of_any_text_are_in_it_and_in_order(text: str, language: str | None) -> None:
    assert_sound(text, read(text, language))


LENGTH = 20_000


@pytest.mark.parametrize(
    "line",
    [
        "word ",
        "x",
        "he said ",
        "said, ",
        "Ilsa Varn said that ",
        "according to Ilsa, ",
        "very slowly also later ",
        "A of the ",
        "“we go on. ",
        "“we go on now” ",
        "“we go on now,” said Ilsa. ",
        "“we go on. It is so” and Ilsa said and “they are. So” ",
        "— ",
        "🧇 said ",
        "сказала, що ",
        "“",
        '"',
    ],
)
def test_very_long_line_is_read(line: str) -> None:
    text = (line * (LENGTH // len(line) + 1))[:LENGTH]

    assert_sound(text, read(text))


def test_quotation_of_three_thousand_characters_is_one_attribution() -> None:
    words = ("We go on. " * 300).strip()

    assert said(f"“{words}” said Ilsa Varn.") == [("Ilsa Varn", "said", [words])]


@pytest.mark.parametrize(
    "text",
    [
        "“We wait for flour every day, said Ilsa Varn.\r\nShe left.",
        "Ilsa Varn said, “We wait for flour",
        "“We wait for flour every day.\r\n\r\n“Nobody has any,” said Ilsa Varn.",
        "”“ said ”“",
        "said",
        "According to",
        "According to , it rains.",
        "🧇 said 🧇 that 🧇.",
        "\ue000\ue000 said \ue000",
        "“\ue000\ue000 a b” said \ue000.",
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_odd_text_is_read(text: str, language: str | None) -> None:
    assert_sound(text, read(text, language))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("uk", "Ферма зачинена. Про це повідомила Ілса Варненко."),
        ("ru", "Ферма закрыта. Об этом сообщила Илса Варненко."),
    ],
)
def test_announcement_of_the_sentence_before_gives_nobody_words(language: str, text: str) -> None:
    assert said(text, language) == []


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
