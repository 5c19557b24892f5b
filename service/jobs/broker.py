"""Publishes messages. Every call returns only after the broker has confirmed the message (publisher confirms)."""

from datetime import UTC, datetime
from typing import Any

import structlog
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractMessage

from service.errors import DragomanError
from service.jobs import messages
from service.jobs.connection import BrokerConnection, BrokerUnavailableError, UnroutableError
from service.jobs.states import DIRECT_REPLY_TO, Announcement, Job, JobError, JobRequest

CODE_HEADER = "x-dragoman-code"
REASON_HEADER = "x-dragoman-reason"
MAX_REASON_LENGTH = 1_000
"""Characters. All headers of a message share one frame; if they do not fit, the connection breaks."""
ATTEMPTS_HEADER = "x-dragoman-attempts"
DELIVERY_COUNT_HEADER = "x-delivery-count"
"""RabbitMQ's own header: how often a message was delivered before without being acknowledged."""
MAX_DIRECT_REPLY_DELIVERIES = 3
"""A direct reply is tried no more after this many deliveries: an invalid reply-to address breaks the connection."""
WAITS_HEADER = "x-dragoman-waits"
"""How often a message has waited while another worker had its job."""
MAX_COUNT = 2**31
"""Counts in headers from here on are taken for invalid: no real count gets as high."""

log = structlog.get_logger(__name__)


class Broker:
    """Publishes; waits while the broker is out of reach.

    Every method raises `BrokerUnavailableError` if a message was not confirmed. It may be called again then.
    """

    def __init__(self, connection: BrokerConnection) -> None:
        self.connection = connection
        self.topology = connection.topology

    async def publish_job(self, job_id: str, job_request: JobRequest) -> None:
        """Publish the article message of a job to the workers."""
        await self._send_to_own_queue(
            _message(messages.article_message(job_request, job_id), job_id), self.topology.articles
        )

    async def announce(
        self, announcement: Announcement, *, reply_to: str | None = None, correlation_id: str | None = None
    ) -> None:
        """Publish how a job has ended: to the exchange, and to the reply queue if there is one."""
        outgoing = _message(messages.outcome_message(announcement), announcement.job.id, correlation_id=correlation_id)
        session = await self.connection.session()
        await session.publish_to_exchange(outgoing, announcement.job.state)
        await self._send_reply(outgoing, reply_to or announcement.reply_to)

    async def reply(self, announcement: Announcement, reply_to: str, correlation_id: str | None) -> None:
        """Send how a job has ended to a reply queue alone, because the exchange was told before."""
        outgoing = _message(messages.outcome_message(announcement), announcement.job.id, correlation_id=correlation_id)
        await self._send_reply(outgoing, reply_to)

    async def refuse(self, message: AbstractMessage, error: DragomanError) -> None:
        """Send the error of a poison message to its reply queue, and the message to the dead letters."""
        envelope = envelope_of(message)
        message_id = envelope.id or message.message_id
        outgoing = _message(
            messages.refusal_message(message_id or "", error), message_id, correlation_id=message.correlation_id
        )
        await self._send_reply(outgoing, envelope.reply_to)
        await self.dead_letter(message, message_id, code=error.code, reason=str(error), attempts=0)

    async def dead_letter(
        self, message: AbstractMessage, message_id: str | None, *, code: str, reason: str, attempts: int
    ) -> None:
        """Send a message to the dead letters, with the reason in its headers."""
        headers = {CODE_HEADER: code, REASON_HEADER: reason[:MAX_REASON_LENGTH], ATTEMPTS_HEADER: attempts}
        await self._send_to_own_queue(_copy(message, message_id, headers), self.topology.dead_letters)

    async def dead_letter_job(self, job: Job, error: JobError, job_request: JobRequest) -> None:
        """Send the article message of a failed job to the dead letters, where no worker has the original message."""
        message = _message(messages.article_message(job_request, job.id), job.id)
        await self.dead_letter(message, job.id, code=error.code, reason=error.detail, attempts=job.attempts)

    async def delay(
        self, message: AbstractMessage, message_id: str | None, seconds: float, *, wait_count: int = 0
    ) -> None:
        """Send a copy of a message to a retry queue, from which it returns. There is no limit to how often it may."""
        queue = self.topology.retry_queue(self.topology.retry_delay(seconds))
        await self._send_to_own_queue(_copy(message, message_id, {WAITS_HEADER: wait_count}), queue)

    async def republish(self, message: AbstractMessage, message_id: str | None) -> None:
        """Send a copy of a message to the end of the article queue."""
        await self._send_to_own_queue(_copy(message, message_id, {}), self.topology.articles)

    async def _send_to_own_queue(self, message: AbstractMessage, queue: str) -> None:
        """Send a message to one of our queues. If the queue was deleted, the next session declares it again."""
        session = await self.connection.session()
        try:
            await session.send_to_queue(message, queue)
        except UnroutableError as error:
            await session.close()
            raise BrokerUnavailableError("a queue is gone") from error

    async def _send_reply(self, message: AbstractMessage, queue: str | None) -> None:
        if not queue:
            return
        session = await self.connection.session()
        try:
            await session.send_to_queue(message, queue)
        except UnroutableError:
            log.warning("reply not sent: there is no such queue", job=message.message_id)
        except BrokerUnavailableError:
            if session.lost.is_set():
                raise
            # The broker is there and refuses this message for this queue; trying again would not help.
            log.warning("reply not sent: the queue refuses it", job=message.message_id)


def wait_count(message: AbstractMessage) -> int:
    """How often a message has waited while another worker had its job."""
    return _count_header(message, WAITS_HEADER)


def envelope_of(message: AbstractMessage) -> messages.Envelope:
    """The envelope of a message. The body's id wins over the property; for `reply_to` it is the other way round."""
    in_body = messages.read_envelope(message.body)
    in_properties = message.reply_to
    is_direct = in_properties is not None and in_properties.startswith(DIRECT_REPLY_TO)
    is_given_up = is_direct and _count_header(message, DELIVERY_COUNT_HEADER) >= MAX_DIRECT_REPLY_DELIVERIES
    return in_body.model_copy(
        update={
            "id": in_body.id or messages.valid_job_id(message.message_id),
            "reply_to": in_body.reply_to if is_given_up or not in_properties else in_properties,
        }
    )


def _count_header(message: AbstractMessage, header: str) -> int:
    # Anybody may write headers: a value that is no count, or is too large to be incremented, counts as 0.
    found = message.headers.get(header)
    return found if isinstance(found, int) and 0 <= found < MAX_COUNT else 0


def _copy(message: AbstractMessage, message_id: str | None, headers: dict[str, Any]) -> Message:
    """A copy of a message without its delivery count and its other headers."""
    return _message(
        message.body, message_id, correlation_id=message.correlation_id, reply_to=message.reply_to, headers=headers
    )


def _message(
    body: bytes,
    message_id: str | None,
    *,
    correlation_id: str | None = None,
    reply_to: str | None = None,
    headers: dict[str, Any] | None = None,
) -> Message:
    return Message(
        body,
        content_type="application/json",
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=message_id,
        correlation_id=correlation_id or message_id,
        reply_to=reply_to,
        timestamp=datetime.now(UTC),
        headers=headers,
    )
