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
from service.llm import circuit_breaker as breaker_module
from service.llm import retry_policy
from service.llm.backoff import Backoff
from service.llm.circuit_breaker import BreakerState
from service.llm.client import InstructorModel
from service.llm.profiles import PROFILES
from service.settings import ProfileName, Settings
from tests.support.fast_time import FastTime
from tests.support.model_server import ModelServer, Received, Scripted, answer, refusal
from tests.support.people import model_for, people, people_question

CLOSED, OPEN, HALF_OPEN = BreakerState
FINE = answer(people("first"))


@pytest.fixture
def time() -> FastTime:
    return FastTime()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backoff of real time, and short ones."""
    monkeypatch.setattr(breaker_module, "FIRST_PAUSE", 0.1)
    monkeypatch.setattr(breaker_module, "PROBE_POLL_SECONDS", 0.02)
    monkeypatch.setattr(retry_policy, "FIRST_DELAY", 0.05)


async def ask(model: InstructorModel, question: str = "", *, deadline: float = 60) -> str:
    found = await model.fill(
        people_question(article=question or "[1] Envoys met."), deadline=Deadline.after(deadline), usage=UsageMeter()
    )
    return found.records[0].name


async def open_breaker(server: ModelServer, fault: Scripted, time: FastTime) -> InstructorModel:
    """A model whose breaker has just opened, on five such faults."""
    server.then(*(fault,) * 5)
    model = model_for(server, time=time, max_attempts=1)
    for deadline in (60, 60, 60, 60, 1.4):  # the last one would wait for the pause if it had the time
        with pytest.raises(ModelUnavailableError):
            await ask(model, deadline=deadline)
    return model


async def test_open_breaker_lets_no_request_through(server: ModelServer, time: FastTime) -> None:
    model = await open_breaker(server, refusal(503), time)
    with pytest.raises(BreakerOpenError):
        model.check()
    with pytest.raises(BreakerOpenError) as raised:
        await ask(model, deadline=0.9)
    await model.close()
    assert raised.value.retry_after == 1.0
    assert len(server.chats) == 5


@pytest.mark.usefixtures("hurried")
async def test_call_whose_turn_comes_when_it_is_open_is_not_made(server: ModelServer) -> None:
    server.then(*(refusal(503),) * 5)
    server.then(*(FINE,) * 12)
    model = model_for(server, backoff=Backoff(), max_calls=1)
    names = await asyncio.gather(*(ask(model) for _ in range(12)))
    await model.close()
    assert names == ["first"] * 12
    assert len(server.chats) == 17


async def test_outage_is_waited_out_by_a_lone_question_beyond_its_attempts(server: ModelServer, time: FastTime) -> None:
    server.then(*(refusal(503),) * 7, FINE)
    model = model_for(server, time=time, max_attempts=5)
    assert await ask(model) == "first"
    await model.close()
    assert time.waits == [0.5, 1.0, 2.0, 4.0, 3.5, 5.0, 7.5]
    assert 20 < sum(time.waits) < 30


async def test_outage_longer_than_the_longest_pause_is_given_up(server: ModelServer, time: FastTime) -> None:
    server.then(*(refusal(503),) * 9)
    model = model_for(server, time=time, max_attempts=5)
    with pytest.raises(ModelUnavailableError) as raised:
        await ask(model)
    await model.close()
    assert raised.value.retry_after == 16
    opened = 7.5
    assert sum(time.waits) <= opened + 30


@pytest.mark.usefixtures("hurried")
async def test_server_that_comes_back_answers_everybody_and_is_probed_by_one_at_a_time(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker_module, "FIRST_PAUSE", 0.2)
    server.then(*(refusal(503),) * 8, *(Scripted(status=503, body={}, delay=0.1),) * 2, *(FINE,) * 40)
    model = model_for(server, backoff=Backoff(), max_calls=4)
    names = await asyncio.gather(*(ask(model) for _ in range(40)))
    await model.close()
    assert names == ["first"] * 40
    # At most eight calls were on their way before the fifth failure was known: the two after them were probes, and what
    # came next came after their answers.
    arrivals = [chat.at for chat in server.chats[8:11]]
    assert all(later - sooner > 0.09 for sooner, later in pairwise(arrivals))


@pytest.mark.usefixtures("hurried")
async def test_question_that_always_fails_does_not_keep_others_out(server: ModelServer) -> None:
    def reply(request: Received) -> Scripted:
        return refusal(500) if "poison" in request.body["messages"][1]["content"] else FINE

    server._otherwise = reply
    model = model_for(server, backoff=Backoff(), max_attempts=5)
    poison = asyncio.create_task(ask(model, "poison"))
    while model._breaker.state is CLOSED:  # noqa: ASYNC110 - nobody is told of it
        await asyncio.sleep(0.01)
    assert await ask(model, "bread", deadline=10) == "first"
    with pytest.raises(ModelUnavailableError):
        await poison
    await model.close()


async def test_article_on_a_server_that_answers_nobody_is_told_of_it(server: ModelServer, time: FastTime) -> None:
    def silent(_: Received) -> Scripted:
        time.now += 300
        return Scripted(delay=3600)

    server.then(silent)
    model = model_for(server, PROFILES[ProfileName.LLAMA_CPP], time=time)
    with pytest.raises(BreakerOpenError) as raised:
        await ask(model, deadline=0.2)
    await model.close()
    assert raised.value.retry_after == 1


async def test_models_list_does_not_close_it(server: ModelServer, time: FastTime) -> None:
    model = await open_breaker(server, refusal(503), time)
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
async def test_article_that_is_refused_says_nothing_about_the_server(server: ModelServer, refused: Scripted) -> None:
    server._otherwise = refused
    model = model_for(server, PROFILES[ProfileName.AUTO])
    for _ in range(6):
        with pytest.raises(DragomanError):
            await ask(model)
    model.check()
    await model.close()


async def test_error_of_an_upstream_in_a_200_is_a_failure(server: ModelServer, time: FastTime) -> None:
    model = await open_breaker(server, Scripted(body={"error": {"code": 429, "message": "Busy"}}), time)
    with pytest.raises(BreakerOpenError):
        model.check()
    await model.close()


async def test_model_that_takes_no_temperature_opens_nothing(server: ModelServer) -> None:
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


async def test_settings_reach_it(server: ModelServer) -> None:
    server.then(refusal(503, headers={"Retry-After": "60"}))
    chosen = Settings(openai_base_url=server.base_url, model="scripted", breaker_failures=1, breaker_seconds=7)
    model = build_model(chosen)
    assert isinstance(model, InstructorModel)
    with pytest.raises(ModelUnavailableError):
        await ask(model, deadline=5)
    assert 6 < model._breaker.remaining() <= 7
    await model.close()
