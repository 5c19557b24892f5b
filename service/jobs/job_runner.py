"""Runs one claimed job: reads the article while renewing the lease, then stores how the attempt ended."""

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
from service.jobs.states import Claim, JobError, JobOutcome, JobRequest, State
from service.jobs.store import JobStore
from service.telemetry.logs import trace

LEASE = timedelta(seconds=30)
"""Time after which a job whose worker has died may be claimed by another one."""
RENEWALS_PER_LEASE = 3
"""A lease is renewed this many times before it would expire."""
CRASH_ALLOWANCE = 4
"""Attempts that a job gets beyond its own because a process may die in the middle of one for other reasons."""
RETRY_DELAYS = (5.0, 30.0, 120.0, 600.0)
"""Seconds before the second, third, ... attempt; the last value repeats."""
MAX_RETRY_DELAY = 3_600.0
"""Seconds: the longest delay that a model server's `Retry-After` may cause."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AttemptOutcome:
    """How one attempt ended: the job's outcome, or the time of the next attempt, or neither if the claim was lost."""

    job_outcome: JobOutcome | None = None
    retry_at: datetime | None = None


class JobRunner:
    """Runs jobs. Used on one event loop.

    Args:
        extractor: reads articles.
        store: keeps the jobs.
        deadline_seconds: time for an attempt whose request names no deadline.
        max_deadline_seconds: longest deadline that a request may name.
        attempts: most attempts per job.
        lease: see `LEASE`.
        jitter: chooses a delay, given the longest.

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

    def fingerprint(self, job_request: JobRequest) -> str:
        """A hash of everything that decides the result: two requests with the same fingerprint have the same result.

        Raises:
            UnknownKindError: the request names a kind that does not exist.

        """
        article = job_request.article
        read = [article.text, article.published_at and article.published_at.isoformat(), article.language]
        whole = json.dumps([*read, self._extractor.identity(job_request.kinds)])
        return hashlib.sha256(whole.encode()).hexdigest()

    async def run(self, claim: Claim) -> AttemptOutcome:
        """Make one attempt and store how it ended.

        If this task is cancelled, the job is released and the attempt does not count. Other failures are returned as
        outcomes and not raised, except that the store is out of reach: then the lease expires and the job is claimed
        again.
        """
        log.info("job started", job=claim.job_id, attempt=claim.attempt)
        if claim.attempt > self._attempts + CRASH_ALLOWANCE:
            return await self._finish(
                claim, _failure(FatalJobError("the process that ran the job died, in every attempt"))
            )
        try:
            job_outcome = await self._reuse_earlier_result(claim) or await self._extract(claim)
        except asyncio.CancelledError:
            await asyncio.shield(asyncio.to_thread(self._store.release, claim, counts_as_attempt=False))
            raise
        except StoreError:
            raise
        except (ModelCallError, OverloadedError) as error:
            return await self._retry_later(claim, error)
        except DragomanError as error:
            job_outcome = _failure(error)
        if job_outcome is None:
            return await self._log_lost_claim(claim)
        return await self._finish(claim, job_outcome)

    async def _reuse_earlier_result(self, claim: Claim) -> JobOutcome | None:
        """The outcome of an earlier job with the same fingerprint, if the request allows it and there is one."""
        job_request = claim.job_request
        if not job_request.reuse:
            return None
        known = await asyncio.to_thread(self._store.find_reusable, self.fingerprint(job_request))
        if known is None:
            return None
        job_id, result = known
        own = {"id": uuid4().hex, "article_id": job_request.article.id, "reused_from": result["id"]}
        free = {"usage": Usage().model_dump(), "duration_seconds": 0.0}
        return JobOutcome(State.COMPLETE, {**result, **own, **free}, reused_from=job_id)

    async def _extract(self, claim: Claim) -> JobOutcome | None:
        """Extract the records while renewing the lease; None if the lease was lost meanwhile."""
        job_request = claim.job_request
        progress = _Progress()
        seconds = min(job_request.deadline_seconds or self._deadline_seconds, self._max_deadline_seconds)
        reading = asyncio.create_task(
            self._extractor.extract(
                job_request.article, kinds=job_request.kinds, deadline=Deadline.after(seconds), tell=progress.on_event
            )
        )
        holding = asyncio.create_task(self._keep_lease(claim, progress))
        try:
            await asyncio.wait([reading, holding], return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                return None
            extraction = _result(reading, claim)
        finally:
            await _cancel(reading, holding)
        return JobOutcome(State(extraction.status), extraction.model_dump(mode="json"))

    async def _keep_lease(self, claim: Claim, progress: "_Progress") -> None:
        """Renew the lease again and again; return once it is lost."""
        while True:
            await asyncio.sleep(self.lease.total_seconds() / RENEWALS_PER_LEASE)
            try:
                held = await asyncio.to_thread(
                    self._store.renew, claim, self.lease, done=progress.done, questions=progress.questions
                )
            except Exception as error:  # noqa: BLE001 -- the next renewal may succeed; if none does, the lease expires
                log.warning("lease not renewed", job=claim.job_id, error=type(error).__name__)
                continue
            if not held:
                return

    async def _retry_later(self, claim: Claim, error: DragomanError) -> AttemptOutcome:
        """Release a job for another attempt, or fail it after its last one. Attempts during an outage do not count."""
        is_outage = isinstance(error, ModelUnavailableError) and self._is_breaker_open()
        if claim.attempt >= self._attempts and not is_outage:
            return await self._finish(claim, _failure(error))
        requested = error.retry_after if isinstance(error, ModelUnavailableError | OverloadedError) else None
        delay = max(
            self._jitter(RETRY_DELAYS[min(claim.attempt, len(RETRY_DELAYS)) - 1]),
            min(requested or 0.0, MAX_RETRY_DELAY),
        )
        retry_at = datetime.now(UTC) + timedelta(seconds=delay)

        released = await asyncio.to_thread(
            self._store.release,
            claim,
            not_before=retry_at,
            counts_as_attempt=not is_outage,
            error=JobError(error.code, str(error)),
        )
        log.warning(
            "job will be retried", job=claim.job_id, attempt=claim.attempt, code=error.code, seconds=round(delay, 1)
        )
        return AttemptOutcome(retry_at=retry_at) if released else AttemptOutcome()

    def _is_breaker_open(self) -> bool:
        """Whether the circuit breaker is open: the model server fails for every job, not only for this one."""
        try:
            self._extractor.check_model()
        except BreakerOpenError:
            return True
        return False

    async def _finish(self, claim: Claim, job_outcome: JobOutcome) -> AttemptOutcome:
        if not await asyncio.to_thread(self._store.finish, claim, job_outcome):
            return await self._log_lost_claim(claim)
        log.info(
            "job finished", job=claim.job_id, state=job_outcome.state, code=job_outcome.error and job_outcome.error.code
        )
        return AttemptOutcome(job_outcome)

    async def _log_lost_claim(self, claim: Claim) -> AttemptOutcome:
        """Log why an outcome was not stored: the job was cancelled, which is normal, or its lease was lost."""
        job = await asyncio.to_thread(self._store.job, claim.job_id)
        if job is not None and job.state is State.CANCELLED:
            log.info("job abandoned: it was cancelled", job=claim.job_id)
        else:
            log.warning("job abandoned: its lease was lost", job=claim.job_id)
        return AttemptOutcome()


async def claim_job(store: JobStore, take: Callable[[], Claim | None]) -> Claim | None:
    """Call `take`, which claims a job, in a thread. If this task is cancelled meanwhile, the job is released."""
    taking = asyncio.ensure_future(asyncio.to_thread(take))
    try:
        return await asyncio.shield(taking)
    except asyncio.CancelledError:
        claim = await taking
        if claim is not None:
            await asyncio.to_thread(store.release, claim, counts_as_attempt=False)
        raise


class FatalJobError(DragomanError):
    """The process that ran the job died in every attempt."""

    code = "job_fatal"


class InternalFaultError(ModelCallError):
    """An unexpected exception, which is already logged; another attempt may succeed."""

    code = "internal_error"


@dataclass(slots=True)
class _Progress:
    done: int = 0
    questions: int | None = None

    def on_event(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.done, self.questions = event.done, event.questions


def _result(reading: "asyncio.Task[Extraction]", claim: Claim) -> Extraction:
    try:
        return reading.result()
    except DragomanError:
        raise
    except Exception as error:
        # Our own trace has no messages: that of the exception may quote the article.
        log.error("unexpected exception", job=claim.job_id, trace=trace(error))  # noqa: TRY400 -- see above
        raise InternalFaultError("something went wrong inside the service") from error


async def _cancel(*tasks: "asyncio.Task[Any]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _failure(error: DragomanError) -> JobOutcome:
    return JobOutcome(State.FAILED, error=JobError(error.code, str(error)))
