"""Leads: places of an article where code sees that a kind may be stated, so that the model need not search.

The model answers each lead by itself, with a record or with null. What code can read off is settled (the words of a
quotation, its cue and its speaker), or hinted at (a value that a cue word suggests), or looked up for the model to
choose from (names, dates, figures).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_origin

from schemas.draft import least, marked, spoken
from schemas.fields import (
    AsCounted,
    Choices,
    Chosen,
    Derived,
    Mediating,
    Mention,
    Portrayed,
    Record,
    Speech,
    ToldBy,
)
from service.extraction.analysis import Reading
from service.extraction.attribution.coreference import Attribution
from service.extraction.attribution.speaker_profiles import Portrait
from service.extraction.candidates.choices import actors_of, choices_of
from service.extraction.candidates.prefill import UNKNOWN, Telling
from service.extraction.entities.lexicon import Cues, cues, has_cues, section
from service.extraction.text.matching import Span, fold
from service.extraction.text.sentences import Sentence
from service.extraction.text.windows import Shown

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
        named = bool(actors_of(article, sentence, words))
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
    telling = Telling(article, told_in, words, speaker, spoke)
    for name, field in record.model_fields.items():
        value = telling.read_off(field)
        if value is not UNKNOWN:
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
    choices = choices_of(article, told_in, shown, words)
    speaking = frozenset(name for sentence in told_in for name in article.speaking(sentence))
    return Lead(shown, places, settled, hints, choices, certain, speaking)


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
