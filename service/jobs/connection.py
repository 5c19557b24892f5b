"""A connection to RabbitMQ that is made anew whenever it is lost.

aio-pika is used without its "robust" classes, and without FastStream: docs/adr/0008-aio-pika-for-the-queue.md.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import chain, repeat
from typing import Any
from urllib.parse import urlsplit

import structlog
from aio_pika import Connection
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractMessage
from aio_pika.connection import make_url
from aio_pika.exceptions import PublishError

from service.errors import DragomanError
from service.jobs.decoding import leave_out_the_unreadable
from service.jobs.topology import Topology

CONNECTING_SECONDS = 10.0
ANSWERING_SECONDS = 30.0
"""How long the broker may take to confirm a message or to do what it is told."""
CLOSING_SECONDS = 3.0
PAUSES = (0.2, 0.5, 1.0, 2.0)
"""Seconds between tries to connect; the last one repeats."""

log = structlog.get_logger(__name__)


class BrokerUnavailableError(DragomanError):
    """The broker is out of reach, or has not confirmed what it was told; it may have done it all the same."""

    code = "broker_unavailable"


class UnroutableError(DragomanError):
    """A message has come back, because no queue has that name."""

    code = "queue_unknown"


@asynccontextmanager
async def answered(seconds: float = ANSWERING_SECONDS) -> AsyncIterator[None]:
    """Bound what is asked of the broker, and turn whatever goes wrong into one of our errors.

    Where a connection breaks, aio-pika raises errors of a dozen classes, plain `Exception`, and `CancelledError` in
    tasks that nobody has cancelled.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except PublishError:
        raise UnroutableError("no queue has that name") from None
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise BrokerUnavailableError("the connection to the broker broke off") from None
    except Exception as error:
        raise BrokerUnavailableError("the broker is out of reach") from error


class Session:
    """A connection while it lasts. `lost` is set once it or one of its channels is gone."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection
        self._outlet: AbstractChannel
        self._inlet: AbstractChannel | None = None
        self._exchange: AbstractExchange
        self.lost = asyncio.Event()
        self._watch(connection)

    async def open(self, topology: Topology) -> None:
        """Connect, and make what is not there yet, and the channel to publish on."""
        await self._connection.connect()
        async with self._connection.channel() as channel:
            await topology.declare(channel)
        self._outlet = await self._channel(publisher_confirms=True, on_return_raises=True)
        self._exchange = await self._outlet.get_exchange(topology.extractions, ensure=False)

    async def consuming(self, prefetch: int) -> AbstractChannel:
        """The channel to consume from, with so many messages unacknowledged at a time. The session ends with it."""
        if self._inlet is None:
            channel = await self._channel()
            await channel.set_qos(prefetch_count=prefetch)
            underlay = await channel.get_underlay_channel()
            underlay.on_consumer_cancel_callbacks.add(lambda _: self.lost.set())  # the queue was deleted
            self._inlet = channel
        return self._inlet

    async def send(self, message: AbstractMessage, queue: str) -> None:
        """Put a message into a queue; returns when the broker has it on disk.

        Raises:
            UnroutableError: there is no such queue.
            BrokerUnavailableError: it is not confirmed.

        """
        async with answered():
            await self._outlet.default_exchange.publish(message, queue)

    async def tell(self, message: AbstractMessage, routing_key: str) -> None:
        """Give a message to the exchange, for whoever has bound a queue to it; maybe nobody.

        Raises:
            BrokerUnavailableError: it is not confirmed.

        """
        async with answered():
            await self._exchange.publish(message, routing_key, mandatory=False)

    async def close(self) -> None:
        self.lost.set()
        with suppress(BrokerUnavailableError):
            async with answered(CLOSING_SECONDS):
                await self._connection.close()

    async def _channel(self, **options: Any) -> AbstractChannel:
        channel = self._connection.channel(**options)
        await channel.initialize()
        self._watch(channel)
        return channel

    def _watch(self, closing: AbstractConnection | AbstractChannel) -> None:
        closing.close_callbacks.add(lambda *_: self.lost.set())


class BrokerConnection:
    """Has one session at a time, for everything on one event loop.

    Args:
        url: `amqp://…` or `amqps://…`.
        topology: is declared with each new session.
        name: what RabbitMQ's listings call the connection.

    Raises:
        ValueError: the address is none of a RabbitMQ. The message does not show it.

    """

    def __init__(self, url: str, topology: Topology, *, name: str = "dragoman") -> None:
        self._url = _broker_url(url)
        # They log each failure and raise it too; what an outage is worth, once, is said here.
        for library in ("aio_pika", "aiormq"):
            logging.getLogger(library).setLevel(logging.CRITICAL)
        leave_out_the_unreadable()
        self._name = name
        self.topology = topology
        self._session: Session | None = None
        self._connecting = asyncio.Lock()

    async def session(self) -> Session:
        """The session there is, or a new one; waits for as long as there can be none."""
        async with self._connecting:
            if self._session is not None and not self._session.lost.is_set():
                return self._session
            outage = self._session is not None
            if outage:
                log.warning("the connection to the broker is lost")
            for pause in chain(PAUSES, repeat(PAUSES[-1])):
                try:
                    session = await self._connect()
                except BrokerUnavailableError as error:
                    if not outage:
                        log.warning("the broker is out of reach", error=type(error.__cause__).__name__)
                    outage = True
                    await asyncio.sleep(pause)
                else:
                    break
            if outage:
                log.info("the broker is back")
            return session

    async def connect(self) -> Session:
        """The session there is, or a new one.

        Raises:
            BrokerUnavailableError: there is none, and this was the only try.

        """
        async with self._connecting:
            if self._session is None or self._session.lost.is_set():
                await self._connect()
            assert self._session is not None  # noqa: S101 -- it was made above
            return self._session

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _connect(self) -> Session:
        await self.close()
        async with answered(CONNECTING_SECONDS):
            # `aio_pika.connect` leaves a connection that could not be made to the collector, which complains of it.
            session = Session(Connection(make_url(self._url), client_properties={"connection_name": self._name}))
            try:
                await session.open(self.topology)
            except BaseException:
                await session.close()
                raise
        self._session = session
        return session


def _broker_url(text: str) -> str:
    try:
        url = urlsplit(text)
        usable = url.scheme in {"amqp", "amqps"} and bool(url.hostname) and url.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("the broker must be amqp://HOST or amqps://HOST")
    return text
