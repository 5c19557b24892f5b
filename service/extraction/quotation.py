"""Passages in quotation marks, found by code so that the model need not copy them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.extraction.plan import Shown

_PAIRS = {"“": "”“", "„": "“”‟", "«": "»", "»": "«", "「": "」", "『": "』", "‘": "’", '"': '"'}
"""Opening mark → what may close it. German closes „ with “, Polish with ”, some Danish and German » with «."""

_LONGEST = 4_000
"""Code points between two marks; beyond it one of them was forgotten."""
_WORD = re.compile(r"\w+")
_LINE_BREAK = re.compile(r"[\r\n]")


@dataclass(frozen=True, slots=True)
class Passage:
    """`text[start:end]` is what stands between the marks, the marks themselves excluded."""

    start: int
    end: int

    @property
    def outer(self) -> tuple[int, int]:
        return max(0, self.start - 1), self.end + 1


def passages(text: str) -> list[Passage]:
    """Outermost passages in quotation marks, in order. An unclosed one ends with its paragraph."""
    return list(_scan(text))


def is_speech(text: str, passage: Passage) -> bool:
    """Whether a passage is long enough to be somebody's words, not a name or a single word in quotes."""
    inner = text[passage.start : passage.end]
    words = _WORD.findall(inner)
    # Chinese and Japanese write a whole clause without a space.
    return len(words) >= 3 or (len(inner) >= 6 and any("\u3040" <= char <= "\u9fff" for char in inner))


def spoken(text: str, found: Sequence[Passage]) -> list[Passage]:
    """The passages that may be somebody's words, first parts of broken quotations ("Well," she said, …) included."""
    return [p for p in found if is_speech(text, p) or text[p.end - 1] in ",!?，！？"]


def numbered(text: str, found: Sequence[Passage], window: Shown) -> list[Passage]:
    """The passages that are shown as Q1, Q2 … in a window: those which begin in it and may be speech."""
    return [p for p in found if window.start <= p.start < window.end and is_speech(text, p)]


def _scan(text: str) -> Iterator[Passage]:
    position = 0
    while position < len(text):
        mark = text[position]
        if mark not in _PAIRS or not _opens(text, position):
            position += 1
            continue
        end = _closing(text, position)
        if end is None:
            position += 1
            continue
        if text[position + 1 : end].strip():
            yield Passage(position + 1, end)
        position = end + 1


def _opens(text: str, position: int) -> bool:
    """Whether a mark can open: a straight or single one after a letter or digit is an inch or an apostrophe."""
    mark = text[position]
    before = text[position - 1] if position else " "
    after = text[position + 1] if position + 1 < len(text) else " "
    if mark in '"‘':
        return not before.isalnum() and not after.isspace()
    return not (mark == "»" and not after.isalnum())


def _closing(text: str, opening: int) -> int | None:
    """Where the passage ends: its closing mark, or the end of its paragraph if that is missing."""
    mark = text[opening]
    closers = _PAIRS[mark]
    depth = 0
    end = min(len(text), opening + _LONGEST)
    if mark not in '“„"' and not any(text.find(closer, opening + 1, end) > 0 for closer in closers):
        return None
    for position in range(opening + 1, end):
        char = text[position]
        if _LINE_BREAK.match(char):
            # Speech that goes on in the next paragraph is closed only there; an unclosed ' or « is no quotation.
            return position if mark in '“„"' and position - opening > 20 else None
        if char in closers and not (char == "’" and _inside_word(text, position)):
            if depth == 0:
                return position
            depth -= 1
        elif char == mark and char not in closers:
            depth += 1
    return end if end == len(text) and mark in '“„"' and end - opening > 20 else None


def _inside_word(text: str, position: int) -> bool:
    following = text[position + 1] if position + 1 < len(text) else " "
    return text[position - 1].isalnum() and following.isalnum()
