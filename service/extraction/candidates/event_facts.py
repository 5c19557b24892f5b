"""Where and when an event was and what was counted there, as far as its sentences let code tell."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from service.extraction.analysis import ArticleAnalysis
from service.extraction.entities.casualties import losses
from service.extraction.entities.places import with_place_noun
from service.extraction.normalize.numbers import is_approximate
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.sentences import Sentence
from service.extraction.text.spans import Span

_WORD_BEFORE = re.compile(r"(?<![\w’'-])([\w-]+) $")
"""Not a possessive: whose package it is is no part of its name."""


def find_places(article: ArticleAnalysis, sentences: Sequence[Sentence], lexicon: Lexicon) -> list[Span]:
    """The places of some sentences, in order: those of what is said, or where there are none any."""
    where: list[Span] = []
    for sentence in sentences:
        bound = article.places_by_context(sentence, lexicon)
        every = {*article.places_by_preposition(sentence), *bound}
        found = sorted(every, key=lambda span: (span not in bound, span.start))
        where += article.inside_statements(sentence, found) or found
    return [with_place_noun(article.text, place) for place in where]


def find_dates(article: ArticleAnalysis, sentences: Sequence[Sentence], lexicon: Lexicon) -> list[Span]:
    """The dates of some sentences, in order; a date of the saying is not the event's."""
    return [
        span
        for sentence in sentences
        for span in article.inside_statements(sentence, _dates(article, sentence, lexicon))
    ]


def _dates(article: ArticleAnalysis, sentence: Sentence, lexicon: Lexicon) -> Iterator[Span]:
    """The dates of a sentence and words like "overnight", those within names left out: "Jan Varn"."""
    moments = [match.span() for match in lexicon["time_expressions"].finditer(sentence.text)]
    names = [name for name in article.names[sentence.number] if " " in name]
    end = 0
    found = {*article.facts(sentence).date_spans, *moments}
    for first, last in sorted(found, key=lambda span: (span[0], -span[1])):
        named = any(sentence.text[first:last] in name.split() for name in names)
        if first >= end and not named:
            end = last
            yield Span(sentence.start + first, sentence.start + last)


def find_programs(sentences: Sequence[Sentence], lexicon: Lexicon) -> list[Span]:
    """The packages and laws that some sentences name, in order: "fifth package", "Magnitsky Act"."""
    found: list[Span] = []
    for sentence in sentences:
        for noun in lexicon["program_nouns"].finditer(sentence.text):
            start = noun.start()
            while word := _WORD_BEFORE.search(sentence.text, 0, start):
                if not (word[1][0].isupper() or lexicon["program_modifiers"].fullmatch(word[1])):
                    break
                start = word.start(1)
            if start < noun.start():
                found.append(Span(sentence.start + start, sentence.start + noun.end()))
    return found


def find_figures(
    article: ArticleAnalysis, sentences: Sequence[Sentence], lexicon: Lexicon
) -> list[dict[str, Any]] | None:
    """The figures of some sentences with what they count; None where they or the words for it are not known."""
    metrics = lexicon.values.get("metric")
    found: list[dict[str, Any]] = []
    for sentence in sentences:
        amounts = article.facts(sentence).amount_spans
        if amounts is None or not metrics:
            return None
        for loss in losses(sentence.text, amounts, metrics, article.language):
            text = article.mention(Span(sentence.start + loss.span.start, sentence.start + loss.span.end))
            approximate = is_approximate(text.text, article.language)
            found.append({"metric": loss.metric, "text": text, "approximate": approximate})
    return found
