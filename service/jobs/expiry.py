"""What lasts for too long: jobs that do not end, and what is kept after its end."""

from collections.abc import Callable

import structlog
from sqlalchemy import Connection, delete, select

from service.jobs.rows import Stored, words_of
from service.jobs.states import ENDED, State, Trouble
from service.jobs.tables import batches, jobs, keys, reviews

SWEEP = 500
"""Jobs that are ended or deleted in one transaction."""
TIMED_OUT = "job_timed_out"
"""Code of jobs that did not end in time."""

log = structlog.get_logger(__name__)


class Expiry(Stored):
    """Nobody waits for ever, and nothing is kept for ever."""

    def give_up(self) -> int:
        """Fail the jobs that have been open for too long, but none that is in work; how many these were."""
        given_up = self._in_parts(self._fail_old)
        if given_up:
            log.warning("jobs given up: they have not ended in time", jobs=given_up)
        return given_up

    def expire(self) -> int:
        """Delete what is past its time, but no job that has not ended or that has reviews; how many jobs these were."""
        deleted = self._in_parts(self._sweep)
        self._database.write(self._sweep_rest)
        return deleted

    def _in_parts(self, work: Callable[[Connection], int]) -> int:
        """Do the work on a part of the jobs at a time, as long as there are more; on how many it was done."""
        done = part = self._database.write(work)
        while part == SWEEP:
            part = self._database.write(work)
            done += part
        return done

    def _fail_old(self, connection: Connection) -> int:
        now = self._now()
        in_work = (jobs.c.state == State.RUNNING) & (jobs.c.due_at > now)
        old = select(jobs.c.id).where(jobs.c.open_since <= now - self._patience, jobs.c.due_at.is_not(None), ~in_work)
        ids = connection.scalars(old.limit(SWEEP).with_for_update(skip_locked=True)).all()
        hours = self._patience.total_seconds() / 3600
        late = Trouble(TIMED_OUT, f"The job has not ended within {hours:g} hours.")
        # Without a token: whoever lost its lease is told so when he comes back.
        self._end(connection, jobs.c.id.in_(ids), State.FAILED, {"token": None, **words_of(late)})
        return len(ids)

    def _sweep(self, connection: Connection) -> int:
        unread = ~select(reviews.c.id).where(reviews.c.job_id == jobs.c.id).exists()
        old = select(jobs.c.id).where(jobs.c.expires_at <= self._now(), jobs.c.state.in_(ENDED), unread).limit(SWEEP)
        ids = connection.scalars(old.with_for_update(skip_locked=True)).all()
        # Looked at again under the lock: a review may have been written since.
        return connection.execute(delete(jobs).where(jobs.c.id.in_(ids), unread)).rowcount

    def _sweep_rest(self, connection: Connection) -> None:
        now = self._now()
        used = select(jobs.c.id).where(jobs.c.batch_id == batches.c.id).exists()
        connection.execute(delete(batches).where(batches.c.expires_at <= now, ~used))
        connection.execute(delete(keys).where(keys.c.expires_at <= now))
