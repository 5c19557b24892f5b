"""Dead letters: messages that no worker will try again, with the reason in their headers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from aio_pika.abc import AbstractIncomingMessage

from service.jobs.broker import ATTEMPTS, CODE, REASON, Broker
from service.jobs.connection import answered
from service.jobs.messages import IdReusedError

BROKERS_REASONS = {"delivery_limit": "delivered too often without an end: it may have killed its workers"}
"""What RabbitMQ says in a header of its own, and what it means here."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """`name` is the id of its job, or whatever the sender has named the message."""

    name: str
    code: str
    reason: str
    attempts: int
    died_at: datetime | None
    body: bytes = field(repr=False)


class DeadLetters:
    """The queue of dead letters. To be looked at they are fetched, and go back where they are not acknowledged.

    Args:
        broker: has the queue.
        reopen: queues a failed job again, which its next message then carries out; false where there is none.

    """

    def __init__(self, broker: Broker, reopen: Callable[[str], bool]) -> None:
        self._broker = broker
        self._reopen = reopen

    async def letters(self) -> list[DeadLetter]:
        """All there are, the oldest first."""
        async with self._fetched() as fetched:
            return [_letter(message) async for message in fetched]

    async def requeue(self, names: Collection[str] | None = None) -> list[str]:
        """Have the messages with these names, or all, worked on again; the names of those that are."""
        requeued = []
        async with self._fetched() as fetched:
            async for message in fetched:
                name = message.message_id or ""
                if names is None or name in names:
                    # A job that is opened again is published by whoever looks into the store: workers do. Not so where
                    # the id is that of another article: this one would be lost.
                    another = message.headers.get(CODE) == IdReusedError.code
                    if another or not await asyncio.to_thread(self._reopen, name):
                        await self._broker.send_again(message, name or None)
                    async with answered():
                        await message.ack()
                    requeued.append(name)
        return requeued

    @asynccontextmanager
    async def _fetched(self) -> AsyncIterator[AsyncIterator[AbstractIncomingMessage]]:
        session = await self._broker.connection.connect()
        async with answered():
            channel = await session.consuming(0)
            queue = await channel.declare_queue(self._broker.topology.dead, passive=True)
        count = queue.declaration_result.message_count or 0

        async def fetch() -> AsyncIterator[AbstractIncomingMessage]:
            # What dies meanwhile is left for the next time: requeued letters may die again at once.
            for _ in range(count):
                async with answered():
                    message = await queue.get(fail=False)
                if message is None:
                    return
                yield message

        try:
            yield fetch()
        finally:
            async with answered():
                await channel.close()


def _letter(message: AbstractIncomingMessage) -> DeadLetter:
    headers = message.headers
    brokers_reason = str(headers.get("x-first-death-reason", ""))
    attempts = headers.get(ATTEMPTS)
    return DeadLetter(
        name=message.message_id or "",
        code=str(headers.get(CODE, brokers_reason)) or "unknown",
        reason=str(headers.get(REASON, BROKERS_REASONS.get(brokers_reason, ""))),
        attempts=attempts if isinstance(attempts, int) else 0,
        died_at=message.timestamp,
        body=message.body,
    )
