"""The same item, told twice, is one record with several sentences as evidence."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from schemas.draft import has_role, marked
from schemas.fields import Closed, Derived, Mention, Record
from schemas.result import Rejection
from service.extraction.candidates.kind_reader import SameEvent
from service.extraction.text.matching import fold

NO_ACTOR = "no actor is named"
CONTESTED = "another record of the same passage names words that stand closer to it"

_RESTATED_WITHIN = 3
"""Sentences over which one item is told of anew."""


class MergedRecord(NamedTuple):
    """A record, and the positions of those that it was made of."""

    record: Record
    sources: tuple[int, ...]


class DroppedRecord(NamedTuple):
    """Why a record goes, and the positions of those that it was made of."""

    rejection: Rejection
    sources: tuple[int, ...]


SameEventOf = Callable[[type[Record]], SameEvent | None]


def _unknown(record: type[Record]) -> None:
    """Nothing is known of when sentences of a kind are of one event."""


def merge(records: Iterable[Record], *, same_event_of: SameEventOf = _unknown) -> list[MergedRecord]:
    """Join records of the same item, in the order in which the article first states them.

    Two records are the same item when the fields of their kind's `identity` agree and no other surface field of both
    says something different. Names agree when one holds the other ("Kellogg", "Keith Kellogg"), lists of them when one
    list names nobody whom the other does not.

    Args:
        records: of any kinds.
        same_event_of: of kinds whose sentences the model saw each by itself, when such records are of one event;
            None for other kinds.

    """
    merged: list[MergedRecord] = []
    for position, record in enumerate(records):
        same_event = same_event_of(type(record))
        for place, known in enumerate(merged):
            if _same(known.record, record, same_event):
                merged[place] = MergedRecord(_join(known.record, record), (*known.sources, position))
                break
        else:
            merged.append(MergedRecord(record, (position,)))
    return sorted(merged, key=lambda one: (one.record.evidence[0].start, one.record.evidence[-1].end))


def resolve_conflicts(merged: Sequence[MergedRecord]) -> tuple[list[MergedRecord], list[DroppedRecord]]:
    """Keep one record of each passage: the same words in the same place are one person's, by one cue.

    Of several records of one passage the one stays whose words stand closest together with it, in its own sentence.
    What one says and another denies has two cues. A record that has none of its kind's `require_any` fields goes too.
    """
    of_passage: dict[tuple[Any, ...], list[Record]] = {}
    for record, _ in merged:
        if passage := _passage_key(record):
            of_passage.setdefault(passage, []).append(record)
    kept: list[MergedRecord] = []
    dropped: list[DroppedRecord] = []
    for one in merged:
        passage = _passage_key(one.record)
        if one.record.require_any and not any(getattr(one.record, name) for name in one.record.require_any):
            dropped.append(_dropped(one, NO_ACTOR))
        elif passage is None or _is_closest(one.record, of_passage[passage]):
            kept.append(one)
        else:
            dropped.append(_dropped(one, CONTESTED))
    return kept, dropped


def _dropped(one: MergedRecord, reason: str) -> DroppedRecord:
    draft = one.record.model_dump(mode="json")
    return DroppedRecord(Rejection(kind=one.record.kind, reason=reason, draft=draft), one.sources)


def _passage_key(record: Record) -> tuple[Any, ...] | None:
    """What tells a passage from others: kind and place."""
    passage = _passage(record)
    return (type(record), passage.start, passage.end) if passage else None


def _is_closest(record: Record, others: Sequence[Record]) -> bool:
    """Whether a record's words stand closest together of those of its passage that have no other cue."""
    cue = _in_role(record, "cue")
    rivals = [one for one in others if cue is None or _in_role(one, "cue") in (None, cue)]
    return max(rivals, key=_closeness) is record


def _passage(record: Record) -> Mention | None:
    """Where the words of a quotation begin."""
    return next(iter(_in_role(record, "words") or ()), None)


def _in_role(record: Record, name: str) -> Any:
    """The value of the field that has a role; None where there is no such field."""
    fields = type(record).model_fields.items()
    return next((getattr(record, field) for field, info in fields if has_role(info, name)), None)


def _closeness(record: Record) -> int:
    """How many of a record's surface values stand in the sentence in which its passage begins."""
    passage = _passage(record)
    if passage is None:
        return 0
    home = next((sentence for sentence in record.evidence if sentence.start <= passage.start < sentence.end), None)
    values = (getattr(record, name) for name in type(record).model_fields)
    mentions = [value for value in values if isinstance(value, Mention)]
    return sum(home.start <= mention.start < home.end for mention in mentions) if home else 0


def _same(first: Record, second: Record, same_event: SameEvent | None) -> bool:
    if type(first) is not type(second):
        return False
    if same_event and (_is_restatement(first, second, same_event) or _is_one_event(first, second, same_event)):
        return True
    continues = same_event is not None and same_event.continues_across_sentences and _near(first, second)
    for name in first.identity:
        ours, theirs = getattr(first, name), getattr(second, name)
        if not (_agree(ours, theirs) or (continues and _says_little(ours, theirs))):
            return False
    if continues:
        # What is told of it may be worded differently; another day or another country is another item.
        return not _derived_differ(first, second)
    return not any(_differ(getattr(first, name), getattr(second, name)) for name in type(first).model_fields)


def _is_restatement(first: Record, second: Record, same_event: SameEvent) -> bool:
    """Whether two accounts tell of one item anew: one names nobody whom the other does not, and they do not differ."""
    how = same_event.restatement
    if how is None or not _near(first, second, _RESTATED_WITHIN):
        return False
    named = [(getattr(first, name), getattr(second, name)) for name in how.same_names]
    if not all(_agree(ours, theirs) for ours, theirs in named):
        return False
    distinct = (*how.distinct, *same_event.circumstances)
    if any(_differ(getattr(first, name), getattr(second, name)) for name in distinct):
        return False
    return _to_come(first) == _to_come(second) and not _derived_differ(first, second)


def _to_come(record: Record) -> bool:
    """Whether a record is of something that has not begun, by the values that tell its date's rule so."""
    marks = (marked(field, Derived) for field in type(record).model_fields.values())
    return any(
        getattr(record, name, None) in mark.options["future"].split()
        for mark in marks
        if mark and "future" in mark.options
        for name in mark.of
    )


def _derived_differ(first: Record, second: Record) -> bool:
    """Whether a derived value of both says something different: another day, another country."""
    return any(
        marked(field, Derived) and None not in (ours := {getattr(first, name), getattr(second, name)}) and len(ours) > 1
        for name, field in type(first).model_fields.items()
    )


def _is_one_event(first: Record, second: Record, how: SameEvent) -> bool:
    """Whether two accounts of one teller may be of one event: nothing that code read off them says otherwise."""
    if not how.same_fields or not _near(first, second):
        return False
    same = [(getattr(first, name), getattr(second, name)) for name in how.same_fields]
    if not all(ours is not None and _agree(ours, theirs) for ours, theirs in same):
        return False  # what the article tells in its own voice may be anything
    if any(_differ(getattr(first, name), getattr(second, name)) for name in how.circumstances):
        return False
    return all(_metrics(first, name).isdisjoint(_metrics(second, name)) for name in how.figures)


def _metrics(record: Record, name: str) -> set[str]:
    return {figure.metric for figure in getattr(record, name)}


def _says_little(first: Any, second: Any) -> bool:
    """Whether one of two values says next to nothing: null, or a list of at most one."""
    return None in (first, second) or (isinstance(first, list) and min(len(first), len(second)) <= 1)


def _near(first: Record, second: Record, sentences: int = 1) -> bool:
    """Whether a sentence of one record is next to a sentence of the other, or at most so many from it."""
    return any(abs(a.sentence - b.sentence) <= sentences for a in first.evidence for b in second.evidence)


def _agree(first: Any, second: Any) -> bool:
    """Whether two values of an identity field may be the same item's."""
    if isinstance(first, Mention) and isinstance(second, Mention):
        return _alike(first, second)
    if isinstance(first, list) and isinstance(second, list):
        fewer, more = sorted((first, second), key=len)
        return bool(fewer) == bool(more) and all(any(_agree(item, other) for other in more) for item in fewer)
    if isinstance(first, Closed) and isinstance(second, Closed):
        return all(_agree(getattr(first, name), getattr(second, name)) for name in type(first).model_fields)
    return bool(first == second)


def _differ(first: Any, second: Any) -> bool:
    """Whether two single surface values contradict each other; null contradicts nothing."""
    return isinstance(first, Mention) and isinstance(second, Mention) and not _alike(first, second)


def _alike(first: Mention, second: Mention) -> bool:
    """Whether all words of one stand in the other."""
    ours, theirs = (frozenset(_said(mention).split()) for mention in (first, second))
    return ours <= theirs or theirs <= ours


def _said(value: Any) -> Any:
    """What a value says, apart from where it stands: comparable and without order."""
    if isinstance(value, Mention):
        return fold(value.text).removeprefix("the ")
    if isinstance(value, list):
        return frozenset(_said(item) for item in value)
    if isinstance(value, Closed):
        return tuple(_said(getattr(value, name)) for name in type(value).model_fields)
    return value


def _join(first: Record, second: Record) -> Record:
    values: dict[str, Any] = {}
    for name in type(first).model_fields:
        ours, theirs = getattr(first, name), getattr(second, name)
        if name == "evidence":
            by_number = {sentence.sentence: sentence for sentence in [*theirs, *ours]}
            values[name] = [by_number[number] for number in sorted(by_number)]
        elif isinstance(ours, list):
            known = {_said(item) for item in ours}
            values[name] = [*ours, *(item for item in theirs if _said(item) not in known)]
        else:
            values[name] = theirs if ours is None else ours
    # The first has its own say where it has a value, and an origin for each that it has.
    return first.model_copy(update=values).with_origins({**second.origins, **first.origins})
