"""Finds candidates: places of an article where code sees that a kind may be stated, so that the model need not search.

The model answers each candidate by itself, with a record or with null. What code can read off is prefilled (the words
of a quotation, its verb and its speaker), or hinted at (a value that a word suggests), or looked up for the model to
choose from (names, dates, figures).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_origin

from schemas.fields import Record
from service.extraction.analysis import ArticleAnalysis
from service.extraction.attribution.attribution import Attribution
from service.extraction.candidates.candidate import Candidate, Occurrence
from service.extraction.candidates.choices import find_actors, find_choices
from service.extraction.candidates.kind_reader import KindReader, Prefill
from service.extraction.candidates.prefill import UNKNOWN, Occasion
from service.extraction.candidates.readers import reader_of
from service.extraction.candidates.weak_triggers import states_a_record
from service.extraction.text.lexicon import SPEECH, Lexicon, has_lexicon, lexicon_for
from service.extraction.text.matching import fold
from service.extraction.text.sentences import Sentence

_HEADLINE_REACHES = 3
"""Sentences behind a headline that tell in full what it tells."""
_CARRIES_OVER = 8
"""Sentences over which it holds whose talks are told of."""


def find_candidates(
    record: type[Record], article: ArticleAnalysis, *, is_example: bool = False
) -> list[Candidate] | None:
    """All candidates of one kind; None where nothing is known of how the kind is told, so that it must be searched for.

    Without a language it may be told in one that has words for it, and those of all languages count.

    Args:
        record: the kind.
        article: what code read off the article.
        is_example: whether it is one that the model is shown: then the reader's `open_in_examples` are not prefilled.

    """
    reader = reader_of(record)
    if reader is None or (article.language and not has_lexicon(article.language)):
        return None
    lexicon = lexicon_for(SPEECH if reader.per_speaker else record.kind, article.language)
    if not lexicon:
        return None
    finder = _Finder(reader, article, lexicon, is_example)
    return list(finder.by_speaker() if reader.per_speaker else finder.by_sentence())


class _Finder:
    """Finds the candidates of one kind in one article."""

    def __init__(self, reader: KindReader, article: ArticleAnalysis, lexicon: Lexicon, is_example: bool) -> None:
        left_open = reader.open_in_examples if is_example else frozenset[str]()
        self._reader = reader
        self._article = article
        self._lexicon = lexicon
        self._prefill = {name: read for name, read in reader.prefill.items() if name not in left_open}

    def by_sentence(self) -> Iterator[Candidate]:
        """A candidate for each sentence whose triggers say enough."""
        named: Sentence | None = None
        for sentence in self._telling():
            shown: tuple[Sentence, ...] = (sentence,)
            if self._names_actor(sentence):
                named = sentence
            elif self._reader.needs_actor:
                # "The second round broke down in March": whose talks they are was told before.
                if named is None or sentence.number - named.number > _CARRIES_OVER:
                    continue
                shown = (named, sentence)
            said = self._article.attributions_in.get(sentence.number, ())
            speaker = next((attribution.speaker for attribution in said if attribution.speaker), None)
            occasion = Occasion(self._article, (sentence,), self._lexicon, speaker, bool(said))
            yield self._candidate(occasion, shown, (Occurrence((sentence,), {}),))

    def _telling(self) -> Sequence[Sentence]:
        """The sentences that may state a record: without headlines of what the next ones tell in full."""
        article = self._article
        found = [
            sentence
            for sentence in article.prose
            if states_a_record(article, sentence, self._lexicon, self._reader.weak_triggers)
        ]
        bodies = [sentence.number for sentence in found if sentence.number not in article.headlines]
        return [
            sentence
            for sentence in found
            if sentence.number not in article.headlines
            or not any(0 < number - sentence.number <= _HEADLINE_REACHES for number in bodies)
        ]

    def by_speaker(self) -> Iterator[Candidate]:
        """A candidate for each speaker: who they are need be asked once, however often they are quoted."""
        spoken: dict[str, list[Attribution]] = {}
        for number, attribution in enumerate(self._article.attributions):
            who = attribution.speaker
            name = fold(self._article.text[who.start : who.end]) if who else f"?{number}"
            spoken.setdefault(name, []).append(attribution)
        for theirs in spoken.values():
            first = self._saying(theirs[0])
            yield self._candidate(first, theirs[0].sentences, tuple(map(self._occurrence, theirs)))

    def _saying(self, said: Attribution) -> Occasion:
        return Occasion(self._article, said.sentences, self._lexicon, said.speaker, is_said=True, attribution=said)

    def _occurrence(self, said: Attribution) -> Occurrence:
        return Occurrence(said.sentences, self._read(self._reader.prefill_each, self._saying(said)))

    def _read(self, prefill: Mapping[str, Prefill], occasion: Occasion) -> dict[str, Any]:
        """What code reads off an occasion, in the order of the record's fields."""
        read = {name: prefill[name](occasion) for name in self._reader.record.model_fields if name in prefill}
        return {name: value for name, value in read.items() if value is not UNKNOWN}

    def _names_actor(self, sentence: Sentence) -> bool:
        flag = self._reader.figures_are_no_actors
        return bool(find_actors(self._article, sentence, self._lexicon, figures_are_no_actors=flag))

    def _candidate(
        self, occasion: Occasion, shown: tuple[Sentence, ...], occurrences: tuple[Occurrence, ...]
    ) -> Candidate:
        prefilled, hints = self._filled(occasion)
        choices = find_choices(
            self._article,
            occasion.sentences,
            shown,
            self._lexicon,
            figures_are_no_actors=self._reader.figures_are_no_actors,
        )
        speakers = {name for sentence in occasion.sentences for name in self._article.individual_speakers(sentence)}
        certain = self._reader.per_speaker and occasion.speaker is not None
        return Candidate(shown, self._reader, occurrences, prefilled, hints, choices, certain, frozenset(speakers))

    def _filled(self, occasion: Occasion) -> tuple[dict[str, Any], dict[str, str]]:
        """What is prefilled, and what is hinted at: the value whose words stand in the sentences."""
        read = self._read(self._prefill, occasion)
        told = " ".join(sentence.text for sentence in occasion.sentences)
        prefilled: dict[str, Any] = {}
        hints: dict[str, str] = {}
        for name, field in self._reader.record.model_fields.items():
            if name in read:
                prefilled[name] = read[name]
            table = {} if self._reader.per_speaker else self._lexicon.values.get(name, {})
            values = [value for value, pattern in table.items() if pattern.search(told)]
            if table and get_origin(field.annotation) is list:
                prefilled[name] = values
            elif values:
                hints[name] = values[0]
            if name in self._reader.hints_if and prefilled.get(name):
                hints |= self._reader.hints_if[name]
        return prefilled, hints
