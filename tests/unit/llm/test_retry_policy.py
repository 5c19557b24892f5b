"""Waits, deadlines, turns and cancellation."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from schemas.result import Usage
from service.deadline import Deadline
from service.errors import DeadlineExceededError, ModelUnavailableError
from service.extraction.model import UsageMeter
from service.llm.backoff import Backoff, full_jitter
from service.llm.circuit_breaker import CircuitBreaker
from service.llm.profiles import PROFILES
from service.llm.retry_policy import FIRST_DELAY, MAX_DELAY, RetryPolicy
from service.settings import ProfileName
from tests.support.fast_time import FastTime
from tests.support.model_server import NEVER, ModelServer, answer, refusal
from tests.support.people import model_for, people, people_question
from tests.support.still_time import StillTime, in_still_time


def waits_of(failures: int, *, deadline: float = 1e6) -> list[float]:
    """The waits between calls which all fail, with the jitter at its most."""
    with StillTime() as still:
        breaker = CircuitBreaker(failures=1, seconds=30, fair_seconds=60, backoff=still.backoff)
        retry_policy = RetryPolicy(failures, Deadline.after(deadline), still.backoff, breaker)

        async def call() -> None:
            retry_policy.failures += 1
            raise ModelUnavailableError("busy")

        with pytest.raises(ModelUnavailableError):
            still.run(retry_policy.retrying(lambda _: True)(call))
    return still.waits


async def called(server: ModelServer) -> None:
    while not server.chats:  # noqa: ASYNC110 - the server is on a thread of its own
        await asyncio.sleep(0.01)


def test_waits_double_up_to_the_longest() -> None:
    assert waits_of(9) == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, MAX_DELAY, MAX_DELAY]


def test_wait_that_would_pass_the_deadline_is_not_begun() -> None:
    assert waits_of(9, deadline=3.5) == [0.5, 1.0]
    assert waits_of(9, deadline=3.6) == [0.5, 1.0, 2.0]


async def test_full_jitter_takes_all_of_the_range() -> None:
    waits = [full_jitter(FIRST_DELAY) for _ in range(500)]
    assert 0 <= min(waits) < 0.05
    assert 0.45 < max(waits) <= FIRST_DELAY


async def test_deadline_that_has_passed_makes_no_call(server: ModelServer) -> None:
    model = model_for(server)
    meter = UsageMeter()
    with pytest.raises(DeadlineExceededError):
        await model.fill(people_question(), deadline=Deadline.after(0), usage=meter)
    await model.close()
    assert server.chats == []
    assert meter.total == Usage()


@in_still_time
async def test_deadline_cuts_a_call_that_is_under_way(server: ModelServer, still: StillTime) -> None:
    server.then(answer({}, delay=NEVER))
    model = model_for(server)
    deadline = Deadline.after(15)
    with pytest.raises(DeadlineExceededError):
        await model.fill(people_question(), deadline=deadline, usage=UsageMeter())
    assert still.now == deadline.at
    await model.close()


@in_still_time
async def test_deadline_cuts_the_wait_for_a_turn(server: ModelServer, still: StillTime) -> None:
    server.then(answer({}, delay=NEVER))
    model = model_for(server, max_calls=1)
    slow = asyncio.create_task(model.fill(people_question(), deadline=Deadline.after(20), usage=UsageMeter()))
    await asyncio.sleep(1)
    meter, deadline = UsageMeter(), Deadline.after(10)
    with pytest.raises(DeadlineExceededError):
        await model.fill(people_question(), deadline=deadline, usage=meter)
    assert still.now == deadline.at
    with pytest.raises(DeadlineExceededError):
        await slow
    await model.close()
    assert meter.total.calls == 0
    assert len(server.chats) == 1


async def test_calls_in_flight_stay_within_the_limit(server: ModelServer) -> None:
    server.then(*(replace(answer(people("first")), together=3) for _ in range(9)))
    model = model_for(server, max_calls=3)
    await asyncio.gather(
        *(model.fill(people_question(), deadline=Deadline.after(10), usage=UsageMeter()) for _ in range(9))
    )
    await model.close()
    assert server.most_at_once == 3


async def test_calls_with_the_same_first_message_take_turns_beside_others(server: ModelServer) -> None:
    server.then(*(replace(answer(people("first"), delay=0.05), together=2) for _ in range(6)))
    model = model_for(server, max_calls_per_prompt=1)
    questions = [people_question(rules=rules, article=str(number)) for rules in ("One.", "Two.") for number in range(3)]
    await asyncio.gather(
        *(model.fill(question, deadline=Deadline.after(10), usage=UsageMeter()) for question in questions)
    )
    await model.close()
    for rules in ("One.", "Two."):
        came = [chat.at for chat in server.chats if chat.body["messages"][0]["content"] == rules]
        assert all(later - sooner > 0.04 for sooner, later in pairwise(came))
    assert server.most_at_once == 2


async def test_wait_between_tries_leaves_the_turn_to_others(server: ModelServer) -> None:
    server.then(refusal(503), answer(people("second")), answer(people("first")))
    woken = asyncio.Event()

    async def sleep(_: float) -> None:
        await woken.wait()

    model = model_for(server, max_calls=1, backoff=Backoff(sleep=sleep))
    waiting = asyncio.create_task(model.fill(people_question(), deadline=Deadline.after(10), usage=UsageMeter()))
    await called(server)
    other = await model.fill(people_question(), deadline=Deadline.after(10), usage=UsageMeter())
    woken.set()
    assert other.records[0].name == "second"
    assert (await waiting).records[0].name == "first"
    await model.close()


async def test_cancelling_ends_the_call_and_frees_its_turn(server: ModelServer) -> None:
    server.then(answer({}, delay=60), answer(people("first")))
    model = model_for(server, max_calls=1)
    task = asyncio.create_task(model.fill(people_question(), deadline=Deadline.after(60), usage=UsageMeter()))
    await called(server)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    found = await model.fill(people_question(), deadline=Deadline.after(5), usage=UsageMeter())
    await model.close()
    assert found.records[0].name == "first"
    assert len(server.chats) == 2


async def test_cancelling_a_wait_between_tries_makes_no_further_call(server: ModelServer) -> None:
    server.then(refusal(503))
    sleeping = asyncio.Event()

    async def sleep(_: float) -> None:
        sleeping.set()
        await asyncio.sleep(60)

    model = model_for(server, backoff=Backoff(sleep=sleep))
    task = asyncio.create_task(model.fill(people_question(), deadline=Deadline.after(90), usage=UsageMeter()))
    await sleeping.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await model.close()
    assert len(server.chats) == 1


@in_still_time
async def test_timed_out_calls_are_bounded_by_the_attempts(server: ModelServer, still: StillTime) -> None:
    server.then(*(answer({}, delay=NEVER) for _ in range(4)))
    model = model_for(server, replace(PROFILES[ProfileName.OPENAI], answer_seconds=0.5))
    with pytest.raises(ModelUnavailableError, match=r"no answer within 0\.5 s"):
        await model.fill(people_question(), deadline=Deadline.after(10), usage=UsageMeter())
    assert len(server.chats) == 4
    await model.close()


async def test_an_answer_makes_the_count_of_failures_start_anew(server: ModelServer) -> None:
    three = (refusal(500),) * 3
    server.then(*three, answer("nonsense"), *three, answer(people("first")))
    passed = FastTime()
    model = model_for(server, time=passed)
    await model.fill(people_question(), deadline=Deadline.after(60), usage=UsageMeter())
    await model.close()
    assert passed.waits == [0.5, 1.0, 2.0, 0.5, 1.0, 2.0]


@in_still_time
async def test_failure_at_the_very_end_of_the_time_counts_as_late(server: ModelServer, still: StillTime) -> None:
    server.then(refusal(503))

    def jitter_that_takes_too_long(_: float) -> float:
        still.now += 20
        return 0.0

    model = model_for(server, backoff=Backoff(jitter=jitter_that_takes_too_long))
    with pytest.raises(DeadlineExceededError):
        await model.fill(people_question(), deadline=Deadline.after(15), usage=UsageMeter())
    await model.close()
