"""Leads: places of an article where code sees that a kind may be stated, so that the model need not search.

The model answers each lead by itself, with a record or with null. What code can read off is settled (the words of a
quotation, its cue and its speaker), or hinted at (a value that a cue word suggests), or looked up for the model to
choose from (names, dates, figures).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, singledispatchmethod
from typing import Any, get_origin

from pydantic.fields import FieldInfo

from schemas.draft import least, marked, spoken
from schemas.fields import (
    AsCounted,
    Choices,
    Chosen,
    Counted,
    Delegated,
    Derived,
    Mediating,
    Mention,
    Portrayed,
    Precise,
    Record,
    Speech,
    ToldBy,
    Voiced,
)
from service.extraction.circumstances import counted, dated, placed, programs
from service.extraction.countries import code_of, is_demonym
from service.extraction.cues import Cues, cues, has_cues, section
from service.extraction.figures import what_is_counted
from service.extraction.locate import Span, fold
from service.extraction.places import precision
from service.extraction.plan import Shown
from service.extraction.portraits import Portrait
from service.extraction.reading import Reading
from service.extraction.segment import Sentence
from service.extraction.speakers import Attribution

_UNKNOWN = object()
_PUBLIC = ("gov", "igo", "leg", "jud")
"""Sectors of those who can bind others."""
_OFFICE_WORDS = 4
_FAR = 8
"""Sentences over which it holds whose talks are told of."""


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
    `speaking` are those who say something in it for themselves.
    """

    places: tuple[Place, ...]
    settled: Mapping[str, Mention | str | bool | list[Any] | None]
    hints: Mapping[str, str]
    choices: Choices
    certain: bool
    speaking: frozenset[str] = frozenset()

    @property
    def known(self) -> frozenset[str]:
        """Fields that the model is not asked for."""
        return frozenset({"evidence", *self.settled, *self.places[0].settled})

    def is_settled(self, record: type[Record]) -> bool:
        """Whether code knows all of it, so that there is nothing to ask."""
        asked = {name for name, field in record.model_fields.items() if not marked(field, Derived)}
        return self.certain and asked <= self.known


def leads(record: type[Record], article: Reading, *, is_example: bool = False) -> list[Lead] | None:
    """All leads of one kind; None where nothing is known of how the kind is told, so that it must be searched for.

    Without a language it may be told in one that has cues, and all of them count.

    Args:
        record: the kind.
        article: what code has read.
        is_example: whether it is one that the model is shown: who speaks and who suffered it is left open then, so that
            it sees how that is answered where code cannot read it off.

    """
    words = cues(section(record), article.language)
    if not words or (article.language and not has_cues(article.language)):
        return None
    if spoken(record):
        return _quoted(record, article, words, is_example=is_example)
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
        said = article.said_in.get(sentence.number, ())
        speaker = next((attribution.speaker for attribution in said if attribution.speaker), None)
        place = Place((sentence,), {})
        lead = _lead(record, article, (place,), speaker, words, spoke=bool(said), shown=shown)
        found.append(_opened(record, lead) if is_example else lead)
        told = sentence if named else told
    return found


def _opened(record: type[Record], lead: Lead) -> Lead:
    """A lead in which it is left open who was counted."""
    counted_as = {name for name, field in record.model_fields.items() if marked(field, AsCounted)}
    return replace(lead, settled={name: value for name, value in lead.settled.items() if name not in counted_as})


def _names_somebody(record: type[Record]) -> bool:
    """Whether a record of the kind cannot be without somebody who acts."""
    for field in record.model_fields.values():
        mark = marked(field, Chosen)
        if mark and mark.among == "actors" and least(field):
            return True
    return False


def _actors(article: Reading, sentence: Sentence, words: Cues) -> tuple[str, ...]:
    """Names of a sentence which do not only say where, and the groups of it: "both delegations".

    A person who speaks of something has not done it by that; a state or a body that speaks may have.
    """
    # Soldiers who are counted are losses, two sides are parties.
    counts = (article.telling(sentence).figures or ()) if "metric" in words.values else ()
    groups = _once(
        _group(match[0], words["groups"], article)
        for match in words["groups"].finditer(sentence.text)
        if not any(start < match.end() and match.start() < end for start, end in counts)
    )
    places, mediators = (
        {article.text[span.start : span.end] for span in spans}
        for spans in (article.bound(sentence, words), article.mediating(sentence, words))
    )
    speaking = article.speaking(sentence)
    acting = [
        name
        for name in article.acting(sentence, words["venues"])
        if name not in places
        and not any(_shares(name, who) for who in speaking)
        and not any(name in group for group in groups)
    ]
    found = [*acting, *groups]
    told = [article.text[span.start : span.end] for span in article.representing(sentence)]
    found += [who for who in told if not any(_shares(name, who) for name in found)]
    # "Tarn has offered to host talks" names nobody else.
    return _once([name for name in found if name not in mediators] or found)


def _shares(name: str, other: str) -> bool:
    """Whether all words of one name are words of the other."""
    ours, theirs = set(name.split()), set(other.split())
    return ours <= theirs or theirs <= ours


def _group(words: str, groups: re.Pattern[str], article: Reading) -> str:
    """What a group is called, without a word before it that is neither its name nor a determiner: "seen" soldiers."""
    first, *rest = words.split()
    group = " ".join(rest)
    keeps = not first.islower() or any(article.speech[name].fullmatch(first) for name in ("articles", "possessives"))
    return words if keeps or not groups.fullmatch(group) else group


def _authorities(actors: Sequence[str], article: Reading, words: Cues) -> tuple[str, ...]:
    """Those of some actors which can bind others: states and their bodies; where none is known for one, all."""
    sectors = article.speech.values.get("sector", {})
    public = [article.speech["bodies"], words["groups"], *(sectors[name] for name in _PUBLIC if name in sectors)]
    found = tuple(
        actor
        for actor in actors
        if code_of(actor, article.language) or any(pattern.search(actor) for pattern in public)
    )
    return found or tuple(actors)


def _quoted(record: type[Record], article: Reading, words: Cues, *, is_example: bool) -> list[Lead]:
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
        portrait = article.portraits.of(speaker) if speaker and not is_example else None
        if portrait:
            lead = replace(lead, settled={**lead.settled, **_portrayed(record, article, portrait)})
        made.append(lead)
    return made


def _portrayed(record: type[Record], article: Reading, portrait: Portrait) -> Mapping[str, Any]:
    """The fields that a portrait settles."""
    marks = {name: marked(field, Portrayed) for name, field in record.model_fields.items()}
    told = {name: getattr(portrait, mark.part) for name, mark in marks.items() if mark}
    return {name: article.mention(value) if isinstance(value, Span) else value for name, value in told.items()}


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
    settled: dict[str, Mention | str | bool | list[Any] | None] = {}
    hints: dict[str, str] = {}
    told = " ".join(sentence.text for sentence in told_in)
    telling = _Telling(article, told_in, words, speaker, spoke)
    for name, field in record.model_fields.items():
        value = telling.read_off(field)
        if value is not _UNKNOWN:
            settled[name] = value
        table = {} if spoken(record) else words.values.get(name, {})
        values = [value for value, pattern in table.items() if pattern.search(told)]
        if table and get_origin(field.annotation) is list:
            settled[name] = values
        elif values:
            hints[name] = values[0]
        if (mediating := marked(field, Mediating)) and settled.get(name):
            hints |= mediating.hints
    certain = spoken(record) and speaker is not None
    actors = _once(actor for sentence in shown for actor in _actors(article, sentence, words))
    choices = replace(_choices(article, told_in), actors=actors, authorities=_authorities(actors, article, words))
    speaking = frozenset(name for sentence in told_in for name in article.speaking(sentence))
    return Lead(shown, places, settled, hints, choices, certain, speaking)


@dataclass(frozen=True)
class _Telling:
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
        """What code reads off them for a field; `_UNKNOWN` where the model is asked."""
        values = (self._told(mark) for mark in field.metadata)
        return next((value for value in values if value is not _UNKNOWN), _UNKNOWN)

    @singledispatchmethod
    def _told(self, mark: object) -> Any:  # noqa: ARG002 - of other marks nothing is read off
        """What a mark has code read off the sentences."""
        return _UNKNOWN

    @_told.register
    def _(self, mark: Speech) -> Any:
        if mark.part == "speaker" and self.speaker:
            return self.article.mention(self.speaker)
        return None if mark.part == "speaker" and not self.spoke else _UNKNOWN

    @_told.register
    def _(self, mark: Voiced) -> Any:
        return mark.by_somebody if self.spoke else mark.by_the_article

    @_told.register
    def _(self, mark: Chosen) -> Any:
        if not mark.first:
            return _UNKNOWN
        found = getattr(self, mark.among)
        if found:
            return self.article.mention(found[0])
        # Where no words for "in" and "near" are known, a place is not found by them.
        can_tell = {"places": self.article.has_locatives, "programs": "programs" in self.words.lists}
        return None if can_tell.get(mark.among, True) and not mark.else_asked else _UNKNOWN

    @_told.register
    def _(self, _: Precise) -> Any:
        if self.places:
            return precision(self.article.text, self.places[0], self.words["near"], self.words["regions"])
        return None if self.article.has_locatives else _UNKNOWN

    @_told.register
    def _(self, _: Counted) -> Any:
        return _UNKNOWN if self.figures is None else self.figures

    @_told.register
    def _(self, mark: AsCounted) -> Any:
        fates = [pattern for name, pattern in self.words.values.get("metric", {}).items() if name in mark.metrics]
        for figure in self.figures or ():
            if figure["metric"] in mark.metrics:
                who = what_is_counted(figure["text"].text, self.article.language)
                # "Nine dead" are not who.
                return _UNKNOWN if not who or any(fate.fullmatch(who) for fate in fates) else figure["text"]
        return _UNKNOWN

    @_told.register
    def _(self, _: Mediating) -> Any:
        if "mediates" not in self.words.lists:
            return _UNKNOWN
        found = (span for sentence in self.sentences for span in self.article.mediating(sentence, self.words))
        return [self.article.mention(span) for span in found]

    @_told.register
    def _(self, mark: Delegated) -> Any:
        if not self.article.speech.values.get("office"):
            return _UNKNOWN
        persons = [person for sentence in self.sentences for person in self.article.persons(sentence)]
        portraits = ((person, self.article.portraits.of(person)) for person in persons)
        return [
            {
                mark.name: self.article.mention(person),
                mark.position: self.article.mention(portrait.position),
                mark.organization: self.article.mention(portrait.affiliation) if portrait.affiliation else None,
            }
            for person, portrait in portraits
            if portrait and portrait.is_official and portrait.position and self._is_short(portrait.position)
        ]

    def _is_short(self, position: Span) -> bool:
        """Whether an office is no half sentence: "was meant to meet the envoy"."""
        return len(self.article.text[position.start : position.end].split()) <= _OFFICE_WORDS


def _choices(article: Reading, shown: Sequence[Sentence]) -> Choices:
    named = _once(name for sentence in shown for name in article.names[sentence.number])
    bodies = article.speech["bodies"]
    persons = tuple(n for n in named if " " in n and not bodies.search(n) and not code_of(n, article.language))
    speaking = {name for sentence in shown for name in article.speaking(sentence)}
    where = tuple(n for n in named if n not in speaking and not is_demonym(n) and not bodies.search(n))
    told = [article.telling(sentence) for sentence in shown]
    when = _once(date for one in told for date in one.dates)
    amounts = [one.amounts for one in told]
    known = [amount for said in amounts for amount in said or ()]
    figures = None if None in amounts else _once(known)
    return Choices(names=named, places=where, persons=persons, dates=when, figures=figures)


def _once(words: Iterable[str]) -> tuple[str, ...]:
    """Each once, on one line."""
    return tuple(dict.fromkeys(" ".join(said.split()) for said in words))


def _place(record: type[Record], article: Reading, attribution: Attribution) -> Place:
    known: dict[str, Any] = {}
    for name, field in record.model_fields.items():
        if told := marked(field, ToldBy):
            known[name] = [value for value, kind in told.kinds.items() if _tells(kind, attribution, article)]
        mark = marked(field, Speech)
        if mark and mark.part == "words":
            known[name] = [article.mention(part) for part in attribution.parts]
        elif mark and mark.part == "cue":
            known[name] = article.mention(attribution.cue) if attribution.cue else None
    return Place(attribution.sentences, known)


def _tells(kind: str, attribution: Attribution, article: Reading) -> bool:
    return any(article.tells(kind, sentence) for sentence in attribution.sentences)
