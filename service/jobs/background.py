"""Background tasks: what a process does for its jobs while it answers requests or reads messages."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from service.jobs.stop_signal import StopSignal
from service.runtime import BackgroundTask
from service.telemetry.logs import trace

log = structlog.get_logger(__name__)


class PeriodicTask:
    """Runs a function again and again, with a pause between the runs, until it is stopped.

    Args:
        name: of the task, for the log.
        seconds: pause between the end of one run and the start of the next.
        function: what is run. If it raises, the error is logged once, and the function is run again after the pause.

    """

    def __init__(self, name: str, seconds: float, function: Callable[[], Awaitable[object]]) -> None:
        self._name = name
        self._seconds = seconds
        self._function = function
        self._stop = StopSignal()

    async def run(self) -> None:
        failing = False
        while not self._stop:
            try:
                await self._function()
                failing = False
            except Exception as error:  # noqa: BLE001 -- a store or a network may be back in a moment
                if not failing:
                    log.warning("periodic task failed", task=self._name, trace=trace(error))
                failing = True
            await self._stop.until_stopped(asyncio.sleep(self._seconds))

    def stop(self) -> None:
        self._stop.set()

    def wake(self) -> None:
        """Do nothing: the next run comes with the clock."""


class BackgroundTaskGroup:
    """Runs several background tasks as one."""

    def __init__(self, tasks: Sequence[BackgroundTask]) -> None:
        self._tasks = tasks

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for task in self._tasks:
                group.create_task(task.run())

    def stop(self) -> None:
        for task in self._tasks:
            task.stop()

    def wake(self) -> None:
        for task in self._tasks:
            task.wake()
