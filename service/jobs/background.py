"""What a process does for its jobs beside answering requests: several things side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import structlog

from service.jobs.stopping import Stop
from service.telemetry.logs import trace

log = structlog.get_logger(__name__)


class Steady(Protocol):
    """Something that goes on until it is stopped."""

    async def run(self) -> None: ...

    def stop(self) -> None: ...

    def wake(self) -> None: ...


class Regularly:
    """Does something now and again.

    Args:
        what: what it is, for the log.
        seconds: between one time and the next.
        act: does it; may fail, and is then tried again the next time.

    """

    def __init__(self, what: str, seconds: float, act: Callable[[], Awaitable[object]]) -> None:
        self._what = what
        self._seconds = seconds
        self._act = act
        self._stop = Stop()

    async def run(self) -> None:
        failing = False
        while not self._stop:
            try:
                await self._act()
                failing = False
            except Exception as error:  # noqa: BLE001 -- a store or a network may be back in a moment
                if not failing:
                    log.warning("something regular fails", what=self._what, trace=trace(error))
                failing = True
            await self._stop.or_result(asyncio.sleep(self._seconds))

    def stop(self) -> None:
        self._stop.give()

    def wake(self) -> None:
        """Its time comes anyway."""


class SideBySide:
    """Several of them as one."""

    def __init__(self, parts: Sequence[Steady]) -> None:
        self._parts = parts

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for part in self._parts:
                group.create_task(part.run())

    def stop(self) -> None:
        for part in self._parts:
            part.stop()

    def wake(self) -> None:
        for part in self._parts:
            part.wake()
