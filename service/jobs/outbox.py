"""What the broker has to be told: jobs that wait for a worker, and jobs that have ended."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, select, update

from service.jobs.rows import Stored, job_of, with_results
from service.jobs.states import Announcement, Order
from service.jobs.tables import jobs, orders

NOTHING = timedelta(0)


class Outbox(Stored):
    """Broken connections and lost messages lead to telling again, never to silence; receivers bear being told twice."""

    def unsent(self, limit: int, *, lease: timedelta = NOTHING) -> list[tuple[str, Order]]:
        """Jobs to publish, the longest waiting first. With a lease, nobody else gets them before it has run out."""

        def work(connection: Connection) -> list[tuple[str, Order]]:
            now = self._now()
            due = (
                select(jobs.c.id, orders.c.body)
                .join_from(jobs, orders)
                .where(jobs.c.send_at <= now, jobs.c.due_at <= now)
                .order_by(jobs.c.send_at, jobs.c.line)
                .limit(limit)
            )
            rows = connection.execute(due.with_for_update(of=jobs, skip_locked=True) if lease else due).all()
            if lease and rows:
                taken = update(jobs).where(jobs.c.id.in_([row.id for row in rows]))
                connection.execute(taken.values(send_at=now + lease))
            read = [(row.id, self._order(connection, row.id, row.body)) for row in rows]
            return [(job_id, order) for job_id, order in read if order is not None]

        return self._database.write(work)

    def mark_sent(self, job_ids: Sequence[str]) -> None:
        """The broker has confirmed these jobs.

        One that is overdue is published again; then after the double time, and so on, so that a long queue is not
        filled with copies.
        """

        def work(connection: Connection) -> None:
            now = self._now()
            known = select(jobs.c.id, jobs.c.created_at, jobs.c.due_at).where(jobs.c.id.in_(job_ids))
            live = known.where(jobs.c.due_at.is_not(None)).order_by(jobs.c.id).with_for_update()
            for row in connection.execute(live):
                again = max(now, row.due_at) + max(self._overdue, now - row.created_at)
                connection.execute(update(jobs).where(jobs.c.id == row.id).values(send_at=again))

        self._database.write(work)

    def unannounced(self, limit: int, *, age: timedelta = NOTHING, lease: timedelta = NOTHING) -> list[Announcement]:
        """Ended jobs that the exchange has not been told of, the earliest first.

        Args:
            limit: how many at most.
            age: leaves out what has ended just now: whoever carried it out tells the exchange himself.
            lease: nobody else gets these before it has run out.

        """

        def work(connection: Connection) -> list[Announcement]:
            now = self._now()
            ended = with_results().where(jobs.c.announce_at <= now - age)
            due = ended.order_by(jobs.c.announce_at, jobs.c.line).limit(limit)
            rows = connection.execute(due.with_for_update(of=jobs, skip_locked=True) if lease else due).all()
            if lease and rows:
                taken = update(jobs).where(jobs.c.id.in_([row.id for row in rows]))
                connection.execute(taken.values(announce_at=now + lease))
            return [Announcement(job_of(row), row.reply_to, row.body) for row in rows]

        return self._database.write(work) if lease else self._database.read(work)

    def announcement(self, job_id: str) -> Announcement | None:
        """What the exchange is to be told of a job; nothing where it has been, or where the job has not ended."""
        found: Select[Any] = with_results().where(jobs.c.id == job_id, jobs.c.announce_at.is_not(None))
        row = self._database.read(lambda connection: connection.execute(found).one_or_none())
        return Announcement(job_of(row), row.reply_to, row.body) if row is not None else None

    def order(self, job_id: str) -> Order | None:
        """What was wanted of a job, if it can be read."""
        found = select(orders.c.body).where(orders.c.job_id == job_id)

        def work(connection: Connection) -> Order | None:
            body = connection.scalars(found).one_or_none()
            return self._order(connection, job_id, body) if body is not None else None

        return self._database.write(work)

    def mark_announced(self, job_ids: Sequence[str]) -> None:
        """The broker has confirmed that the exchange was told of these."""
        told = update(jobs).where(jobs.c.id.in_(job_ids)).values(announce_at=None)
        self._database.write(lambda connection: connection.execute(told))
