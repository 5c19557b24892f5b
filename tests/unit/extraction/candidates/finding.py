"""Candidates of short articles, as the tests of finding them compare them."""

from collections.abc import Mapping
from typing import Any

from schemas.fields import Mention, Record
from service.extraction.analysis import ArticleAnalysis, analyse
from service.extraction.candidates.candidate import Candidate
from service.extraction.candidates.candidates import find_candidates
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment

SPEECHES = (
    "Ilsa Varn came to Tolmi on Sunday. “The ovens are cold this week,” Varn said. The market opened at nine. "
    "Oke Marl said that flour was short. “We wait for it every day,” he added. Nobody else spoke. "
    "Varn denied that the mill was closed."
)
"""Ilsa Varn speaks in sentences 2 and 7, Oke Marl in 4 and 5."""


def analysis_of(text: str, language: str | None = "en") -> ArticleAnalysis:
    """What code reads off an article."""
    return analyse(text, segment(text, language), find_passages(text), language)


def find(record: type[Record], text: str, language: str | None = "en") -> list[Candidate]:
    """The candidates of a kind that code can look for."""
    found = find_candidates(record, analysis_of(text, language))
    assert found is not None
    return found


def sentence_numbers(candidate: Candidate) -> list[list[int]]:
    """The sentences of each occurrence of a candidate."""
    return [[sentence.number for sentence in occurrence.sentences] for occurrence in candidate.occurrences]


def texts(prefilled: Mapping[str, Any]) -> dict[str, Any]:
    """Prefilled values, of mentions their words."""
    return {name: words_of(value) for name, value in prefilled.items()}


def words_of(value: Any) -> Any:
    """The words of a mention; any other value as it is."""
    return value.text if isinstance(value, Mention) else value


def assert_stands(text: str, mention: Mention) -> None:
    assert text[mention.start : mention.end] == mention.text != ""
