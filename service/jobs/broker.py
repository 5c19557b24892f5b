"""Everything that is published, each message confirmed before the call returns."""

from datetime import UTC, datetime
from typing import Any

import structlog
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractIncomingMessage, AbstractMessage

from service.extraction.errors import DragomanError
from service.jobs import messages
from service.jobs.connection import BrokerConnection, BrokerUnavailableError, UnroutableError
from service.jobs.states import Announcement, Order

CODE = "x-dragoman-code"
REASON = "x-dragoman-reason"
LONGEST_REASON = 1_000
"""Characters. A frame holds all headers of a message, and a longer one breaks the connection."""
ATTEMPTS = "x-dragoman-attempts"
WAITS = "x-dragoman-waits"
"""How often a message has waited for somebody else to be done with its job."""

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
        """Put poison to the dead letters, and tell whoever waits for a reply."""
        await self.bury(message, message.message_id, code=error.code, reason=str(error), attempts=0)
        answer = messages.refuse(message.message_id or "", error)
        await self._reply(_message(answer, message.message_id, correlation_id=message.correlation_id), message.reply_to)

    async def bury(self, message: AbstractMessage, name: str | None, *, code: str, reason: str, attempts: int) -> None:
        """Put a message to the dead letters, with the reason in its headers."""
        headers = {CODE: code, REASON: reason[:LONGEST_REASON], ATTEMPTS: attempts}
        await self._send(_again(message, name, headers), self.topology.dead)

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


def waits(message: AbstractIncomingMessage) -> int:
    """How often a message has waited. Headers are anybody's: what is no number counts as none."""
    found = message.headers.get(WAITS)
    return found if isinstance(found, int) else 0


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
