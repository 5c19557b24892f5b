"""The store of jobs: what was taken in, how far it is, and what came out of it.

Its parts are `Claims` (carrying out), `Outbox` (the broker), `Callbacks` (webhooks), `Keys` (idempotency), `Listings`,
`Reviews` and `Expiry`.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select

from service.jobs.callbacks import Callbacks
from service.jobs.claims import Claims
from service.jobs.database import Database
from service.jobs.expiry import Expiry
from service.jobs.inserting import insert_new
from service.jobs.keys import Keys
from service.jobs.listings import Listings, batches_of
from service.jobs.outbox import Outbox
from service.jobs.reviews import Reviews
from service.jobs.rows import PAGE, document_of, job_of, readable_order, with_results
from service.jobs.states import Batch, Delivery, Job, Order, Rejected, State
from service.jobs.tables import batches, callbacks, jobs, orders, results

KEEP = timedelta(days=7)
OVERDUE = timedelta(minutes=10)
PATIENCE = timedelta(hours=24)


def utc_now() -> datetime:
    return datetime.now(UTC)


class JobStore(Claims, Outbox, Callbacks, Keys, Listings, Reviews, Expiry):
    """Keeps jobs in SQLite or PostgreSQL. Safe for use from several threads and processes; opens nothing at first.

    Every method is one transaction that is tried again when the connection breaks, or a few of them.

    Args:
        url: `sqlite:///PATH` or `postgresql://…`. Its tables are made by `service.jobs.database.upgrade`.
        keep: how long a job is kept after its end.
        now: tells the time.
        overdue: how long after its time a job that the broker has confirmed is published again, if nobody began it.
        patience: how long a job may take to end, counted from when it was taken in.

    """

    def __init__(
        self,
        url: str,
        *,
        keep: timedelta = KEEP,
        now: Callable[[], datetime] = utc_now,
        overdue: timedelta = OVERDUE,
        patience: timedelta = PATIENCE,
    ) -> None:
        super().__init__(Database(url), keep=keep, now=now, overdue=overdue, patience=patience)

    def close(self) -> None:
        """Close the connections. The store may be used again and opens new ones."""
        self._database.close()

    def add(self, order: Order, *, fingerprint: str, job_id: str | None = None, sent: bool = False) -> Job:
        """Take a job in; one that is there already comes back unchanged.

        Args:
            order: what is wanted.
            fingerprint: the same for two orders that have the same result.
            job_id: the caller's own; unset: a new one.
            sent: whether the broker has it already.

        """
        row_id = job_id or uuid4().hex

        def work(connection: Connection) -> Job:
            row = self._row(row_id, order, fingerprint, self._now(), sent=sent)
            if insert_new(connection, jobs, row):
                _add_papers(connection, [(row_id, order)])
            return job_of(connection.execute(select(jobs).where(jobs.c.id == row_id)).one())

        return self._database.write(work)

    def keep(self, order: Order, extraction: dict[str, Any], *, fingerprint: str) -> Job:
        """Keep an article and its answer as a job that has ended; one that is there already comes back unchanged.

        Nobody is told of it.

        Args:
            order: what was wanted.
            extraction: the JSON of an `Extraction`; the job has its id.
            fingerprint: see `add`.

        """
        job_id = extraction["id"]

        def work(connection: Connection) -> Job:
            now = self._now()
            row = {
                "id": job_id,
                "state": State(extraction["status"]),
                "fingerprint": fingerprint,
                "article_id": order.article.id,
                **dict.fromkeys(("created_at", "started_at"), now - timedelta(seconds=extraction["duration_seconds"])),
                "finished_at": now,
                "expires_at": now + self._keep,
                "attempts": 1,
                **dict.fromkeys(("done", "questions"), extraction["questions"]),
            }
            if insert_new(connection, jobs, row):
                connection.execute(insert(orders).values(job_id=job_id, body=order.model_dump(mode="json")))
                connection.execute(insert(results).values(job_id=job_id, body=extraction))
            return job_of(connection.execute(select(jobs).where(jobs.c.id == job_id)).one())

        return self._database.write(work)

    def add_batch(
        self,
        orders: Sequence[tuple[int, Order, str]],
        rejected: Sequence[Rejected],
        *,
        batch_id: str | None = None,
    ) -> Batch:
        """Take in jobs as (line, order, fingerprint) together; a batch that is there already comes back unchanged."""
        row_id = batch_id or uuid4().hex
        lines = [(uuid4().hex, *order) for order in orders]

        def work(connection: Connection) -> Batch:
            now = self._now()
            times = {"created_at": now, "expires_at": now + self._keep}
            refused = [document_of(line) for line in rejected]
            if insert_new(connection, batches, {"id": row_id, **times, "rejected": refused}) and lines:
                rows = [
                    self._row(job_id, order, fingerprint, now, batch_id=row_id, line=line)
                    for job_id, line, order, fingerprint in lines
                ]
                connection.execute(insert(jobs), rows)
                _add_papers(connection, [(job_id, order) for job_id, _, order, _ in lines])
            [batch] = _batches(connection, row_id)
            return batch

        return self._database.write(work)

    def earlier(self, fingerprint: str) -> tuple[str, dict[str, Any]] | None:
        """The newest complete result with that fingerprint that was really read, with the id of its job."""

        def work(connection: Connection) -> tuple[str, dict[str, Any]] | None:
            fit = (jobs.c.fingerprint == fingerprint) & (jobs.c.state == State.COMPLETE) & jobs.c.reused_from.is_(None)
            found = with_results().where(fit, jobs.c.expires_at > self._now()).order_by(jobs.c.finished_at.desc())
            row = connection.execute(found.limit(1)).one_or_none()
            return (row.id, row.body) if row is not None else None

        return self._database.read(work)

    def job(self, job_id: str) -> Job | None:
        found = select(jobs).where(jobs.c.id == job_id)
        row = self._database.read(lambda connection: connection.execute(found).one_or_none())
        return job_of(row) if row is not None else None

    def order(self, job_id: str) -> Order | None:
        """What was wanted of a job, if there is one; nothing where another version of the service has written it."""
        found = select(orders.c.body).where(orders.c.job_id == job_id)
        body = self._database.read(lambda connection: connection.scalars(found).one_or_none())
        return readable_order(body) if body is not None else None

    def result(self, job_id: str) -> dict[str, Any] | None:
        """The result of a job, if it has ended with one."""
        found = select(results.c.body).where(results.c.job_id == job_id)
        return self._database.read(lambda connection: connection.scalars(found).one_or_none())

    def batch(self, batch_id: str) -> Batch | None:
        found = self._database.read(lambda connection: _batches(connection, batch_id))
        return next(iter(found), None)

    def batch_jobs(self, batch_id: str) -> Iterator[tuple[Job, dict[str, Any] | None]]:
        """The jobs of a batch with their results, in the order of their lines. No transaction is held meanwhile."""
        of_batch = with_results().where(jobs.c.batch_id == batch_id).order_by(jobs.c.line).limit(PAGE)

        def page(after: int) -> Sequence[Row[Any]]:
            rest = of_batch.where(jobs.c.line > after)
            return self._database.read(lambda connection: connection.execute(rest).all())

        rows = page(0)
        while rows:
            for row in rows:
                yield job_of(row), row.body
            rows = page(rows[-1].line) if len(rows) == PAGE else ()

    def cancel(self, job_id: str) -> Job | None:
        """End a job now, unless it has ended. Whoever works on it is told when he renews his lease."""

        def work(connection: Connection) -> Job | None:
            self._cancel(connection, jobs.c.id == job_id)
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
            return job_of(row) if row is not None else None

        return self._database.write(work)

    def cancel_batch(self, batch_id: str) -> Batch | None:
        """End all jobs of a batch that have not ended."""
        self._database.write(lambda connection: self._cancel(connection, jobs.c.batch_id == batch_id))
        return self.batch(batch_id)

    def counts(self) -> dict[State, int]:
        """How many jobs are in which state."""
        counted = select(jobs.c.state, func.count()).group_by(jobs.c.state)
        rows = self._database.read(lambda connection: connection.execute(counted).all())
        return {State(state): number for state, number in rows}

    def _row(
        self,
        job_id: str,
        order: Order,
        fingerprint: str,
        now: datetime,
        *,
        sent: bool = False,
        batch_id: str | None = None,
        line: int | None = None,
    ) -> dict[str, Any]:
        times = {"created_at": now, "expires_at": now + self._keep, "due_at": now, "open_since": now}
        return {
            "id": job_id,
            "state": State.QUEUED,
            "fingerprint": fingerprint,
            "article_id": order.article.id,
            "batch_id": batch_id,
            "line": line,
            "reply_to": order.reply_to,
            "send_at": now + self._overdue if sent else now,
            **times,
        }

    def _cancel(self, connection: Connection, which: ColumnElement[bool]) -> None:
        self._end(connection, which & jobs.c.due_at.is_not(None), State.CANCELLED, {"token": None})


def _add_papers(connection: Connection, added: Sequence[tuple[str, Order]]) -> None:
    bodies = [{"job_id": job_id, "body": order.model_dump(mode="json")} for job_id, order in added]
    connection.execute(insert(orders), bodies)
    calls = [
        {"job_id": job_id, "url": order.callback_url, "state": Delivery.PENDING}
        for job_id, order in added
        if order.callback_url is not None
    ]
    if calls:
        connection.execute(insert(callbacks), calls)


def _batches(connection: Connection, batch_id: str) -> list[Batch]:
    """The batch with that id, if there is one."""
    return batches_of(connection, connection.execute(select(batches).where(batches.c.id == batch_id)).all())
