"""The relay of the outbox: publishes stored jobs that the broker does not have yet, and outcomes not yet published."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

import structlog

from service.jobs.broker import Broker
from service.jobs.expiry import TIMED_OUT
from service.jobs.states import Announcement
from service.jobs.stop_signal import StopSignal
from service.jobs.store import JobStore
from service.telemetry.logs import trace

BATCH_SIZE = 100
"""Messages that are published at the same time."""
LEASE = timedelta(seconds=30)
"""How long other relays leave alone what one relay is publishing."""
WORKER_GRACE = timedelta(seconds=10)
"""Workers publish the outcomes of their jobs themselves; the relay leaves them this long to do so."""

log = structlog.get_logger(__name__)


class Relay:
    """Publishes what the broker has not confirmed yet.

    Args:
        store: holds the outbox.
        broker: is published to.
        seconds: between two looks into the outbox; `wake` causes one at once.
        grace: see `WORKER_GRACE`.

    """

    def __init__(
        self, store: JobStore, broker: Broker, *, seconds: float = 1.0, grace: timedelta = WORKER_GRACE
    ) -> None:
        self._store = store
        self._broker = broker
        self._seconds = seconds
        self._grace = grace
        self._wake_up = asyncio.Event()
        self._stop = StopSignal()

    async def run(self) -> None:
        """Publish until `stop`."""
        failing = False
        while not self._stop:
            self._wake_up.clear()
            try:
                found = await self._stop.until_stopped(self._publish_batch())
                failing = False
            except Exception as error:  # noqa: BLE001 -- store or broker may be back in a moment; bugs show in the trace
                if not failing:
                    log.warning("publishing failed", trace=trace(error))
                failing, found = True, None
            if (found or 0) < BATCH_SIZE:
                await self._idle()

    def wake(self) -> None:
        """Look into the outbox now: there is something new. To be called on the event loop."""
        self._wake_up.set()

    def stop(self) -> None:
        """Publish no more."""
        self._stop.set()
        self._wake_up.set()

    async def _publish_batch(self) -> int:
        """Publish a batch of jobs and a batch of outcomes; returns the size of the larger one."""
        # Wait for the broker first: what was leased while it is away would be stuck until the lease expires.
        await self._broker.connection.session()
        unpublished = await asyncio.to_thread(self._store.unpublished, BATCH_SIZE, lease=LEASE)
        job_requests = {job_id: self._broker.publish_job(job_id, job_request) for job_id, job_request in unpublished}
        await _publish(job_requests, self._store.mark_published)
        ended = await asyncio.to_thread(self._store.unannounced, BATCH_SIZE, grace=self._grace, lease=LEASE)
        await _publish({end.job.id: self._announce(end) for end in ended}, self._store.mark_announced)
        return max(len(unpublished), len(ended))

    async def _announce(self, ended: Announcement) -> None:
        job = ended.job
        if job.error is not None and job.error.code == TIMED_OUT:
            # No worker had the message of this job, and workers drop messages of jobs whose outcome is published.
            job_request = await asyncio.to_thread(self._store.job_request, job.id)
            if job_request is not None:
                await self._broker.dead_letter_job(job, job.error, job_request)
        await self._broker.announce(ended)

    async def _idle(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._seconds):
                await self._wake_up.wait()


async def _publish(published: Mapping[str, Awaitable[None]], mark: Callable[[Sequence[str]], None]) -> None:
    """Publish all and mark those that were confirmed; then raise the error of one that was not."""
    outcomes = await asyncio.gather(*published.values(), return_exceptions=True)
    confirmed = [job_id for job_id, outcome in zip(published, outcomes, strict=True) if outcome is None]
    if confirmed:
        await asyncio.to_thread(mark, confirmed)
    for outcome in outcomes:
        if outcome is not None:
            raise outcome
