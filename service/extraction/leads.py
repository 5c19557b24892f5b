"""Leads: places of an article where code sees that a kind may be stated, so that the model need not search.

The model answers each lead by itself, with a record or with null. What code can read off is settled (the words of a
quotation and its cue) or proposed (its speaker, a value that a cue word suggests); the model sees the proposals and
may say otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.draft import settled, speech
from schemas.fields import Mention, Named, Record
from service.extraction.cues import Cues
from service.extraction.locate import Span, fold
from service.extraction.names import names
from service.extraction.plan import Shown, tokens
from service.extraction.segment import Sentence
from service.extraction.speakers import Attribution

_CONTEXT = 0
"""Sentences before a lead that are shown with it."""
_MOST_LEADS = 1
"""In one question: each is a record to be written, and the answer has a limit."""


@dataclass(frozen=True, slots=True)
class Place:
    """Sentences that may state a record, and the values of its fields which code can read off them."""

    sentences: tuple[Sentence, ...]
    settled: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lead:
    """What is asked about once: one place, or all places where the same person speaks.

    `proposed` are values which the model is shown and may change: words of the article or values of an enum.
    """

    places: tuple[Place, ...]
    proposed: Mapping[str, Mention | str]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences that are shown for it: those of the first place."""
        return self.places[0].sentences


@dataclass(frozen=True, slots=True)
class Batch(Shown):
    """Leads of one kind that are asked about in one call, with the sentences that are shown for them."""

    leads: tuple[Lead, ...]

    def before(self, lead: Lead) -> list[Sentence]:
        """The sentences that are shown as a lead's context."""
        first = lead.sentences[0].number
        return [sentence for sentence in self.sentences if first - _CONTEXT <= sentence.number < first]

    def halves(self) -> "tuple[Batch, Batch] | None":
        """The leads in two batches, or None if there is one lead."""
        middle = len(self.leads) // 2
        if not middle:
            return None
        return _batch(self.leads[:middle], self.sentences), _batch(self.leads[middle:], self.sentences)


def leads(
    record: type[Record], text: str, sentences: Sequence[Sentence], said: Sequence[Attribution], cues: Cues
) -> list[Lead]:
    """All leads of one kind.

    Args:
        record: the kind.
        text: the article.
        sentences: all of its sentences.
        said: all of its attributions.
        cues: the kind's cues in the article's language.

    """
    if any(name != "evidence" for name in settled(record)):
        return _quoted(record, text, said, cues)
    speakers = {s.number: a.speaker for a in reversed(said) for s in a.sentences if a.speaker}
    found: list[Lead] = []
    for sentence in sentences:
        if cues["cues"].search(sentence.text) and (not _names_somebody(record) or names(sentence.text)):
            speaker = speakers.get(sentence.number)
            place = Place((sentence,), {})
            found.append(Lead((place,), _proposals(record, text, sentence.text, speaker, cues)))
    return found


def _names_somebody(record: type[Record]) -> bool:
    """Whether a record of the kind cannot be without a name."""
    return any(
        any(isinstance(mark, Named) for mark in field.metadata)
        and any(hasattr(mark, "min_length") for mark in field.metadata)
        for field in record.model_fields.values()
    )


def batches(found: Sequence[Lead], sentences: Sequence[Sentence], budget: int) -> list[Batch]:
    """Leads in batches of which each shows at most `budget` tokens of the article, or one lead."""
    made: list[Batch] = []
    current: list[Lead] = []
    for lead in found:
        wider = _batch([*current, lead], sentences)
        cost = sum(tokens(sentence.text) for sentence in wider.sentences)
        if current and (len(current) == _MOST_LEADS or cost > budget):
            made.append(_batch(current, sentences))
            current = []
        current.append(lead)
    return [*made, _batch(current, sentences)] if current else made


def shown_names(batch: Batch) -> list[str]:
    """The names among which the model may choose: those in the sentences shown, and the proposed ones."""
    proposed = [v.text for lead in batch.leads for v in lead.proposed.values() if isinstance(v, Mention)]
    found = [name for sentence in batch.sentences for name in names(sentence.text)]
    return list(dict.fromkeys(" ".join(words.split()) for words in [*proposed, *found]))


def _batch(found: Sequence[Lead], sentences: Sequence[Sentence]) -> Batch:
    numbers = {sentence.number for lead in found for sentence in lead.sentences}
    context = {lead.sentences[0].number - back for lead in found for back in range(1, _CONTEXT + 1)}
    return Batch(tuple(s for s in sentences if s.number in numbers | context), tuple(found))


def _quoted(record: type[Record], text: str, said: Sequence[Attribution], cues: Cues) -> list[Lead]:
    """One lead for each speaker: who that is need be asked once, however often they are quoted."""
    by_speaker: dict[str, list[Attribution]] = {}
    for number, attribution in enumerate(said):
        speaker = attribution.speaker
        name = fold(text[speaker.start : speaker.end]) if speaker else f"?{number}"
        by_speaker.setdefault(name, []).append(attribution)
    return [
        Lead(
            tuple(_place(record, text, attribution) for attribution in theirs),
            _proposals(record, text, theirs[0].sentences[0].text, theirs[0].speaker, cues),
        )
        for theirs in by_speaker.values()
    ]


def _place(record: type[Record], text: str, attribution: Attribution) -> Place:
    known: dict[str, Any] = {}
    for name, field in record.model_fields.items():
        mark = speech(field)
        if mark and mark.part == "words":
            known[name] = [_mention(text, part) for part in attribution.parts]
        elif mark and mark.part == "cue":
            known[name] = _mention(text, attribution.cue) if attribution.cue else None
    return Place(attribution.sentences, known)


def _proposals(
    record: type[Record], text: str, words: str, speaker: Span | None, cues: Cues
) -> dict[str, Mention | str]:
    proposed: dict[str, Mention | str] = {}
    for name, field in record.model_fields.items():
        mark = speech(field)
        if mark and mark.part == "speaker" and speaker:
            proposed[name] = _mention(text, speaker)
        value = next((value for value, pattern in cues.values.get(name, {}).items() if pattern.search(words)), None)
        if value:
            proposed[name] = value
    return proposed


def _mention(text: str, span: Span) -> Mention:
    return Mention(start=span.start, end=span.end, text=text[span.start : span.end])
