"""Time that passes only while somebody waits, so that nobody does."""

import asyncio

from service.llm.backoff import Backoff


class FastTime:
    """A clock and what was waited, in seconds. Made for one question at a time: waits side by side add up."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    @property
    def backoff(self) -> Backoff:
        """Backoff in this time, with the jitter at its most."""
        return Backoff(sleep=self.sleep, jitter=lambda most: most, clock=lambda: self.now)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)
