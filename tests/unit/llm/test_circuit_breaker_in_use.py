"""The breaker between articles and a server that fails, falls silent or comes back."""

import asyncio
from itertools import pairwise

import pytest

from service.app import build_model
from service.deadline import Deadline
from service.errors import (
    BreakerOpenError,
    DragomanError,
    ModelUnavailableError,
)
from service.extraction.model import UsageMeter
from service.llm import client
from service.llm.circuit_breaker import BreakerState
from service.llm.client import InstructorModel
from service.llm.profiles import PROFILES
from service.settings import ProfileName, Settings
from tests.support.model_server import NEVER, ModelServer, Received, Scripted, answer, refusal
from tests.support.people import model_for, people, people_question
from tests.support.still_time import StillTime, in_still_time

CLOSED, OPEN, HALF_OPEN = BreakerState
FINE = answer(people("first"))


async def ask(model: InstructorModel, question: str = "", *, deadline: float = 60) -> str:
    found = await model.fill(
        people_question(article=question or "[1] Envoys met."), deadline=Deadline.after(deadline), usage=UsageMeter()
    )
    return found.records[0].name


async def open_breaker(server: ModelServer, fault: Scripted, still: StillTime) -> InstructorModel:
    """A model whose breaker has just opened, on five such faults."""
    server.then(*(fault,) * 5)
    model = model_for(server, backoff=still.backoff, max_attempts=1)
    for deadline in (60, 60, 60, 60, 1.4):  # the last one would wait for the pause if it had the time
        with pytest.raises(ModelUnavailableError):
            await ask(model, deadline=deadline)
    return model


@in_still_time
async def test_open_breaker_lets_no_request_through(server: ModelServer, still: StillTime) -> None:
    model = await open_breaker(server, refusal(503), still)
    with pytest.raises(BreakerOpenError):
        model.check()
    with pytest.raises(BreakerOpenError) as raised:
        await ask(model, deadline=0.9)
    await model.close()
    assert raised.value.retry_after == 1.0
    assert len(server.chats) == 5


@in_still_time
async def test_call_whose_turn_comes_when_it_is_open_is_not_made(server: ModelServer, still: StillTime) -> None:
    server.then(*(refusal(503),) * 5)
    server.then(*(FINE,) * 12)
    model = model_for(server, backoff=still.backoff, max_calls=1)
    names = await asyncio.gather(*(ask(model) for _ in range(12)))
    await model.close()
    assert names == ["first"] * 12
    assert len(server.chats) == 17


@in_still_time
async def test_outage_is_waited_out_by_a_lone_question_beyond_its_attempts(
    server: ModelServer, still: StillTime
) -> None:
    server.then(*(refusal(503),) * 7, FINE)
    model = model_for(server, backoff=still.backoff, max_attempts=5)
    assert await ask(model) == "first"
    await model.close()
    assert still.waits == [0.5, 1.0, 2.0, 4.0, 3.5, 5.0, 7.5]
    assert 20 < sum(still.waits) < 30


@in_still_time
async def test_outage_longer_than_the_longest_pause_is_given_up(server: ModelServer, still: StillTime) -> None:
    server.then(*(refusal(503),) * 9)
    model = model_for(server, backoff=still.backoff, max_attempts=5)
    with pytest.raises(ModelUnavailableError) as raised:
        await ask(model)
    await model.close()
    assert raised.value.retry_after == 16
    opened = 7.5
    assert sum(still.waits) <= opened + 30


@in_still_time
async def test_server_that_comes_back_answers_everybody_and_is_probed_by_one_at_a_time(
    server: ModelServer, still: StillTime
) -> None:
    server.then(*(refusal(503),) * 10, *(FINE,) * 40)
    model = model_for(server, backoff=still.backoff, max_calls=4)
    names = await asyncio.gather(*(ask(model) for _ in range(40)))
    await model.close()
    assert names == ["first"] * 40
    # At most eight calls were on their way before the fifth failure was known: the two after them were probes.
    arrivals = [chat.at for chat in server.chats[8:11]]
    assert all(later - sooner >= 1 for sooner, later in pairwise(arrivals))


@in_still_time
async def test_question_that_always_fails_does_not_keep_others_out(server: ModelServer, still: StillTime) -> None:
    def reply(request: Received) -> Scripted:
        return refusal(500) if "poison" in request.body["messages"][1]["content"] else FINE

    server._otherwise = reply
    model = model_for(server, backoff=still.backoff, max_attempts=5)
    poison = asyncio.create_task(ask(model, "poison"))
    while model._breaker.state is CLOSED:  # noqa: ASYNC110 - nobody is told of it
        await asyncio.sleep(0.01)
    assert await ask(model, "bread", deadline=10) == "first"
    with pytest.raises(ModelUnavailableError):
        await poison
    await model.close()


@in_still_time
async def test_article_on_a_server_that_answers_nobody_is_told_of_it(server: ModelServer, still: StillTime) -> None:
    server.then(Scripted(delay=NEVER))
    model = model_for(server, PROFILES[ProfileName.LLAMA_CPP], backoff=still.backoff)
    with pytest.raises(BreakerOpenError) as raised:
        await ask(model, deadline=300)
    await model.close()
    assert raised.value.retry_after == 1


@in_still_time
async def test_models_list_does_not_close_it(server: ModelServer, still: StillTime) -> None:
    model = await open_breaker(server, refusal(503), still)
    assert await model.ready()
    with pytest.raises(BreakerOpenError):
        model.check()
    await model.close()


@pytest.mark.parametrize(
    "refused",
    [
        Scripted(body={"choices": []}),
        Scripted(body={"choices": None, "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}),
        Scripted(body={"error": {"code": 400, "message": "Provider returned error"}}),
        Scripted(body={"error": {"code": 402, "message": "Insufficient credits"}}),
        answer(None, finish_reason="PROHIBITED_CONTENT"),
        refusal(403, "Your input was flagged", metadata={"reasons": ["violence"]}),
    ],
)
@in_still_time
async def test_article_that_is_refused_says_nothing_about_the_server(
    server: ModelServer, still: StillTime, refused: Scripted
) -> None:
    server._otherwise = refused
    model = model_for(server, PROFILES[ProfileName.AUTO])
    for _ in range(6):
        with pytest.raises(DragomanError):
            await ask(model)
    model.check()
    await model.close()


@in_still_time
async def test_error_of_an_upstream_in_a_200_is_a_failure(server: ModelServer, still: StillTime) -> None:
    model = await open_breaker(server, Scripted(body={"error": {"code": 429, "message": "Busy"}}), still)
    with pytest.raises(BreakerOpenError):
        model.check()
    await model.close()


@in_still_time
async def test_model_that_takes_no_temperature_opens_nothing(server: ModelServer, still: StillTime) -> None:
    def reply(request: Received) -> Scripted:
        if "temperature" in request.body:
            return refusal(400, "Unsupported value", param="temperature", code="unsupported_value")
        return FINE

    server._otherwise = reply
    model = model_for(server)
    meter = UsageMeter()
    questions = [model.fill(people_question(), deadline=Deadline.after(10), usage=meter) for _ in range(6)]
    assert len(await asyncio.gather(*questions)) == 6
    model.check()
    await model.close()
    assert (meter.total.calls, meter.total.retries) == (12, 6)
    assert len(server.chats) == 12


@in_still_time
async def test_settings_reach_it(server: ModelServer, still: StillTime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "Backoff", lambda: still.backoff)
    server.then(refusal(503, headers={"Retry-After": "60"}))
    chosen = Settings(openai_base_url=server.base_url, model="scripted", breaker_failures=1, breaker_seconds=7)
    model = build_model(chosen)
    assert isinstance(model, InstructorModel)
    with pytest.raises(ModelUnavailableError):
        await ask(model, deadline=5)
    assert model._breaker.remaining() == 7
    await model.close()
