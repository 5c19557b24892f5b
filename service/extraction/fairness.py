"""What takes long to compute, beside the loop that everybody is served on."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from service.deadline import Deadline
from service.errors import DeadlineExceededError

T = TypeVar("T")

_BESIDE = ThreadPoolExecutor(2, thread_name_prefix="dragoman-article")
"""Long articles take seconds of computing. In threads of their own they hold up neither the loop nor what else waits
for a thread, such as the lease of a job."""


async def beside(compute: Callable[..., T], *arguments: Any) -> T:
    return await asyncio.get_running_loop().run_in_executor(_BESIDE, compute, *arguments)


async def in_time(deadline: Deadline, computed: Awaitable[T]) -> T:
    """What is computed, if it is there in time. A thread that has begun is not stopped by this: its end is not awaited.

    Raises:
        DeadlineExceededError: it is not.

    """
    try:
        async with asyncio.timeout(deadline.remaining()):
            return await computed
    except TimeoutError:
        raise DeadlineExceededError("the time for the article was over before it could be asked about") from None
