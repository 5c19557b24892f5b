"""A server that keeps failing is left alone, and noticed when it is back."""

import asyncio
import logging
from contextlib import ExitStack, suppress
from itertools import pairwise

import pytest

from service.app import build_model
from service.deadline import Deadline
from service.errors import (
    AnswerRefusedError,
    BreakerOpenError,
    DragomanError,
    ModelRequestError,
    ModelUnavailableError,
)
from service.extraction.model import UsageMeter
from service.llm import breaker as breaker_module
from service.llm import patience
from service.llm.breaker import Breaker, BreakerState
from service.llm.client import InstructorModel
from service.llm.pauses import Pauses
from service.llm.profiles import PROFILES
from service.settings import ProfileName, Settings
from tests.support.fast_time import FastTime
from tests.support.model_server import ModelServer, Received, Scripted, answer, refusal
from tests.support.people import model_for, people, people_question

FAILURES = 3
FAIR = 60.0
CLOSED, OPEN, HALF_OPEN = BreakerState
FINE = answer(people("first"))


@pytest.fixture
def time() -> FastTime:
    return FastTime()


@pytest.fixture
def breaker(time: FastTime) -> Breaker:
    return breaker_in(time.pauses)


def breaker_in(pauses: Pauses, failures: int = FAILURES) -> Breaker:
    return Breaker(failures=failures, seconds=30, fair_seconds=FAIR, pauses=pauses)


def fail(breaker: Breaker, times: int = 1, *, retry_after: float | None = None) -> ModelUnavailableError:
    for _ in range(times):
        with pytest.raises(ModelUnavailableError) as raised, breaker.call():
            raise ModelUnavailableError("busy", retry_after=retry_after)
        assert not isinstance(raised.value, BreakerOpenError)
    return raised.value


def succeed(breaker: Breaker) -> None:
    with breaker.call():
        pass


def test_failures_in_a_row_open_it(breaker: Breaker) -> None:
    fail(breaker, FAILURES - 1)
    before = breaker.state
    fail(breaker)
    assert (before, breaker.state) == (CLOSED, OPEN)


def test_failures_with_an_answer_between_them_do_not(breaker: Breaker) -> None:
    for _ in range(3):
        fail(breaker, FAILURES - 1)
        succeed(breaker)
    assert breaker.state is CLOSED


@pytest.mark.parametrize("error", [ModelRequestError, AnswerRefusedError])
def test_server_that_refuses_is_there(breaker: Breaker, error: type[Exception]) -> None:
    fail(breaker, FAILURES - 1)
    with pytest.raises(error), breaker.call():
        raise error
    fail(breaker, FAILURES - 1)
    assert breaker.state is CLOSED


def test_cancelled_call_says_nothing(breaker: Breaker) -> None:
    fail(breaker, FAILURES - 1)
    with pytest.raises(asyncio.CancelledError), breaker.call():
        raise asyncio.CancelledError
    before = breaker.state
    fail(breaker)
    assert (before, breaker.state) == (CLOSED, OPEN)


def test_open_breaker_refuses_and_tells_the_time_left(breaker: Breaker, time: FastTime) -> None:
    fail(breaker, FAILURES)
    time.now += 0.25
    with pytest.raises(BreakerOpenError) as raised, breaker.call():
        pytest.fail("the call was made")
    assert raised.value.retry_after == 0.75
    with pytest.raises(BreakerOpenError):
        breaker.check()


def test_failure_that_opens_it_tells_the_pause(breaker: Breaker) -> None:
    assert fail(breaker, FAILURES - 1).retry_after is None
    assert fail(breaker).retry_after == 1.0


def test_one_call_is_the_probe_and_others_wait_for_it(breaker: Breaker, time: FastTime) -> None:
    fail(breaker, FAILURES)
    time.now += 1
    breaker.check()
    with breaker.call():
        during = breaker.state
        with pytest.raises(BreakerOpenError):
            breaker.check()
        with pytest.raises(BreakerOpenError), breaker.call():
            pytest.fail("a second call was made")
    assert (during, breaker.state) == (HALF_OPEN, CLOSED)


def test_pauses_double_up_to_the_longest_and_begin_anew_after_an_answer(breaker: Breaker, time: FastTime) -> None:
    pauses: list[float] = []
    fail(breaker, FAILURES)
    for _ in range(7):
        pauses.append(breaker.remaining())
        time.now += pauses[-1]
        fail(breaker)
    time.now += breaker.remaining()
    succeed(breaker)
    fail(breaker, FAILURES)
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert breaker.remaining() == 1


def test_pauses_are_spread_over_their_second_half() -> None:
    for least, most in [(0.0, 0.5), (1.0, 1.0)]:
        pauses = Pauses(jitter=lambda longest, share=least: longest * share, clock=lambda: 0.0)
        breaker = breaker_in(pauses, failures=1)
        fail(breaker)
        assert breaker.remaining() == most


@pytest.mark.parametrize(("asked", "pause"), [(0.0, 1), (7.0, 7), (3600.0, 30)])
def test_pause_is_what_the_server_asks_for_within_bounds(breaker: Breaker, asked: float, pause: float) -> None:
    fail(breaker, FAILURES, retry_after=asked)
    assert breaker.remaining() == pause


def test_answer_to_an_older_call_closes_it(breaker: Breaker) -> None:
    with breaker.call():
        fail(breaker, FAILURES)
        during = breaker.state
    assert (during, breaker.state) == (OPEN, CLOSED)


def test_failure_of_an_older_call_changes_nothing_while_it_is_open(breaker: Breaker, time: FastTime) -> None:
    with suppress(ModelUnavailableError), breaker.call():
        fail(breaker, FAILURES)
        time.now += 0.5
        raise ModelUnavailableError("busy")
    assert breaker.remaining() == 0.5


def test_failure_of_an_older_call_does_not_stand_for_the_probes(breaker: Breaker, time: FastTime) -> None:
    older = breaker.call()
    older.__enter__()
    fail(breaker, FAILURES)
    time.now += 1
    with breaker.call():
        older.__exit__(ModelUnavailableError, ModelUnavailableError("busy"), None)
        during = breaker.state
    assert (during, breaker.state) == (HALF_OPEN, CLOSED)


def test_probe_that_comes_back_after_it_was_closed_is_one_failure_among_others(
    breaker: Breaker, time: FastTime
) -> None:
    older = breaker.call()
    older.__enter__()
    fail(breaker, FAILURES)
    time.now += 1
    with suppress(ModelUnavailableError), breaker.call():
        older.__exit__(None, None, None)
        raise ModelUnavailableError("busy")
    assert breaker.state is CLOSED
    fail(breaker, FAILURES - 1)
    assert breaker.state is OPEN


def test_cancelled_probe_leaves_its_place_to_another(breaker: Breaker, time: FastTime) -> None:
    fail(breaker, FAILURES)
    time.now += 1
    with suppress(asyncio.CancelledError), breaker.call():
        raise asyncio.CancelledError
    assert breaker.state is HALF_OPEN
    succeed(breaker)
    assert breaker.state is CLOSED


def test_outage_is_worth_waiting_for_up_to_the_longest_pause(breaker: Breaker, time: FastTime) -> None:
    assert breaker.worth_waiting(1e6)
    fail(breaker, FAILURES)
    time.now += 20
    fail(breaker)
    assert breaker.worth_waiting(10)
    assert not breaker.worth_waiting(10.5)


async def test_available_returns_when_the_pause_is_over(breaker: Breaker, time: FastTime) -> None:
    await breaker.available()
    assert time.waits == []
    fail(breaker, FAILURES, retry_after=2.5)
    await breaker.available()
    assert time.waits == [1, 1, 0.5]
    assert breaker.state is HALF_OPEN


async def test_available_returns_when_it_is_closed_early() -> None:
    woken = asyncio.Event()
    breaker = breaker_in(Pauses(sleep=lambda _: _waited(woken)), failures=1)
    with breaker.call():
        fail(breaker)
        waiting = asyncio.create_task(breaker.available())
        await asyncio.sleep(0)
        assert not waiting.done()
    woken.set()
    await waiting


async def _waited(event: asyncio.Event) -> None:
    await event.wait()


def test_log_tells_of_each_opening_and_of_the_end(
    breaker: Breaker, time: FastTime, caplog: pytest.LogCaptureFixture
) -> None:
    fail(breaker, FAILURES)
    with suppress(BreakerOpenError):
        breaker.check()
    time.now += 1
    fail(breaker)
    time.now += 2
    succeed(breaker)
    succeed(breaker)
    assert caplog.messages == [
        "3 failures in a row (busy); the next call follows in 1.0 s",
        "4 failures in a row (busy); the next call follows in 2.0 s",
        "the model server answers again, after 3.0 s",
    ]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


# A silent server: its calls end because they are cut off.


def cut_off(breaker: Breaker, time: FastTime, after: float, calls: int = 1) -> None:
    """Calls that are begun together and cut off together."""
    with suppress(asyncio.CancelledError), ExitStack() as stack:
        for _ in range(calls):
            stack.enter_context(breaker.call())
        time.now += after
        raise asyncio.CancelledError


def test_silence_for_several_fair_times_opens_it(breaker: Breaker, time: FastTime) -> None:
    cut_off(breaker, time, FAILURES * FAIR - 1)
    before = breaker.state
    cut_off(breaker, time, FAIR)
    assert (before, breaker.state) == (CLOSED, OPEN)


def test_calls_that_are_cut_off_too_soon_never_open_it(breaker: Breaker, time: FastTime) -> None:
    for _ in range(100):
        cut_off(breaker, time, FAIR - 1)
    assert breaker.state is CLOSED


def test_calls_that_are_cut_off_together_count_once(breaker: Breaker, time: FastTime) -> None:
    cut_off(breaker, time, FAIR, calls=32)
    cut_off(breaker, time, FAIR, calls=32)
    before = breaker.state
    cut_off(breaker, time, FAIR)
    assert (before, breaker.state) == (CLOSED, OPEN)


def test_server_that_answers_others_is_not_silent(breaker: Breaker, time: FastTime) -> None:
    with suppress(asyncio.CancelledError), breaker.call():
        for _ in range(10):
            time.now += FAIR
            succeed(breaker)
        time.now += FAIR - 1
        raise asyncio.CancelledError
    fail(breaker, FAILURES - 1)
    assert breaker.state is CLOSED


def test_fair_time_is_longer_where_the_server_is_slow_and_no_longer_when_it_is_not(
    breaker: Breaker, time: FastTime
) -> None:
    with breaker.call():
        time.now += 2 * FAIR
    for _ in range(10):
        cut_off(breaker, time, 3.9 * FAIR)
    slow = breaker.state
    for _ in range(200):
        succeed(breaker)
    cut_off(breaker, time, FAILURES * FAIR)
    assert (slow, breaker.state) == (CLOSED, OPEN)


def test_silent_probe_lengthens_the_pause_and_one_cut_off_too_soon_leaves_its_place(
    breaker: Breaker, time: FastTime
) -> None:
    cut_off(breaker, time, FAILURES * FAIR)
    time.now += breaker.remaining()
    cut_off(breaker, time, FAIR - 1)
    soon = breaker.remaining()
    cut_off(breaker, time, FAIR)
    assert (soon, breaker.remaining()) == (0, 2)


def test_probe_is_silent_whatever_is_learnt_of_older_calls(breaker: Breaker, time: FastTime) -> None:
    older = breaker.call()
    older.__enter__()
    fail(breaker, FAILURES)
    time.now += breaker.remaining()
    with suppress(asyncio.CancelledError), breaker.call():
        time.now += FAIR - 1
        older.__exit__(ModelUnavailableError, ModelUnavailableError("busy"), None)
        time.now += 1
        raise asyncio.CancelledError
    assert breaker.remaining() == 2


# With a server.


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses of real time, and short ones."""
    monkeypatch.setattr(breaker_module, "FIRST_PAUSE", 0.1)
    monkeypatch.setattr(breaker_module, "PROBING_SECONDS", 0.02)
    monkeypatch.setattr(patience, "FIRST_WAIT", 0.05)


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
    model = model_for(server, pauses=Pauses(), max_calls=1)
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
    model = model_for(server, pauses=Pauses(), max_calls=4)
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
    model = model_for(server, pauses=Pauses(), max_attempts=5)
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


def test_breaker_outlives_an_outage_of_days(breaker: Breaker, time: FastTime) -> None:
    fail(breaker, FAILURES)
    for _ in range(1_100):
        time.now += breaker.remaining()
        fail(breaker)
    time.now += breaker.remaining()

    succeed(breaker)

    assert breaker.state is CLOSED
