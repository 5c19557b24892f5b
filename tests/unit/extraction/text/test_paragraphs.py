"""Each paragraph is what it is: prose, a headline, a byline, the turn of a speaker."""

import pytest

from service.extraction.text.lexicon import SPEECH, lexicon_for
from service.extraction.text.paragraphs import ParagraphKind, kind_at, paragraphs_of


def kinds(text: str, language: str = "en") -> list[str]:
    return [one.kind.value for one in paragraphs_of(text, lexicon_for(SPEECH, language))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Island parliament closes the strait\n\nBy Rosa Quennell\n\nTARN HARBOUR, March 3\n\nIt voted on Monday.",
            ["headline", "byline", "dateline", "body"],
        ),
        ("Residents queue in Ostrel. Photo: Dana Ruizling/Northcable\n\nWater is sold.", ["caption", "body"]),
        ("1. The money is gone\n\nThe fund was empty.\n\n2. Nobody resigned\n\nIt met.", ["headline", "body"] * 2),
        ("16.20\n\nThe blaze is out.\n\n15:55 GMT\n\nSmoke is seen.", ["time_stamp", "body"] * 2),
        ("The loan is signed.\n\n(Reporting by Neil Farrow; editing by Jo Santander)", ["body", "boilerplate"]),
        ("It has parts:\n\n• rents are frozen\n\n• flats are built", ["body", "list_item", "list_item"]),
        ("12 villages are without power.\n\nThe poles fell", ["body", "body"]),
    ],
)
def test_paragraph_is_told_by_its_form(text: str, expected: list[str]) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "HOLLIS: Is it over?\nTAUB: It was never kept.",
        "Q: Why did you leave?\nA: Because it left me.",
        "[00:12:04] Ulla Fenwick: Eleven left.\n[00:12:19] Dean Osei-Grant: And arrived?",
        "**Interviewer:** Were you there?\n\n**Bosun Egil Tarn:** I was at the rope.",
        "Ulla Fenwick (mayor): It rained.\nDean Osei-Grant: It did.",
    ],
)
def test_labels_make_a_conversation(text: str) -> None:
    assert kinds(text) == ["turn", "turn"]


@pytest.mark.parametrize(
    "text",
    [
        "Place: the old customs hall.\nTime: Saturday at ten.\nAdmission: free.",
        "Photo: Dana Ruizling.\nPhoto: Jo Santander.",
        "Zelin: talks go on\n\nThe talks went on in Velm on Monday.",
    ],
)
def test_other_labels_make_none(text: str) -> None:
    assert "turn" not in kinds(text)


def test_paragraph_between_two_turns_goes_on_with_the_first_and_one_behind_the_last_is_none() -> None:
    text = "Almira Yost: It is open.\n\nIt was late.\n\nRolf Kettering: I see.\n\nAlmira Yost: No.\n\nIt ended."

    assert kinds(text) == ["turn", "turn", "turn", "turn", "body"]


def test_turn_has_its_label_and_where_its_words_begin() -> None:
    text = "Ulla Fenwick: Eleven left.\nDean Osei-Grant: And arrived?"
    first = paragraphs_of(text, lexicon_for(SPEECH, "en"))[0]

    assert first.label is not None
    assert text[first.label.start : first.label.end] == "Ulla Fenwick"
    assert text[first.words : first.end] == "Eleven left."


def test_place_before_every_paragraph_is_prose() -> None:
    assert kind_at([], 0) is ParagraphKind.BODY
