"""Everything that is published, each message confirmed before the call returns."""

from datetime import UTC, datetime
from typing import Any

import structlog
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractMessage

from service.errors import DragomanError
from service.jobs import messages
from service.jobs.connection import BrokerConnection, BrokerUnavailableError, UnroutableError
from service.jobs.states import DIRECT, Announcement, Job, Order, Trouble

CODE = "x-dragoman-code"
REASON = "x-dragoman-reason"
LONGEST_REASON = 1_000
"""Characters. A frame holds all headers of a message, and a longer one breaks the connection."""
ATTEMPTS = "x-dragoman-attempts"
DELIVERIES = "x-delivery-count"
"""RabbitMQ's own: how often a message was delivered before, without an acknowledgement."""
MOST_DIRECT = 3
"""Deliveries after which a direct reply is given up: an address that somebody made up breaks the connection."""
WAITS = "x-dragoman-waits"
"""How often a message has waited for somebody else to be done with its job."""
LARGEST = 2**31
"""Far more than anything was ever delivered or has waited."""

log = structlog.get_logger(__name__)


class Broker:
    """Publishes; waits for the broker where it is out of reach.

    Every method raises `BrokerUnavailableError` where a message was not confirmed: do it again then.
    """

    def __init__(self, connection: BrokerConnection) -> None:
        self.connection = connection
        self.topology = connection.topology

    async def order(self, job_id: str, order: Order) -> None:
        """Ask the workers for a job."""
        await self._send(_message(messages.write(order, job_id), job_id), self.topology.articles)

    async def announce(
        self, announcement: Announcement, *, reply_to: str | None = None, correlation_id: str | None = None
    ) -> None:
        """Tell of an ended job: the exchange, and whoever wants a reply."""
        told = _message(messages.announce(announcement), announcement.job.id, correlation_id=correlation_id)
        session = await self.connection.session()
        await session.tell(told, announcement.job.state)
        await self._reply(told, reply_to or announcement.reply_to)

    async def reply(self, announcement: Announcement, reply_to: str, correlation_id: str | None) -> None:
        """Tell one who asks of a job that the exchange was told of before."""
        told = _message(messages.announce(announcement), announcement.job.id, correlation_id=correlation_id)
        await self._reply(told, reply_to)

    async def refuse(self, message: AbstractMessage, error: DragomanError) -> None:
        """Tell whoever waits for a reply, and put poison to the dead letters: once, as that does not fail."""
        of = label(message)
        name = of.id or message.message_id
        told = _message(messages.refuse(name or "", error), name, correlation_id=message.correlation_id)
        await self._reply(told, of.reply_to)
        await self.bury(message, name, code=error.code, reason=str(error), attempts=0)

    async def bury(self, message: AbstractMessage, name: str | None, *, code: str, reason: str, attempts: int) -> None:
        """Put a message to the dead letters, with the reason in its headers."""
        headers = {CODE: code, REASON: reason[:LONGEST_REASON], ATTEMPTS: attempts}
        await self._send(_again(message, name, headers), self.topology.dead)

    async def bury_job(self, job: Job, trouble: Trouble, order: Order) -> None:
        """Put a failed job to the dead letters whose message nobody has in hand."""
        asked = _message(messages.write(order, job.id), job.id)
        await self.bury(asked, job.id, code=trouble.code, reason=trouble.detail, attempts=job.attempts)

    async def delay(self, message: AbstractMessage, name: str | None, seconds: float, *, waits: int = 0) -> None:
        """Have a message come back after a pause, as if it were new: it may do so as often as it has to."""
        queue = self.topology.retry(self.topology.pause(seconds))
        await self._send(_again(message, name, {WAITS: waits}), queue)

    async def send_again(self, message: AbstractMessage, name: str | None) -> None:
        """Put a message to the end of the articles."""
        await self._send(_again(message, name, {}), self.topology.articles)

    async def _send(self, message: AbstractMessage, queue: str) -> None:
        """Put a message into a queue of ours; one that is gone is made anew with the next session."""
        session = await self.connection.session()
        try:
            await session.send(message, queue)
        except UnroutableError as error:
            await session.close()
            raise BrokerUnavailableError("a queue is gone") from error

    async def _reply(self, message: AbstractMessage, queue: str | None) -> None:
        if not queue:
            return
        session = await self.connection.session()
        try:
            await session.send(message, queue)
        except UnroutableError:
            log.warning("the queue that a reply is wanted on is not there", job=message.message_id)
        except BrokerUnavailableError:
            if session.lost.is_set():
                raise
            # The broker is there and refuses this message for this queue: it would do so for ever.
            log.warning("the queue that a reply is wanted on does not take it", job=message.message_id)


def waits(message: AbstractMessage) -> int:
    """How often a message has waited."""
    return _count(message, WAITS)


def label(message: AbstractMessage) -> messages.Label:
    """What a message says of its job. The body's id goes before the message's own; of `reply_to` the message's does."""
    said = messages.label(message.body)
    queue = message.reply_to
    given_up = queue is not None and queue.startswith(DIRECT) and _count(message, DELIVERIES) >= MOST_DIRECT
    return said.model_copy(
        update={
            "id": said.id or messages.usable_id(message.message_id),
            "reply_to": said.reply_to if given_up or not queue else queue,
        }
    )


def _count(message: AbstractMessage, header: str) -> int:
    # Headers are anybody's: what is no number counts as none, and what is too large for one more is none either.
    found = message.headers.get(header)
    return found if isinstance(found, int) and 0 <= found < LARGEST else 0


def _again(message: AbstractMessage, name: str | None, headers: dict[str, Any]) -> Message:
    """The same message, new: it was never delivered and never waited."""
    return _message(
        message.body, name, correlation_id=message.correlation_id, reply_to=message.reply_to, headers=headers
    )


def _message(
    body: bytes,
    name: str | None,
    *,
    correlation_id: str | None = None,
    reply_to: str | None = None,
    headers: dict[str, Any] | None = None,
) -> Message:
    return Message(
        body,
        content_type="application/json",
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=name,
        correlation_id=correlation_id or name,
        reply_to=reply_to,
        timestamp=datetime.now(UTC),
        headers=headers,
    )
