"""What the store has and the broker was not told of."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import aio_pika
import pytest

from schemas.article import Article
from service.jobs.broker import Broker
from service.jobs.connection import BrokerConnection
from service.jobs.errors import StoreUnavailableError
from service.jobs.relay import Relay
from service.jobs.states import JobError, JobOutcome, JobRequest, State
from service.jobs.store import JobStore
from tests.queue.conftest import Work
from tests.queue.wire import TEXT, BrokerProxy, QueueReader, Sender, ended, eventually, none

LEASE = timedelta(seconds=30)

Begin = Callable[..., Awaitable[Relay]]


def job_request(**members: Any) -> JobRequest:
    return JobRequest(article=Article(text=TEXT, language="en"), kinds=["sanctions"], **members)


@pytest.fixture
async def relay(sender: Sender, store: JobStore, broker_url: str) -> AsyncIterator[Begin]:
    """Set relays to work; they are stopped after the test."""
    running: list[tuple[asyncio.Task[None], BrokerConnection]] = []

    async def begin(url: str = broker_url, seconds: float = 0.1, grace: float = 0.0) -> Relay:
        connection = BrokerConnection(url, sender.topology)
        relay = Relay(store, Broker(connection), seconds=seconds, grace=timedelta(seconds=grace))
        running.append((asyncio.create_task(relay.run()), connection))
        return relay

    yield begin
    for task, connection in running:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await connection.close()


@pytest.fixture
async def articles(sender: Sender) -> QueueReader:
    return QueueReader(await sender.channel.get_queue(sender.topology.articles))


async def test_new_job_becomes_a_message_of_which_nobody_else_is_told(
    store: JobStore, relay: Begin, articles: QueueReader
) -> None:
    store.add(job_request(reuse=False), fingerprint="f", job_id="job-1")
    await relay()

    message = await articles.message()

    assert json.loads(message.body) == {
        "id": "job-1",
        "article": {"text": TEXT, "language": "en"},
        "kinds": ["sanctions"],
        "reuse": False,
    }
    assert message.delivery_mode is aio_pika.DeliveryMode.PERSISTENT
    assert message.content_type == "application/json"
    await eventually(lambda: none(store.unpublished))
    assert await articles.stays_empty()


async def test_several_relays_publish_each_job_once(store: JobStore, relay: Begin, articles: QueueReader) -> None:
    names = {f"job-{number}" for number in range(250)}
    for name in names:
        store.add(job_request(), fingerprint="f", job_id=name)

    for _ in range(3):
        await relay()

    assert sorted([(await articles.read())["id"] for _ in names]) == sorted(names)
    assert await articles.stays_empty()


async def test_woken_relay_publishes_at_once(store: JobStore, relay: Begin, articles: QueueReader) -> None:
    woken = await relay(seconds=600)
    await eventually(lambda: _is_idle(woken))
    store.add(job_request(), fingerprint="f", job_id="job-1")

    woken.wake()

    assert (await articles.read())["id"] == "job-1"


async def test_stopped_relay_ends(store: JobStore, sender: Sender, broker_url: str, proxy: BrokerProxy) -> None:
    url = await proxy.open()
    for there in (True, False):
        connection = BrokerConnection(url if there else "amqp://127.0.0.1:1/", sender.topology)
        relay = Relay(store, Broker(connection), seconds=600)
        running = asyncio.create_task(relay.run())
        await asyncio.sleep(0.1)
        relay.stop()
        await asyncio.wait_for(running, 30)
        await connection.close()


async def test_end_that_nobody_was_told_of_is_told(store: JobStore, sender: Sender, relay: Begin) -> None:
    reader, inbox = await sender.listen("failed"), await sender.inbox()
    store.add(job_request(reply_to=inbox.name), fingerprint="f", job_id="job-1", already_published=True)
    claim = store.claim("job-1", LEASE)
    assert claim is not None
    store.finish(claim, JobOutcome(State.FAILED, error=JobError("article_too_long", "too long")))
    await relay()

    told = await reader.read()

    assert (told["id"], told["state"]) == ("job-1", "failed")
    assert told["error"] == {"code": "article_too_long", "detail": "too long"}
    assert await inbox.read() == told
    await eventually(lambda: none(store.unannounced))
    assert await reader.stays_empty()


async def test_job_that_was_given_up_is_told_of_and_in_the_dead_letters(
    store: JobStore, zero_limit_store: JobStore, sender: Sender, relay: Begin
) -> None:
    reader = await sender.listen("failed")
    store.add(job_request(), fingerprint="f", job_id="job-1", already_published=True)
    zero_limit_store.time_out_jobs()
    await relay()

    told = await reader.read()
    letter = await sender.dead_letter()

    assert (told["id"], told["error"]["code"]) == ("job-1", "job_timed_out")
    assert (letter.message_id, letter.headers["x-dragoman-code"]) == ("job-1", "job_timed_out")
    assert json.loads(letter.body)["article"] == {"text": TEXT, "language": "en"}
    await eventually(lambda: none(store.unannounced))
    assert await reader.stays_empty()
    assert await sender.size(sender.topology.dead_letters) == 0


async def test_fresh_end_is_left_to_the_worker_that_has_made_it(store: JobStore, sender: Sender, relay: Begin) -> None:
    reader = await sender.listen()
    store.add(job_request(), fingerprint="f", job_id="job-1", already_published=True)
    store.cancel("job-1")
    await relay(grace=1.0)

    assert await reader.stays_empty(0.5)
    assert (await reader.read())["state"] == "cancelled"


async def test_relay_goes_on_when_the_broker_is_back(
    store: JobStore,
    sender: Sender,
    relay: Begin,
    proxy: BrokerProxy,
    articles: QueueReader,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = await proxy.open()
    await relay(url)
    store.add(job_request(), fingerprint="f", job_id="job-1")
    await articles.read()

    proxy.cut()
    store.add(job_request(), fingerprint="f", job_id="job-2")
    await asyncio.sleep(1.2)
    proxy.mend()

    assert (await articles.read())["id"] == "job-2"
    assert capsys.readouterr().out.count("warning") == 1


async def test_job_posted_while_the_broker_is_away_is_done_when_it_is_back(
    store: JobStore, work: Work, relay: Begin, proxy: BrokerProxy
) -> None:
    url = await proxy.open()
    proxy.cut()
    await relay(url)
    await work(url=url)
    store.add(job_request(), fingerprint="f", job_id="job-1")
    await asyncio.sleep(0.5)

    proxy.mend()

    assert (await ended(store, "job-1")).state is State.COMPLETE


async def test_relay_outlives_an_outage_of_the_store(
    store: JobStore, relay: Begin, articles: QueueReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpublished, failures = store.unpublished, 3

    def fail(*args: Any, **options: Any) -> Any:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise StoreUnavailableError("away")
        return unpublished(*args, **options)

    monkeypatch.setattr(store, "unpublished", fail)
    store.add(job_request(), fingerprint="f", job_id="job-1")
    await relay()

    assert (await articles.read())["id"] == "job-1"


async def _is_idle(relay: Relay) -> bool:
    return relay._broker.connection._session is not None
