"""What a question cost, over every attempt."""

from typing import Any

import pytest

from schemas.result import Usage
from service.deadline import Deadline
from service.errors import AnswerError, DragomanError
from service.extraction.model import UsageMeter
from tests.support.model_server import ModelServer, Scripted, answer, refusal
from tests.support.people import complain_about_first, model_for, people, people_question


async def usage_of(server: ModelServer, *script: Scripted, meter: UsageMeter | None = None) -> Usage:
    server.then(*script)
    meter = meter or UsageMeter()
    model = model_for(server)
    try:
        await model.fill(people_question(complain_about_first), deadline=Deadline.after(10), usage=meter)
    except DragomanError:
        pass
    finally:
        await model.close()
    return meter.total


async def test_usage_is_summed_over_retries_and_reasks(server: ModelServer) -> None:
    total = await usage_of(
        server,
        refusal(503),
        answer(people("first"), usage=(100, 20, 30)),
        refusal(429),
        refusal(500),
        answer(people("second"), usage=(140, 25, 90)),
    )
    assert total == Usage(calls=5, retries=3, reasks=1, prompt_tokens=240, cached_tokens=120, completion_tokens=45)


@pytest.mark.parametrize(
    "bad",
    [
        answer(None, refusal="No.", usage=(70, 3, 0)),
        answer("{", finish_reason="length", usage=(70, 3, 0)),
        answer(None, finish_reason="content_filter", usage=(70, 3, 0)),
    ],
    ids=["refusal", "length", "filter"],
)
async def test_usage_of_an_answer_that_is_none_counts(server: ModelServer, bad: Scripted) -> None:
    total = await usage_of(server, bad)
    assert total == Usage(calls=1, prompt_tokens=70, completion_tokens=3)


async def test_usage_adds_to_what_the_meter_has(server: ModelServer) -> None:
    meter = UsageMeter()
    await usage_of(server, answer(people("second")), meter=meter)
    await usage_of(server, answer(people("second")), meter=meter)
    assert meter.total == Usage(calls=2, prompt_tokens=200, completion_tokens=40)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (None, Usage(calls=1)),
        ({}, Usage(calls=1)),
        ({"prompt_tokens": None, "completion_tokens": 4}, Usage(calls=1, completion_tokens=4)),
        ({"prompt_tokens": "many", "completion_tokens": -4}, Usage(calls=1)),
        ({"prompt_tokens": 5, "prompt_tokens_details": None}, Usage(calls=1, prompt_tokens=5)),
        ({"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": None}}, Usage(calls=1, prompt_tokens=5)),
        ([1, 2], Usage(calls=1)),
        ("free", Usage(calls=1)),
    ],
)
async def test_usage_that_is_missing_or_odd_breaks_nothing(server: ModelServer, usage: Any, expected: Usage) -> None:
    assert await usage_of(server, answer(people("second"), usage=usage)) == expected


async def test_usage_of_a_malformed_answer_counts(server: ModelServer) -> None:
    server.then(answer("x", usage=(9, 1, 0)), answer("y", usage=(12, 1, 0)))
    meter = UsageMeter()
    model = model_for(server)
    with pytest.raises(AnswerError):
        await model.fill(people_question(), deadline=Deadline.after(10), usage=meter)
    await model.close()
    assert meter.total == Usage(calls=2, reasks=1, prompt_tokens=21, completion_tokens=2)
