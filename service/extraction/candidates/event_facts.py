"""Where and when something was and what was counted there, as far as code can tell."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from service.extraction.analysis import Reading
from service.extraction.entities.casualties import losses
from service.extraction.entities.lexicon import Cues
from service.extraction.entities.places import whole
from service.extraction.normalize.numbers import is_approximate
from service.extraction.text.matching import Span
from service.extraction.text.sentences import Sentence

_WORD_BEFORE = re.compile(r"(?<![\w’'-])([\w-]+) $")
"""Not a possessive: whose package it is is no part of its name."""


def placed(article: Reading, told_in: Sequence[Sentence], words: Cues) -> list[Span]:
    """The places that some sentences tell, in order: those of what is said, or where there are none any."""
    where: list[Span] = []
    for sentence in told_in:
        bound = article.bound(sentence, words)
        found = sorted({*article.placed(sentence), *bound}, key=lambda span: (span not in bound, span.start))
        where += article.stated(sentence, found) or found
    return [whole(article.text, place) for place in where]


def dated(article: Reading, told_in: Sequence[Sentence], words: Cues) -> list[Span]:
    """The dates that some sentences tell, in order; a date of the saying is not the event's."""
    return [span for sentence in told_in for span in article.stated(sentence, _dates(article, sentence, words))]


def _dates(article: Reading, sentence: Sentence, words: Cues) -> Iterator[Span]:
    """The dates of a sentence and words like "overnight", those within names left out: "Jan Varn"."""
    moments = [match.span() for match in words["moments"].finditer(sentence.text)]
    names = [name for name in article.names[sentence.number] if " " in name]
    end = 0
    for first, last in sorted({*article.telling(sentence).dated, *moments}, key=lambda span: (span[0], -span[1])):
        named = any(sentence.text[first:last] in name.split() for name in names)
        if first >= end and not named:
            end = last
            yield Span(sentence.start + first, sentence.start + last)


def programs(told_in: Sequence[Sentence], words: Cues) -> list[Span]:
    """The packages and laws that some sentences name, in order: "fifth package", "Magnitsky Act"."""
    found: list[Span] = []
    for sentence in told_in:
        for noun in words["programs"].finditer(sentence.text):
            start = noun.start()
            while word := _WORD_BEFORE.search(sentence.text, 0, start):
                if not (word[1][0].isupper() or words["ordinals"].fullmatch(word[1])):
                    break
                start = word.start(1)
            if start < noun.start():
                found.append(Span(sentence.start + start, sentence.start + noun.end()))
    return found


def counted(article: Reading, told_in: Sequence[Sentence], words: Cues) -> list[dict[str, Any]] | None:
    """The figures of some sentences with what they count; None where they or the words for it are not known."""
    metrics = words.values.get("metric")
    found: list[dict[str, Any]] = []
    for sentence in told_in:
        figures = article.telling(sentence).figures
        if figures is None or not metrics:
            return None
        for loss in losses(sentence.text, figures, metrics):
            text = article.mention(Span(sentence.start + loss.span.start, sentence.start + loss.span.end))
            found.append({"metric": loss.metric, "text": text, "approximate": is_approximate(text.text)})
    return found
