"""Answers are remembered by the whole request, with what they cost."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from evals.memory import Memory, busy
from schemas.result import Usage
from service.errors import ModelUnavailableError
from service.extraction.model import UsageMeter
from service.llm.bodies import OnText
from service.llm.completion import Completion

BODY = {
    "model": "m",
    "messages": [{"role": "user", "content": "?"}],
    "max_tokens": 9,
    "response_format": {"a": 1, "b": 2},
}
ANSWER = json.dumps(
    {
        "choices": [{"message": {"content": "{}"}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3},
    }
).encode()


class Wire:
    """A `Chat` that counts."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.calls = 0
        self.failure = failure

    async def complete(
        self, body: Mapping[str, Any], *, usage: UsageMeter, repeats: Usage, on_text: OnText | None = None
    ) -> Completion:
        self.calls += 1
        usage.add(Usage(calls=1) + repeats)
        if self.failure:
            raise self.failure
        completion = Completion.read(ANSWER)
        usage.add(completion.usage)
        return completion

    async def ready(self) -> bool:
        return True

    async def close(self) -> None: ...


async def ask(memory: Memory, wire: Wire, body: Mapping[str, Any] = BODY) -> tuple[Completion, Usage]:
    usage = UsageMeter()
    return await memory.around(wire).complete(body, usage=usage, repeats=Usage(reasks=1)), usage.total


async def test_answer_that_is_remembered_costs_no_call_and_reports_the_first_ones_cost(tmp_path: Path) -> None:
    wire = Wire()
    first, paid = await ask(Memory(tmp_path), wire)
    again = Memory(tmp_path)

    second, reported = await ask(again, wire)

    assert wire.calls == 1
    assert second == first
    assert reported == paid == Usage(calls=1, reasks=1, prompt_tokens=7, completion_tokens=3)
    assert second.first_choice().cut
    asked, remembered = again.take()
    assert (len(asked), len(remembered)) == (0, 1)
    assert again.take() == ([], [])


@pytest.mark.parametrize(
    "change",
    [{"model": "n"}, {"max_tokens": 8}, {"messages": []}, {"response_format": {"b": 2, "a": 1}}],
)
async def test_other_request_is_another_call(tmp_path: Path, change: dict[str, Any]) -> None:
    wire, memory = Wire(), Memory(tmp_path)
    await ask(memory, wire)

    await ask(memory, wire, {**BODY, **change})

    assert wire.calls == 2


async def test_fresh_run_asks_again(tmp_path: Path) -> None:
    wire = Wire()
    await ask(Memory(tmp_path), wire)

    await ask(Memory(tmp_path, fresh=True), wire)

    assert wire.calls == 2


async def test_failed_call_is_not_remembered(tmp_path: Path) -> None:
    wire, memory = Wire(ModelUnavailableError("down")), Memory(tmp_path)
    with pytest.raises(ModelUnavailableError):
        await ask(memory, wire)
    wire.failure = None

    await ask(memory, wire)

    assert wire.calls == 2


def test_busy_counts_calls_at_the_same_time_once() -> None:
    assert busy([]) == 0
    assert busy([(10.0, 14.0), (12.0, 15.0), (11.0, 13.0), (20.0, 21.0)]) == 6
