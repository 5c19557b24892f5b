"""Finding words in the article: tolerant of typography, never of paraphrase.

Two strings are the same words when they differ only in the form of quotation marks, apostrophes and dashes, in the
amount and kind of white space, in case, in composed or decomposed accents, or in characters that cannot be seen.
"""

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_QUOTES = dict.fromkeys("'‘’‚‛`´ʼʹ′\"“”„‟«»‹›″「」『』＂＇", "'")
_DASHES = dict.fromkeys("-‐‑‒–—―−﹣－", "-")
_SHAPES = {**_QUOTES, **_DASHES, "…": "..."}
_TRIMMED = " \t\r\n\u00a0.,;:!?…'‘’‚\"“”„«»「」『』"


@lru_cache(maxsize=65_536)
def _fold(char: str) -> str:
    """The form in which one character is compared; empty if it cannot be seen."""
    if char in _SHAPES:
        return _SHAPES[char]
    if char.isspace():
        return " "
    if unicodedata.category(char) == "Cf":
        return ""
    return unicodedata.normalize("NFD", char.casefold())


@lru_cache(maxsize=65_536)
def _unspaced(char: str) -> bool:
    """Whether a letter's script puts no space between words, so that a word may end inside a run of letters."""
    name = unicodedata.name(char, "")
    return name.startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR"))


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]`, in code points."""

    start: int
    end: int

    def holds(self, other: "Span") -> bool:
        return self.start <= other.start and other.end <= self.end


class Haystack:
    """A text prepared for searching. Building costs one pass over it; a search is a plain substring search."""

    def __init__(self, text: str) -> None:
        self._text = text
        folded: list[str] = []
        self._origins: list[int] = []
        for position, char in enumerate(text):
            form = _fold(char)
            if form == " " and folded and folded[-1] == " ":
                continue
            folded.extend(form)
            self._origins.extend([position] * len(form))
        self._folded = "".join(folded)

    def find(self, words: str, within: Iterable[Span]) -> Span | None:
        """Where the words stand, in the first of the spans that has them; None if in none.

        The words must not begin or end inside a longer word: "ist" is not in "list".
        """
        needle = fold(words)
        if not needle:
            return None
        for span in within:
            found = self._search(needle, span)
            if found:
                return found
        return None

    def _search(self, needle: str, span: Span) -> Span | None:
        low = bisect_left(self._origins, span.start)
        high = bisect_left(self._origins, span.end)
        at = self._folded.find(needle, low, high)
        while at != -1:
            start = self._origins[at]
            last = self._origins[at + len(needle) - 1]
            found = Span(start, last + 1)
            if self._whole(at, len(needle)) and self._bounded(found):
                return found
            at = self._folded.find(needle, at + 1, high)
        return None

    def _whole(self, at: int, length: int) -> bool:
        """Whether no character of the text is matched in part (`…` is compared as three dots, `ß` as ss)."""
        end = at + length
        starts = at == 0 or self._origins[at - 1] != self._origins[at]
        ends = end == len(self._origins) or self._origins[end] != self._origins[end - 1]
        return starts and ends

    def _bounded(self, span: Span) -> bool:
        return not (
            (span.start > 0 and _joined(self._text[span.start - 1], self._text[span.start]))
            or (span.end < len(self._text) and _joined(self._text[span.end - 1], self._text[span.end]))
        )


def fold(words: str) -> str:
    """The form in which words are compared, without white space and punctuation at the ends."""
    folded = "".join(_fold(char) for char in words.strip(_TRIMMED))
    return " ".join(folded.split())


def _joined(before: str, after: str) -> bool:
    """Whether two neighbouring characters belong to one word."""
    if unicodedata.combining(after):
        return True
    return before.isalnum() and after.isalnum() and not (_unspaced(before) or _unspaced(after))
