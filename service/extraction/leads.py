"""Leads: places of an article where code sees that a kind may be stated, so that the model need not search.

The model answers each lead by itself, with a record or with null. What code can read off is settled (the words of a
quotation, its cue and its speaker), or hinted at (a value that a cue word suggests), or looked up for the model to
choose from (names, dates, figures).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import NoneType
from typing import Any, get_args, get_origin

from schemas.draft import least, marked, spoken
from schemas.fields import Choices, Chosen, Counted, Derived, Mention, Portrayed, Record, Speech, ToldBy, Voiced
from service.extraction.circumstances import counted, dated, placed
from service.extraction.countries import code_of
from service.extraction.cues import SPEECH, Cues, cues, has_cues, section
from service.extraction.locate import Span, fold
from service.extraction.plan import Shown
from service.extraction.portraits import Portrait
from service.extraction.reading import Reading
from service.extraction.segment import Sentence
from service.extraction.speakers import Attribution

_FIRST = {"places": placed, "dates": dated}
"""What finds the values of which the first one is taken."""
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
    """

    places: tuple[Place, ...]
    settled: Mapping[str, Mention | str | bool | list[Any] | None]
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
        found.append(_lead(record, article, (place,), speaker, words, spoke=bool(said), shown=shown))
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
    """Names of a sentence which do not only say where, and the groups of it: "both delegations".

    A person who speaks of something has not done it by that; a state or a body that speaks may have.
    """
    groups = (match[0] for match in words["groups"].finditer(sentence.text))
    speaking = article.speaking(sentence)
    acting = (
        name
        for name in article.acting(sentence, words["venues"])
        if not any(name in who or who in name for who in speaking)
    )
    return _once([*acting, *groups])


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
    for name, field in record.model_fields.items():
        mark = marked(field, Speech)
        if mark and mark.part == "speaker" and speaker:
            settled[name] = article.mention(speaker)
        elif mark and mark.part == "speaker" and not spoke and NoneType in get_args(field.annotation):
            settled[name] = None
        elif voiced := marked(field, Voiced):
            settled[name] = voiced.by_somebody if spoke else voiced.by_the_article
        chosen = marked(field, Chosen)
        if chosen and chosen.first:
            told_of = _FIRST[chosen.among](article, told_in, words)
            # Where no words for "in" and "near" are known, a place is not found by them.
            can_tell = chosen.among != "places" or article.has_locatives
            if told_of or (can_tell and not chosen.else_asked):
                settled[name] = article.mention(told_of[0]) if told_of else None
        if marked(field, Counted) and (figures := counted(article, told_in, words)) is not None:
            settled[name] = figures
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
