"""What code reads off the sentences of a lead for the fields of a record, so that the model is not asked.

What a field's marks (`schemas.fields`) have code read is looked up here, one method for each mark.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, singledispatchmethod
from typing import Any

from pydantic.fields import FieldInfo

from schemas.fields import AsCounted, Chosen, Counted, Delegated, Mediating, Precise, Speech, Voiced
from service.extraction.analysis import Reading
from service.extraction.candidates.event_facts import counted, dated, placed, programs
from service.extraction.entities.lexicon import Cues
from service.extraction.entities.places import precision
from service.extraction.normalize.numbers import what_is_counted
from service.extraction.text.matching import Span
from service.extraction.text.sentences import Sentence

UNKNOWN = object()
"""Read off for a field that the model is asked for."""


@dataclass(frozen=True)
class Telling:
    """Sentences that may state a record, and whether and by whom they are said."""

    article: Reading
    sentences: Sequence[Sentence]
    words: Cues
    speaker: Span | None
    spoke: bool

    @cached_property
    def places(self) -> Sequence[Span]:
        return placed(self.article, self.sentences, self.words)

    @cached_property
    def dates(self) -> Sequence[Span]:
        return dated(self.article, self.sentences, self.words)

    @cached_property
    def programs(self) -> Sequence[Span]:
        return programs(self.sentences, self.words)

    @cached_property
    def figures(self) -> Sequence[Mapping[str, Any]] | None:
        return counted(self.article, self.sentences, self.words)

    def read_off(self, field: FieldInfo) -> Any:
        """What code reads off them for a field; `UNKNOWN` where the model is asked."""
        values = (self._told(mark) for mark in field.metadata)
        return next((value for value in values if value is not UNKNOWN), UNKNOWN)

    @singledispatchmethod
    def _told(self, mark: object) -> Any:  # noqa: ARG002 - of other marks nothing is read off
        """What a mark has code read off the sentences."""
        return UNKNOWN

    @_told.register
    def _(self, mark: Speech) -> Any:
        if mark.part == "speaker" and self.speaker:
            return self.article.mention(self.speaker)
        return None if mark.part == "speaker" and not self.spoke else UNKNOWN

    @_told.register
    def _(self, mark: Voiced) -> Any:
        return mark.by_somebody if self.spoke else mark.by_the_article

    @_told.register
    def _(self, mark: Chosen) -> Any:
        if not mark.first:
            return UNKNOWN
        found = getattr(self, mark.among)
        if found:
            return self.article.mention(found[0])
        # Where no words for "in" and "near" are known, a place is not found by them.
        can_tell = {"places": self.article.has_locatives, "programs": "programs" in self.words.lists}
        return None if can_tell.get(mark.among, True) and not mark.else_asked else UNKNOWN

    @_told.register
    def _(self, _: Precise) -> Any:
        if self.places:
            return precision(self.article.text, self.places[0], self.words["near"], self.words["regions"])
        return None if self.article.has_locatives else UNKNOWN

    @_told.register
    def _(self, _: Counted) -> Any:
        return UNKNOWN if self.figures is None else self.figures

    @_told.register
    def _(self, mark: AsCounted) -> Any:
        fates = [pattern for name, pattern in self.words.values.get("metric", {}).items() if name in mark.metrics]
        for figure in self.figures or ():
            if figure["metric"] in mark.metrics:
                who = what_is_counted(figure["text"].text, self.article.language)
                # "Nine dead" are not who.
                return UNKNOWN if not who or any(fate.fullmatch(who) for fate in fates) else figure["text"]
        return UNKNOWN

    @_told.register
    def _(self, _: Mediating) -> Any:
        if "mediates" not in self.words.lists:
            return UNKNOWN
        found = (span for sentence in self.sentences for span in self.article.mediating(sentence, self.words))
        return [self.article.mention(span) for span in found]

    @_told.register
    def _(self, mark: Delegated) -> Any:
        if not self.article.speech.values.get("office"):
            return UNKNOWN
        persons = [person for sentence in self.sentences for person in self.article.persons(sentence)]
        holders = ((person, self.article.portraits.holder(person)) for person in persons)
        return [
            {
                mark.name: self.article.mention(person),
                mark.position: portrait.position and self.article.mention(portrait.position),
                mark.organization: portrait.affiliation and self.article.mention(portrait.affiliation),
            }
            for person, portrait in holders
            if portrait
        ]
