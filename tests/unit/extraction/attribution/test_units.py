"""Sentences that are read together, and what a unit of them tells that another one began."""

import pytest

from tests.unit.extraction.attribution.reading import said

# Marks that were forgotten


@pytest.mark.parametrize(
    ("text", "speaker", "words"),
    [
        (
            "“The tunnel is safe for trains but not for lorries, engineer Ilsa Varn said.\n\nIt rained.",
            "engineer Ilsa Varn",
            "The tunnel is safe for trains but not for lorries",
        ),
        ("“The tunnel is safe for trains,” Ilsa Varn said.", "Ilsa Varn", "The tunnel is safe for trains,"),
    ],
)
def test_quotation_whose_end_was_forgotten_ends_before_who_says_it(text: str, speaker: str, words: str) -> None:
    assert said(text) == [(speaker, "said", [words])]


def test_quotation_that_goes_on_in_the_next_paragraph_keeps_what_others_say_in_it() -> None:
    [(speaker, _, [words])] = said("“We asked the mill. It was shut, the miller Oke Marl told us.\n\n“We left.”")[:1]

    assert (speaker, words) == (None, "We asked the mill. It was shut, the miller Oke Marl told us.")


# References back


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("uk", "Ілса Варненко приїхала. Про це повідомила агенція."),
        ("uk", "Про це повідомила Ілса Варненко."),
    ],
)
def test_reference_back_without_a_speaker_or_words_gives_nothing(language: str, text: str) -> None:
    assert [parts for speaker, _, parts in said(text, language) if speaker and "Варненко" in speaker] == []


# What goes on in reported speech


def test_sentence_in_the_mood_of_reported_speech_is_the_last_speakers() -> None:
    text = "Die Lage sei ernst, sagte Ministerin Ilsa Varn. Man habe Vorräte für drei Monate. Sie reiste ab."

    assert said(text, "de") == [("Ilsa Varn", "sagte", ["Die Lage sei ernst", "Man habe Vorräte für drei Monate"])]


def test_such_a_sentence_is_nobodys_where_nobody_spoke_before() -> None:
    assert said("Ministerin Ilsa Varn kam. Man habe Vorräte für drei Monate.", "de") == []


# Lists


def test_items_behind_a_source_and_a_colon_are_its_words() -> None:
    text = "The plan has three parts, according to Ilsa Varn:\n\n• rents are frozen\n\n• offices become flats\n\nRain."

    [(speaker, _, parts)] = said(text)

    assert (speaker, parts) == ("Ilsa Varn", ["The plan has three parts", "rents are frozen", "offices become flats"])


def test_items_that_somebody_else_says_are_not_its_words() -> None:
    text = "Rents will rise for a year, according to Ilsa Varn:\n\n• Oke Marl said rents would fall."

    assert [(speaker, parts) for speaker, _, parts in said(text)] == [
        ("Ilsa Varn", ["Rents will rise for a year"]),
        ("Oke Marl", ["rents would fall"]),
    ]


# Words that come twice


def test_headline_that_is_a_quotation_is_whoever_says_it_in_the_article() -> None:
    text = "“Nobody warned us at all”\n\nWater rose.\n\n“Nobody warned us at all. It was night,” said Ilsa Varn."

    assert [(speaker, parts) for speaker, _, parts in said(text)] == [
        ("Ilsa Varn", ["Nobody warned us at all"]),
        ("Ilsa Varn", ["Nobody warned us at all. It was night,"]),
    ]


def test_headline_whose_words_two_say_is_nobodys() -> None:
    told = "“Nobody warned us at all,” said Ilsa Varn. “Nobody warned us at all,” said Oke Marl."

    assert said(f"“Nobody warned us at all”\n\nWater rose.\n\n{told}")[0][0] is None
