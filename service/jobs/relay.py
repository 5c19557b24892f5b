"""From the store to the broker: jobs that no worker was told of, and ends that nobody was told of."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

import structlog

from service.jobs.broker import Broker
from service.jobs.expiry import TIMED_OUT
from service.jobs.states import Announcement
from service.jobs.stopping import Stop
from service.jobs.store import JobStore
from service.telemetry.logs import trace

PAGE = 100
"""Messages that are published side by side."""
LEASE = timedelta(seconds=30)
"""So long what one relay publishes is left alone by the others."""
AGE = timedelta(seconds=10)
"""A worker tells of the ends of its jobs by itself; so long it is let."""

log = structlog.get_logger(__name__)


class Relay:
    """Publishes what the broker has not confirmed yet, for as long as there is any.

    Args:
        store: knows what that is.
        broker: is told.
        seconds: between two looks into the store; `wake` makes one at once.
        age: see `AGE`.

    """

    def __init__(self, store: JobStore, broker: Broker, *, seconds: float = 1.0, age: timedelta = AGE) -> None:
        self._store = store
        self._broker = broker
        self._seconds = seconds
        self._age = age
        self._more = asyncio.Event()
        self._stop = Stop()

    async def run(self) -> None:
        """Go on until `stop`."""
        failing = False
        while not self._stop:
            self._more.clear()
            try:
                found = await self._stop.or_result(self._publish_page())
                failing = False
            except Exception as error:  # noqa: BLE001 -- store or broker may be back in a moment; bugs show in the trace
                if not failing:
                    log.warning("jobs cannot be published just now", trace=trace(error))
                failing, found = True, None
            if (found or 0) < PAGE:
                await self._idle()

    def wake(self) -> None:
        """There is something new to publish. To be called on the loop."""
        self._more.set()

    def stop(self) -> None:
        """Publish nothing more."""
        self._stop.give()
        self._more.set()

    async def _publish_page(self) -> int:
        """Publish some of what there is; how many of the larger sort."""
        # What is leased while the broker is away would have to wait for the end of its lease.
        await self._broker.connection.session()
        unsent = await asyncio.to_thread(self._store.unsent, PAGE, lease=LEASE)
        orders = {job_id: self._broker.order(job_id, order) for job_id, order in unsent}
        await _publish(orders, self._store.mark_sent)
        ended = await asyncio.to_thread(self._store.unannounced, PAGE, age=self._age, lease=LEASE)
        await _publish({end.job.id: self._announce(end) for end in ended}, self._store.mark_announced)
        return max(len(unsent), len(ended))

    async def _announce(self, ended: Announcement) -> None:
        job = ended.job
        if job.trouble is not None and job.trouble.code == TIMED_OUT:
            # No worker had its message in hand, and workers drop what comes of an end that was told.
            order = await asyncio.to_thread(self._store.order, job.id)
            if order is not None:
                await self._broker.bury_job(job, job.trouble, order)
        await self._broker.announce(ended)

    async def _idle(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._seconds):
                await self._more.wait()


async def _publish(published: Mapping[str, Awaitable[None]], mark: Callable[[Sequence[str]], None]) -> None:
    """Publish all, and mark those that are confirmed; then raise what went wrong with the others."""
    outcomes = await asyncio.gather(*published.values(), return_exceptions=True)
    confirmed = [job_id for job_id, outcome in zip(published, outcomes, strict=True) if outcome is None]
    if confirmed:
        await asyncio.to_thread(mark, confirmed)
    for outcome in outcomes:
        if outcome is not None:
            raise outcome
