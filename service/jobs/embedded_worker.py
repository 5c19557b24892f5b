"""Runs the jobs of the store inside the service process. Used where no broker is configured."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import structlog

from service.jobs.job_runner import JobRunner, claim_job
from service.jobs.states import Claim
from service.jobs.stop_signal import StopSignal
from service.jobs.store import JobStore

POLL_SECONDS = 1.0
"""Pause between two looks into the store; a job that this process has just accepted is started at once."""

log = structlog.get_logger(__name__)


class EmbeddedWorker:
    """Claims and runs jobs, several at a time.

    Args:
        store: has the jobs.
        job_runner: runs one.
        concurrency: jobs that run at the same time.
        available: returns once the circuit breaker lets calls through; no job is started before.

    """

    def __init__(
        self, store: JobStore, job_runner: JobRunner, *, concurrency: int, available: Callable[[], Awaitable[None]]
    ) -> None:
        self._store = store
        self._job_runner = job_runner
        self._concurrency = concurrency
        self._available = available
        self._wake_up = asyncio.Event()
        self._stop = StopSignal()

    async def run(self) -> None:
        """Run jobs until `stop`, then finish those that have started. If cancelled, they are released instead."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._concurrency):
                group.create_task(self._run_jobs())

    def wake(self) -> None:
        """Look for jobs now: there is a new one."""
        self._wake_up.set()

    def stop(self) -> None:
        """Start no more jobs."""
        self._stop.set()
        self._wake_up.set()

    async def _run_jobs(self) -> None:
        while not self._stop:
            try:
                claim = await self._claim_next()
                if claim is not None:
                    await self._job_runner.run(claim)
            except Exception as error:  # noqa: BLE001 -- the store may be back in a moment; the leases of started jobs expire
                log.warning("job store unavailable", error=type(error).__name__)
                await self._idle()

    async def _claim_next(self) -> Claim | None:
        await self._stop.until_stopped(self._available())
        if self._stop:
            return None
        self._wake_up.clear()
        claim = await claim_job(self._store, partial(self._store.claim_next, self._job_runner.lease))
        if claim is None:
            await self._idle()
        return claim

    async def _idle(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._wake_up.wait()
