"""A server that keeps failing is left alone, and noticed when it is back."""

import asyncio
import logging
from contextlib import ExitStack, suppress

import pytest

from service.errors import (
    AnswerRefusedError,
    BreakerOpenError,
    ModelRequestError,
    ModelUnavailableError,
)
from service.llm.backoff import Backoff
from service.llm.circuit_breaker import BreakerState, CircuitBreaker
from tests.support.fast_time import FastTime
from tests.support.model_server import answer
from tests.support.people import people

FAILURES = 3
FAIR = 60.0
CLOSED, OPEN, HALF_OPEN = BreakerState
FINE = answer(people("first"))


@pytest.fixture
def time() -> FastTime:
    return FastTime()


@pytest.fixture
def breaker(time: FastTime) -> CircuitBreaker:
    return breaker_in(time.backoff)


def breaker_in(backoff: Backoff, failures: int = FAILURES) -> CircuitBreaker:
    return CircuitBreaker(failures=failures, seconds=30, fair_seconds=FAIR, backoff=backoff)


def fail(breaker: CircuitBreaker, times: int = 1, *, retry_after: float | None = None) -> ModelUnavailableError:
    for _ in range(times):
        with pytest.raises(ModelUnavailableError) as raised, breaker.call():
            raise ModelUnavailableError("busy", retry_after=retry_after)
        assert not isinstance(raised.value, BreakerOpenError)
    return raised.value


def succeed(breaker: CircuitBreaker) -> None:
    with breaker.call():
        pass


def test_failures_in_a_row_open_it(breaker: CircuitBreaker) -> None:
    fail(breaker, FAILURES - 1)
    before = breaker.state
    fail(breaker)
    assert (before, breaker.state) == (CLOSED, OPEN)


def test_failures_with_an_answer_between_them_do_not(breaker: CircuitBreaker) -> None:
    for _ in range(3):
        fail(breaker, FAILURES - 1)
        succeed(breaker)
    assert breaker.state is CLOSED


@pytest.mark.parametrize("error", [ModelRequestError, AnswerRefusedError])
def test_server_that_refuses_is_there(breaker: CircuitBreaker, error: type[Exception]) -> None:
    fail(breaker, FAILURES - 1)
    with pytest.raises(error), breaker.call():
        raise error
    fail(breaker, FAILURES - 1)
    assert breaker.state is CLOSED


def test_cancelled_call_says_nothing(breaker: CircuitBreaker) -> None:
    fail(breaker, FAILURES - 1)
    with pytest.raises(asyncio.CancelledError), breaker.call():
        raise asyncio.CancelledError
    before = breaker.state
    fail(breaker)
    assert (before, breaker.state) == (CLOSED, OPEN)


def test_open_breaker_refuses_and_tells_the_time_left(breaker: CircuitBreaker, time: FastTime) -> None:
    fail(breaker, FAILURES)
    time.now += 0.25
    with pytest.raises(BreakerOpenError) as raised, breaker.call():
        pytest.fail("the call was made")
    assert raised.value.retry_after == 0.75
    with pytest.raises(BreakerOpenError):
        breaker.check()


def test_failure_that_opens_it_tells_the_pause(breaker: CircuitBreaker) -> None:
    assert fail(breaker, FAILURES - 1).retry_after is None
    assert fail(breaker).retry_after == 1.0


def test_one_call_is_the_probe_and_others_wait_for_it(breaker: CircuitBreaker, time: FastTime) -> None:
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


def test_pauses_double_up_to_the_longest_and_begin_anew_after_an_answer(
    breaker: CircuitBreaker, time: FastTime
) -> None:
    backoff: list[float] = []
    fail(breaker, FAILURES)
    for _ in range(7):
        backoff.append(breaker.remaining())
        time.now += backoff[-1]
        fail(breaker)
    time.now += breaker.remaining()
    succeed(breaker)
    fail(breaker, FAILURES)
    assert backoff == [1, 2, 4, 8, 16, 30, 30]
    assert breaker.remaining() == 1


def test_pauses_are_spread_over_their_second_half() -> None:
    for least, most in [(0.0, 0.5), (1.0, 1.0)]:
        backoff = Backoff(jitter=lambda longest, share=least: longest * share, clock=lambda: 0.0)
        breaker = breaker_in(backoff, failures=1)
        fail(breaker)
        assert breaker.remaining() == most


@pytest.mark.parametrize(("asked", "pause"), [(0.0, 1), (7.0, 7), (3600.0, 30)])
def test_pause_is_what_the_server_asks_for_within_bounds(breaker: CircuitBreaker, asked: float, pause: float) -> None:
    fail(breaker, FAILURES, retry_after=asked)
    assert breaker.remaining() == pause


def test_answer_to_an_older_call_closes_it(breaker: CircuitBreaker) -> None:
    with breaker.call():
        fail(breaker, FAILURES)
        during = breaker.state
    assert (during, breaker.state) == (OPEN, CLOSED)


def test_failure_of_an_older_call_changes_nothing_while_it_is_open(breaker: CircuitBreaker, time: FastTime) -> None:
    with suppress(ModelUnavailableError), breaker.call():
        fail(breaker, FAILURES)
        time.now += 0.5
        raise ModelUnavailableError("busy")
    assert breaker.remaining() == 0.5


def test_failure_of_an_older_call_does_not_stand_for_the_probes(breaker: CircuitBreaker, time: FastTime) -> None:
    older = breaker.call()
    older.__enter__()
    fail(breaker, FAILURES)
    time.now += 1
    with breaker.call():
        older.__exit__(ModelUnavailableError, ModelUnavailableError("busy"), None)
        during = breaker.state
    assert (during, breaker.state) == (HALF_OPEN, CLOSED)


def test_probe_that_comes_back_after_it_was_closed_is_one_failure_among_others(
    breaker: CircuitBreaker, time: FastTime
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


def test_cancelled_probe_leaves_its_place_to_another(breaker: CircuitBreaker, time: FastTime) -> None:
    fail(breaker, FAILURES)
    time.now += 1
    with suppress(asyncio.CancelledError), breaker.call():
        raise asyncio.CancelledError
    assert breaker.state is HALF_OPEN
    succeed(breaker)
    assert breaker.state is CLOSED


def test_outage_is_worth_waiting_for_up_to_the_longest_pause(breaker: CircuitBreaker, time: FastTime) -> None:
    assert breaker.worth_waiting(1e6)
    fail(breaker, FAILURES)
    time.now += 20
    fail(breaker)
    assert breaker.worth_waiting(10)
    assert not breaker.worth_waiting(10.5)


async def test_available_returns_when_the_pause_is_over(breaker: CircuitBreaker, time: FastTime) -> None:
    await breaker.available()
    assert time.waits == []
    fail(breaker, FAILURES, retry_after=2.5)
    await breaker.available()
    assert time.waits == [1, 1, 0.5]
    assert breaker.state is HALF_OPEN


async def test_available_returns_when_it_is_closed_early() -> None:
    woken = asyncio.Event()
    breaker = breaker_in(Backoff(sleep=lambda _: _waited(woken)), failures=1)
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
    breaker: CircuitBreaker, time: FastTime, caplog: pytest.LogCaptureFixture
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
        "circuit breaker open after 3 failures in a row (busy); the next call follows in 1.0 s",
        "circuit breaker open after 4 failures in a row (busy); the next call follows in 2.0 s",
        "circuit breaker closed: the model server answers again, after 3.0 s",
    ]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


# A silent server: its calls end because they are cut off.


def cut_off(breaker: CircuitBreaker, time: FastTime, after: float, calls: int = 1) -> None:
    """Calls that are begun together and cut off together."""
    with suppress(asyncio.CancelledError), ExitStack() as stack:
        for _ in range(calls):
            stack.enter_context(breaker.call())
        time.now += after
        raise asyncio.CancelledError


def test_silence_for_several_fair_times_opens_it(breaker: CircuitBreaker, time: FastTime) -> None:
    cut_off(breaker, time, FAILURES * FAIR - 1)
    before = breaker.state
    cut_off(breaker, time, FAIR)
    assert (before, breaker.state) == (CLOSED, OPEN)


def test_calls_that_are_cut_off_too_soon_never_open_it(breaker: CircuitBreaker, time: FastTime) -> None:
    for _ in range(100):
        cut_off(breaker, time, FAIR - 1)
    assert breaker.state is CLOSED


def test_calls_that_are_cut_off_together_count_once(breaker: CircuitBreaker, time: FastTime) -> None:
    cut_off(breaker, time, FAIR, calls=32)
    cut_off(breaker, time, FAIR, calls=32)
    before = breaker.state
    cut_off(breaker, time, FAIR)
    assert (before, breaker.state) == (CLOSED, OPEN)


def test_server_that_answers_others_is_not_silent(breaker: CircuitBreaker, time: FastTime) -> None:
    with suppress(asyncio.CancelledError), breaker.call():
        for _ in range(10):
            time.now += FAIR
            succeed(breaker)
        time.now += FAIR - 1
        raise asyncio.CancelledError
    fail(breaker, FAILURES - 1)
    assert breaker.state is CLOSED


def test_fair_time_is_longer_where_the_server_is_slow_and_no_longer_when_it_is_not(
    breaker: CircuitBreaker, time: FastTime
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
    breaker: CircuitBreaker, time: FastTime
) -> None:
    cut_off(breaker, time, FAILURES * FAIR)
    time.now += breaker.remaining()
    cut_off(breaker, time, FAIR - 1)
    soon = breaker.remaining()
    cut_off(breaker, time, FAIR)
    assert (soon, breaker.remaining()) == (0, 2)


def test_probe_is_silent_whatever_is_learnt_of_older_calls(breaker: CircuitBreaker, time: FastTime) -> None:
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


def test_breaker_outlives_an_outage_of_days(breaker: CircuitBreaker, time: FastTime) -> None:
    fail(breaker, FAILURES)
    for _ in range(1_100):
        time.now += breaker.remaining()
        fail(breaker)
    time.now += breaker.remaining()

    succeed(breaker)

    assert breaker.state is CLOSED
