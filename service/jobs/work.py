"""One job carried out: the article read under a lease, and the end of it stored."""

import asyncio
import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog

from schemas.events import Event, Progress
from schemas.result import Extraction, Usage
from service.deadline import Deadline
from service.errors import (
    BreakerOpenError,
    DragomanError,
    ModelCallError,
    ModelUnavailableError,
    OverloadedError,
)
from service.extraction.pipeline import Extractor
from service.jobs.errors import StoreError
from service.jobs.states import Claim, Ending, Order, State, Trouble
from service.jobs.store import JobStore
from service.telemetry.logs import trace

LEASE = timedelta(seconds=30)
"""A job whose holder has died is taken up again after this long."""
BEATS = 3
"""How often a lease is renewed within its time."""
DEATHS = 4
"""Attempts beyond a job's own that may end with the death of their process, which need not be the job's fault."""
PAUSES = (5.0, 30.0, 120.0, 600.0)
"""Seconds between attempts; the last one repeats."""
LONGEST_PAUSE = 3_600.0
"""Seconds that a model server's `Retry-After` may put a job off."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt: an ending, or another attempt later; neither where the claim was lost."""

    ending: Ending | None = None
    again_at: datetime | None = None


class Carrier:
    """Carries jobs out. Used on one event loop.

    Args:
        extractor: reads articles.
        store: keeps the jobs.
        deadline_seconds: time for an attempt, where the order names none.
        max_deadline_seconds: longest that an order may name.
        attempts: tries per job.
        lease: see `LEASE`.
        jitter: makes a pause of the longest that it is given.

    """

    def __init__(
        self,
        extractor: Extractor,
        store: JobStore,
        *,
        deadline_seconds: float,
        max_deadline_seconds: float,
        attempts: int,
        lease: timedelta = LEASE,
        jitter: Callable[[float], float] = lambda most: random.uniform(most / 2, most),  # noqa: S311 -- spreads load
    ) -> None:
        self._extractor = extractor
        self._store = store
        self._deadline_seconds = deadline_seconds
        self._max_deadline_seconds = max_deadline_seconds
        self._attempts = attempts
        self.lease = lease
        self._jitter = jitter

    def fingerprint(self, order: Order) -> str:
        """A hash of everything that decides what is found: two orders with the same one have the same result.

        Raises:
            UnknownKindError: a kind is wanted that is not there.

        """
        article = order.article
        read = [article.text, article.published_at and article.published_at.isoformat(), article.language]
        whole = json.dumps([*read, self._extractor.identity(order.kinds)])
        return hashlib.sha256(whole.encode()).hexdigest()

    async def carry_out(self, claim: Claim) -> Outcome:
        """Make one attempt and store its end.

        A cancelled attempt is put back and does not count. Whatever else goes wrong is an outcome, not an exception,
        except for the store being out of reach: then the lease runs out and the job is taken up again.
        """
        log.info("job begins", job=claim.job_id, attempt=claim.attempt)
        if claim.attempt > self._attempts + DEATHS:
            return await self._end(claim, _failed(FatalJobError("whoever began the job died of it, again and again")))
        try:
            ending = await self._reused(claim) or await self._read(claim)
        except asyncio.CancelledError:
            await asyncio.shield(asyncio.to_thread(self._store.put_back, claim, counts=False))
            raise
        except StoreError:
            raise
        except (ModelCallError, OverloadedError) as error:
            return await self._again(claim, error)
        except DragomanError as error:
            ending = _failed(error)
        if ending is None:
            return await self._lost(claim)
        return await self._end(claim, ending)

    async def _reused(self, claim: Claim) -> Ending | None:
        """The end that an earlier job with the same article has come to."""
        order = claim.order
        if not order.reuse:
            return None
        known = await asyncio.to_thread(self._store.earlier, self.fingerprint(order))
        if known is None:
            return None
        job_id, result = known
        own = {"id": uuid4().hex, "article_id": order.article.id, "reused_from": result["id"]}
        free = {"usage": Usage().model_dump(), "duration_seconds": 0.0}
        return Ending(State.COMPLETE, {**result, **own, **free}, reused_from=job_id)

    async def _read(self, claim: Claim) -> Ending | None:
        """Have the article read while the lease is kept up; nothing where it is lost."""
        order = claim.order
        progress = _Progress()
        seconds = min(order.deadline_seconds or self._deadline_seconds, self._max_deadline_seconds)
        reading = asyncio.create_task(
            self._extractor.extract(
                order.article, kinds=order.kinds, deadline=Deadline.after(seconds), tell=progress.told
            )
        )
        holding = asyncio.create_task(self._hold(claim, progress))
        try:
            await asyncio.wait([reading, holding], return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                return None
            extraction = _result(reading, claim)
        finally:
            await _ended(reading, holding)
        return Ending(State(extraction.status), extraction.model_dump(mode="json"))

    async def _hold(self, claim: Claim, progress: "_Progress") -> None:
        """Renew the lease until it is lost."""
        while True:
            await asyncio.sleep(self.lease.total_seconds() / BEATS)
            try:
                held = await asyncio.to_thread(
                    self._store.renew, claim, self.lease, done=progress.done, questions=progress.questions
                )
            except Exception as error:  # noqa: BLE001 -- the next beat may find the store again; if none does, the lease ends
                log.warning("the lease of a job could not be renewed", job=claim.job_id, error=type(error).__name__)
                continue
            if not held:
                return

    async def _again(self, claim: Claim, error: DragomanError) -> Outcome:
        """Put a job back for another attempt, or end it where it has had them all. An outage spends none of them."""
        outage = isinstance(error, ModelUnavailableError) and self._is_left_alone()
        if claim.attempt >= self._attempts and not outage:
            return await self._end(claim, _failed(error))
        asked = error.retry_after if isinstance(error, ModelUnavailableError | OverloadedError) else None
        pause = max(self._jitter(PAUSES[min(claim.attempt, len(PAUSES)) - 1]), min(asked or 0.0, LONGEST_PAUSE))
        again_at = datetime.now(UTC) + timedelta(seconds=pause)
        trouble = Trouble(error.code, str(error))
        kept = await asyncio.to_thread(
            self._store.put_back, claim, not_before=again_at, counts=not outage, trouble=trouble
        )
        log.warning("job put back", job=claim.job_id, attempt=claim.attempt, code=error.code, seconds=round(pause, 1))
        return Outcome(again_at=again_at) if kept else Outcome()

    def _is_left_alone(self) -> bool:
        """Whether the model server keeps failing for everybody."""
        try:
            self._extractor.check_model()
        except BreakerOpenError:
            return True
        return False

    async def _end(self, claim: Claim, ending: Ending) -> Outcome:
        if not await asyncio.to_thread(self._store.finish, claim, ending):
            return await self._lost(claim)
        log.info("job ended", job=claim.job_id, state=ending.state, code=ending.trouble and ending.trouble.code)
        return Outcome(ending)

    async def _lost(self, claim: Claim) -> Outcome:
        """Note why the end of an attempt is not stored: somebody wanted that, or it should not happen often."""
        job = await asyncio.to_thread(self._store.job, claim.job_id)
        if job is not None and job.state is State.CANCELLED:
            log.info("job given up: it was cancelled", job=claim.job_id)
        else:
            log.warning("job given up: its lease was lost", job=claim.job_id)
        return Outcome()


async def claimed(store: JobStore, take: Callable[[], Claim | None]) -> Claim | None:
    """Claim a job in a thread. Who is cancelled meanwhile puts it back: nobody would carry it out."""
    taking = asyncio.ensure_future(asyncio.to_thread(take))
    try:
        return await asyncio.shield(taking)
    except asyncio.CancelledError:
        claim = await taking
        if claim is not None:
            await asyncio.to_thread(store.put_back, claim, counts=False)
        raise


class FatalJobError(DragomanError):
    """Every attempt ended with the death of its process."""

    code = "job_fatal"


class InternalFaultError(ModelCallError):
    """A bug of ours, already logged; another attempt may not meet it."""

    code = "internal_error"


@dataclass(slots=True)
class _Progress:
    done: int = 0
    questions: int | None = None

    def told(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.done, self.questions = event.done, event.questions


def _result(reading: "asyncio.Task[Extraction]", claim: Claim) -> Extraction:
    try:
        return reading.result()
    except DragomanError:
        raise
    except Exception as error:
        # The trace is made by us: what the exception says may be of the article.
        log.error("unexpected exception", job=claim.job_id, trace=trace(error))  # noqa: TRY400 -- see above
        raise InternalFaultError("something went wrong inside the service") from error


async def _ended(*tasks: "asyncio.Task[Any]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _failed(error: DragomanError) -> Ending:
    return Ending(State.FAILED, trouble=Trouble(error.code, str(error)))
