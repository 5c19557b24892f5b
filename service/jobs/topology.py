"""The queues and the exchange, by name and by what RabbitMQ is told of them.

    any program ──> dragoman.articles ──> worker ──> dragoman.extractions (routing key: state)
                        ^       │           │  └────> the queue in `reply_to`
                        │       │           ├─> dragoman.dead: poison, and articles whose job failed
                        │       └───────────┼─> dragoman.dead: delivered too often
                        └─ …articles.retry.N <┘  waits there for N seconds, and blocks nobody

All queues are replicated ones ("quorum"), which lose nothing when a node goes down. What leaves one of them for another
is moved at least once: that needs `reject-publish`, even where no length is limited.
"""

from dataclasses import dataclass
from typing import Any

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel

DELIVERY_LIMIT = 20
"""Deliveries of a message that was never acknowledged; it kills workers, and ends in the dead letters."""
UNLIMITED = 2**31 - 1
"""Dead letters are looked at by delivering them; newer brokers have a limit unless one is named."""
PAUSES = (5.0, 30.0, 120.0, 600.0)
"""Seconds, one queue each: in one queue a message would wait behind those that have to wait for longer."""


@dataclass(frozen=True, slots=True)
class Topology:
    """Names begin with `prefix`."""

    prefix: str = "dragoman"
    pauses: tuple[float, ...] = PAUSES

    @property
    def articles(self) -> str:
        return f"{self.prefix}.articles"

    @property
    def extractions(self) -> str:
        return f"{self.prefix}.extractions"

    @property
    def dead(self) -> str:
        return f"{self.prefix}.dead"

    def retry(self, pause: float) -> str:
        """The queue in which a message waits for that pause."""
        return f"{self.articles}.retry.{pause:g}"

    def pause(self, seconds: float) -> float:
        """The longest pause that is over by then; the shortest one at least."""
        return max((pause for pause in self.pauses if pause <= seconds), default=min(self.pauses))

    def queues(self) -> dict[str, dict[str, Any]]:
        """Each queue with its arguments."""
        return {
            self.dead: {"x-queue-type": "quorum", "x-delivery-limit": UNLIMITED},
            self.articles: {**_leading_to(self.dead), "x-delivery-limit": DELIVERY_LIMIT},
            **{
                self.retry(pause): {**_leading_to(self.articles), "x-message-ttl": round(pause * 1_000)}
                for pause in self.pauses
            },
        }

    async def declare(self, channel: AbstractChannel) -> None:
        """Make whatever is not there yet."""
        for name, arguments in self.queues().items():
            await channel.declare_queue(name, durable=True, arguments=arguments)
        await channel.declare_exchange(self.extractions, ExchangeType.TOPIC, durable=True)


def _leading_to(queue: str) -> dict[str, Any]:
    """What is not consumed in time goes to that queue."""
    return {
        "x-queue-type": "quorum",
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": queue,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
