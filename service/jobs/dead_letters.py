"""Dead letters: messages that no worker will process again, with the reason in their headers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from aio_pika.abc import AbstractIncomingMessage

from service.jobs.broker import ATTEMPTS_HEADER, CODE_HEADER, REASON_HEADER, Broker
from service.jobs.connection import broker_call
from service.jobs.messages import IdReusedError

BROKER_REASONS = {"delivery_limit": "delivered too often without being acknowledged: it may have killed its workers"}
"""Reasons that RabbitMQ gives in its own header, and what they mean here."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter. `name` is the id of its job, or else the message's own id."""

    name: str
    code: str
    reason: str
    attempts: int
    died_at: datetime | None
    body: bytes = field(repr=False)


class DeadLetters:
    """The queue of dead letters. Listing fetches them without acknowledging them, so that they return to the queue.

    Args:
        broker: has the queue.
        restart: makes a failed job run again; false if there is no such failed job.

    """

    def __init__(self, broker: Broker, restart: Callable[[str], bool]) -> None:
        self._broker = broker
        self._restart = restart

    async def list_all(self) -> list[DeadLetter]:
        """All dead letters, the oldest first."""
        async with self._fetch() as fetched:
            return [_dead_letter_from(message) async for message in fetched]

    async def requeue(self, names: Collection[str] | None = None) -> list[str]:
        """Have the messages with these names, or all, processed again; returns the names of those that were found."""
        requeued = []
        async with self._fetch() as fetched:
            async for message in fetched:
                name = message.message_id or ""
                if names is None or name in names:
                    # A restarted job is published by a relay. If the id belongs to another article's job, that must not
                    # be restarted instead of publishing this message, which would be lost.
                    is_other_job = message.headers.get(CODE_HEADER) == IdReusedError.code
                    if is_other_job or not await asyncio.to_thread(self._restart, name):
                        await self._broker.republish(message, name or None)
                    async with broker_call():
                        await message.ack()
                    requeued.append(name)
        return requeued

    @asynccontextmanager
    async def _fetch(self) -> AsyncIterator[AsyncIterator[AbstractIncomingMessage]]:
        session = await self._broker.connection.connect()
        async with broker_call():
            channel = await session.consumer_channel(0)
            queue = await channel.declare_queue(self._broker.topology.dead_letters, passive=True)
        count = queue.declaration_result.message_count or 0

        async def fetch() -> AsyncIterator[AbstractIncomingMessage]:
            # No more than there were at first: requeued messages may be dead-lettered again at once.
            for _ in range(count):
                async with broker_call():
                    message = await queue.get(fail=False)
                if message is None:
                    return
                yield message

        try:
            yield fetch()
        finally:
            async with broker_call():
                await channel.close()


def _dead_letter_from(message: AbstractIncomingMessage) -> DeadLetter:
    headers = message.headers
    broker_reason = str(headers.get("x-first-death-reason", ""))
    attempts = headers.get(ATTEMPTS_HEADER)
    return DeadLetter(
        name=message.message_id or "",
        code=str(headers.get(CODE_HEADER, broker_reason)) or "unknown",
        reason=str(headers.get(REASON_HEADER, BROKER_REASONS.get(broker_reason, ""))),
        attempts=attempts if isinstance(attempts, int) else 0,
        died_at=message.timestamp,
        body=message.body,
    )
