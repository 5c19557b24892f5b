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
from service.jobs.states import Ending, Order, State, Trouble
from service.jobs.store import JobStore
from tests.queue.conftest import Work
from tests.queue.wire import TEXT, Ear, Line, Sender, ended, eventually, none

LEASE = timedelta(seconds=30)

Begin = Callable[..., Awaitable[Relay]]


def order(**members: Any) -> Order:
    return Order(article=Article(text=TEXT, language="en"), kinds=["sanctions"], **members)


@pytest.fixture
async def relay(sender: Sender, store: JobStore, broker_url: str) -> AsyncIterator[Begin]:
    """Set relays to work; they are stopped after the test."""
    running: list[tuple[asyncio.Task[None], BrokerConnection]] = []

    async def begin(url: str = broker_url, seconds: float = 0.1, age: float = 0.0) -> Relay:
        connection = BrokerConnection(url, sender.topology)
        relay = Relay(store, Broker(connection), seconds=seconds, age=timedelta(seconds=age))
        running.append((asyncio.create_task(relay.run()), connection))
        return relay

    yield begin
    for task, connection in running:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await connection.close()


@pytest.fixture
async def articles(sender: Sender) -> Ear:
    return Ear(await sender.channel.get_queue(sender.topology.articles))


async def test_new_job_becomes_a_message_of_which_nobody_else_is_told(
    store: JobStore, relay: Begin, articles: Ear
) -> None:
    store.add(order(reuse=False), fingerprint="f", job_id="job-1")
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
    await eventually(lambda: none(store.unsent))
    assert await articles.silent()


async def test_several_relays_publish_each_job_once(store: JobStore, relay: Begin, articles: Ear) -> None:
    names = {f"job-{number}" for number in range(250)}
    for name in names:
        store.add(order(), fingerprint="f", job_id=name)

    for _ in range(3):
        await relay()

    assert sorted([(await articles.heard())["id"] for _ in names]) == sorted(names)
    assert await articles.silent()


async def test_woken_relay_publishes_at_once(store: JobStore, relay: Begin, articles: Ear) -> None:
    woken = await relay(seconds=600)
    await eventually(lambda: _is_idle(woken))
    store.add(order(), fingerprint="f", job_id="job-1")

    woken.wake()

    assert (await articles.heard())["id"] == "job-1"


async def test_stopped_relay_ends(store: JobStore, sender: Sender, broker_url: str, line: Line) -> None:
    url = await line.open()
    for there in (True, False):
        connection = BrokerConnection(url if there else "amqp://127.0.0.1:1/", sender.topology)
        relay = Relay(store, Broker(connection), seconds=600)
        running = asyncio.create_task(relay.run())
        await asyncio.sleep(0.1)
        relay.stop()
        await asyncio.wait_for(running, 30)
        await connection.close()


async def test_end_that_nobody_was_told_of_is_told(store: JobStore, sender: Sender, relay: Begin) -> None:
    ear, inbox = await sender.listen("failed"), await sender.inbox()
    store.add(order(reply_to=inbox.name), fingerprint="f", job_id="job-1", sent=True)
    claim = store.claim("job-1", LEASE)
    assert claim is not None
    store.finish(claim, Ending(State.FAILED, trouble=Trouble("article_too_long", "too long")))
    await relay()

    told = await ear.heard()

    assert (told["id"], told["state"]) == ("job-1", "failed")
    assert told["error"] == {"code": "article_too_long", "detail": "too long"}
    assert await inbox.heard() == told
    await eventually(lambda: none(store.unannounced))
    assert await ear.silent()


async def test_job_that_was_given_up_is_told_of_and_in_the_dead_letters(
    store: JobStore, impatient: JobStore, sender: Sender, relay: Begin
) -> None:
    ear = await sender.listen("failed")
    store.add(order(), fingerprint="f", job_id="job-1", sent=True)
    impatient.give_up()
    await relay()

    told = await ear.heard()
    letter = await sender.dead_letter()

    assert (told["id"], told["error"]["code"]) == ("job-1", "job_timed_out")
    assert (letter.message_id, letter.headers["x-dragoman-code"]) == ("job-1", "job_timed_out")
    assert json.loads(letter.body)["article"] == {"text": TEXT, "language": "en"}
    await eventually(lambda: none(store.unannounced))
    assert await ear.silent()
    assert await sender.size(sender.topology.dead) == 0


async def test_fresh_end_is_left_to_the_worker_that_has_made_it(store: JobStore, sender: Sender, relay: Begin) -> None:
    ear = await sender.listen()
    store.add(order(), fingerprint="f", job_id="job-1", sent=True)
    store.cancel("job-1")
    await relay(age=1.0)

    assert await ear.silent(0.5)
    assert (await ear.heard())["state"] == "cancelled"


async def test_relay_goes_on_when_the_broker_is_back(
    store: JobStore, sender: Sender, relay: Begin, line: Line, articles: Ear, capsys: pytest.CaptureFixture[str]
) -> None:
    url = await line.open()
    await relay(url)
    store.add(order(), fingerprint="f", job_id="job-1")
    await articles.heard()

    line.cut()
    store.add(order(), fingerprint="f", job_id="job-2")
    await asyncio.sleep(1.2)
    line.mend()

    assert (await articles.heard())["id"] == "job-2"
    assert capsys.readouterr().out.count("warning") == 1


async def test_job_posted_while_the_broker_is_away_is_done_when_it_is_back(
    store: JobStore, work: Work, relay: Begin, line: Line
) -> None:
    url = await line.open()
    line.cut()
    await relay(url)
    await work(url=url)
    store.add(order(), fingerprint="f", job_id="job-1")
    await asyncio.sleep(0.5)

    line.mend()

    assert (await ended(store, "job-1")).state is State.COMPLETE


async def test_relay_outlives_an_outage_of_the_store(
    store: JobStore, relay: Begin, articles: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsent, failures = store.unsent, 3

    def fail(*args: Any, **options: Any) -> Any:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise StoreUnavailableError("away")
        return unsent(*args, **options)

    monkeypatch.setattr(store, "unsent", fail)
    store.add(order(), fingerprint="f", job_id="job-1")
    await relay()

    assert (await articles.heard())["id"] == "job-1"


async def _is_idle(relay: Relay) -> bool:
    return relay._broker.connection._session is not None
