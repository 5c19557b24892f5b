"""Turns of transcripts and interviews are somebody's words, and nobody's where the label does not tell whose."""

import pytest

from tests.unit.extraction.attribution.reading import read


def said(text: str, language: str = "en") -> list[tuple[str | None, list[str]]]:
    return [
        (one.speaker and text[one.speaker.start : one.speaker.end], [text[part.start : part.end] for part in one.parts])
        for one in read(text, language)
    ]


def test_turn_is_its_speakers() -> None:
    assert said("MIRA TAUB, ANALYST: It was never kept.\nHOLLIS: It was.\nTAUB: By whom?") == [
        ("MIRA TAUB", ["It was never kept."]),
        ("HOLLIS", ["It was."]),
        ("MIRA TAUB", ["By whom?"]),
    ]


def test_question_is_nobodys_and_the_answer_the_guests() -> None:
    text = "We met the novelist Harriet Solano in her garden.\n\nQ: Why did you leave?\nA: Because it left me."

    assert said(text) == [(None, ["Why did you leave?"]), ("Harriet Solano", ["Because it left me."])]


def test_answer_is_nobodys_where_two_were_introduced() -> None:
    text = "We met Harriet Solano and Tom Dacrey.\n\nQ: Why did you leave?\nA: Because it left me."

    assert [speaker for speaker, _ in said(text)] == [None, None]


@pytest.mark.parametrize(
    "turns",
    [
        "**Why did you leave?**\nBecause it left me.\n\n**And now?**\nNow I write.",
        "— Why did you leave?\n— Because it left me.\n\n— And now?\n— Now I write.",
    ],
)
def test_questions_and_answers_without_labels_are_an_interview(turns: str) -> None:
    met = "We met the novelist Harriet Solano in her garden.\n\n"

    assert said(met + turns) == [
        (None, ["Why did you leave?"]),
        ("Harriet Solano", ["Because it left me."]),
        (None, ["And now?"]),
        ("Harriet Solano", ["Now I write."]),
    ]
    assert {speaker for speaker, _ in said("We met Harriet Solano and Tom Dacrey.\n\n" + turns)} == {None}


def test_answer_goes_on_in_the_next_paragraph_until_the_next_question() -> None:
    text = "**Why did you leave?**\nIt left me.\n\nIt was cold.\n\n**And now?**\nNow I write.\n\nThe house is for sale."

    assert [parts for _, parts in said(text)] == [
        ["Why did you leave?"],
        ["It left me.", "It was cold."],
        ["And now?"],
        ["Now I write."],
    ]


@pytest.mark.parametrize(
    "text",
    ["— Wheat.\n— Barley.\n— Rye.", "**Why we left**\nIt was cold.", "— Why?\n— Because.", "**Why?** — Because."],
)
def test_list_or_a_single_question_is_no_interview(text: str) -> None:
    assert said(f"We met Harriet Solano.\n\n{text}") == []


def test_initials_are_whoever_was_introduced() -> None:
    text = "Piers Lovatt talked to Wanda Eisler.\n\nPL: Did you sign?\nWE: At four in the morning."

    assert [speaker for speaker, _ in said(text)] == ["Piers Lovatt", "Wanda Eisler"]


def test_turn_goes_on_in_the_next_paragraph_without_what_is_done_meanwhile() -> None:
    text = "YOST: I shall be brief. (Laughter.) It was one year.\n\nIt has been nine.\n\nLORCK: Your time is up."

    assert said(text)[0] == ("YOST", ["I shall be brief.", "It was one year.", "It has been nine."])


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("uk", "Питання: Чи буде евакуація?\nСтолбун: Вона триває.", [None, "Столбун"]),
        ("de", "Frage: Wird es regnen?\nKarla Voss: Ja.", [None, "Karla Voss"]),
        ("es", "Pregunta: ¿Firmarán?\nRespuesta: Mañana.", [None, None]),
    ],
)
def test_labels_of_questions_are_those_of_the_language(language: str, text: str, expected: list[str | None]) -> None:
    assert [speaker for speaker, _ in said(text, language)] == expected


@pytest.mark.parametrize("indent", ["", "  "])
def test_headline_is_told_once_by_whoever_the_article_names(indent: str) -> None:
    text = f"{indent}Zelin: the talks go on\n\nPresident Ivo Zelin said on Monday that the talks would go on."

    headline, _ = said(text)
    assert headline == ("Zelin", ["the talks go on"])
