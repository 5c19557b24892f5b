"""Where and when something was and what was counted there, as far as code can tell."""

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from service.extraction.cues import Cues
from service.extraction.figures import is_approximate
from service.extraction.locate import Span
from service.extraction.losses import losses
from service.extraction.reading import Reading
from service.extraction.segment import Sentence


def where_and_when(article: Reading, told_in: Sequence[Sentence], words: Cues) -> Mapping[str, Sequence[Span]]:
    """The places and dates that some sentences tell, in order; a date of the saying is not the event's."""
    where: list[Span] = []
    when: list[Span] = []
    for sentence in told_in:
        when += article.stated(sentence, _dated(article, sentence, words))
        placed = sorted(article.placed(sentence), key=attrgetter("start"))
        where += article.stated(sentence, placed) or placed
    return {"dates": when, "places": where}


def _dated(article: Reading, sentence: Sentence, words: Cues) -> Iterator[Span]:
    """The dates of a sentence and words like "overnight", those within names left out: "Jan Varn"."""
    moments = [match.span() for match in words["moments"].finditer(sentence.text)]
    names = [name for name in article.names[sentence.number] if " " in name]
    end = 0
    for first, last in sorted({*article.telling(sentence).dated, *moments}, key=lambda span: (span[0], -span[1])):
        said = sentence.text[first:last].strip(" ,")
        named = any(said in name.split() for name in names) and len(said.split()) == 1
        if first >= end and not named:
            end = last
            yield _bare(sentence, first, last)


def _bare(sentence: Sentence, start: int, end: int) -> Span:
    """A stretch of a sentence without spaces and commas around it."""
    said = sentence.text[start:end]
    first = start + len(said) - len(said.lstrip(" ,"))
    return Span(sentence.start + first, sentence.start + start + len(said.rstrip(" ,")))


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
