"""The broker as the tests use it: a program that sends and hears messages, and a wire that can be cut."""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage, AbstractQueue

from service.jobs.states import Job
from service.jobs.store import JobStore
from service.jobs.topology import Topology
from tests.support.patience import PATIENCE

URL_OF_BROKER = os.environ.get("DRAGOMAN_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672/")
TEXT = "Estonia froze the assets of two shipping companies on Monday."


def article(**members: Any) -> dict[str, Any]:
    """A message as a program of somebody else's would write it; one question to the model."""
    return {"article": {"text": TEXT, "language": "en", "id": "a-1"}, "kinds": ["sanctions"], **members}


class BrokerProxy:
    """A TCP proxy between a worker and the broker, whose connections can be cut."""

    def __init__(self) -> None:
        self._ends: set[asyncio.StreamWriter] = set()
        self._whole = True

    async def open(self) -> str:
        """Start the proxy; returns its address, for use in place of the broker's."""
        url = urlsplit(URL_OF_BROKER)
        self._far = (url.hostname or "", url.port or 5672)
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        return url._replace(netloc=f"{url.username}:{url.password}@127.0.0.1:{port}").geturl()

    def cut(self) -> None:
        self._whole = False
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()

    def mend(self) -> None:
        self._whole = True

    async def close(self) -> None:
        self.cut()
        self._server.close()
        await self._server.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection(*self._far)
        self._ends |= {writer, far_writer}
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


class Sender:
    """Another program, which uses RabbitMQ and JSON without our code."""

    def __init__(self, connection: AbstractConnection, channel: AbstractChannel, topology: Topology) -> None:
        self._connection = connection
        self.channel = channel
        self.topology = topology

    async def send(self, document: Any, **properties: Any) -> None:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        message = aio_pika.Message(body, **properties)
        await self.channel.default_exchange.publish(message, self.topology.articles)

    async def dead_letter_message(self, body: bytes, **properties: Any) -> None:
        """Publish a message to the dead letters."""
        await self.channel.default_exchange.publish(aio_pika.Message(body, **properties), self.topology.dead_letters)

    async def listen(self, key: str = "#") -> "QueueReader":
        """A queue that gets what is published on the exchange from now on."""
        exchange = await self.channel.get_exchange(self.topology.extractions)
        queue = await self.channel.declare_queue(exclusive=True)
        await queue.bind(exchange, key)
        return QueueReader(queue)

    async def inbox(self) -> "QueueReader":
        """A queue for replies."""
        return QueueReader(await self.channel.declare_queue(exclusive=True))

    async def dead_letter(self) -> AbstractIncomingMessage:
        """The next of the dead letters; waits for it."""
        return await QueueReader(await self.channel.get_queue(self.topology.dead_letters)).message()

    async def is_there(self, queue: str) -> bool:
        async with self._connection.channel() as channel:  # a wrong name closes the channel
            try:
                await channel.declare_queue(queue, passive=True)
            except aio_pika.exceptions.ChannelNotFoundEntity:
                return False
            return True

    async def size(self, queue: str) -> int:
        """How many messages wait in a queue."""
        declared = await self.channel.declare_queue(queue, passive=True)
        return declared.declaration_result.message_count or 0


class QueueReader:
    """A queue that is read message by message."""

    def __init__(self, queue: AbstractQueue) -> None:
        self._queue = queue
        self.name = queue.name

    async def message(self) -> AbstractIncomingMessage:
        """The next message; waits for it."""

        async def next_one() -> AbstractIncomingMessage | None:
            return await self._queue.get(no_ack=True, fail=False)

        return await eventually(next_one)

    async def read(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((await self.message()).body)
        return document

    async def only_repeats(self, told: dict[str, Any], seconds: float = 1.0) -> bool:
        """Whether nothing comes for a while but the same: of two who look at an end at once both may tell of it."""
        await asyncio.sleep(seconds)
        while (message := await self._queue.get(no_ack=True, fail=False)) is not None:
            if json.loads(message.body) != told:
                return False
        return True

    async def stays_empty(self, seconds: float = 0.4) -> bool:
        """Whether nothing comes for a while."""
        await asyncio.sleep(seconds)
        return await self._queue.get(no_ack=True, fail=False) is None


async def eventually(look: Callable[[], Awaitable[Any]], seconds: float = PATIENCE) -> Any:
    """What `look` finds, once it finds something."""
    end = time.monotonic() + seconds
    while not (found := await look()):
        if time.monotonic() > end:
            raise AssertionError("it has not come about in time")
        await asyncio.sleep(0.03)
    return found


async def has(sender: Sender, queue: str, count: int) -> bool:
    """Whether so many messages wait in a queue."""
    return await sender.size(queue) == count


async def none(look: Callable[[int], list[Any]]) -> bool:
    """Whether the outbox has nothing to send or to announce; it is noted only after whoever waits has heard of it."""
    return not await asyncio.to_thread(look, 10)


async def ended(store: JobStore, job_id: str) -> Job:
    """The job, once it has ended."""

    async def look() -> Job | None:
        job = await asyncio.to_thread(store.job, job_id)
        return job if job is not None and job.finished_at is not None else None

    job: Job = await eventually(look)
    return job
