"""The turns of a transcript or an interview: "SECRETARY HOLLIS: We agreed", "Q:" and "A:", "[00:12] Ulla Fenwick:".

Answers without a label are those of the one person whom the text introduces before the first question.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import regex

from service.extraction.attribution.attribution import Attribution
from service.extraction.entities.mentions import Mentions
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.paragraphs import Paragraph, ParagraphKind
from service.extraction.text.sentences import Sentence
from service.extraction.text.spans import Span

_DIRECTION = regex.compile(r"(?<=^|[.!?…\s])[(\[]\p{Lu}[^()\[\]\n]{2,40}[)\]]")
"""What is done meanwhile: "(Applause.)"."""
_INITIALS = regex.compile(r"(?:\p{Lu}\.?\s?){2,3}")
_HEADLINE = regex.compile(r"\s*(?P<name>\p{Lu}[\w’'-]+(?:\s\p{Lu}[\w’'-]+){0,3}):\s+(?P<words>\S(?:.*\S)?)\s*")
_SPACE = " \t\r\n\u00a0>*_"


def turns_of(
    text: str,
    paragraphs: Sequence[Paragraph],
    sentences: Sequence[Sentence],
    mentions: Mentions,
    lexicon: Lexicon,
) -> list[Attribution]:
    """What is said in the turns of a text, in order; a turn of several paragraphs is one.

    Args:
        text: the article.
        paragraphs: all of it.
        sentences: all of it.
        mentions: the persons and organisations that it names.
        lexicon: the words of the section `SPEECH`.

    """
    turns = [one for one in paragraphs if one.kind is ParagraphKind.TURN]
    if not turns:
        return []
    speakers = _Speakers(text, turns[0].start, mentions, lexicon)
    said: list[tuple[list[Sentence], list[Span], Span | None]] = []
    for turn in turns:
        inside = sentences_between(sentences, turn.words, turn.end)
        parts = list(_pieces(text, turn.words, turn.end))
        if not inside or not parts:
            continue
        if turn.label or turn.asks is not None or not said:
            said.append((list(inside), parts, speakers.under(turn)))
        else:
            said[-1][0].extend(inside)
            said[-1][1].extend(parts)
    return [Attribution(tuple(inside), tuple(parts), None, speaker) for inside, parts, speaker in said]


def headline_speech(
    text: str, paragraphs: Sequence[Paragraph], sentences: Sequence[Sentence], mentions: Mentions, lexicon: Lexicon
) -> list[Attribution]:
    """What headlines give to somebody whom the article names: "Zelin: talks go on".

    Args:
        text: the article.
        paragraphs: all of it.
        sentences: all of it.
        mentions: the persons and organisations that it names.
        lexicon: the words of the section `SPEECH`.

    """
    found: list[Attribution] = []
    for one in paragraphs:
        said = _HEADLINE.match(text, one.start, one.end) if one.kind is ParagraphKind.HEADLINE else None
        if (
            said
            and not lexicon["label_words"].fullmatch(said["name"])
            and mentions.is_surname(said["name"].split()[-1])
        ):
            inside = tuple(sentences_between(sentences, one.start, one.end))
            found.append(Attribution(inside, (Span(*said.span("words")),), None, Span(*said.span("name"))))
    return found


def sentences_between(sentences: Sequence[Sentence], start: int, end: int) -> Sequence[Sentence]:
    """The sentences that have a part between two places."""
    first = bisect_right(sentences, start, key=lambda one: one.end)
    last = bisect_left(sentences, end, key=lambda one: one.start)
    return sentences[first:last]


class _Speakers:
    """Whom the labels of one text stand for."""

    def __init__(self, text: str, beginning: int, mentions: Mentions, lexicon: Lexicon) -> None:
        self._text = text
        self._lexicon = lexicon
        named = [span for span in mentions.between(0, beginning) if self._is_full_name(span, mentions)]
        self._introduced = list({text[span.start : span.end]: span for span in named}.values())
        self._fullest: dict[str, Span] = {}
        """The first label that ended with some words."""

    def under(self, turn: Paragraph) -> Span | None:
        """Who speaks in a turn; None where that is not told."""
        if turn.label:
            return self._labelled(turn.label)
        return self._interviewed() if turn.asks is False else None

    def _labelled(self, label: Span) -> Span | None:
        name = self._text[label.start : label.end]
        if self._lexicon["question_labels"].fullmatch(name):
            return None
        if self._lexicon["answer_labels"].fullmatch(name):
            return self._interviewed()
        if _INITIALS.fullmatch(name):
            letters = [char for char in name if char.isalpha()]
            meant = [span for span in self._introduced if self._initials(span) == letters]
            if len(meant) == 1:
                return meant[0]
        words = name.split()
        for first in range(len(words)):
            self._fullest.setdefault(" ".join(words[first:]), label)
        return self._fullest[" ".join(words)]

    def _interviewed(self) -> Span | None:
        return self._introduced[0] if len(self._introduced) == 1 else None

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
