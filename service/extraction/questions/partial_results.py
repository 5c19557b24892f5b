"""What came of questions: records, what was refused, what has no answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from schemas.fields import Record
from schemas.result import Failure, Rejection
from service.errors import DragomanError
from service.extraction.text.windows import ShownSentences


@dataclass(frozen=True, slots=True)
class PartialResult:
    """What came of some questions; `answers` is how many calls had an answer."""

    answers: int = 0
    records: tuple[Record, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    failures: tuple[tuple[Failure, DragomanError], ...] = ()


def combine(results: Sequence[PartialResult]) -> PartialResult:
    """Several results as one. In one pass: an article may have thousands."""
    return PartialResult(
        sum(result.answers for result in results),
        tuple(record for result in results for record in result.records),
        tuple(rejection for result in results for rejection in result.rejections),
        tuple(failure for result in results for failure in result.failures),
    )


def split_by_kind(result: PartialResult, kinds: Sequence[str]) -> tuple[PartialResult, PartialResult]:
    """What a result tells of some kinds, and the result without it."""
    theirs, others = (
        replace(
            result,
            records=tuple(record for record in result.records if (record.kind in kinds) is wanted),
            rejections=tuple(refused for refused in result.rejections if (refused.kind in kinds) is wanted),
        )
        for wanted in (True, False)
    )
    return theirs, others


def holds_as_much(result: PartialResult, other: PartialResult) -> bool:
    """Whether a result has no fewer records, and no fewer items in their lists, than another one."""
    return len(result.records) >= len(other.records) and _items(result) >= _items(other)


def _items(result: PartialResult) -> int:
    values = (getattr(record, name) for record in result.records for name in type(record).model_fields)
    return sum(len(value) for value in values if isinstance(value, list))


def without_answer(
    kinds: Iterable[str], units: Sequence[ShownSentences], error: DragomanError, *, reason: str | None = None
) -> PartialResult:
    """The failures of kinds that have no answer, from the first of some units of an article to the last.

    Args:
        kinds: names of the kinds; each has a failure of its own.
        units: windows or candidates.
        error: why.
        reason: what callers are told, where that is more than the error says.

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
    return PartialResult(failures=tuple((failure, error) for failure in failures))
