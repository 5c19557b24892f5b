"""What every section of a language pack is made of: lists of words, lists of patterns, tables of words by value."""

from collections.abc import Mapping
from typing import Annotated

import regex
from pydantic import AfterValidator, BaseModel, ConfigDict


def _checked_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words as they are, if there are any and none is empty, has white space around it or stands twice."""
    if not words:
        raise ValueError("the list is empty; leave it out")
    for number, word in enumerate(words):
        if not word or word != word.strip():
            raise ValueError(f"{word!r} is empty or has white space around it")
        if word in words[:number]:
            raise ValueError(f"{word!r} stands twice")
    return words


def _checked_patterns(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """The patterns as they are, if all of them are regular expressions."""
    for pattern in patterns:
        try:
            regex.compile(pattern)
        except regex.error as exc:
            raise ValueError(f"{pattern!r} is no regular expression: {exc}") from exc
    return patterns


Words = Annotated[tuple[str, ...], AfterValidator(_checked_words)]
"""Words or phrases in their order; in each, `*` stands for any ending, or alone for any word."""
Patterns = Annotated[Words, AfterValidator(_checked_patterns)]
"""Regular expressions, for what words cannot say: "*ly" is an adverb only from some letters on."""
WordsByValue = Mapping[str, Words]
"""The words that suggest each value of a field; the first value that has a word in the text counts."""


class Section(BaseModel):
    """One file of a language pack. Lists that a language has not are empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)
