"""A clause with its quotations hidden, and the places of its words in the article."""

import pytest

from service.extraction.attribution.masking import MASK, MaskedClause, mask
from service.extraction.text.quotes import find_passages
from service.extraction.text.spans import Span

ARTICLE = "It rained. “We wait,” said Ilsa Varn, “and bake.” The oven was cold."


def clause_of(text: str, start: int = 0, end: int | None = None) -> MaskedClause:
    """A stretch of an article as a clause."""
    end = len(text) if end is None else end
    passages = [Span(p.start, p.end) for p in find_passages(text) if start <= p.start < end]
    return MaskedClause(text, start, mask(text, start, end, passages), passages)


def test_quotations_are_hidden_character_for_character() -> None:
    clause = clause_of(ARTICLE, 11, 50)

    assert clause.masked == f"“{MASK * 8}” said Ilsa Varn, “{MASK * 9}” "
    assert len(clause.masked) == 50 - 11
    assert clause.span(clause.masked.index("Ilsa"), clause.masked.index(" Varn") + 5) == Span(27, 36)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (", Ilsa Varn – ", "Ilsa Varn"),
        ("Ilsa Varn", "Ilsa Varn"),
        (" . ,; ", None),
        ("", None),
        ("\u00a0\u2028Varn:", "Varn"),
    ],
)
def test_punctuation_and_space_around_words_is_trimmed(text: str, words: str | None) -> None:
    found = clause_of(text).trimmed(0, len(text))

    assert [text[span.start : span.end] for span in found] == ([words] if words else [])


def test_quotation_marks_around_all_of_the_words_are_trimmed() -> None:
    text = "said “We wait.”"

    [span] = clause_of(text).trimmed(4, len(text))

    assert text[span.start : span.end] == "We wait."


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        (" the mayor of Tolmi, ", "the mayor of Tolmi"),
        ("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen", None),
        ("Varn “we wait” Marl", None),
        (" , ", None),
    ],
)
def test_speaker_is_a_short_phrase_without_a_quotation(text: str, speaker: str | None) -> None:
    span = clause_of(text).phrase(0, len(text))

    assert (span and text[span.start : span.end]) == speaker


def test_quotations_on_either_side_of_a_place_are_told_apart() -> None:
    clause = clause_of(ARTICLE, 11, 50)
    said = clause.masked.index("said")

    assert [ARTICLE[p.start : p.end] for p in clause.passages_before(said)] == ["We wait,"]
    assert [ARTICLE[p.start : p.end] for p in clause.passages_after(said)] == ["and bake."]
