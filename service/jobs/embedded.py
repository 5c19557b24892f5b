"""Jobs carried out inside the service, from the store alone: what a service without a broker does."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import structlog

from service.jobs.states import Claim
from service.jobs.stopping import Stop
from service.jobs.store import JobStore
from service.jobs.work import Carrier, claimed

POLL_SECONDS = 1.0
"""How often the store is looked into; a job that was just taken in is begun at once."""

log = structlog.get_logger(__name__)


class EmbeddedRunner:
    """Works the store's queue off.

    Args:
        store: has the jobs.
        carrier: carries them out.
        concurrency: jobs in work at a time.
        available: returns when the model server is worth calling; no job is begun before.

    """

    def __init__(
        self, store: JobStore, carrier: Carrier, *, concurrency: int, available: Callable[[], Awaitable[None]]
    ) -> None:
        self._store = store
        self._carrier = carrier
        self._concurrency = concurrency
        self._available = available
        self._more = asyncio.Event()
        self._stop = Stop()

    async def run(self) -> None:
        """Work until `stop`, and then finish what is begun. Cancelled, jobs in work are put back."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._concurrency):
                group.create_task(self._work_off())

    def wake(self) -> None:
        """There is a new job."""
        self._more.set()

    def stop(self) -> None:
        """Begin no more jobs."""
        self._stop.give()
        self._more.set()

    async def _work_off(self) -> None:
        while not self._stop:
            try:
                claim = await self._next()
                if claim is not None:
                    await self._carrier.carry_out(claim)
            except Exception as error:  # noqa: BLE001 -- the store may be back in a moment; leases keep what was begun
                log.warning("the store of jobs is out of reach", error=type(error).__name__)
                await self._idle()

    async def _next(self) -> Claim | None:
        await self._stop.or_result(self._available())
        if self._stop:
            return None
        self._more.clear()
        claim = await claimed(self._store, partial(self._store.claim_next, self._carrier.lease))
        if claim is None:
            await self._idle()
        return claim

    async def _idle(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._more.wait()
