"""Which line breaks of a text end a paragraph, and which only wrap a line to fit a column.

A wrapped line goes on in mid-sentence; and whoever wraps lines puts every word on a line that still fits, so that the
first word of the next line would not have. Where lines are known to be wrapped, that tells a paragraph's end.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise

import regex

from service.extraction.text.spans import Span

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_QUOTED_MAIL = re.compile(r"(?:>[ \t]?)+")
_SENTENCE_END = re.compile(r"[.!?…:;。！？؟।][\"'”’»)\]」]*\s*$")
_ITEM = regex.compile(
    r"(?:[-–—*•·▪◦‣+]|\(?\p{N}{1,3}[.)]|\(?\p{L}[.)])[\s\u00a0]"
    r"|\p{Lu}[\p{L}.’'-]*(?:[ \u00a0]\p{Lu}[\p{L}.’'-]*){0,4}(?: ?\([^()\n]{1,60}\))?:(?:\s|$)"
    r"|\p{N}{1,2}[:.]\p{N}{2}\b"
)
"""What begins an item of a list, the turn of a speaker or a post with its time."""
_WORD = re.compile(r"\S+")
_LOWER = regex.compile(r"[\"'“„«‘(]?\p{Ll}")
_HYPHENATED = regex.compile("\\p{Ll}[-\u00ad\u2010]$")
_SHORTEST = 30
"""Code points of a line that may be wrapped; shorter ones are items, names or verses."""
_FEW = 2
"""Lines that go on in small letters, from which on the text is taken to be wrapped throughout."""
_AUTHOR = regex.compile(r"[-–—]{1,2}\s?\p{Ll}")
_BEFORE_AUTHOR = ',»”"!?…'
"""What stands before the dash behind which an author says who speaks."""
_NEARLY_FULL = 0.6
"""Share of the column that a line fills that ends in mid-sentence."""
_AS_LONG = 0.8
"""Share of the longest line that another one has which was broken to fit the same column."""
_SHORTEST_FULL, _LONGEST_FULL = 40, 120
"""Code points of a wrapped line, where no small letters tell."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with its break, and its words without what quotes a mail before them."""

    start: int
    end: int
    words: str

    @property
    def is_blank(self) -> bool:
        return not self.words


@lru_cache(maxsize=16)
def paragraph_breaks(text: str) -> tuple[Span, ...]:
    """The stretches of line breaks and blank lines that end a paragraph, in order.

    Args:
        text: any text; time is in proportion to its length.

    """
    lines = list(_lines(text))
    column = _column(lines)
    breaks: list[Span] = []
    for line, following, width in _with_width(lines, column):
        if line.is_blank or following.is_blank or not _is_wrapped(line, following, width):
            begins = line.start if line.is_blank else line.end - _break_length(text, line.end)
            if breaks and breaks[-1].end == begins:
                breaks[-1] = Span(breaks[-1].start, line.end)
            else:
                breaks.append(Span(begins, line.end))
    return tuple(breaks)


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for match in _LINE_BREAK.finditer(text):
        yield _line(text, start, match.start(), match.end())
        start = match.end()
    yield _line(text, start, len(text), len(text))


def _line(text: str, start: int, words_end: int, end: int) -> _Line:
    quoted = _QUOTED_MAIL.match(text, start, words_end)
    return _Line(start, end, text[quoted.end() if quoted else start : words_end].strip())


def _break_length(text: str, end: int) -> int:
    """Code points of the line break that ends at a place."""
    return 2 if text[max(0, end - 2) : end] == "\r\n" else 1


def _column(lines: Sequence[_Line]) -> int | None:
    """How wide the column is that lines were broken to fit, at least; None if they were not."""
    inner = [(line, following) for line, following in pairwise(lines) if not (line.is_blank or following.is_blank)]
    small = [len(line.words) for line, following in inner if _goes_on(line, following)]
    if len(small) >= _FEW:
        return max(small)
    broken = [
        len(line.words)
        for line, following in inner
        if _SHORTEST_FULL <= len(line.words) <= _LONGEST_FULL
        and not _SENTENCE_END.search(line.words)
        and not _ITEM.match(following.words)
    ]
    return max(broken) if len(broken) > _FEW and len(broken) > len(inner) / 2 else None


def _with_width(lines: Sequence[_Line], column: int | None) -> Iterator[tuple[_Line, _Line, int | None]]:
    """Lines with those behind them, and how wide the column is that they were broken to fit."""
    for blank, block in groupby(pairwise(lines), lambda pair: pair[0].is_blank or pair[1].is_blank):
        pairs = list(block)
        width = column if blank or column is not None else _column_of_block(pairs)
        yield from ((line, following, width) for line, following in pairs)


def _column_of_block(pairs: Sequence[tuple[_Line, _Line]]) -> int | None:
    """How wide a few lines without a blank one between them are, if one goes on and all but the last are as long."""
    lengths = [len(line.words) for line, _ in pairs]
    alike = len(pairs) > 1 and min(lengths) >= max(_SHORTEST_FULL, _AS_LONG * max(lengths))
    return max(lengths) if alike and any(_goes_on(*pair) for pair in pairs) else None


def _is_wrapped(line: _Line, following: _Line, width: int | None) -> bool:
    if _AUTHOR.match(following.words) and line.words[-1] in _BEFORE_AUTHOR:
        return True
    if _ITEM.match(following.words):
        return False
    if _goes_on(line, following):
        return True
    full = width is not None and len(line.words) >= _NEARLY_FULL * width
    if width is not None and not _SENTENCE_END.search(line.words) and (full or _LOWER.match(following.words)):
        return True
    first = _WORD.match(following.words)
    return width is not None and first is not None and len(line.words) + 1 + len(first[0]) > width


def _goes_on(line: _Line, following: _Line) -> bool:
    """Whether a line ends in mid-sentence, and the next one goes on with a small letter."""
    if _ITEM.match(following.words) or not _LOWER.match(following.words):
        return False
    if _HYPHENATED.search(line.words):
        return True
    return len(line.words) >= _SHORTEST and not _SENTENCE_END.search(line.words)
