"""Finding words in the article: tolerant of typography, never of paraphrase.

Two strings are the same words when they differ only in the form of quotation marks, apostrophes and dashes, in the
amount and kind of white space, in case, in composed or decomposed accents, or in characters that cannot be seen.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache

from service.extraction.text.spans import Span

_QUOTES = dict.fromkeys("'‘’‚‛`´ʼʹ′\"“”„‟«»‹›″「」『』＂＇", "'")
_DASHES = dict.fromkeys("-‐‑‒–—―−﹣－", "-")
_TURKISH_I = {"İ": "i", "ı": "i"}
"""Case is folded without asking for the language, so that Turkish i with and without a dot are one letter."""
_SHAPES = {**_QUOTES, **_DASHES, **_TURKISH_I, "…": "..."}
_VARIATION = frozenset(map(chr, range(0xFE00, 0xFE10)))
"""Variation selectors: they choose the look of the character before them."""
_FIGURE_MARK = re.compile(r"\d[.,’'\u00a0\u202f٫٬]\d")
_TRIMMED = " .,:;!?'。，"


@lru_cache(maxsize=65_536)
def _fold(char: str) -> str:
    """One character in the form in which it is compared; empty if it cannot be seen."""
    if char in _SHAPES:
        return _SHAPES[char]
    if char.isspace():
        return " "
    if unicodedata.category(char) == "Cf" or char in _VARIATION:
        return ""
    return unicodedata.normalize("NFD", char.casefold())


@lru_cache(maxsize=65_536)
def _unspaced(char: str) -> bool:
    """Whether a letter's script puts no space between words, so that a word may end inside a run of letters."""
    name = unicodedata.name(char, "")
    return name.startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR"))


class TextIndex:
    """A text prepared for searching. Building costs one pass over it; a search is a plain substring search.

    Args:
        text: the article.

    """

    def __init__(self, text: str) -> None:
        self._text = text
        folded: list[str] = []
        self._origins: list[int] = []
        """The place in the text of each character of the folded text."""
        for position, char in enumerate(text):
            form = _fold(char)
            if form == " " and folded and folded[-1] == " ":
                continue
            folded.extend(form)
            self._origins.extend([position] * len(form))
        self._folded = "".join(folded)
        self._boundaries: dict[int, bool] = {}
        self._next_boundaries: dict[int, int] = {}

    def find(self, words: str, within: Iterable[Span]) -> Span | None:
        """Find words in the text. They must not begin or end inside a longer word: "ist" is not in "list".

        Args:
            words: what is looked for, in any typography.
            within: where it is looked for, one span after the other.

        Returns:
            The first occurrence in the first span that has one; None if there is none.

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
        """The first occurrence of folded words in a span."""
        low = bisect_left(self._origins, span.start)
        high = bisect_left(self._origins, span.end)
        at = self._folded.find(needle, low, high)
        while at != -1:
            found = Span(self._origins[at], self._origins[at + len(needle) - 1] + 1)
            if not self._is_boundary(found.start):
                at = self._folded.find(needle, self._next_boundary(at), high)
                continue
            if self._has_whole_characters(at, len(needle)) and self._is_boundary(found.end):
                return found
            at = self._folded.find(needle, at + 1, high)
        return None

    def _has_whole_characters(self, at: int, length: int) -> bool:
        """Whether no character of the text is matched in part (`…` is compared as three dots, `ß` as ss)."""
        end = at + length
        starts = at == 0 or self._origins[at - 1] != self._origins[at]
        ends = end == len(self._origins) or self._origins[end] != self._origins[end - 1]
        return starts and ends

    def _is_boundary(self, position: int) -> bool:
        """Whether words may begin or end at a position; looked at once."""
        known = self._boundaries.get(position)
        if known is None:
            known = self._boundaries[position] = not _inside_word(self._text, position)
        return known

    def _next_boundary(self, at: int) -> int:
        """The next place where words may begin, so that a word of 100,000 letters is gone through once."""
        passed: list[int] = []
        while at < len(self._origins) and not self._is_boundary(self._origins[at]):
            if at in self._next_boundaries:
                at = self._next_boundaries[at]
                break
            passed.append(at)
            at += 1
        self._next_boundaries.update(dict.fromkeys(passed, at))
        return at


def fold(words: str) -> str:
    """Words in the form in which they are compared, without white space and punctuation at the ends."""
    folded = "".join(map(_fold, words))
    return " ".join(folded.split()).strip(_TRIMMED)


def _inside_word(text: str, position: int) -> bool:
    """Whether a position is in the middle of a word or a figure."""
    before, after = _visible(text, position - 1, -1, accents=False), _visible(text, position, 1, accents=True)
    if not before or not after:
        return False
    if _is_accent(after):
        return True
    if before.isalnum() and after.isalnum():
        return not (_unspaced(before) or _unspaced(after))
    # 40 is not in 40,000, nor 5 in 1.5.
    return bool(_FIGURE_MARK.fullmatch(text[max(0, position - 2) : position + 1])) or bool(
        position and _FIGURE_MARK.fullmatch(text[position - 1 : position + 2])
    )


def _visible(text: str, position: int, step: int, *, accents: bool) -> str:
    """The nearest character that can be seen, of accents only if they are asked for; empty at the text's end."""
    while 0 <= position < len(text):
        char = text[position]
        if _fold(char) and (accents or not _is_accent(char)):
            return char
        position += step
    return ""


def _is_accent(char: str) -> bool:
    """Whether a character is written on the one before it: accents, Arabic vowels, Indic vowel signs."""
    return unicodedata.category(char).startswith("M")
