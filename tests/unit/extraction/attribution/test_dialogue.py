"""Speech behind a dash at the beginning of a paragraph, where an author says who speaks."""

import pytest

from service.extraction.attribution.dialogue import dialogue_passages
from service.extraction.text.lexicon import SPEECH, lexicon_for
from service.extraction.text.paragraphs import paragraphs_of
from service.extraction.text.sentences import segment
from tests.unit.extraction.attribution.reading import said


def spoken(text: str, language: str) -> list[str]:
    lexicon = lexicon_for(SPEECH, language)
    return [text[one.start : one.end] for one in dialogue_passages(text, paragraphs_of(text, lexicon), lexicon)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("uk", "– Ми підпишемо, – сказала вона. – Завтра.", ["Ми підпишемо", "Завтра."]),
        ("ru", "— Мы подпишем! — заявил министр.", ["Мы подпишем!"]),
        ("es", "—Firmaremos —dijo ella—. Mañana.", ["Firmaremos", "Mañana."]),
        ("es", "—Firmaremos —dijo ella— cuando callen.", ["Firmaremos", "cuando callen."]),
        ("fr", "— Nous signerons, a dit la maire.", []),  # only a dash ends what is spoken, or a question
        ("fr", "— Vous signerez demain ? demanda la maire.", ["Vous signerez demain ?"]),
        ("en", "— The mill is closed, — said Varn.", ["The mill is closed"]),
    ],
)
def test_words_stand_between_the_dashes(language: str, text: str, expected: list[str]) -> None:
    assert spoken(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "- Rents are frozen for a year, the minister said."),
        ("en", "– Bread – milk – salt"),
        ("uk", "Ферма – сказала вона – зачинена."),
        ("uk", "– Скільки суден зайшло в порт?"),
        ("uk", "– Скільки суден зайшло в порт?   "),
    ],
)
def test_other_dashes_open_no_speech(language: str, text: str) -> None:
    assert spoken(text, language) == []


BEGUN = "— Вы закрыли границу? — спросила Инга Раусе.\n— Закрыл, — ответил Фрол Мещер.\n"


def test_two_who_have_begun_to_talk_speak_by_turns() -> None:
    text = f"{BEGUN}— Надолго?\n— До весны."

    assert [(speaker, parts) for speaker, _, parts in said(text, "ru")] == [
        ("Инга Раусе", ["Вы закрыли границу?"]),
        ("Фрол Мещер", ["Закрыл"]),
        ("Инга Раусе", ["Надолго?"]),
        ("Фрол Мещер", ["До весны."]),
    ]


def test_turn_behind_one_who_is_not_known_is_nobodys() -> None:
    text = "— Вы закрыли границу? — спросили из зала.\n— Закрыл, — ответил Фрол Мещер.\n— Надолго?\n— До весны."

    assert [speaker for speaker, _, parts in said(text, "ru") if parts == ["Надолго?"]] == [None]


def test_question_and_what_an_author_says_of_it_are_one_sentence() -> None:
    assert [one.text for one in segment("— Готові? — спитала вона. — Так.", "uk")] == [
        "— Готові? — спитала вона.",
        "— Так.",
    ]
