"""One question about an article: what is shown, what is asked, and how its answer becomes grounded records."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

import prompts
from schemas.draft import answer_of, led_answer_of
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
)
from service.extraction.ground import Grounded, Grounder
from service.extraction.leads import Lead
from service.extraction.model import Message, Question, StructuredModel, UsageMeter
from service.extraction.plan import Window, tokens
from service.extraction.quotation import Passage

_MOST_COMPLAINTS = 6
_ANSWER_TOKENS = 150
"""Room for any answer, besides what its question calls for."""
_LEAD_TOKENS = 370
"""Room for the answer to one lead."""
_LEAST_ANSWER = 100
"""Tokens that an answer with a single record may need."""


@dataclass(frozen=True, slots=True)
class Part:
    """What came of one kind in one window, or in the halves it was cut into; `answers` is how many calls had one."""

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
    """One question about a part of an article, and how its answer is grounded.

    `where` is what a complaint calls an item of the answer.
    """

    messages: list[Message]
    form: type[BaseModel]
    answer_tokens: int
    ground: Callable[[Any], list[Grounded]]
    where: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Asks about the windows of one article."""

    model: StructuredModel
    text: str
    passages: tuple[Passage, ...]
    grounder: Grounder
    deadline: Deadline
    usage: UsageMeter
    lean: bool

    async def read(self, task: Task, unit: Window | Lead) -> Part:
        """Read one kind in one window or lead; cut a window in two when the answer or the prompt is too long."""
        if self.deadline.passed():
            late = DeadlineExceededError("the time for the article was over before this was asked")
            return _failed(task.record, unit, late)
        try:
            return await self._ask(task, unit)
        except (AnswerTruncatedError, ContextTooLongError) as exc:
            halves = unit.halves() if isinstance(unit, Window) else None
            if halves is None:
                return _failed(task.record, unit, exc)
            return together([await self.read(task, half) for half in halves])
        except (AnswerError, ModelCallError) as exc:
            return _failed(task.record, unit, exc)

    async def _ask(self, task: Task, unit: Window | Lead) -> Part:
        posed = self._search(task, unit) if isinstance(unit, Window) else self._follow(task, unit)
        room = self.model.context_tokens - sum(tokens(message.content) for message in posed.messages)
        if room < _LEAST_ANSWER:
            raise ContextTooLongError("the prompt leaves no room for an answer in the model's context")
        question = Question(
            messages=posed.messages,
            answer=posed.form,
            review=lambda answer: _complaint(posed.ground(answer), posed.where),
            max_tokens=min(posed.answer_tokens, room),
        )
        grounded = posed.ground(await self.model.fill(question, deadline=self.deadline, usage=self.usage))
        return Part(
            1,
            tuple(outcome.record for outcome in grounded if outcome.record),
            tuple(rejection for outcome in grounded for rejection in outcome.rejections),
        )

    def _search(self, task: Task, window: Window) -> _Posed:
        """Show a window and have the model find what it states."""
        shown = article_message(task.prompt.task, self.text, window, self.passages)

        def ground(answer: Any) -> list[Grounded]:
            return [self.grounder.ground(task.record, draft, window) for draft in answer.records]

        # Records cite sentences, so even a dense article needs little more than its own length.
        room = _ANSWER_TOKENS + tokens(shown)
        return _Posed([*task.preamble, Message("user", shown)], answer_of(task.record), room, ground, "records[{}]")

    def _follow(self, task: Task, lead: Lead) -> _Posed:
        """Show a lead and have the model judge it."""

        def ground(answer: Any) -> list[Grounded]:
            return self._places(task, answer.record, lead) if answer.record else []

        choices = lead.choices if self.lean else ANYTHING
        return _Posed(
            [*task.led_preamble, Message("user", led_article(self.text, lead))],
            led_answer_of(task.record, lead.known, lean=self.lean, choices=choices, certain=lead.certain),
            _LEAD_TOKENS,
            ground,
            "record",
        )

    def _places(self, task: Task, draft: Any, lead: Lead) -> list[Grounded]:
        """One draft grounded at all places of its lead; what is wrong with it at several is said once."""
        outcomes = [self.grounder.ground(task.record, draft, lead, place) for place in lead.places]
        said: list[Rejection] = []
        for position, outcome in enumerate(outcomes):
            new = tuple(rejection for rejection in outcome.rejections if rejection not in said)
            said += new
            outcomes[position] = Grounded(outcome.record, new)
        return outcomes


def _complaint(grounded: list[Grounded], where: str) -> str | None:
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


def _failed(record: type[Record], unit: Window | Lead, error: DragomanError) -> Part:
    failure = Failure(
        kind=record.kind,
        first_sentence=unit.sentences[0].number,
        last_sentence=unit.sentences[-1].number,
        start=unit.start,
        end=unit.end,
        code=error.code,
        reason=str(error),
    )
    return Part(failures=((failure, error),))
