"""Values of fields that code reads off the sentences of a candidate, so that the model is not asked.

Each function here answers for one field of one occasion. Those with parameters make such a function. `UNKNOWN` means
that the model is to be asked; None that the field has no value. A kind's reader
(`service.extraction.candidates.readers`) names the function for each of its fields.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from service.extraction.analysis import ArticleAnalysis
from service.extraction.attribution.attribution import Attribution
from service.extraction.attribution.speaker_profiles import SpeakerProfile
from service.extraction.candidates.event_facts import find_dates, find_figures, find_places, find_programs
from service.extraction.candidates.kind_reader import Prefill
from service.extraction.entities.places import geo_precision
from service.extraction.normalize.numbers import what_is_counted
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.sentences import Sentence
from service.extraction.text.spans import Span

UNKNOWN = object()
"""The model is asked."""


@dataclass(frozen=True)
class Occasion:
    """Sentences that may state a record, and who says them, if anybody does.

    Args:
        article: what code read off the article.
        sentences: the sentences, in order.
        lexicon: the kind's words in the article's language.
        speaker: who says them, if it is known who that is.
        is_said: whether somebody says them.
        attribution: the words, the verb and the speaker, where the occasion is what somebody says.

    """

    article: ArticleAnalysis
    sentences: Sequence[Sentence]
    lexicon: Lexicon
    speaker: Span | None = None
    is_said: bool = False
    attribution: Attribution | None = None

    @cached_property
    def places(self) -> Sequence[Span]:
        return find_places(self.article, self.sentences, self.lexicon)

    @cached_property
    def dates(self) -> Sequence[Span]:
        return find_dates(self.article, self.sentences, self.lexicon)

    @cached_property
    def figures(self) -> Sequence[Mapping[str, Any]] | None:
        return find_figures(self.article, self.sentences, self.lexicon)

    @cached_property
    def profile(self) -> SpeakerProfile | None:
        return self.article.speaker_profiles.of(self.speaker) if self.speaker else None


def speaker(occasion: Occasion) -> Any:
    """Who says it; None where nobody does, unknown where it is not known who."""
    if occasion.speaker:
        return occasion.article.mention(occasion.speaker)
    return UNKNOWN if occasion.is_said else None


def from_attribution(*, said: str, not_said: str) -> Prefill:
    """A value of a vocabulary, by whether somebody is said to say it or the article does itself."""
    return lambda occasion: said if occasion.is_said else not_said


def unless_told(field: str, otherwise: str) -> Prefill:
    """A value of a vocabulary where no word of the sentences suggests another one; else the model is asked.

    Args:
        field: whose values the words suggest.
        otherwise: the value of plain statements.

    """

    def read(occasion: Occasion) -> Any:
        suggested = occasion.lexicon.values.get(field)
        if not suggested:
            return UNKNOWN
        told = [sentence.text for sentence in occasion.sentences]
        return UNKNOWN if any(words.search(text) for words in suggested.values() for text in told) else otherwise

    return read


def first_place(*, ask_if_none: bool = False) -> Prefill:
    """The first place. Where there is none there is no value, unless the model is asked then."""

    def read(occasion: Occasion) -> Any:
        if occasion.places:
            return occasion.article.mention(occasion.places[0])
        # Where no words for "in" and "near" are known, a place is not found by them.
        return None if occasion.article.knows_place_prepositions and not ask_if_none else UNKNOWN

    return read


def first_date(occasion: Occasion) -> Any:
    """The first date that is not one of the saying."""
    return occasion.article.mention(occasion.dates[0]) if occasion.dates else None


def first_program(occasion: Occasion) -> Any:
    """The first package or law that is named; unknown where the language pack has no words for them."""
    found = find_programs(occasion.sentences, occasion.lexicon)
    if found:
        return occasion.article.mention(found[0])
    return None if "program_nouns" in occasion.lexicon.lists else UNKNOWN


def place_precision(occasion: Occasion) -> Any:
    """How exactly the first place is named, in ACLED's terms."""
    if occasion.places:
        article = occasion.article
        return geo_precision(article.text, occasion.places[0], occasion.lexicon, article.speech_lexicon)
    return None if occasion.article.knows_place_prepositions else UNKNOWN


def figures(occasion: Occasion) -> Any:
    """All figures with what they count, as fields of a model with `metric`, `text` and `approximate`."""
    return UNKNOWN if occasion.figures is None else occasion.figures


def counted_as(*metrics: str) -> Prefill:
    """Whom the first figure of one of some metrics counts: "14 traders", who were killed. Else the model is asked."""

    def read(occasion: Occasion) -> Any:
        patterns = [pattern for name, pattern in occasion.lexicon.values.get("metric", {}).items() if name in metrics]
        for figure in occasion.figures or ():
            if figure["metric"] in metrics:
                who = what_is_counted(figure["text"].text, occasion.article.language)
                # "Nine dead" are not who.
                return UNKNOWN if not who or any(fate.fullmatch(who) for fate in patterns) else figure["text"]
        return UNKNOWN

    return read


def mediators(occasion: Occasion) -> Any:
    """Those who are told to mediate or host; unknown where the language pack has no words for it."""
    if "after_mediator" not in occasion.lexicon.lists:
        return UNKNOWN
    found = (span for sentence in occasion.sentences for span in occasion.article.mediators(sentence, occasion.lexicon))
    return [occasion.article.mention(span) for span in found]


def office_holders(*, name: str, position: str, organization: str) -> Prefill:
    """The persons named who hold an office and say nothing, as fields of a model.

    Args:
        name: field for the name.
        position: field for the office.
        organization: field for whom the office is held.

    """

    def read(occasion: Occasion) -> Any:
        article = occasion.article
        if not article.speech_lexicon.values.get("office"):
            return UNKNOWN
        persons = [person for sentence in occasion.sentences for person in article.silent_persons(sentence)]
        holders = ((person, article.speaker_profiles.office_holder(person)) for person in persons)
        return [
            {
                name: article.mention(person),
                position: profile.position and article.mention(profile.position),
                organization: profile.affiliation and article.mention(profile.affiliation),
            }
            for person, profile in holders
            if profile
        ]

    return read


ProfileField = Literal["speaker_type", "is_official", "sector", "position", "affiliation"]


def profile(part: ProfileField) -> Prefill:
    """A part of who the speaker is; unknown where the article does not say it in a form that code can read."""

    def read(occasion: Occasion) -> Any:
        if occasion.profile is None:
            return UNKNOWN
        value = getattr(occasion.profile, part)
        return occasion.article.mention(value) if isinstance(value, Span) else value

    return read


def quoted_words(occasion: Occasion) -> Any:
    """The words that are said, in their unbroken pieces."""
    return [occasion.article.mention(part) for part in occasion.attribution.parts] if occasion.attribution else UNKNOWN


def speech_verb(occasion: Occasion) -> Any:
    """The verb or phrase by which the words are given to somebody."""
    if occasion.attribution is None:
        return UNKNOWN
    return occasion.article.mention(occasion.attribution.cue) if occasion.attribution.cue else None


def subjects(kinds: Mapping[str, str]) -> Prefill:
    """Values of a vocabulary of which each stands for a kind: those whose kind has a trigger in the sentences."""

    def read(occasion: Occasion) -> Any:
        return [
            value
            for value, kind in kinds.items()
            if any(occasion.article.has_trigger(kind, sentence) for sentence in occasion.sentences)
        ]

    return read
