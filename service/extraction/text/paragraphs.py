"""What each paragraph of an article is: prose, or a headline, a byline, a caption, the turn of a speaker and so on.

Nobody speaks in a byline, and a photo credit claims nothing. A label before a colon is a speaker's only where labels
make a conversation of the text: some of them come again, are written in capitals, or begin most of its paragraphs. A
headline with a colon is none. Without labels, questions make one of it that come again and again: each in bold letters,
or each behind a dash with its answer behind another.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import regex

from service.extraction.text.layout import paragraph_breaks
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.spans import Span

_CLOCK = r"[\[(]?\p{N}{1,2}[:.]\p{N}{2}(?:[:.]\p{N}{2})?[\])]?"
_NAME = r"\p{Lu}[\p{L}\p{M}.’'-]*(?:[ \u00a0](?:\p{Lu}[\p{L}\p{M}.’'-]*|\p{Ll}{2,3}(?=[ \u00a0]\p{Lu}))){0,5}"
_LABEL = regex.compile(
    rf"[>\s]*(?:{_CLOCK}\s*[-–—]?\s*)?(?P<bold>\*\*|__|\*|_)?(?P<name>{_NAME})"
    rf"(?:\s?\([^()\n]{{1,60}}\)|,\s[^:,.\n]{{1,50}})?(?:\s?{_CLOCK})?\s?(?:(?P=bold))?(?::|(?P<dash>[–—](?=\s))|(?<=\p{{Lu}})(?P<stop>\.(?=\s)))(?:(?P=bold))?(?:\s+|$)"
)
_TIME_STAMP = regex.compile(rf"\s*{_CLOCK}(?:\s?\p{{L}}[\p{{L}}.]{{1,5}})?[\s:–—-]*")
_ITEM = regex.compile(r"\s*(?:[-–•·▪◦‣*]|\p{N}{1,3}\)|\p{N}{1,3}\.(?=\s))\s")
_NUMBERED = regex.compile(r"\s*\p{N}{1,3}[.)]\s")
_ENDED = regex.compile(r"[.!?…:;,。！？][\"'”’»)\]]*\s*$")
_DATELINE = regex.compile(r"\s*\p{Lu}{3,}(?:[ -]\p{Lu}{2,}){0,3}(?:[,\s(—–-][^.!?\n]{0,40})?\s*")
_WORD = regex.compile(r"[\p{L}\p{N}]+")
_BOLD = regex.compile(r"\s*(\*\*|__)(?P<words>[^*_]+)\1\s*")
_DASHED = regex.compile(r"[>\s]*[-–—]{1,2}\s*(?P<words>[\p{Lu}\p{N}¿].*)", regex.DOTALL)
_AUTHOR_BETWEEN = regex.compile(r"\s[-–—]{1,2}\s?\p{Ll}")
"""What an author says between dashes: who speaks."""
_ASKED = regex.compile(r"\?[\"'”’»)\]*_]*\s*$")
_MOST_HEADLINE_WORDS, _MOST_BYLINE_WORDS = 20, 14
_LEAST_LABELS = _LEAST_QUESTIONS = 2


class ParagraphKind(StrEnum):
    """What a paragraph is."""

    BODY = "body"
    HEADLINE = "headline"
    """The article's own or one over a part of it."""
    BYLINE = "byline"
    DATELINE = "dateline"
    """Place and day in a line of their own."""
    TIME_STAMP = "time_stamp"
    CAPTION = "caption"
    LIST_ITEM = "list_item"
    TURN = "turn"
    """What one speaker of a transcript or an interview says, or a part of it."""
    BOILERPLATE = "boilerplate"
    """About the text or the paper: "Reporting by …", "Sign up for our letter"."""


SAYS_NOTHING = frozenset(
    {
        ParagraphKind.BYLINE,
        ParagraphKind.DATELINE,
        ParagraphKind.TIME_STAMP,
        ParagraphKind.BOILERPLATE,
    }
)
"""Paragraphs in which nothing is told of the world."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`text[start:end]`.

    Args:
        kind: what it is.
        start: its place in the article.
        end: without the break behind it.
        words: where its words begin, behind a label.
        label: the name before the colon that a turn begins with; None where it goes on with the turn before.
        asks: of a turn without a label, whether it is a question or begins an answer; None where it does neither.

    """

    kind: ParagraphKind
    start: int
    end: int
    words: int
    label: Span | None = None
    asks: bool | None = None


def paragraphs_of(text: str, lexicon: Lexicon) -> list[Paragraph]:
    """The paragraphs of a text that have words, in order.

    Args:
        text: the article.
        lexicon: the words of the section `SPEECH`.

    """
    stops = [Span(0, 0), *paragraph_breaks(text), Span(len(text), len(text))]
    spans = [Span(before.end, after.start) for before, after in pairwise(stops)]
    spans = [span for span in spans if text[span.start : span.end].strip()]
    turns = _turns(text, spans, lexicon) or _answered_questions(text, spans)
    followed = [*spans, None][1:]
    return [
        turns.get(number) or Paragraph(_kind(text, span, after, lexicon), span.start, span.end, span.start)
        for number, (span, after) in enumerate(zip(spans, followed, strict=True))
    ]


def kind_at(paragraphs: Sequence[Paragraph], place: int) -> ParagraphKind:
    """What the paragraph is in which a place lies."""
    at = bisect_right(paragraphs, place, key=lambda one: one.start)
    return paragraphs[at - 1].kind if at else ParagraphKind.BODY


def _kind(text: str, span: Span, after: Span | None, lexicon: Lexicon) -> ParagraphKind:
    """What a paragraph is that is no turn."""
    said = text[span.start : span.end].strip()
    words = len(_WORD.findall(said))
    if _TIME_STAMP.fullmatch(said):
        return ParagraphKind.TIME_STAMP
    if lexicon["boilerplate_openers"].match(said.lstrip("( ")) or lexicon["boilerplate_openers"].match(said):
        return ParagraphKind.BOILERPLATE
    if lexicon["caption_words"].search(said) and not _ENDED.search(said.rstrip(")")):
        return ParagraphKind.CAPTION
    if _NUMBERED.match(said) and not _ENDED.search(said) and words <= _MOST_HEADLINE_WORDS and after is not None:
        return ParagraphKind.HEADLINE
    if _ITEM.match(said):
        return ParagraphKind.LIST_ITEM
    if _ENDED.search(said):
        return ParagraphKind.BODY
    if words <= _MOST_BYLINE_WORDS and lexicon["byline_openers"].match(said):
        return ParagraphKind.BYLINE
    if _DATELINE.fullmatch(said) and any(char.islower() or char.isdigit() for char in said):
        return ParagraphKind.DATELINE
    return ParagraphKind.HEADLINE if words <= _MOST_HEADLINE_WORDS and after is not None else ParagraphKind.BODY


def _turns(text: str, spans: Sequence[Span], lexicon: Lexicon) -> dict[int, Paragraph]:
    """The paragraphs with labels and those between them that go on with a turn, by their numbers."""
    labels = [_LABEL.match(text, span.start, span.end) for span in spans]
    labels = [label if label and _may_speak(label, lexicon) else None for label in labels]
    if not _is_conversation(labels, lexicon):
        return {}
    numbers = [number for number, label in enumerate(labels) if label]
    return dict(_between(labels, spans, numbers[0], numbers[-1]))


def _answered_questions(text: str, spans: Sequence[Span]) -> dict[int, Paragraph]:
    """The questions of an interview that have no labels, and their answers, by their numbers."""
    bold = [_BOLD.fullmatch(text, span.start, span.end) for span in spans]
    asked = [number for number, found in enumerate(bold) if found and _ASKED.search(found["words"])]
    if len(asked) >= _LEAST_QUESTIONS and all(bold[number + 1] is None for number in asked if number + 1 < len(spans)):
        # Behind the answer to the last one the paper may go on.
        numbers = range(asked[0], min(asked[-1] + 2, len(spans)))
        return {at: _turn(spans[at], bold[at], asks=at in asked or (None, False)[at - 1 in asked]) for at in numbers}
    dashed = [_DASHED.fullmatch(text, span.start, span.end) for span in spans]
    dashed = [found if found and not _AUTHOR_BETWEEN.search(found["words"]) else None for found in dashed]
    pairs = [
        number
        for number, (found, following) in enumerate(pairwise(dashed))
        if found and following and _ASKED.search(found["words"]) and not _ASKED.search(following["words"])
    ]
    whole = len(pairs) >= _LEAST_QUESTIONS and 2 * len(pairs) == sum(found is not None for found in dashed)
    return {at: _turn(spans[at], dashed[at], asks=at == first) for first in pairs if whole for at in (first, first + 1)}


def _turn(span: Span, found: "regex.Match[str] | None", *, asks: bool | None) -> Paragraph:
    words = found.start("words") if found else span.start
    return Paragraph(ParagraphKind.TURN, span.start, span.end, words, None, asks)


def _may_speak(label: "regex.Match[str]", lexicon: Lexicon) -> bool:
    """Whether a label may be a speaker's: no "Photo:", before a dash in capitals only, before a full stop "Q."."""
    name = label["name"]
    if label["stop"]:
        return any(lexicon[words].fullmatch(name) for words in ("question_labels", "answer_labels"))
    return not lexicon["label_words"].fullmatch(name) and (not label["dash"] or (name.isupper() and len(name) > 1))


def _between(
    labels: Sequence["regex.Match[str] | None"], spans: Sequence[Span], first: int, last: int
) -> Iterator[tuple[int, Paragraph]]:
    for number in range(first, last + 1):
        span, label = spans[number], labels[number]
        words, name = (label.end(), Span(*label.span("name"))) if label else (span.start, None)
        yield number, Paragraph(ParagraphKind.TURN, span.start, span.end, words, name)


def _is_conversation(labels: Sequence["regex.Match[str] | None"], lexicon: Lexicon) -> bool:
    """Whether the labels of a text's paragraphs are those of speakers in turn."""
    found = [label["name"] for label in labels if label]
    if len(found) < _LEAST_LABELS:
        return False
    paragraphs = len(labels) - next(number for number, label in enumerate(labels) if label)
    again = max(Counter(name.split()[-1] for name in found).values()) > 1
    named = any(_is_label(name, lexicon) or " " in name for name in found)
    return (named and 2 * len(found) > paragraphs) or (again and 3 * len(found) > paragraphs)


def _is_label(name: str, lexicon: Lexicon) -> bool:
    """Whether a label is one of questions and answers, or a name in capitals."""
    asked = any(lexicon[words].fullmatch(name) for words in ("question_labels", "answer_labels"))
    return asked or name.isupper()
