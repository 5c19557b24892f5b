"""Receivers that fail: what is tried again, when, and when it is given up."""

import asyncio
from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any

import pytest

from service.jobs.states import Delivery
from service.jobs.store import JobStore
from service.jobs.webhooks import MAX_ATTEMPTS, RETRY_DELAYS, Webhooks
from tests.jobs.webhooks.receiving import OK, SECRET, Internet, Receiver, answer, ended, lasting, state, webhooks
from tests.support.databases import Clock


@pytest.mark.parametrize("status", [300, 303, 304, 400, 401, 404, 408, 429, 500, 502, 503])
async def test_failed_webhook_is_put_off(store: JobStore, clock: Clock, status: int) -> None:
    async with Receiver(answer(status, Location="/elsewhere")) as receiver:
        job_id = ended(store, receiver.url())
        sender = webhooks(store, clock)
        await sender.deliver_due()

        assert len(receiver.received) == 1
        found = state(store, job_id)
        assert (found.state, found.attempts, found.detail) == (Delivery.PENDING, 1, f"HTTP {status}")
        assert found.next_at == lasting(5, clock)
        assert await sender.deliver_due() == 0


async def test_webhook_is_given_up_visibly_after_the_schedule(
    store: JobStore, clock: Clock, logged: list[MutableMapping[str, Any]]
) -> None:
    delays: list[float] = []
    async with Receiver(answer(500)) as receiver:
        job_id = ended(store, receiver.url())
        sender = webhooks(store, clock)
        while (due := await sender.deliver_due()) and (found := state(store, job_id)).next_at is not None:
            delays.append((found.next_at - clock.time).total_seconds())
            clock.time = found.next_at

    assert due == 1
    assert tuple(delays) == RETRY_DELAYS
    assert len(receiver.received) == MAX_ATTEMPTS
    found = state(store, job_id)
    assert (found.state, found.attempts, found.next_at) == (Delivery.GIVEN_UP, MAX_ATTEMPTS, None)
    assert logged[-1] == {
        "event": "webhook given up",
        "log_level": "warning",
        "job": job_id,
        "attempt": MAX_ATTEMPTS,
        "detail": "HTTP 500",
    }


async def test_attempts_are_as_many_as_wanted(store: JobStore, clock: Clock) -> None:
    async with Receiver(answer(500)) as receiver:
        job_id = ended(store, receiver.url())
        sender = webhooks(store, clock, attempts=2)
        await sender.deliver_due()
        clock.pass_by(seconds=5)
        await sender.deliver_due()

    assert state(store, job_id).state is Delivery.GIVEN_UP


async def test_pauses_are_spread(store: JobStore, clock: Clock) -> None:
    async with Receiver(answer(500)) as receiver:
        ids = [ended(store, receiver.url()) for _ in range(5)]
        await Webhooks(store, secrets=[SECRET], allow_private=True, now=clock).deliver_due()

    delays = {(state(store, job_id).next_at or clock.time) - clock.time for job_id in ids}
    assert len(delays) == 5
    assert all(timedelta(seconds=5) <= delay <= timedelta(seconds=6) for delay in delays)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [("120", 120), ("1", 5), ("999999999", 86_400), ("soon", 5), ("Wed, 21 Oct 2026 07:28:00 GMT", 5), ("-9", 5)],
)
async def test_wait_that_a_receiver_asks_for_is_kept(store: JobStore, clock: Clock, asked: str, seconds: float) -> None:
    async with Receiver(answer(503, Retry_After=asked)) as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock).deliver_due()

    assert state(store, job_id).next_at == lasting(seconds, clock)


async def test_receiver_that_is_gone_is_given_up_at_once(store: JobStore, clock: Clock) -> None:
    async with Receiver(answer(410)) as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock).deliver_due()

    found = state(store, job_id)
    assert (found.state, found.detail, found.attempts) == (Delivery.GIVEN_UP, "HTTP 410", 1)


async def test_receiver_that_does_not_answer_is_left(store: JobStore, clock: Clock) -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with Receiver(silent) as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock, seconds=0.2).deliver_due()

    assert (state(store, job_id).state, state(store, job_id).detail) == (Delivery.PENDING, "no answer within 0.2 s")


async def test_headers_that_trickle_are_left(store: JobStore, clock: Clock) -> None:
    async def trickling(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: 1\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with Receiver(trickling) as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock, seconds=0.2).deliver_due()

    assert state(store, job_id).detail == "no answer within 0.2 s"


async def test_answer_without_an_end_is_not_read(store: JobStore, clock: Clock) -> None:
    written = 0
    cut = asyncio.Event()

    async def endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()
                written += 65_536
        finally:
            cut.set()

    async with Receiver(endless) as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock).deliver_due()
        async with asyncio.timeout(60):
            await cut.wait()

    assert state(store, job_id).state is Delivery.DELIVERED
    assert written < 32 * 1024 * 1024  # what the buffers of two sockets hold


@pytest.mark.parametrize(
    "reply", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\nX" + b"x" * 300_000]
)
async def test_answer_that_is_none_is_a_failed_connection(store: JobStore, clock: Clock, reply: bytes) -> None:
    async with Receiver(reply) as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock).deliver_due()

    assert (state(store, job_id).state, state(store, job_id).detail) == (Delivery.PENDING, "the connection failed")


async def test_refused_connection_is_put_off(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        url = receiver.url()
    job_id = ended(store, url)
    await webhooks(store, clock).deliver_due()

    assert (state(store, job_id).state, state(store, job_id).detail) == (Delivery.PENDING, "the connection failed")


async def test_name_without_an_address_is_put_off(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        job_id = ended(store, "https://hooks.example/")
        await webhooks(store, clock, network=Internet(receiver).guarded([])).deliver_due()

    found = state(store, job_id)
    assert (found.state, found.detail) == (Delivery.PENDING, "the receiver's host name has no address")


async def test_slow_receiver_does_not_keep_the_others(store: JobStore, clock: Clock) -> None:
    there = asyncio.Barrier(4)

    async def when_all_are_there(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await there.wait()
        writer.write(OK)

    async with Receiver(when_all_are_there) as receiver:
        ids = [ended(store, receiver.url()) for _ in range(4)]
        assert await webhooks(store, clock).deliver_due() == 4

    assert [state(store, job_id).state for job_id in ids] == [Delivery.DELIVERED] * 4


async def test_attempts_at_a_time_are_bounded(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        for _ in range(5):
            ended(store, receiver.url())
        sender = webhooks(store, clock, concurrency=3)

        assert [await sender.deliver_due() for _ in range(3)] == [3, 2, 0]


async def test_store_that_fails_for_one_does_not_keep_the_others(
    store: JobStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Receiver() as receiver:
        lost, *others = [ended(store, receiver.url()) for _ in range(3)]
        done = store.callback_done

        def failing(job_id: str, status: int) -> None:
            if job_id == lost:
                raise ConnectionError
            done(job_id, status)

        sender = webhooks(store, clock)
        monkeypatch.setattr(store, "callback_done", failing)
        with pytest.raises(ConnectionError):
            await sender.deliver_due()
        assert [state(store, job_id).state for job_id in others] == [Delivery.DELIVERED] * 2

        monkeypatch.setattr(store, "callback_done", done)
        clock.pass_by(seconds=61)
        assert await sender.deliver_due() == 1

    assert state(store, lost).state is Delivery.DELIVERED
    assert [request.data["id"] for request in receiver.received].count(lost) == 2
