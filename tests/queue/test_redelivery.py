"""Whatever comes twice is done once, and what was begun by somebody who is gone is done by somebody else."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from service.errors import ModelUnavailableError
from service.jobs.connection import BrokerConnection
from service.jobs.errors import StoreUnavailableError
from service.jobs.states import State
from service.jobs.store import JobStore
from service.jobs.topology import DELIVERY_LIMIT, Topology
from tests.queue.conftest import Work
from tests.queue.wire import BrokerProxy, Sender, article, ended, eventually, has
from tests.support.patience import PATIENCE
from tests.support.scripted_model import NOTHING, ScriptedModel


class Pondering:
    """A model that has begun, and answers when it is told to."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.model = ScriptedModel(otherwise=self._ponder)

    @property
    def asked(self) -> int:
        return len(self.model.questions)

    async def _ponder(self, _: object) -> Any:
        self.begun.set()
        await self.may_answer.wait()
        return NOTHING


@asynccontextmanager
async def worker_process(
    broker_url: str, topology: Topology, database_url: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker's process that has begun with an article."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.queue.killed_worker", broker_url, topology.prefix, database_url),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        await asyncio.wait_for(process.stdout.readuntil(b"thinking\n"), PATIENCE)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        process._transport.close()  # type: ignore[attr-defined]  # asyncio leaves the pipe to the collector


async def test_killed_worker_s_article_is_done_by_another(
    sender: Sender, work: Work, store: JobStore, database_url: str, broker_url: str
) -> None:
    reader = await sender.listen()
    await sender.send(article(id="job-1"))
    async with worker_process(broker_url, sender.topology, database_url) as process:
        process.kill()
    await work(ScriptedModel(otherwise=NOTHING))

    told = await reader.read()

    assert (told["id"], told["state"], told["attempts"]) == ("job-1", "complete", 2)
    assert store.counts() == {State.COMPLETE: 1}
    assert await reader.stays_empty()


async def test_article_outlives_the_connection_that_it_came_over(
    sender: Sender, work: Work, store: JobStore, proxy: BrokerProxy
) -> None:
    reader = await sender.listen()
    pondering = Pondering()
    await work(pondering.model, url=await proxy.open())
    await sender.send(article(id="job-1"))
    await pondering.begun.wait()

    proxy.cut()
    proxy.mend()
    await eventually(lambda: _waits_for_somebody(sender))
    pondering.may_answer.set()

    told = await reader.read()
    assert (told["state"], told["attempts"]) == ("complete", 1)
    assert await reader.only_repeats(told)
    assert pondering.asked == 1
    assert [await sender.size(queue) for queue in sender.topology.queues()] == [0, 0, 0, 0]


async def test_end_that_could_not_be_told_is_told_when_the_broker_is_back(
    sender: Sender, work: Work, store: JobStore, proxy: BrokerProxy
) -> None:
    reader = await sender.listen()
    pondering = Pondering()
    await work(pondering.model, url=await proxy.open())
    await sender.send(article(id="job-1"))
    await pondering.begun.wait()

    proxy.cut()
    pondering.may_answer.set()
    assert (await ended(store, "job-1")).state is State.COMPLETE
    assert store.announcement("job-1") is not None
    proxy.mend()

    assert (await reader.read())["id"] == "job-1"
    assert pondering.asked == 1


async def test_worker_goes_on_after_every_cut(sender: Sender, work: Work, store: JobStore, proxy: BrokerProxy) -> None:
    await work(url=await proxy.open())

    for number in range(4):
        await sender.send(article(id=f"job-{number}"))
        await ended(store, f"job-{number}")
        proxy.cut()
        proxy.mend()


async def test_worker_that_starts_before_its_broker_waits_for_it(
    sender: Sender, work: Work, store: JobStore, proxy: BrokerProxy
) -> None:
    url = await proxy.open()
    proxy.cut()
    await work(url=url)
    await sender.send(article(id="job-1"))
    await asyncio.sleep(0.5)
    proxy.mend()

    assert (await ended(store, "job-1")).state is State.COMPLETE


async def test_worker_makes_its_queue_anew_when_it_was_deleted(sender: Sender, work: Work, store: JobStore) -> None:
    await work()
    await sender.send(article(id="job-1"))
    await ended(store, "job-1")

    await sender.channel.queue_delete(sender.topology.articles)
    await eventually(lambda: sender.is_there(sender.topology.articles))
    await sender.send(article(id="job-2"))

    assert (await ended(store, "job-2")).state is State.COMPLETE


async def test_article_waits_for_its_next_try_though_the_queue_for_it_was_deleted(
    sender: Sender, work: Work, store: JobStore
) -> None:
    for retry_delay in sender.topology.retry_delays:
        await sender.channel.queue_delete(sender.topology.retry_queue(retry_delay))
    await work(ScriptedModel(ModelUnavailableError("down"), otherwise=NOTHING))

    await sender.send(article(id="job-1"))

    assert (await ended(store, "job-1")).attempts == 2


async def test_stopped_worker_finishes_what_it_has_begun_and_takes_no_more(
    sender: Sender, work: Work, store: JobStore
) -> None:
    reader = await sender.listen()
    pondering = Pondering()
    worker = await work(pondering.model, concurrency=1)
    await sender.send(article(id="job-1"))
    await pondering.begun.wait()

    worker.stop()
    await sender.send(article(id="job-2"))
    pondering.may_answer.set()

    assert (await reader.read())["id"] == "job-1"
    assert await reader.stays_empty()
    assert await sender.size(sender.topology.articles) == 1
    assert store.job("job-2") is None


async def test_cancelled_worker_gives_back_what_it_has_begun(sender: Sender, work: Work, store: JobStore) -> None:
    pondering = Pondering()
    worker = await work(pondering.model)
    await sender.send(article(id="job-1"))
    await pondering.begun.wait()

    await work.cancel(worker)

    job = store.job("job-1")
    assert job is not None
    assert (job.state, job.attempts) == (State.QUEUED, 0)
    await eventually(lambda: has(sender, sender.topology.articles, 1))


async def test_two_workers_share_the_articles_and_double_none(sender: Sender, work: Work, store: JobStore) -> None:
    async def think(_: object) -> Any:
        await asyncio.sleep(0.05)
        return NOTHING

    models = [ScriptedModel(otherwise=think), ScriptedModel(otherwise=think)]
    reader = await sender.listen()
    for model in models:
        await work(model, concurrency=1)

    for number in range(10):
        await sender.send(article(id=f"job-{number}", reuse=False))
    told = [await reader.read() for _ in range(10)]

    assert sorted(one["id"] for one in told) == [f"job-{number}" for number in range(10)]
    assert all(model.questions for model in models)
    assert sum(len(model.questions) for model in models) == 10
    assert await reader.stays_empty()


async def test_same_message_at_two_workers_is_worked_on_by_one(sender: Sender, work: Work) -> None:
    reader = await sender.listen()
    ponderings = [Pondering(), Pondering()]
    for pondering in ponderings:
        await work(pondering.model, concurrency=1)
    await sender.send(article(id="job-1"))
    await sender.send(article(id="job-1"))
    await eventually(lambda: _waits_for_somebody(sender))

    for pondering in ponderings:
        pondering.may_answer.set()

    told = await reader.read()
    assert told["attempts"] == 1
    assert await reader.only_repeats(told)
    assert sum(pondering.asked for pondering in ponderings) == 1


async def test_message_waits_while_the_store_is_out_of_reach(
    sender: Sender, work: Work, store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, failures = store.add, 3

    def fail(*args: Any, **options: Any) -> Any:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise StoreUnavailableError("away")
        return add(*args, **options)

    monkeypatch.setattr(store, "add", fail)
    await work()

    await sender.send(article(id="job-1"))

    assert (await ended(store, "job-1")).state is State.COMPLETE
    assert await sender.size(sender.topology.dead_letters) == 0


async def test_no_messages_are_taken_while_the_model_server_is_away(
    sender: Sender, work: Work, store: JobStore
) -> None:
    there = asyncio.Event()

    async def available() -> None:
        await there.wait()

    await work(available=available)
    await sender.send(article(id="job-1"))
    await asyncio.sleep(0.5)
    assert await sender.size(sender.topology.articles) == 1

    there.set()

    assert (await ended(store, "job-1")).attempts == 1


async def test_worker_takes_no_more_when_the_model_server_goes_away(
    sender: Sender, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = asyncio.Event()
    there.set()

    async def available() -> None:
        await there.wait()

    monkeypatch.setattr("service.jobs.worker.MODEL_WAIT_SECONDS", 0.3)
    reader = await sender.listen()
    await work(available=available, concurrency=2)
    await sender.send(article(id="job-0"))
    await reader.read()
    there.clear()

    for number in range(1, 6):
        await sender.send(article(id=f"job-{number}"))
    # Two have come before it was noticed. They are held for a while and then given to others, of whom there are none.
    await eventually(lambda: has(sender, sender.topology.articles, 5))
    assert await reader.stays_empty(1.0)
    assert await sender.size(sender.topology.articles) == 5
    there.set()

    assert {(await reader.read())["attempts"] for _ in range(5)} == {1}


async def test_new_connection_brings_no_messages_while_the_model_server_is_away(
    sender: Sender, work: Work, proxy: BrokerProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = asyncio.Event()
    there.set()

    async def available() -> None:
        await there.wait()

    monkeypatch.setattr("service.jobs.worker.MODEL_WAIT_SECONDS", 0.3)
    reader = await sender.listen()
    await work(available=available, url=await proxy.open())
    await sender.send(article(id="job-0"))
    await reader.read()
    there.clear()
    await sender.send(article(id="job-1"))
    await eventually(lambda: has(sender, sender.topology.articles, 1))

    proxy.cut()
    proxy.mend()
    await sender.send(article(id="job-2"))

    assert await reader.stays_empty(1.0)
    assert await sender.size(sender.topology.articles) == 2
    there.set()
    assert {(await reader.read())["id"] for _ in range(2)} == {"job-1", "job-2"}


async def test_held_message_goes_to_others_when_the_model_server_stays_away(
    sender: Sender, work: Work, store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.jobs.worker.MODEL_WAIT_SECONDS", 0.3)
    answers = iter([True])

    async def available() -> None:
        if not next(answers, False):
            await asyncio.sleep(600)

    await work(available=available)
    await sender.send(article(id="job-1"))
    await eventually(lambda: _waits_for_somebody(sender))
    await work()

    assert (await ended(store, "job-1")).state is State.COMPLETE


async def test_message_that_kills_its_workers_ends_in_the_dead_letters(sender: Sender) -> None:
    await sender.send(article(id="job-1"), message_id="job-1")
    queue = await sender.channel.get_queue(sender.topology.articles)

    for _ in range(DELIVERY_LIMIT + 1):
        message = await eventually(lambda: queue.get(fail=False))
        await message.nack(requeue=True)

    letter = await sender.dead_letter()
    assert json.loads(letter.body) == article(id="job-1")
    assert letter.headers["x-first-death-reason"] == "delivery_limit"


@pytest.mark.parametrize(
    "url", ["http://user:secret@host/", "amqp:secret", "amqp://user:secret@host:port/", "amqp://[secret"]
)
async def test_wrong_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="amqp://HOST") as caught:
        BrokerConnection(url, Topology())

    assert "secret" not in str(caught.value)


async def _waits_for_somebody(sender: Sender) -> bool:
    """Whether a message waits because somebody else has its job."""
    return any(
        [await sender.size(sender.topology.retry_queue(retry_delay)) for retry_delay in sender.topology.retry_delays]
    )
