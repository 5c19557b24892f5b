"""What callers are told while an article is read: what was found so far, and what became of it.

Records are told of as soon as they are grounded, also those of an answer that is not finished. So each has a number,
by which it can be withdrawn and by which the whole answer says what it was made of.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from schemas.events import Begun, Event, Failed, Found, Merged, Progress, Rejected, Steps, Withdrawn
from schemas.fields import Record
from schemas.result import Failure, Rejection
from service.extraction.grounding.merge import DroppedRecord, MergedRecord
from service.extraction.questions.partial_results import PartialResult

OnEvent = Callable[[Event], None]
OnRecords = Callable[[Sequence[Record]], None]
"""Gets all records that an answer holds so far."""

GIVEN_ANEW = "the answer that held it was broken off, or given anew without it"


@dataclass(slots=True)
class ProgressReporter:
    """Reports what happens to one article, as events (`schemas.events`)."""

    on_event: OnEvent
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _steps: dict[str, Steps] = field(default_factory=dict)
    _whole: Steps = field(default_factory=Steps)

    def begun(self, facts: Begun, questions: Iterable[Sequence[str]]) -> None:
        """Report what will be asked: the kinds of each question."""
        self._steps = dict.fromkeys(facts.kinds, Steps())
        for kinds in questions:
            self._count(kinds, Steps(questions=1))
        self.on_event(facts)
        self._report_progress()

    def for_question(self) -> "QuestionProgress":
        """The reporter of what one question finds."""
        return QuestionProgress(self)

    def question_done(self, kinds: Sequence[str]) -> None:
        """Report that a question has been dealt with."""
        self._count(kinds, Steps(done=1))
        self._report_progress()

    def rejected(self, rejections: Iterable[Rejection]) -> None:
        for rejection in rejections:
            self.on_event(Rejected(rejection=rejection))

    def failed(self, failures: Iterable[Failure]) -> None:
        for failure in failures:
            self.on_event(Failed(failure=failure))

    def found(self, record: Record) -> int:
        """Report a record; answers its number."""
        number = next(self._numbers)
        self.on_event(Found(number=number, kind=record.kind, record=record, origins=record.origins))
        return number

    def withdrawn(self, number: int, kind: str, reason: str) -> None:
        self.on_event(Withdrawn(number=number, kind=kind, reason=reason))

    def merged(
        self, numbers: Sequence[int], kept: Mapping[str, Sequence[MergedRecord]], dropped: Iterable[DroppedRecord]
    ) -> None:
        """Report what became of the records.

        Args:
            numbers: of the records that were merged, in their order.
            kept: the records of the answer by kind.
            dropped: those which will not be in it.

        """
        for rejection, sources in dropped:
            for place in sources:
                self.withdrawn(numbers[place], rejection.kind, rejection.reason)
            self.on_event(Rejected(rejection=rejection))
        made_of = {kind: [[numbers[place] for place in one.sources] for one in ones] for kind, ones in kept.items()}
        self.on_event(Merged(records=made_of))

    def _count(self, kinds: Sequence[str], more: Steps) -> None:
        self._whole = _sum(self._whole, more)
        for kind in kinds:
            self._steps[kind] = _sum(self._steps[kind], more)

    def _report_progress(self) -> None:
        self.on_event(Progress(done=self._whole.done, questions=self._whole.questions, kinds=self._steps))


@dataclass(slots=True)
class QuestionProgress:
    """Reports what one question finds, however often it has to be asked."""

    _reporter: ProgressReporter
    _open: list[tuple[int, Record]] = field(default_factory=list)
    """Records that were reported and may be withdrawn, by their numbers."""

    def records(self, records: Sequence[Record]) -> None:
        """Report those of some records that were not reported before."""
        known = [record for _, record in self._open]
        for record in records:
            if record in known:
                known.remove(record)
            else:
                self._open.append((self._reporter.found(record), record))

    def finish(self, result: PartialResult) -> tuple[int, ...]:
        """Report what came of the question; answers the numbers of its records, in their order."""
        numbers = tuple(self._number(record) for record in result.records)
        for number, record in self._open:
            self._reporter.withdrawn(number, record.kind, GIVEN_ANEW)
        self._open.clear()
        self._reporter.rejected(result.rejections)
        self._reporter.failed(failure for failure, _ in result.failures)
        return numbers

    def _number(self, record: Record) -> int:
        for place, (number, reported) in enumerate(self._open):
            if reported == record:
                del self._open[place]
                return number
        return self._reporter.found(record)


def _sum(one: Steps, other: Steps) -> Steps:
    return Steps(done=one.done + other.done, questions=one.questions + other.questions)
