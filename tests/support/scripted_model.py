"""The model of most tests: says what it was told to say, and remembers what it was asked."""

import asyncio
import inspect
import re
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

from schemas.answers import JointAnswer
from schemas.result import Usage
from service.deadline import Deadline
from service.errors import BreakerOpenError
from service.extraction.model import Answer, Question, UsageMeter

Line = Exception | Mapping[str, Any] | Callable[[Question[Any]], Mapping[str, Any] | Awaitable[Mapping[str, Any]]]
"""What the model does on one call: raise, answer, or answer as a function of the question says."""

NOTHING: Mapping[str, Any] = {"records": []}
"""The answer of a model that finds no records, to any question about windows: said with the lists that it asks for."""


class ScriptedModel:
    """A `StructuredModel` with a script.

    Args:
        script: one line per call, re-asks included, in the order of the calls.
        otherwise: for calls after the script's end; None makes such a call fail the test.
        reasks: how often a complaint of the review is answered with the next line.
        is_ready: what `ready` says, or raises.

    While `unavailable` is set, `check` raises it and `available` waits.
    """

    def __init__(
        self,
        *script: Line,
        otherwise: Line | None = None,
        reasks: int = 1,
        is_ready: bool | Exception = True,
        name: str = "scripted",
        context_tokens: int = 8_192,
    ) -> None:
        self.script = deque(script)
        self.otherwise = otherwise
        self.reasks = reasks
        self.is_ready = is_ready
        self.name = name
        self.context_tokens = context_tokens
        self.questions: list[Question[Any]] = []
        self.complaints: list[str] = []
        self.deadlines: list[Deadline] = []
        self.readiness_checks = 0
        self.closed = False
        self.unavailable: BreakerOpenError | None = None

    async def fill(self, question: Question[Answer], *, deadline: Deadline, usage: UsageMeter) -> Answer:
        self.questions.append(question)
        self.deadlines.append(deadline)
        reasks = 0
        while True:
            usage.add(Usage(calls=1, reasks=min(reasks, 1), prompt_tokens=100, completion_tokens=10))
            said = await self._next(question)
            if question.on_partial is not None:
                _write(said, question)
            answer = question.answer.model_validate(said)
            complaint = question.review(answer)
            if complaint is None:
                return answer
            self.complaints.append(complaint)
            if reasks == self.reasks:
                return answer
            reasks += 1

    async def _next(self, question: Question[Any]) -> Mapping[str, Any]:
        line = self.script.popleft() if self.script else self.otherwise
        if line is None:
            raise AssertionError("the model was asked more often than its script says")
        if isinstance(line, Exception):
            raise line
        if isinstance(line, Mapping):
            return _as_asked(line, question)
        said = line(question)
        return _as_asked(await said if inspect.isawaitable(said) else said, question)

    async def ready(self) -> bool:
        self.readiness_checks += 1
        if isinstance(self.is_ready, Exception):
            raise self.is_ready
        return self.is_ready

    def check(self) -> None:
        if self.unavailable is not None:
            raise self.unavailable

    async def available(self) -> None:
        while self.unavailable is not None:  # noqa: ASYNC110 - tests set it from any thread
            await asyncio.sleep(0.01)

    async def close(self) -> None:
        self.closed = True


def _write(said: Mapping[str, Any], question: Question[Any]) -> None:
    """Have each item heard that fits, as of a server which sends its answers piece by piece."""
    assert question.on_partial is not None
    for name, items in said.items():
        for item in items:
            with suppress(ValidationError):
                question.on_partial(question.answer.model_validate({name: [item]}))


def _as_asked(said: Mapping[str, Any], question: Question[Any]) -> Mapping[str, Any]:
    if said == NOTHING and issubclass(question.answer, JointAnswer):
        return {kind: [] for kind in question.answer.model_fields}
    return said


def answering(question: Question[Any]) -> dict[str, Any]:
    """An answer that fits its question: the first value that a field may have, and words of the last sentence shown."""
    shown = question.messages[-1].content
    lines = re.findall(r"^\[(\d+)] (.*)$", shown, re.MULTILINE)
    number, words = lines[-1] if lines else ("1", shown)
    answer: dict[str, Any] = _filled(question.answer, " ".join(words.split()[:3]) or "?", int(number))
    return answer


def _filled(annotation: Any, words: str, number: int) -> Any:
    options = [option for option in get_args(annotation) if option is not NoneType]
    if get_origin(annotation) is Literal:
        return options[0]
    if get_origin(annotation) is list:
        return [_filled(options[0], words, number)]
    if options:
        return _filled(options[0], words, number)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {name: _filled(field.annotation, words, number) for name, field in annotation.model_fields.items()}
    return {int: number, bool: True}.get(annotation, words)
