"""Expiry: fails jobs that take too long, and deletes what has been kept for long enough."""

from collections.abc import Callable

import structlog
from sqlalchemy import Connection, delete, select

from service.jobs.rows import StorePart, error_columns
from service.jobs.states import TERMINAL_STATES, JobError, State
from service.jobs.tables import batches, idempotency_keys, jobs, reviews

BATCH_SIZE = 500
"""Jobs that are failed or deleted in one transaction."""
TIMED_OUT = "job_timed_out"
"""Error code of jobs that did not end within the time limit."""

log = structlog.get_logger(__name__)


class Expiry(StorePart):
    """Enforces the time limit of jobs and the retention of jobs, batches and idempotency keys."""

    def time_out_jobs(self) -> int:
        """Fail jobs that have not ended within the time limit, except those that are running. Returns how many."""
        timed_out = self._in_batches(self._time_out_batch)
        if timed_out:
            log.warning("jobs timed out", jobs=timed_out)
        return timed_out

    def delete_expired(self) -> int:
        """Delete what has expired, except jobs that have not ended or that have reviews. Returns how many jobs."""
        deleted = self._in_batches(self._delete_batch)
        self._database.write(self._delete_expired_batches_and_keys)
        return deleted

    def _in_batches(self, work: Callable[[Connection], int]) -> int:
        """Repeat a transaction on up to `BATCH_SIZE` jobs until none are left. Returns how many it handled."""
        done = part = self._database.write(work)
        while part == BATCH_SIZE:
            part = self._database.write(work)
            done += part
        return done

    def _time_out_batch(self, connection: Connection) -> int:
        now = self._now()
        in_work = (jobs.c.state == State.RUNNING) & (jobs.c.due_at > now)
        old = select(jobs.c.id).where(jobs.c.open_since <= now - self._time_limit, jobs.c.due_at.is_not(None), ~in_work)
        ids = connection.scalars(old.limit(BATCH_SIZE).with_for_update(skip_locked=True)).all()
        hours = self._time_limit.total_seconds() / 3600
        late = JobError(TIMED_OUT, f"The job has not ended within {hours:g} hours.")
        # The token is removed, so that a worker whose lease has expired finds its claim lost.
        self._finish_jobs(connection, jobs.c.id.in_(ids), State.FAILED, {"token": None, **error_columns(late)})
        return len(ids)

    def _delete_batch(self, connection: Connection) -> int:
        without_reviews = ~select(reviews.c.id).where(reviews.c.job_id == jobs.c.id).exists()
        old = (
            select(jobs.c.id)
            .where(jobs.c.expires_at <= self._now(), jobs.c.state.in_(TERMINAL_STATES), without_reviews)
            .limit(BATCH_SIZE)
        )
        ids = connection.scalars(old.with_for_update(skip_locked=True)).all()
        # Checked again under the lock: a review may have been stored since.
        return connection.execute(delete(jobs).where(jobs.c.id.in_(ids), without_reviews)).rowcount

    def _delete_expired_batches_and_keys(self, connection: Connection) -> None:
        now = self._now()
        used = select(jobs.c.id).where(jobs.c.batch_id == batches.c.id).exists()
        connection.execute(delete(batches).where(batches.c.expires_at <= now, ~used))
        connection.execute(delete(idempotency_keys).where(idempotency_keys.c.expires_at <= now))
