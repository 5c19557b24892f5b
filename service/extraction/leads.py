"""Leads: places of an article where code sees that a kind may be stated, so that the model need not search.

The model answers each lead by itself, with a record or with null. What code can read off is settled (the words of a
quotation, its cue and its speaker), or hinted at (a value that a cue word suggests), or looked up for the model to
choose from (names, dates, figures).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import NoneType
from typing import Any, get_args, get_origin

from schemas.draft import least, marked, spoken
from schemas.fields import Choices, Chosen, Derived, Mention, Portrayed, Record, Speech, ToldBy, Voiced
from service.extraction.countries import code_of
from service.extraction.cues import SPEECH, Cues, cues, has_cues, language_of, section
from service.extraction.dates import dates, spans
from service.extraction.figures import phrases
from service.extraction.locate import Span, fold
from service.extraction.mentions import Mentions
from service.extraction.names import names
from service.extraction.places import only_places, placed_names
from service.extraction.plan import Shown
from service.extraction.portraits import Portrait, Portraits
from service.extraction.quotation import Passage
from service.extraction.quotation import spoken as speech_of
from service.extraction.segment import Sentence
from service.extraction.speakers import Attribution
from service.extraction.speech import attributions

_FAR = 8
"""Sentences over which it holds whose talks are told of."""


@dataclass(frozen=True)
class Reading:
    """What code reads off an article before anything is asked.

    `names` are those of each sentence, by its number. `told` and `kinds` are what was looked for in sentences so far.
    """

    text: str
    sentences: Sequence[Sentence]
    passages: Sequence[Passage]
    said: Sequence[Attribution]
    names: Mapping[int, tuple[str, ...]]
    language: str | None
    told: dict[int, "Told"]
    kinds: dict[tuple[int, str], bool]

    def telling(self, sentence: Sentence) -> "Told":
        """The dates and amounts of a sentence, looked for once, however many leads it has."""
        known = self.told.get(sentence.number)
        if known is None:
            when = spans(sentence.text, self.language)
            amounts = phrases(_undated(sentence.text, when), self.language)
            known = self.told[sentence.number] = Told(dates(sentence.text, when), amounts)
        return known

    def acting(self, sentence: Sentence, venues: re.Pattern[str]) -> list[str]:
        """The names of a sentence, without those that only say where something is or of which town talks are."""
        return [
            name
            for name in self.names[sentence.number]
            if not only_places(
                name, sentence.text, self._locatives, venues, placed_elsewhere=name in self._placed_names
            )
        ]

    def placed(self, sentence: Sentence) -> list[Span]:
        """The names of a sentence that say where something is."""
        found = placed_names(self.names[sentence.number], sentence.text, self._locatives)
        return [Span(sentence.start + span.start, sentence.start + span.end) for span in found]

    @cached_property
    def _placed_names(self) -> frozenset[str]:
        """Names that say somewhere in the article where something is."""
        return frozenset(
            " ".join(self.text[span.start : span.end].split())
            for sentence in self.sentences
            for span in self.placed(sentence)
        )

    @cached_property
    def portraits(self) -> Portraits:
        """Who its speakers are."""
        words = cues(SPEECH, self.language)
        speech = speech_of(self.text, self.passages)
        return Portraits(self.text, Mentions(self.text, self.sentences, speech, words), words)

    @property
    def _locatives(self) -> re.Pattern[str]:
        return cues(SPEECH, self.language)["locatives"]

    def tells(self, kind: str, sentence: Sentence) -> bool:
        """Whether a sentence has a cue of a kind, looked for once, however many are quoted in it."""
        known = self.kinds.get((sentence.number, kind))
        if known is None:
            found = cues(kind, self.language)["cues"].search(sentence.text)
            known = self.kinds[sentence.number, kind] = found is not None
        return known


@dataclass(frozen=True, slots=True)
class Told:
    """Dates and amounts of a sentence; no amounts are known where number words of the language cannot be told."""

    dates: tuple[str, ...]
    amounts: tuple[str, ...] | None


def read(text: str, sentences: Sequence[Sentence], found: Sequence[Passage], language: str | None) -> Reading:
    """Read an article whose sentences and passages in quotation marks are known.

    Where its language is not, cues of all languages would find what they mean in none: it is told by its words.
    """
    language = language or language_of(text)
    said = attributions(text, sentences, found, cues(SPEECH, language))
    return Reading(text, sentences, found, said, names(sentences, language), language, {}, {})


@dataclass(frozen=True, slots=True)
class Place:
    """Sentences that may state a record, and the values of its fields which code can read off them."""

    sentences: tuple[Sentence, ...]
    settled: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lead(Shown):
    """What is asked about in one call: one place, or all places where the same person speaks.

    The sentences shown are those of the first place, behind one that tells whom it is about where it does not say so
    itself. `settled` holds at all of them; `hints` are values of enums which the model is shown and may change. A
    lead is `certain` where words and speaker are known: there is a record, and the model only tells more of it.
    """

    places: tuple[Place, ...]
    settled: Mapping[str, Mention | str | bool | list[str] | None]
    hints: Mapping[str, str]
    choices: Choices
    certain: bool

    @property
    def known(self) -> frozenset[str]:
        """Fields that the model is not asked for."""
        return frozenset({"evidence", *self.settled, *self.places[0].settled})

    def is_settled(self, record: type[Record]) -> bool:
        """Whether code knows all of it, so that there is nothing to ask."""
        asked = {name for name, field in record.model_fields.items() if not marked(field, Derived)}
        return self.certain and asked <= self.known


def leads(record: type[Record], article: Reading, *, portrayed: bool = True) -> list[Lead] | None:
    """All leads of one kind; None where nothing is known of how the kind is told, so that it must be searched for.

    Without a language it may be told in one that has cues, and all of them count.

    Args:
        record: the kind.
        article: what code has read.
        portrayed: whether it is settled who a speaker is where code can read that.

    """
    words = cues(section(record), article.language)
    if not words or (article.language and not has_cues(article.language)):
        return None
    if spoken(record):
        return _quoted(record, article, words, portrayed=portrayed)
    speakers: dict[int, Span | None] = {}
    for attribution in article.said:
        for sentence in attribution.sentences:
            speakers[sentence.number] = speakers.get(sentence.number) or attribution.speaker
    found: list[Lead] = []
    told: Sentence | None = None
    for sentence in article.sentences:
        if not words["cues"].search(sentence.text):
            continue
        named = bool(_actors(article, sentence, words))
        shown: tuple[Sentence, ...] = (sentence,)
        if not named and _names_somebody(record):
            # "The second round broke down in March": whose talks they are was told before.
            if told is None or sentence.number - told.number > _FAR:
                continue
            shown = (told, sentence)
        speaker, spoke = speakers.get(sentence.number), sentence.number in speakers
        place = Place((sentence,), {})
        found.append(_lead(record, article, (place,), speaker, words, spoke=spoke, shown=shown))
        told = sentence if named else told
    return found


def _names_somebody(record: type[Record]) -> bool:
    """Whether a record of the kind cannot be without somebody who acts."""
    for field in record.model_fields.values():
        mark = marked(field, Chosen)
        if mark and mark.among == "actors" and least(field):
            return True
    return False


def _actors(article: Reading, sentence: Sentence, words: Cues) -> tuple[str, ...]:
    """Names of a sentence which do not only say where, and the groups of it: "both delegations"."""
    groups = (match[0] for match in words["groups"].finditer(sentence.text))
    return _once([*article.acting(sentence, words["venues"]), *groups])


def _quoted(record: type[Record], article: Reading, words: Cues, *, portrayed: bool) -> list[Lead]:
    """One lead for each speaker: what they are need be asked once, however often they are quoted."""
    by_speaker: dict[str, list[Attribution]] = {}
    for number, attribution in enumerate(article.said):
        speaker = attribution.speaker
        name = fold(article.text[speaker.start : speaker.end]) if speaker else f"?{number}"
        by_speaker.setdefault(name, []).append(attribution)
    made: list[Lead] = []
    for theirs in by_speaker.values():
        places = tuple(_place(record, article, attribution) for attribution in theirs)
        speaker = theirs[0].speaker
        lead = _lead(record, article, places, speaker, words, spoke=True)
        portrait = article.portraits.of(speaker) if portrayed and speaker else None
        if portrait:
            lead = replace(lead, settled={**lead.settled, **_portrayed(record, article.text, portrait)})
        made.append(lead)
    return made


def _portrayed(record: type[Record], text: str, portrait: Portrait) -> Mapping[str, Any]:
    """The fields that a portrait settles."""
    marks = {name: marked(field, Portrayed) for name, field in record.model_fields.items()}
    told = {name: getattr(portrait, mark.part) for name, mark in marks.items() if mark}
    return {name: _mention(text, value) if isinstance(value, Span) else value for name, value in told.items()}


def _lead(
    record: type[Record],
    article: Reading,
    places: tuple[Place, ...],
    speaker: Span | None,
    words: Cues,
    *,
    spoke: bool,
    shown: tuple[Sentence, ...] = (),
) -> Lead:
    told_in = places[0].sentences
    shown = shown or told_in
    settled: dict[str, Mention | str | bool | list[str] | None] = {}
    hints: dict[str, str] = {}
    told = " ".join(sentence.text for sentence in told_in)
    where = [span for sentence in told_in for span in article.placed(sentence)]
    for name, field in record.model_fields.items():
        mark = marked(field, Speech)
        if mark and mark.part == "speaker" and speaker:
            settled[name] = _mention(article.text, speaker)
        elif mark and mark.part == "speaker" and not spoke and NoneType in get_args(field.annotation):
            settled[name] = None
        elif voiced := marked(field, Voiced):
            settled[name] = voiced.by_somebody if spoke else voiced.by_the_article
        chosen = marked(field, Chosen)
        if chosen and chosen.among == "places" and len(where) == 1:
            settled[name] = _mention(article.text, where[0])
        table = {} if spoken(record) else words.values.get(name, {})
        values = [value for value, pattern in table.items() if pattern.search(told)]
        if table and get_origin(field.annotation) is list:
            settled[name] = values
        elif values:
            hints[name] = values[0]
    certain = spoken(record) and speaker is not None
    actors = _once(actor for sentence in shown for actor in _actors(article, sentence, words))
    choices = replace(_choices(article, told_in), actors=actors)
    return Lead(shown, places, settled, hints, choices, certain)


def _choices(article: Reading, shown: Sequence[Sentence]) -> Choices:
    named = _once(name for sentence in shown for name in article.names[sentence.number])
    bodies = cues(SPEECH, article.language)["bodies"]
    persons = tuple(n for n in named if " " in n and not bodies.search(n) and not code_of(n, article.language))
    told = [article.telling(sentence) for sentence in shown]
    when = _once(date for one in told for date in one.dates)
    amounts = [one.amounts for one in told]
    known = [amount for said in amounts for amount in said or ()]
    figures = None if None in amounts else _once(known)
    return Choices(names=named, places=named, persons=persons, dates=when, figures=figures)


def _undated(words: str, when: Sequence[tuple[int, int]]) -> str:
    """A sentence whose dates are masked, so that their numbers count nothing."""
    for start, end in when:
        words = words[:start] + "|" * (end - start) + words[end:]
    return words


def _once(words: Iterable[str]) -> tuple[str, ...]:
    """Each once, on one line."""
    return tuple(dict.fromkeys(" ".join(said.split()) for said in words))


def _place(record: type[Record], article: Reading, attribution: Attribution) -> Place:
    known: dict[str, Any] = {}
    text = article.text
    for name, field in record.model_fields.items():
        if told := marked(field, ToldBy):
            known[name] = [value for value, kind in told.kinds.items() if _tells(kind, attribution, article)]
        mark = marked(field, Speech)
        if mark and mark.part == "words":
            known[name] = [_mention(text, part) for part in attribution.parts]
        elif mark and mark.part == "cue":
            known[name] = _mention(text, attribution.cue) if attribution.cue else None
    return Place(attribution.sentences, known)


def _tells(kind: str, attribution: Attribution, article: Reading) -> bool:
    return any(article.tells(kind, sentence) for sentence in attribution.sentences)


def _mention(text: str, span: Span) -> Mention:
    return Mention(start=span.start, end=span.end, text=text[span.start : span.end])
