"""Leads: places of an article where code sees that a kind may be stated, so that the model need not search.

The model answers each lead by itself, with a record or with null. What code can read off is settled (the words of a
quotation and its cue) or proposed (its speaker, a value that a cue word suggests); the model sees the proposals and
may say otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.draft import settled, speech
from schemas.fields import Mention, Record
from service.extraction.cues import Cues
from service.extraction.locate import Span
from service.extraction.plan import tokens
from service.extraction.segment import Sentence
from service.extraction.speech import Attribution

_CONTEXT = 1
"""Sentences before a lead that are shown with it."""
_MOST_LEADS = 4
"""In one question: each is a record to be written, and the answer has a limit."""


@dataclass(frozen=True, slots=True)
class Lead:
    """Sentences that may state a record, and what code already knows of it."""

    sentences: tuple[Sentence, ...]
    settled: Mapping[str, Any]
    """Values of the record's fields which are not asked for."""
    proposed: Mapping[str, Mention | str]
    """Values which the model is shown and may change: words of the article or values of an enum."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Leads of one kind that are asked about in one call, with the sentences that are shown for them."""

    leads: tuple[Lead, ...]
    sentences: tuple[Sentence, ...]

    @property
    def start(self) -> int:
        return self.sentences[0].start

    @property
    def end(self) -> int:
        return self.sentences[-1].end

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
        return [_quoted(record, text, attribution, cues) for attribution in said]
    speakers = {s.number: a.speaker for a in reversed(said) for s in a.sentences if a.speaker}
    found: list[Lead] = []
    for sentence in sentences:
        if cues["cues"].search(sentence.text):
            speaker = speakers.get(sentence.number)
            found.append(Lead((sentence,), {}, _proposals(record, text, sentence.text, speaker, cues)))
    return found


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


def _batch(found: Sequence[Lead], sentences: Sequence[Sentence]) -> Batch:
    numbers = {sentence.number for lead in found for sentence in lead.sentences}
    context = {lead.sentences[0].number - back for lead in found for back in range(1, _CONTEXT + 1)}
    return Batch(tuple(found), tuple(s for s in sentences if s.number in numbers | context))


def _quoted(record: type[Record], text: str, attribution: Attribution, cues: Cues) -> Lead:
    known: dict[str, Any] = {}
    for name, field in record.model_fields.items():
        mark = speech(field)
        if mark and mark.part == "words":
            known[name] = [_mention(text, part) for part in attribution.parts]
        elif mark and mark.part == "cue":
            known[name] = _mention(text, attribution.cue) if attribution.cue else None
    words = " ".join(sentence.text for sentence in attribution.sentences)
    return Lead(attribution.sentences, known, _proposals(record, text, words, attribution.speaker, cues))


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
