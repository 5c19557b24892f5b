"""What came of questions: records, what was refused, what has no answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from schemas.fields import Record
from schemas.result import Failure, Rejection
from service.errors import DragomanError
from service.extraction.candidates.candidates import Lead
from service.extraction.text.windows import Window


@dataclass(frozen=True, slots=True)
class Part:
    """What came of one kind in one window, or in the parts it was cut into; `answers` is how many calls had one."""

    answers: int = 0
    records: tuple[Record, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    failures: tuple[tuple[Failure, DragomanError], ...] = ()


def together(parts: Sequence[Part]) -> Part:
    """Some parts as one. In one pass: an article may have thousands."""
    return Part(
        sum(part.answers for part in parts),
        tuple(record for part in parts for record in part.records),
        tuple(rejection for part in parts for rejection in part.rejections),
        tuple(failure for part in parts for failure in part.failures),
    )


def of_kinds(part: Part, kinds: Sequence[str]) -> tuple[Part, Part]:
    """What an answer told of some kinds, and the answer without it."""
    theirs, others = (
        replace(
            part,
            records=tuple(record for record in part.records if (record.kind in kinds) is wanted),
            rejections=tuple(refused for refused in part.rejections if (refused.kind in kinds) is wanted),
        )
        for wanted in (True, False)
    )
    return theirs, others


def holds_as_much(part: Part, other: Part) -> bool:
    """Whether a part has no fewer records, and no fewer items in their lists, than another one."""
    return len(part.records) >= len(other.records) and _items(part) >= _items(other)


def _items(part: Part) -> int:
    values = (getattr(record, name) for record in part.records for name in type(record).model_fields)
    return sum(len(value) for value in values if isinstance(value, list))


def failed(
    kinds: Iterable[str], units: Sequence[Window | Lead], error: DragomanError, *, reason: str | None = None
) -> Part:
    """What has no answer for some kinds, from the first of these units to the last.

    `reason` tells more than the error.
    """
    first = min(units, key=attrgetter("start")).sentences[0]
    last = max(units, key=attrgetter("end")).sentences[-1]
    failures = (
        Failure(
            kind=kind,
            first_sentence=first.number,
            last_sentence=last.number,
            start=first.start,
            end=last.end,
            code=error.code,
            reason=reason or str(error),
        )
        for kind in kinds
    )
    return Part(failures=tuple((failure, error) for failure in failures))
