"""Passages in quotation marks, found by code so that the model need not copy them."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.extraction.text.characters import readable
from service.extraction.text.layout import paragraph_breaks
from service.extraction.text.windows import ShownSentences

_PAIRS = {"“": "”“", "„": "“”‟", "«": "»", "»": "«", "「": "」", "『": "』", "‘": "’", '"': '"'}
"""Opening mark → what may close it. German closes „ with “, Polish with ”, some Danish and German » with «."""

_MARK = re.compile(f"[{''.join(_PAIRS)}]")
_LONGEST = 4_000
"""Code points between two marks; beyond it one of them was forgotten."""
_LEAST_UNCLOSED = 20
"""Code points from an opening mark to the end of its paragraph, if nothing closes it."""
_NUMBER = re.compile(rf"(?<![A-Za-z0-9])Q\d{{1,4}} (?=[{''.join(_PAIRS)}])")
"""As it is shown before the opening mark."""
_WORD = re.compile(r"\w+")
_COMMA_BEHIND = re.compile(r",\s+(?:[–—-]{1,2}\s+)?\w")
_INTERRUPTION = re.compile(r",[^.,;:!?\n]{3,80},\s+")
_BEHIND_BOTH = re.compile(r"[.!?…]?(?:,\s+(?:[–—-]\s)?\w|\s*(?:[\r\n]|$))")
"""What follows a quotation that ends with a name in marks."""
_BLANK_LINE = re.compile(r"(?:\r\n|\r|\n)\s*?(?:\r\n|\r|\n)")
_OPENING_BEFORE = "([{—–-“„«‘\"'"
"""Besides white space, what stands before a mark that opens."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The words between two quotation marks: `text[start:end]`, the marks themselves excluded."""

    start: int
    end: int

    @property
    def outer(self) -> tuple[int, int]:
        """The passage with its marks, as (start, end)."""
        return max(0, self.start - 1), self.end + 1


def find_passages(text: str) -> list[Passage]:
    """The outermost passages in quotation marks of a text, in order. An unclosed one ends with its paragraph."""
    return list(_outermost(readable(text)))


def overlapping_passages(passages: Sequence[Passage], start: int, end: int) -> Sequence[Passage]:
    """Those of some passages in order that have a part between two places."""
    first = bisect_right(passages, start, key=lambda passage: passage.end)
    last = first
    while last < len(passages) and passages[last].start < end:
        last += 1
    return passages[first:last]


def is_speech(text: str, passage: Passage) -> bool:
    """Whether a passage is long enough to be somebody's words, not a name or a single word in quotes."""
    inner = text[passage.start : passage.end]
    words = _WORD.findall(inner)
    # Chinese and Japanese write a whole clause without a space.
    return len(words) >= 3 or (len(inner) >= 6 and any("\u3040" <= char <= "\u9fff" for char in inner))


def speech_passages(text: str, found: Sequence[Passage]) -> list[Passage]:
    """Those of some passages that may be somebody's words, as the first part of "Well," she said, "…" may be, too."""
    spoken: list[Passage] = []
    for one in found:
        alone = is_speech(text, one) or text[one.end - 1] in ",!?，！？" or _begins_sentence(text, one)
        if alone or (spoken and _goes_on(text, spoken[-1], one)):
            spoken.append(one)
    return spoken


def with_unmarked(marked: Sequence[Passage], unmarked: Sequence[Passage]) -> list[Passage]:
    """Passages in quotation marks and those of speech without them, in order; none inside another."""
    own = [one for one in unmarked if not overlapping_passages(marked, one.start, one.end)]
    return sorted([*marked, *own], key=lambda passage: passage.start)


def _begins_sentence(text: str, passage: Passage) -> bool:
    """Whether a sentence begins with a passage and goes on behind a comma: "« Nous partons », dit-il"."""
    words = text[passage.start : passage.end].lstrip()
    before = text[: passage.outer[0]].rstrip(" \u00a0\u202f")[-1:]
    return before in "\n.!?…" and words[:1].isupper() and _COMMA_BEHIND.match(text, passage.end + 1) is not None


def _goes_on(text: str, before: Passage, passage: Passage) -> bool:
    """Whether a passage ends a sentence whose beginning is another one: «Nous partons», dit-il, «demain»."""
    return _INTERRUPTION.fullmatch(text, before.end + 1, passage.outer[0]) is not None


def numbered_passages(text: str, found: Sequence[Passage], window: ShownSentences) -> list[Passage]:
    """The passages that are shown as Q1, Q2 … in a window: those which begin in it and may be speech."""
    return [p for p in found if window.start <= p.start < window.end and is_speech(text, p)]


def without_numbers(shown: str) -> str:
    """The words of a sentence that is shown, without the numbers of its passages: `Q1 “…”`."""
    return _NUMBER.sub("", shown)


def _outermost(text: str) -> Iterator[Passage]:
    ends = _PassageEnds(text)
    done = 0
    for match in _MARK.finditer(text):
        opening = match.start()
        if opening < done or not _opens(text, opening):
            continue
        end = ends.end_of(opening)
        if end is None:
            continue
        if text[opening + 1 : end].strip():
            yield Passage(opening + 1, end)
        done = end + 1


def _opens(text: str, position: int) -> bool:
    """Whether a mark can open: a straight or single one after a letter or digit is an inch or an apostrophe."""
    mark = text[position]
    before = text[position - 1] if position else " "
    after = text[position + 1] if position + 1 < len(text) else " "
    if mark in '"‘':
        return not before.isalnum() and not after.isspace()
    return not (mark == "»" and not after.isalnum())


class _PassageEnds:
    """Where passages of a text end. All marks of a sort are paired in one pass, however many are never closed."""

    def __init__(self, text: str) -> None:
        self._text = text
        breaks = paragraph_breaks(text)
        self._breaks = [stop.start for stop in breaks]
        self._ends = [stop.end for stop in breaks]
        self._pairs: dict[str, dict[int, int]] = {}

    def end_of(self, opening: int) -> int | None:
        """The closing mark, or the end of the paragraph if that is missing."""
        mark = self._text[opening]
        end = min(len(self._text), opening + _LONGEST)
        if mark not in self._pairs:
            self._pairs[mark] = self._paired(mark)
        closing = self._pairs[mark].get(opening, end)
        if closing < end:
            return closing
        # Speech that goes on in the next paragraph is closed only there; an unclosed ' or « is no quotation.
        following = bisect_right(self._breaks, opening)
        stop = self._breaks[following] if following < len(self._breaks) else len(self._text)
        near = stop < end or stop == end == len(self._text)
        return stop if near and mark in '“„"' and stop - opening > _LEAST_UNCLOSED else None

    def _paired(self, mark: str) -> dict[int, int]:
        """Each opening mark and what closes it in the same paragraph, or in the next line."""
        pairs: dict[int, int] = {}
        pending: list[int] = []
        closers = _PAIRS[mark]
        following = 0
        for match in re.finditer(f"[{mark}{closers}]", self._text):
            char, position = match[0], match.start()
            while following < len(self._breaks) and self._breaks[following] <= position:
                if pending and not self._goes_on(following, position):
                    self._close_together(pairs, pending)
                following += 1
            lean = _lean(self._text, position)
            closes = char in closers and not (char == "’" and _inside_word(self._text, position))
            # A mark that may do either closes what is open, unless it stands before a word as an opening one does.
            if closes and pending and not (char == mark and lean > 0):
                pairs[pending.pop()] = position
            elif char == mark and (char in closers or not closes):
                pending.append(position)
        self._close_together(pairs, pending)
        return pairs

    def _close_together(self, pairs: dict[int, int], pending: list[int]) -> None:
        """End an outer passage with the inner one where one mark is written for both: «A, B «C», said X."""
        if len(pending) == 1 and self._text[pending[0]] == "«":
            inner, mark = next(reversed(pairs.items()), (0, 0))
            if inner > pending[0] and _BEHIND_BOTH.match(self._text, mark + 1):
                pairs[pending[0]] = mark
        pending.clear()

    def _goes_on(self, number: int, mark: int) -> bool:
        """Whether a passage that is open at a break goes on in the next line, in which its closing mark stands."""
        near = number + 1 >= len(self._breaks) or mark <= self._breaks[number + 1]
        blank = _BLANK_LINE.search(self._text, self._breaks[number], self._ends[number])
        return near and not blank and _lean(self._text, mark) < 0


def _lean(text: str, position: int) -> int:
    """Which way a mark stands: 1 before a word that it opens, -1 behind one that it closes, 0 where either may be."""
    before = text[position - 1] if position else " "
    after = text[position + 1] if position + 1 < len(text) else " "
    opens = (before.isspace() or before in _OPENING_BEFORE) and not after.isspace()
    closes = not (before.isspace() or before in _OPENING_BEFORE)
    return 1 if opens else -1 if closes else 0


def _inside_word(text: str, position: int) -> bool:
    """Whether letters or digits stand on both sides of a mark, as of the apostrophe in "Varn’s"."""
    following = text[position + 1] if position + 1 < len(text) else " "
    return text[position - 1].isalnum() and following.isalnum()
