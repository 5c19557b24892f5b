"""A clause whose quotations are hidden, so that their words are not taken for the prose around them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from service.extraction.text.spans import Span

MASK = "\ue000"
"""Stands for each character of a quotation: one that no article holds."""
OPENING_MARKS = "“„«»「『‘\"'"
CLOSING_MARKS = "”“»«」』’\"'"
WORD = re.compile(r"\w+")
BEHIND_QUOTATION = re.compile(rf"{MASK}[,.!?…]*[{CLOSING_MARKS}]?\s*[,.!?]?\s*[–—-]{{0,2}}\s*$")
"""What stands between a quotation and a verb right behind it."""
_TRIMMED = " \t\r\n\u00a0\u200b\u200e\u200f,;:.–—->•▪◦·"
_MOSTLY_QUOTED = 0.6
"""Share of quotations in the content, from which on they alone are it."""
_MOST_SPEAKER_WORDS = 14


def mask(text: str, start: int, end: int, passages: Sequence[Span]) -> str:
    """A stretch of the article, of the same length, in which `MASK` stands for the characters of some passages."""
    masked = list(text[start:end])
    for passage in passages:
        masked[passage.start - start : passage.end - start] = MASK * (passage.end - passage.start)
    return "".join(masked)


def mostly_quoted(inside: Sequence[Span], parts: Sequence[Span]) -> bool:
    """Whether quotations hold so much of some words that they alone are what is said."""
    return bool(inside) and _length(inside) >= _MOSTLY_QUOTED * _length(parts)


def _length(spans: Sequence[Span]) -> int:
    return sum(span.end - span.start for span in spans)


@dataclass(frozen=True, slots=True)
class MaskedClause:
    """One or more sentences, or a part of one, with their quotations hidden.

    Args:
        text: the article.
        start: where the clause begins in it.
        masked: the clause's own words; places in it count from `start`.
        passages: its quotations, by their places in the article.

    """

    text: str
    start: int
    masked: str
    passages: Sequence[Span]

    def span(self, start: int, end: int) -> Span:
        """A stretch of the clause by its place in the article."""
        return Span(self.start + start, self.start + end)

    def trimmed(self, start: int, end: int) -> tuple[Span, ...]:
        """A stretch without punctuation and quotation marks around it, in the article; empty if no word is in it."""
        if start >= end:
            return ()
        first, last = self.start + start, self.start + end
        while first < last and self._is_blank(first):
            first += 1
        while last > first and self._is_blank(last - 1):
            last -= 1
        quoted = [p for p in self.passages if p.start == first + 1 and p.end >= last - 2]
        span = quoted[0] if quoted else Span(first, last)
        return (span,) if WORD.search(self.text[span.start : span.end]) else ()

    def phrase(self, start: int, end: int) -> Span | None:
        """A stretch that may name a speaker, in the article; None if it is empty, too long or holds a quotation."""
        span = next(iter(self.trimmed(start, end)), None)
        if span is None or MASK in self.masked[start:end]:
            return None
        return span if len(self.text[span.start : span.end].split()) <= _MOST_SPEAKER_WORDS else None

    def passages_before(self, end: int) -> list[Span]:
        """The quotations that end before a place of the clause."""
        return [p for p in self.passages if p.end <= self.start + end]

    def passages_after(self, start: int) -> list[Span]:
        """The quotations that begin behind a place of the clause."""
        return [p for p in self.passages if p.start >= self.start + start]

    def _is_blank(self, place: int) -> bool:
        return self.text[place] in _TRIMMED or self.text[place].isspace()
