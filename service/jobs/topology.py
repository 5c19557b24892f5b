"""The queues and the exchange: their names and arguments.

    any program ──> dragoman.articles ──> worker ──> dragoman.extractions (routing key: state)
                        ^       │           │  └────> the queue in `reply_to`
                        │       │           ├─> dragoman.dead: poison messages, and articles whose job failed
                        │       └───────────┼─> dragoman.dead: delivered too often
                        └─ …articles.retry.N <┘  waits there for N seconds, without blocking other messages

All queues are quorum queues, which are replicated and lose nothing when a node goes down. Messages are dead-lettered at
least once; that strategy needs `reject-publish`, even if no queue has a maximum length.
"""

from dataclasses import dataclass
from typing import Any

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel

DELIVERY_LIMIT = 20
"""A message that was delivered this often without being acknowledged seems to kill workers: it is dead-lettered."""
NO_DELIVERY_LIMIT = 2**31 - 1
"""Listing the dead letters delivers them. RabbitMQ 4 limits deliveries of quorum queues unless a limit is set."""
RETRY_DELAYS = (5.0, 30.0, 120.0, 600.0)
"""Seconds, with a queue for each: in a shared queue a message would wait behind those with longer delays."""


@dataclass(frozen=True, slots=True)
class Topology:
    """Names of the queues and the exchange, which begin with `prefix`, and the delays of the retry queues."""

    prefix: str = "dragoman"
    retry_delays: tuple[float, ...] = RETRY_DELAYS

    @property
    def articles(self) -> str:
        return f"{self.prefix}.articles"

    @property
    def extractions(self) -> str:
        return f"{self.prefix}.extractions"

    @property
    def dead_letters(self) -> str:
        return f"{self.prefix}.dead"

    def retry_queue(self, retry_delay: float) -> str:
        """The queue in which a message waits for that delay."""
        return f"{self.articles}.retry.{retry_delay:g}"

    def retry_delay(self, seconds: float) -> float:
        """The longest retry delay within `seconds`, or else the shortest one."""
        return max(
            (retry_delay for retry_delay in self.retry_delays if retry_delay <= seconds), default=min(self.retry_delays)
        )

    def queues(self) -> dict[str, dict[str, Any]]:
        """The queues with their arguments."""
        return {
            self.dead_letters: {"x-queue-type": "quorum", "x-delivery-limit": NO_DELIVERY_LIMIT},
            self.articles: {**_dead_lettering_to(self.dead_letters), "x-delivery-limit": DELIVERY_LIMIT},
            **{
                self.retry_queue(retry_delay): {
                    **_dead_lettering_to(self.articles),
                    "x-message-ttl": round(retry_delay * 1_000),
                }
                for retry_delay in self.retry_delays
            },
        }

    async def declare(self, channel: AbstractChannel) -> None:
        """Declare the queues and the exchange that do not exist yet."""
        for name, arguments in self.queues().items():
            await channel.declare_queue(name, durable=True, arguments=arguments)
        await channel.declare_exchange(self.extractions, ExchangeType.TOPIC, durable=True)


def _dead_lettering_to(queue: str) -> dict[str, Any]:
    """Arguments of a queue that dead-letters to another queue."""
    return {
        "x-queue-type": "quorum",
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": queue,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
