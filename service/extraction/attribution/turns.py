"""The turns of a transcript or an interview: "SECRETARY HOLLIS: We agreed", "Q:" and "A:", "[00:12] Ulla Fenwick:".

A label before a colon is a speaker's only where labels make a conversation of the text: some of them come again, are
written in capitals, or begin most of its paragraphs. A headline with a colon is none.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from service.extraction.attribution.attribution import Attribution
from service.extraction.entities.mentions import Mentions
from service.extraction.text.layout import paragraph_breaks
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.sentences import Sentence
from service.extraction.text.spans import Span

_TIME = r"[\[(]?\p{N}{1,2}[:.]\p{N}{2}(?:[:.]\p{N}{2})?[\])]?"
_NAME = r"\p{Lu}[\p{L}\p{M}.’'-]*(?:[ \u00a0](?:\p{Lu}[\p{L}\p{M}.’'-]*|\p{Ll}{2,3}(?=[ \u00a0]\p{Lu}))){0,5}"
_LABEL = regex.compile(
    rf"[>\s]*(?:{_TIME}\s*[-–—]?\s*)?(?P<bold>\*\*|__|\*|_)?(?P<name>{_NAME})"
    rf"(?:\s?\([^()\n]{{1,60}}\)|,\s[^:,.\n]{{1,50}})?(?:\s?{_TIME})?\s?(?:(?P=bold))?:(?:(?P=bold))?(?:\s+|$)"
)
_DIRECTION = regex.compile(r"(?<=^|[.!?…\s])[(\[]\p{Lu}[^()\[\]\n]{2,40}[)\]]")
"""What is done meanwhile: "(Applause.)"."""
_INITIALS = regex.compile(r"(?:\p{Lu}\.?\s?){2,3}")
_LEAST = 2
"""Paragraphs with a label."""
_SPACE = " \t\r\n\u00a0>"


@dataclass(frozen=True, slots=True)
class _Turn:
    """A paragraph with a label, or one that goes on with the turn before: from where its words begin to its end."""

    name: Span | None
    start: int
    words: int
    end: int


def find_turns(
    text: str, sentences: Sequence[Sentence], mentions: Mentions, lexicon: Lexicon
) -> tuple[list[Attribution], list[Span]]:
    """The turns of a text, in order, and the stretches that they take up; none where it is no conversation.

    Args:
        text: the article.
        sentences: all of it.
        mentions: the persons and organisations that it names.
        lexicon: the words of the section `SPEECH`.

    """
    turns = list(_turns(text, lexicon))
    if not turns:
        return [], []
    speakers = _Speakers(text, turns[0].start, mentions, lexicon)
    found: list[Attribution] = []
    for turn in turns:
        inside = tuple(s for s in _between(sentences, turn.words, turn.end))
        parts = tuple(_pieces(text, turn.words, turn.end))
        if not inside or not parts:
            continue
        if turn.name is None and found:
            before = found.pop()
            found.append(Attribution(before.sentences + inside, before.parts + parts, before.cue, before.speaker))
        elif turn.name is not None:
            found.append(Attribution(inside, parts, None, speakers.of(turn.name)))
    return found, [Span(turn.start, turn.end) for turn in turns]


def _turns(text: str, lexicon: Lexicon) -> Iterator[_Turn]:
    """The paragraphs with labels, and those between them that go on with a turn."""
    paragraphs = [
        Span(a.end, b.start) for a, b in pairwise([Span(0, 0), *paragraph_breaks(text), Span(len(text), len(text))])
    ]
    paragraphs = [span for span in paragraphs if text[span.start : span.end].strip()]
    labels = [_LABEL.match(text, span.start, span.end) for span in paragraphs]
    labels = [label if label and not lexicon["label_words"].search(label["name"]) else None for label in labels]
    if not _is_conversation(labels, lexicon):
        return
    numbers = [number for number, label in enumerate(labels) if label]
    for number in range(numbers[0], numbers[-1] + 1):
        span, label = paragraphs[number], labels[number]
        if label:
            yield _Turn(Span(*label.span("name")), span.start, label.end(), span.end)
        else:
            yield _Turn(None, span.start, span.start, span.end)


def _is_conversation(labels: Sequence["regex.Match[str] | None"], lexicon: Lexicon) -> bool:
    """Whether the labels of a text's paragraphs are those of speakers in turn."""
    found = [label["name"] for label in labels if label]
    if len(found) < _LEAST:
        return False
    first = next(number for number, label in enumerate(labels) if label)
    paragraphs = len(labels) - first
    again = max(Counter(name.split()[-1] for name in found).values()) > 1
    named = any(_is_label(name, lexicon) or " " in name for name in found)
    return (named and 2 * len(found) > paragraphs) or (again and 3 * len(found) > paragraphs)


def _is_label(name: str, lexicon: Lexicon) -> bool:
    """Whether a label is one of questions and answers, or a name in capitals."""
    asked = any(lexicon[words].fullmatch(name) for words in ("question_labels", "answer_labels"))
    return asked or name.isupper()


class _Speakers:
    """Whom the labels of one text stand for."""

    def __init__(self, text: str, beginning: int, mentions: Mentions, lexicon: Lexicon) -> None:
        self._text = text
        self._lexicon = lexicon
        named = [span for span in mentions.between(0, beginning) if self._is_full_name(span, mentions)]
        self._introduced = list({text[span.start : span.end]: span for span in named}.values())
        self._labels: list[Span] = []

    def of(self, label: Span) -> Span | None:
        """Who speaks under a label; None where that is not told."""
        name = self._text[label.start : label.end]
        if self._lexicon["question_labels"].fullmatch(name):
            return None
        if self._lexicon["answer_labels"].fullmatch(name):
            return self._introduced[0] if len(self._introduced) == 1 else None
        if _INITIALS.fullmatch(name):
            letters = [char for char in name if char.isalpha()]
            meant = [span for span in self._introduced if self._initials(span) == letters]
            if len(meant) == 1:
                return meant[0]
        last = name.split()[-1]
        fuller = next((span for span in self._labels if self._text[span.start : span.end].endswith(f" {last}")), None)
        if fuller and " " not in name:
            return fuller
        self._labels.append(label)
        return label

    def _initials(self, span: Span) -> list[str]:
        return [word[0] for word in self._text[span.start : span.end].split() if word[0].isupper()]

    def _is_full_name(self, span: Span, mentions: Mentions) -> bool:
        words = self._text[span.start : span.end].split()
        return len(words) > 1 and words[-1][0].isupper() and not mentions.is_organization_or_place(span)


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    """The words of a turn without what is done meanwhile."""
    for direction in [*_DIRECTION.finditer(text, start, end), None]:
        stop = direction.start() if direction else end
        words = text[start:stop]
        if any(char.isalnum() for char in words):
            yield Span(stop - len(words.lstrip(_SPACE)), start + len(words.rstrip(_SPACE)))
        start = direction.end() if direction else end


def _between(sentences: Sequence[Sentence], start: int, end: int) -> Iterator[Sentence]:
    return (sentence for sentence in sentences if sentence.start < end and start < sentence.end)
