"""How waits are made: tests put their own in."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


def full_jitter(most: float) -> float:
    """A wait between nothing and `most` seconds, so that callers who failed together do not return together."""
    return random.uniform(0.0, most)  # noqa: S311 - spreads load, guards nothing


@dataclass(frozen=True, slots=True)
class Pauses:
    """A way to wait.

    Args:
        sleep: waits the seconds it is given.
        jitter: chooses a wait, given the longest.
        clock: monotonic time in seconds.
    """

    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[float], float] = full_jitter
    clock: Callable[[], float] = time.monotonic
