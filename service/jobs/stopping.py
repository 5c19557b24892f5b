"""The order to end, for something that waits most of its time."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class Stop:
    """Given once; ends whatever is waited for through it."""

    def __init__(self) -> None:
        self._given = asyncio.Event()

    def __bool__(self) -> bool:
        return self._given.is_set()

    def give(self) -> None:
        self._given.set()

    async def or_result(self, awaited: Awaitable[T]) -> T | None:
        """What is waited for, or nothing where the order comes first: then it is cancelled."""
        waiting = asyncio.ensure_future(awaited)
        stopping = asyncio.create_task(self._given.wait())
        try:
            await asyncio.wait([waiting, stopping], return_when=asyncio.FIRST_COMPLETED)
            return waiting.result() if waiting.done() else None
        finally:
            waiting.cancel()
            stopping.cancel()
            await asyncio.gather(waiting, stopping, return_exceptions=True)


async def first_of(*events: asyncio.Event) -> None:
    """Wait until one of them is set."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
