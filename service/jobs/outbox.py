"""The outbox: what is to be published to the broker, which is jobs that wait for a worker and jobs that have ended."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, select, update

from service.jobs.rows import StorePart, job_from_row, select_with_results
from service.jobs.states import Announcement, JobRequest
from service.jobs.tables import job_requests, jobs

NO_TIME = timedelta(0)


class Outbox(StorePart):
    """Publishing is at least once: after broken connections and lost messages it is repeated. Receivers tolerate it."""

    def unpublished(self, limit: int, *, lease: timedelta = NO_TIME) -> list[tuple[str, JobRequest]]:
        """Jobs to publish, the longest waiting first. With a lease, nobody else gets them until it expires."""

        def transaction(connection: Connection) -> list[tuple[str, JobRequest]]:
            now = self._now()
            due = (
                select(jobs.c.id, job_requests.c.body)
                .join_from(jobs, job_requests)
                .where(jobs.c.send_at <= now, jobs.c.due_at <= now)
                .order_by(jobs.c.send_at, jobs.c.line)
                .limit(limit)
            )
            rows = connection.execute(due.with_for_update(of=jobs, skip_locked=True) if lease else due).all()
            if lease and rows:
                taken = update(jobs).where(jobs.c.id.in_([row.id for row in rows]))
                connection.execute(taken.values(send_at=now + lease))
            read = [(row.id, self._job_request(connection, row.id, row.body)) for row in rows]
            return [(job_id, job_request) for job_id, job_request in read if job_request is not None]

        return self._database.write(transaction)

    def mark_published(self, job_ids: Sequence[str]) -> None:
        """Record that the broker has confirmed the messages of these jobs.

        A job that does not start is published again later, and then at doubling intervals, so that a long queue does
        not fill up with copies.
        """

        def transaction(connection: Connection) -> None:
            now = self._now()
            known = select(jobs.c.id, jobs.c.created_at, jobs.c.due_at).where(jobs.c.id.in_(job_ids))
            live = known.where(jobs.c.due_at.is_not(None)).order_by(jobs.c.id).with_for_update()
            for row in connection.execute(live):
                again = max(now, row.due_at) + max(self._republish_after, now - row.created_at)
                connection.execute(update(jobs).where(jobs.c.id == row.id).values(send_at=again))

        self._database.write(transaction)

    def unannounced(self, limit: int, *, grace: timedelta = NO_TIME, lease: timedelta = NO_TIME) -> list[Announcement]:
        """Jobs that have ended and are not announced on the exchange yet, the earliest first.

        Args:
            limit: how many at most.
            grace: leaves out jobs that ended less than this ago: the worker that ran them announces them itself.
            lease: nobody else gets these until it expires.

        """

        def transaction(connection: Connection) -> list[Announcement]:
            now = self._now()
            ended = select_with_results().where(jobs.c.announce_at <= now - grace)
            due = ended.order_by(jobs.c.announce_at, jobs.c.line).limit(limit)
            rows = connection.execute(due.with_for_update(of=jobs, skip_locked=True) if lease else due).all()
            if lease and rows:
                taken = update(jobs).where(jobs.c.id.in_([row.id for row in rows]))
                connection.execute(taken.values(announce_at=now + lease))
            return [Announcement(job_from_row(row), row.reply_to, row.body) for row in rows]

        return self._database.write(transaction) if lease else self._database.read(transaction)

    def announcement(self, job_id: str) -> Announcement | None:
        """The announcement of a job; None if it was published before, or if the job has not ended."""
        found: Select[Any] = select_with_results().where(jobs.c.id == job_id, jobs.c.announce_at.is_not(None))
        row = self._database.read(lambda connection: connection.execute(found).one_or_none())
        return Announcement(job_from_row(row), row.reply_to, row.body) if row is not None else None

    def mark_announced(self, job_ids: Sequence[str]) -> None:
        """Record that the broker has confirmed the announcements of these jobs."""
        told = update(jobs).where(jobs.c.id.in_(job_ids)).values(announce_at=None)
        self._database.write(lambda connection: connection.execute(told))
