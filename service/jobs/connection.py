"""A connection to RabbitMQ that is made again whenever it is lost.

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
from service.jobs.lenient_decoding import ignore_undecodable_properties
from service.jobs.topology import Topology

CONNECT_SECONDS = 10.0
CONFIRM_SECONDS = 30.0
"""How long the broker may take to confirm a message or to answer a command."""
CLOSE_SECONDS = 3.0
RECONNECT_DELAYS = (0.2, 0.5, 1.0, 2.0)
"""Seconds between attempts to connect; the last value repeats."""

log = structlog.get_logger(__name__)


class BrokerUnavailableError(DragomanError):
    """The broker is out of reach or has not confirmed a call in time; it may have executed the call all the same."""

    code = "broker_unavailable"


class UnroutableError(DragomanError):
    """The broker returned a message because no queue has the name that it was sent to."""

    code = "queue_unknown"


@asynccontextmanager
async def broker_call(seconds: float = CONFIRM_SECONDS) -> AsyncIterator[None]:
    """Call the broker inside: sets a time limit, and turns whatever aio-pika raises into one of our errors.

    When a connection breaks, aio-pika raises errors of a dozen classes, plain `Exception`, and `CancelledError` in
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
    """One connection with its channels. `lost` is set once the connection or one of the channels is closed."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection
        self._publishing_channel: AbstractChannel
        self._consuming_channel: AbstractChannel | None = None
        self._exchange: AbstractExchange
        self.lost = asyncio.Event()
        self._watch(connection)

    async def open(self, topology: Topology) -> None:
        """Connect, declare the topology, and open the channel to publish on."""
        await self._connection.connect()
        async with self._connection.channel() as channel:
            await topology.declare(channel)
        self._publishing_channel = await self._open_channel(publisher_confirms=True, on_return_raises=True)
        self._exchange = await self._publishing_channel.get_exchange(topology.extractions, ensure=False)

    async def consumer_channel(self, prefetch: int) -> AbstractChannel:
        """The channel to consume from. `prefetch` is the most unacknowledged messages. Losing it ends the session."""
        if self._consuming_channel is None:
            channel = await self._open_channel()
            await channel.set_qos(prefetch_count=prefetch)
            underlay = await channel.get_underlay_channel()
            underlay.on_consumer_cancel_callbacks.add(lambda _: self.lost.set())  # the queue was deleted
            self._consuming_channel = channel
        return self._consuming_channel

    async def send_to_queue(self, message: AbstractMessage, queue: str) -> None:
        """Send a message to a queue; returns once the broker has stored it on disk.

        Raises:
            UnroutableError: there is no such queue.
            BrokerUnavailableError: the message was not confirmed.

        """
        async with broker_call():
            await self._publishing_channel.default_exchange.publish(message, queue)

    async def publish_to_exchange(self, message: AbstractMessage, routing_key: str) -> None:
        """Publish a message to the exchange, for the queues that are bound to it, if any.

        Raises:
            BrokerUnavailableError: the message was not confirmed.

        """
        async with broker_call():
            await self._exchange.publish(message, routing_key, mandatory=False)

    async def close(self) -> None:
        self.lost.set()
        with suppress(BrokerUnavailableError):
            async with broker_call(CLOSE_SECONDS):
                await self._connection.close()

    async def _open_channel(self, **options: Any) -> AbstractChannel:
        channel = self._connection.channel(**options)
        await channel.initialize()
        self._watch(channel)
        return channel

    def _watch(self, closing: AbstractConnection | AbstractChannel) -> None:
        closing.close_callbacks.add(lambda *_: self.lost.set())


class BrokerConnection:
    """Has one session at a time, which everything on one event loop shares.

    Args:
        url: `amqp://…` or `amqps://…`.
        topology: queues and exchange, declared with each new session.
        name: of the connection in RabbitMQ's listings.

    Raises:
        ValueError: `url` is not the address of a RabbitMQ. The message does not repeat it.

    """

    def __init__(self, url: str, topology: Topology, *, name: str = "dragoman") -> None:
        self._url = _checked_url(url)
        # These libraries log every failure that they raise. An outage is logged once, by `session`.
        for library in ("aio_pika", "aiormq"):
            logging.getLogger(library).setLevel(logging.CRITICAL)
        ignore_undecodable_properties()
        self._name = name
        self.topology = topology
        self._session: Session | None = None
        self._connecting = asyncio.Lock()

    async def session(self) -> Session:
        """The current session, or a new one; waits while the broker is out of reach."""
        async with self._connecting:
            if self._session is not None and not self._session.lost.is_set():
                return self._session
            is_outage = self._session is not None
            if is_outage:
                log.warning("broker connection lost")
            for delay in chain(RECONNECT_DELAYS, repeat(RECONNECT_DELAYS[-1])):
                try:
                    session = await self._connect()
                except BrokerUnavailableError as error:
                    if not is_outage:
                        log.warning("broker unavailable", error=type(error.__cause__).__name__)
                    is_outage = True
                    await asyncio.sleep(delay)
                else:
                    break
            if is_outage:
                log.info("broker available again")
            return session

    async def connect(self) -> Session:
        """The current session, or a new one; tries to connect once.

        Raises:
            BrokerUnavailableError: it could not connect.

        """
        async with self._connecting:
            if self._session is None or self._session.lost.is_set():
                await self._connect()
            assert self._session is not None  # noqa: S101 -- `_connect` has set it
            return self._session

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _connect(self) -> Session:
        await self.close()
        async with broker_call(CONNECT_SECONDS):
            # `aio_pika.connect` leaves a failed connection to the garbage collector, which then warns about it.
            session = Session(Connection(make_url(self._url), client_properties={"connection_name": self._name}))
            try:
                await session.open(self.topology)
            except BaseException:
                await session.close()
                raise
        self._session = session
        return session


def _checked_url(text: str) -> str:
    try:
        url = urlsplit(text)
        usable = url.scheme in {"amqp", "amqps"} and bool(url.hostname) and url.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("the broker must be amqp://HOST or amqps://HOST")
    return text
