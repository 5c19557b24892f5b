"""Keeps one article from holding up the others: long computing in threads, and questions that take turns."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from service.deadline import Deadline
from service.errors import DeadlineExceededError

T = TypeVar("T")

_THREADS = ThreadPoolExecutor(2, thread_name_prefix="dragoman-article")
"""Long articles take seconds of computing. In threads of their own they hold up neither the loop nor what else waits
for a thread, such as the lease of a job."""
_PREPARED_AT_ONCE = 32
"""Questions of one kind about one article that are made ready at a time. A long article has thousands."""


async def run_in_thread(compute: Callable[..., T], *arguments: Any) -> T:
    """Compute something without holding up the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, compute, *arguments)


async def with_deadline(deadline: Deadline, computed: Awaitable[T]) -> T:
    """What is computed, if it is there in time. A thread that has begun is not stopped by this: its end is not awaited.

    Raises:
        DeadlineExceededError: it is not.

    """
    try:
        async with asyncio.timeout(deadline.remaining()):
            return await computed
    except TimeoutError:
        raise DeadlineExceededError("the time for the article was over before it could be asked about") from None


class Turns:
    """Lets the questions of all articles be made ready in turn, with a turn of the event loop between any two.

    One takes milliseconds. A thousand at once, of some long articles, would keep the loop from its connections for so
    long that they time out.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    def of_article(self) -> "ArticleTurns":
        """The turns of one article's questions."""
        return ArticleTurns(self._lock)


class ArticleTurns:
    """The turns of one article's questions: so many of each kind at a time."""

    def __init__(self, lock: asyncio.Lock) -> None:
        self._lock = lock
        self._gates: defaultdict[tuple[str, ...], asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(_PREPARED_AT_ONCE)
        )

    @asynccontextmanager
    async def turn(self, kinds: tuple[str, ...], deadline: Deadline) -> AsyncIterator[None]:
        """Wait for the turn of a question about some kinds; after the deadline it need not wait for others."""
        async with self._gates[kinds]:
            with suppress(TimeoutError):
                async with asyncio.timeout(deadline.remaining()), self._lock:
                    await asyncio.sleep(0)
            yield
