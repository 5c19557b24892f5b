"""Backoff: the clock, the sleep and the jitter of retries. Tests replace them."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


def full_jitter(most: float) -> float:
    """A random delay of up to `most` seconds, so that callers who failed together do not retry together."""
    return random.uniform(0.0, most)  # noqa: S311 - spreads load, guards nothing


@dataclass(frozen=True, slots=True)
class Backoff:
    """How delays between calls are chosen and waited for.

    Args:
        sleep: waits a number of seconds.
        jitter: chooses a delay, given the longest.
        clock: monotonic time in seconds.
    """

    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[float], float] = full_jitter
    clock: Callable[[], float] = time.monotonic
