"""A real RabbitMQ, queues of each test's own, and workers on scripted models."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import aio_pika
import pytest

from service.app import build_extractor
from service.jobs.broker import Broker
from service.jobs.connection import BrokerConnection
from service.jobs.job_runner import JobRunner
from service.jobs.store import JobStore
from service.jobs.topology import Topology
from service.jobs.worker import Worker
from service.settings import Settings
from tests.queue.wire import URL_OF_BROKER, BrokerProxy, Sender
from tests.support.scripted_model import NOTHING, ScriptedModel

MUST_BE_THERE = "CI" in os.environ


@pytest.fixture(scope="session")
def broker_url() -> str:
    """RabbitMQ is there, or the test is left out; where everything has to run, it fails."""

    async def connect() -> None:
        await (await aio_pika.connect(URL_OF_BROKER, timeout=5)).close()

    try:
        asyncio.run(connect())
    except (OSError, aio_pika.exceptions.AMQPError):
        if MUST_BE_THERE:
            raise
        pytest.skip("no RabbitMQ here: set DRAGOMAN_TEST_RABBITMQ to the address of one")
    return URL_OF_BROKER


@pytest.fixture
async def topology(broker_url: str) -> AsyncIterator[Topology]:
    """Queues of the test's own, with short retry delays."""
    topology = Topology(f"test-{uuid4().hex[:12]}", retry_delays=(0.2, 0.5))
    connection = await aio_pika.connect(broker_url)
    async with connection, connection.channel() as channel:
        await topology.declare(channel)
        yield topology
        for queue in topology.queues():
            await channel.queue_delete(queue)
        await channel.exchange_delete(topology.extractions)


@pytest.fixture
async def sender(topology: Topology, broker_url: str) -> AsyncIterator[Sender]:
    connection = await aio_pika.connect(broker_url)
    async with connection, connection.channel() as channel:
        yield Sender(connection, channel, topology)


@pytest.fixture
def zero_limit_store(database_url: str) -> Iterator[JobStore]:
    """The same store with a time limit of 0, so that every job exceeds it."""
    store = JobStore(database_url, time_limit=timedelta(0))
    yield store
    store.close()


@pytest.fixture
async def proxy(broker_url: str) -> AsyncIterator[BrokerProxy]:
    proxy = BrokerProxy()
    yield proxy
    await proxy.close()


@pytest.fixture
async def broker(topology: Topology, broker_url: str) -> AsyncIterator[Broker]:
    broker = Broker(BrokerConnection(broker_url, topology))
    yield broker
    await broker.connection.close()


class Work:
    """Sets workers to work."""

    def __init__(self, broker_url: str, topology: Topology, store: JobStore) -> None:
        self._broker_url = broker_url
        self._topology = topology
        self._store = store
        self._running: dict[Worker, asyncio.Task[None]] = {}
        self._connections: list[BrokerConnection] = []

    async def __call__(
        self,
        model: ScriptedModel | None = None,
        *,
        url: str | None = None,
        concurrency: int = 4,
        attempts: int = 3,
        lease: float = 30.0,
        retry_delay: float = 0.3,
        **options: Any,
    ) -> Worker:
        """Begin; without a model no article has records. `retry_delay` is that between two attempts."""
        job_runner = JobRunner(
            build_extractor(Settings(), model or ScriptedModel(otherwise=NOTHING)),
            self._store,
            deadline_seconds=10,
            max_deadline_seconds=60,
            attempts=attempts,
            lease=timedelta(seconds=lease),
            jitter=lambda _: retry_delay,
        )
        connection = BrokerConnection(url or self._broker_url, self._topology)
        worker = Worker(self._store, job_runner, Broker(connection), concurrency=concurrency, **options)
        self._connections.append(connection)
        self._running[worker] = asyncio.create_task(worker.run())
        return worker

    async def cancel(self, worker: Worker) -> None:
        """End a worker as its process does when the grace period is over."""
        self._running[worker].cancel()
        await asyncio.gather(self._running[worker], return_exceptions=True)

    async def close(self) -> None:
        for worker in self._running:
            await self.cancel(worker)
        for connection in self._connections:
            await connection.close()


@pytest.fixture
async def work(topology: Topology, broker_url: str, store: JobStore) -> AsyncIterator[Work]:
    work = Work(broker_url, topology, store)
    yield work
    await work.close()
