"""The account of an article while it is read: what was found so far, and what became of it.

Records are told of as soon as they are grounded, also those of an answer that is not finished. So each has a number,
by which it can be withdrawn and by which the whole answer says what it was made of.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from schemas.events import Begun, Event, Failed, Found, Merged, Progress, Rejected, Steps, Withdrawn
from schemas.fields import Record
from schemas.result import Failure, Rejection
from service.extraction.grounding.merge import Joined, Refused
from service.extraction.questions.partial_results import Part

Tell = Callable[[Event], None]
Hear = Callable[[Sequence[Record]], None]
"""Hears of records that an answer holds so far."""

GIVEN_ANEW = "the answer that held it was broken off, or given anew without it"


@dataclass(slots=True)
class Account:
    """What is told of one article. Without anybody to tell, nothing is."""

    tell: Tell
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _steps: dict[str, Steps] = field(default_factory=dict)
    _whole: Steps = field(default_factory=Steps)

    def begun(self, facts: Begun, questions: Iterable[Sequence[str]]) -> None:
        """Say what will be asked: the kinds of each question."""
        self._steps = dict.fromkeys(facts.kinds, Steps())
        for kinds in questions:
            self._step(kinds, Steps(questions=1))
        self.tell(facts)
        self._told()

    def about(self) -> "Findings":
        """What one question finds."""
        return Findings(self)

    def advanced(self, kinds: Sequence[str]) -> None:
        """Say that a question has been dealt with."""
        self._step(kinds, Steps(done=1))
        self._told()

    def refused(self, rejections: Iterable[Rejection]) -> None:
        for rejection in rejections:
            self.tell(Rejected(rejection=rejection))

    def failed(self, failures: Iterable[Failure]) -> None:
        for failure in failures:
            self.tell(Failed(failure=failure))

    def found(self, record: Record) -> int:
        """Say that there is a record; its number."""
        number = next(self._numbers)
        self.tell(Found(number=number, kind=record.kind, record=record, origins=record.origins))
        return number

    def withdrawn(self, number: int, kind: str, reason: str) -> None:
        self.tell(Withdrawn(number=number, kind=kind, reason=reason))

    def settled(self, numbers: Sequence[int], kept: Mapping[str, Sequence[Joined]], refused: Iterable[Refused]) -> None:
        """Say what became of the records.

        Args:
            numbers: of the records that were joined, in their order.
            kept: the records of the answer by kind.
            refused: those which will not be in it.

        """
        for rejection, of in refused:
            for place in of:
                self.withdrawn(numbers[place], rejection.kind, rejection.reason)
            self.tell(Rejected(rejection=rejection))
        made_of = {kind: [[numbers[place] for place in one.of] for one in ones] for kind, ones in kept.items()}
        self.tell(Merged(records=made_of))

    def _step(self, kinds: Sequence[str], more: Steps) -> None:
        self._whole = _sum(self._whole, more)
        for kind in kinds:
            self._steps[kind] = _sum(self._steps[kind], more)

    def _told(self) -> None:
        self.tell(Progress(done=self._whole.done, questions=self._whole.questions, kinds=self._steps))


@dataclass(slots=True)
class Findings:
    """What one question finds, however often it has to be asked."""

    _account: Account
    _open: list[tuple[int, Record]] = field(default_factory=list)

    def hear(self, records: Sequence[Record]) -> None:
        """Take note of records, each of which may have been told of before."""
        known = [record for _, record in self._open]
        for record in records:
            if record in known:
                known.remove(record)
            else:
                self._open.append((self._account.found(record), record))

    def end(self, part: Part) -> tuple[int, ...]:
        """Take note of what came of the question: the numbers of its records, in their order."""
        numbers = tuple(self._number(record) for record in part.records)
        for number, record in self._open:
            self._account.withdrawn(number, record.kind, GIVEN_ANEW)
        self._open.clear()
        self._account.refused(part.rejections)
        self._account.failed(failure for failure, _ in part.failures)
        return numbers

    def _number(self, record: Record) -> int:
        for place, (number, told) in enumerate(self._open):
            if told == record:
                del self._open[place]
                return number
        return self._account.found(record)


def _sum(one: Steps, other: Steps) -> Steps:
    return Steps(done=one.done + other.done, questions=one.questions + other.questions)
