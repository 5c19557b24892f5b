"""Clauses that only tell whose words others are."""

import pytest

from tests.unit.extraction.attribution.reading import said


@pytest.mark.parametrize(
    ("language", "text", "speaker"),
    [
        ("de", "Das Bad wird im Frühjahr abgerissen. Das sagte Ilsa Varn am Montag.", "Ilsa Varn"),
        ("es", "El puente cerrará en mayo. Así lo anunció la alcaldesa Ilsa Varn.", "la alcaldesa Ilsa Varn"),
        ("fr", "Le pont fermera en mai. C’est ce qu’a annoncé Ilsa Varn.", "Ilsa Varn"),
        ("uk", "Ферма зачинена. Про це повідомила Ілса Варненко.", "Ілса Варненко"),
        ("ru", "Ферма зачинена. Об этом Ілса Варненко написала вчера.", "Ілса Варненко"),
    ],
)
def test_sentence_is_whoevers_the_next_one_says_it_is(language: str, text: str, speaker: str) -> None:
    [(found, _, parts)] = said(text, language)

    assert (found, parts) == (speaker, [text.split(".", maxsplit=1)[0]])


@pytest.mark.parametrize(
    ("language", "text", "speaker"),
    [
        ("de", "Ilsa Varn glaubt ihm nicht: „Wir haben den Film gesehen.“", "Ilsa Varn"),
        ("es", "Ilsa Varn, usuaria desde hace años: «Es como si cerraran la carretera».", "Ilsa Varn"),
        ("en", "Farmer Ilsa Varn shrugged: “We have seen it all before.”", "Farmer Ilsa Varn"),
    ],
)
def test_quotation_behind_a_colon_is_the_one_person_s_who_is_named(language: str, text: str, speaker: str) -> None:
    assert [(found, cue) for found, cue, _ in said(text, language)] == [(speaker, None)]


@pytest.mark.parametrize(
    "text",
    [
        "Ilsa Varn wrote to Oke Marl: “We have seen it all before.”",
        "On a wall of the house of Ilsa Varn: “We have seen it all before.”",
        "A wall in Sella: “We have seen it all before.”",
    ],
)
def test_quotation_behind_a_colon_is_nobodys_where_nobody_or_two_are_named(text: str) -> None:
    assert [found for found, cue, _ in said(text) if cue is None] in ([], [None])
