"""A signal to stop, for tasks that spend most of their time waiting."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class StopSignal:
    """Set once. It ends every wait that goes through `until_stopped`, and is true from then on."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def __bool__(self) -> bool:
        return self._event.is_set()

    def set(self) -> None:
        self._event.set()

    async def until_stopped(self, awaited: Awaitable[T]) -> T | None:
        """The result of `awaited`; or None if the signal is set first, and then `awaited` is cancelled."""
        waiting = asyncio.ensure_future(awaited)
        stopping = asyncio.create_task(self._event.wait())
        try:
            await asyncio.wait([waiting, stopping], return_when=asyncio.FIRST_COMPLETED)
            return waiting.result() if waiting.done() else None
        finally:
            waiting.cancel()
            stopping.cancel()
            await asyncio.gather(waiting, stopping, return_exceptions=True)


async def wait_for_any(*events: asyncio.Event) -> None:
    """Wait until one of the events is set."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
