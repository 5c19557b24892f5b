"""One question about an article: what is shown, what is asked, and how its answer becomes grounded records."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from operator import attrgetter
from typing import Any

from pydantic import BaseModel

import prompts
from schemas.draft import FullLists, answer_of, draft_of, full_lists, led_answer_of
from schemas.fields import ANYTHING, Record
from schemas.result import Failure, Rejection
from service.extraction.ask import article as article_message
from service.extraction.ask import led_article, led_preamble, preamble
from service.extraction.deadline import Deadline
from service.extraction.errors import (
    AnswerError,
    AnswerTruncatedError,
    ContextTooLongError,
    DeadlineExceededError,
    DragomanError,
    ModelCallError,
    TooManyQuestionsError,
)
from service.extraction.ground import Grounded, Grounder
from service.extraction.leads import Lead
from service.extraction.model import Message, Question, StructuredModel, UsageMeter
from service.extraction.plan import Window, tokens
from service.extraction.quotation import Passage

_MOST_COMPLAINTS = 6
_ANSWER_TOKENS = 150
"""Room for any bounded answer about a window, besides the window's length: records cite sentences, so even a dense
article needs little more."""
_LEAD_TOKENS = 370
"""Room for the bounded answer to one lead."""
_TIMES_AS_LONG = 4
"""How much longer than a window an answer may be where lists have no end: each of twenty names is an object there."""
_LONG_ANSWER_TOKENS = 500
_LEAST_LONG_ANSWER = 2_000
_LONG_LEAD_TOKENS = 1_500
_LEAST_ANSWER = 100
"""Tokens that an answer with a single record may need."""
_GROUNDED_AT_ONCE = 50
"""Some milliseconds; then others have their turn. Who speaks all through a long article has thousands of places."""
_FULL = "the list of records was full, and there may be more"
_FULL_INSIDE = "a list in the answer was full, and what is beyond it could not be asked for"


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


@dataclass(frozen=True, slots=True)
class Task:
    """One kind, and everything that is said to the model before an article."""

    record: type[Record]
    prompt: prompts.Prompt
    preamble: tuple[Message, ...]
    led_preamble: tuple[Message, ...]

    @classmethod
    def load(cls, record: type[Record], *, field_guide: bool, lean: bool) -> "Task":
        prompt = prompts.load(record.kind)
        searching = preamble(record, prompt, field_guide=field_guide)
        return cls(record, prompt, searching, led_preamble(record, prompt, field_guide=field_guide, lean=lean))


@dataclass(frozen=True, slots=True)
class _Posed:
    """One question about a part of an article, how its answer is grounded and what is complained of."""

    messages: list[Message]
    form: type[BaseModel]
    answer_tokens: int
    ground: Callable[[Any], Iterator[Grounded]]
    review: Callable[[Any], str | None]


@dataclass(slots=True)
class Allowance:
    """How many questions may still be asked beside those that were planned."""

    left: int

    def take(self, questions: int) -> bool:
        """Take so many, if there are."""
        if questions > self.left:
            return False
        self.left -= questions
        return True


@dataclass(frozen=True, slots=True)
class Reader:
    """Asks about the windows of one article."""

    model: StructuredModel
    text: str
    passages: tuple[Passage, ...]
    grounder: Grounder
    deadline: Deadline
    usage: UsageMeter
    allowance: Allowance
    lean: bool
    bounded: bool

    async def known(self, task: Task, lead: Lead) -> Part:
        """The records of a lead that is settled: no question is asked."""
        return await self._part(0, self._places(task, draft_of(task.record, lead.known)(), lead))

    async def read(self, task: Task, unit: Window | Lead) -> Part:
        """Read one kind in one window or lead; for what one answer has no room, ask about parts of the window."""
        parts: list[Part] = []
        unread: list[Window | Lead] = [unit]
        while unread:
            part, left = await self._read(task, unread.pop(0))
            parts.append(part)
            unread[:0] = left
        whole = together(parts)
        if len(parts) == 1:
            return whole
        # The sentence at which a window is cut is asked about twice.
        return replace(whole, rejections=tuple({repr(refused): refused for refused in whole.rejections}.values()))

    async def _read(self, task: Task, unit: Window | Lead) -> tuple[Part, Sequence[Window]]:
        """What came of one question, and the windows that are still to be asked about because of it."""
        if self.deadline.passed():
            late = DeadlineExceededError("the time for the article was over before this was asked")
            return failed(task.record.kind, [unit], late), ()
        posed = self._pose(task, unit, bounded=self.bounded)
        answer: Any = None
        cut: AnswerError | None = None
        try:
            answer = await self._ask(posed)
        except AnswerTruncatedError as exc:
            if exc.starved:
                return failed(task.record.kind, [unit], exc), ()
            answer, cut = exc.whole if getattr(exc.whole, "records", None) else None, exc
        except ContextTooLongError as exc:
            cut = exc
        except (AnswerError, ModelCallError) as exc:
            return failed(task.record.kind, [unit], exc), ()
        part = Part()
        if answer is not None:
            part, cut = await self._kept(task, unit, posed, answer, cut)
        return self._left(task, unit, part, cut) if cut else (part, ())

    async def _kept(
        self, task: Task, unit: Window | Lead, posed: _Posed, answer: Any, cut: AnswerError | None
    ) -> tuple[Part, AnswerError | None]:
        """What an answer holds, and why there may be more after its last record, if there may."""
        part = await self._part(1, posed.ground(answer))
        full = full_lists(answer) if self.bounded else FullLists()
        if full.inside:
            try:
                longer = await self._once_more(task, unit)
                if _holds_as_much(longer, part):
                    return longer, None
                raise AnswerTruncatedError("the answer to that had less in it")
            except (AnswerError, ModelCallError, TooManyQuestionsError) as exc:
                lost = failed(task.record.kind, [unit], exc, reason=f"{_FULL_INSIDE}: {exc}")
                part = together([part, lost])
        return part, AnswerTruncatedError(_FULL) if full.records and cut is None else cut

    async def _once_more(self, task: Task, unit: Window | Lead) -> Part:
        """Ask again, for lists without an end."""
        if not self.allowance.take(1):
            raise TooManyQuestionsError("no questions are left")
        posed = self._pose(task, unit, bounded=False)
        return await self._part(2, posed.ground(await self._ask(posed)))

    def _left(self, task: Task, unit: Window | Lead, part: Part, cut: AnswerError) -> tuple[Part, Sequence[Window]]:
        """What came of an answer that was cut, and the windows that are left to ask about; a failure without any."""
        windows = _unread(unit, part.records) if isinstance(unit, Window) else ()
        if not windows:
            return together([part, failed(task.record.kind, [unit], cut)]), ()
        if not self.allowance.take(len(windows)):
            spent = TooManyQuestionsError(f"{cut}, and no questions are left for less")
            return together([part, failed(task.record.kind, windows, spent)]), ()
        return part, windows

    def _pose(self, task: Task, unit: Window | Lead, *, bounded: bool) -> _Posed:
        if isinstance(unit, Window):
            return self._search(task, unit, bounded=bounded)
        return self._follow(task, unit, bounded=bounded)

    async def _ask(self, posed: _Posed) -> Any:
        room = self.model.context_tokens - sum(tokens(message.content) for message in posed.messages)
        if room < _LEAST_ANSWER:
            raise ContextTooLongError("the prompt leaves no room for an answer in the model's context")
        question = Question(
            messages=posed.messages,
            answer=posed.form,
            review=posed.review,
            max_tokens=min(posed.answer_tokens, room),
            most_tokens=room,
        )
        return await self.model.fill(question, deadline=self.deadline, usage=self.usage)

    async def _part(self, answers: int, outcomes: Iterator[Grounded]) -> Part:
        """What came of some calls, grounded in slices."""
        grounded: list[Grounded] = []
        for outcome in outcomes:
            grounded.append(outcome)
            if len(grounded) % _GROUNDED_AT_ONCE == 0:
                await asyncio.sleep(0)
        return Part(
            answers,
            tuple(outcome.record for outcome in grounded if outcome.record),
            tuple(rejection for outcome in grounded for rejection in outcome.rejections),
        )

    def _search(self, task: Task, window: Window, *, bounded: bool) -> _Posed:
        """Show a window and have the model find what it states."""
        shown = article_message(task.prompt.task, self.text, window, self.passages)
        length = tokens(shown)
        long = max(_LEAST_LONG_ANSWER, _TIMES_AS_LONG * length + _LONG_ANSWER_TOKENS)

        def ground(answer: Any) -> Iterator[Grounded]:
            return (self.grounder.ground(task.record, draft, window) for draft in answer.records)

        return _Posed(
            [*task.preamble, Message("user", shown)],
            answer_of(task.record, bounded=bounded),
            _ANSWER_TOKENS + length if bounded else long,
            ground,
            lambda answer: _complaint(ground(answer), "records[{}]"),
        )

    def _follow(self, task: Task, lead: Lead, *, bounded: bool) -> _Posed:
        """Show a lead and have the model judge it."""

        def ground(answer: Any) -> Iterator[Grounded]:
            return self._places(task, answer.record, lead) if answer.record else iter(())

        choices = lead.choices if self.lean else ANYTHING
        return _Posed(
            [*task.led_preamble, Message("user", led_article(self.text, lead))],
            led_answer_of(
                task.record, lead.known, lean=self.lean, choices=choices, certain=lead.certain, bounded=bounded
            ),
            _LEAD_TOKENS if bounded else _LONG_LEAD_TOKENS,
            ground,
            # The model was shown the first place. What is not in there is wrong there, wherever else it stands.
            lambda answer: _complaint(islice(ground(answer), 1), "record"),
        )

    def _places(self, task: Task, draft: Any, lead: Lead) -> Iterator[Grounded]:
        """One draft grounded at all places of its lead; what is wrong with it at several is said once."""
        said: list[Rejection] = []
        for place in lead.places:
            outcome = self.grounder.ground(task.record, draft, lead, place)
            new = tuple(rejection for rejection in outcome.rejections if rejection not in said)
            said += new
            yield Grounded(outcome.record, new)


def _complaint(grounded: Iterable[Grounded], where: str) -> str | None:
    """What is wrong with an answer, in words for the model; None if nothing is."""
    lines = [
        f"- {'.'.join([where.format(number), *(refused.field or '').split('/')]).rstrip('.')}: {refused.reason}"
        + (f" (you wrote: {refused.draft!r})" if refused.field else "")
        for number, outcome in enumerate(grounded)
        for refused in outcome.rejections
    ]
    if not lines:
        return None
    return "\n".join(["These parts of the answer cannot be used:", *lines[:_MOST_COMPLAINTS], "Answer again, whole."])


def _unread(window: Window, records: Sequence[Record]) -> Sequence[Window]:
    """The parts of a window to ask about after an answer that had no room for more than these records.

    A model goes through a window in its order, as a rule. Then only what begins with the last record is left, for the
    sentence that states it may state more. Where that cannot be told, or is no less, it is both halves, if there are.
    """
    begun = [record.evidence[0].sentence for record in records]
    if begun and begun == sorted(begun) and begun[-1] > window.sentences[0].number:
        return [window.since(begun[-1])]
    return window.halves() or ()


def _holds_as_much(part: Part, other: Part) -> bool:
    """Whether a part has no fewer records, and no fewer items in their lists, than another one."""
    return len(part.records) >= len(other.records) and _items(part) >= _items(other)


def _items(part: Part) -> int:
    values = (getattr(record, name) for record in part.records for name in type(record).model_fields)
    return sum(len(value) for value in values if isinstance(value, list))


def failed(kind: str, units: Sequence[Window | Lead], error: DragomanError, *, reason: str | None = None) -> Part:
    """What has no answer for a kind, from the first of these units to the last; `reason` tells more than the error."""
    first = min(units, key=attrgetter("start")).sentences[0]
    last = max(units, key=attrgetter("end")).sentences[-1]
    failure = Failure(
        kind=kind,
        first_sentence=first.number,
        last_sentence=last.number,
        start=first.start,
        end=last.end,
        code=error.code,
        reason=reason or str(error),
    )
    return Part(failures=((failure, error),))
