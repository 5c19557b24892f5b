"""The store of jobs: their requests, their states and their results.

Its parts are `Claims` (who may run a job), `Outbox` (what is to be published), `Callbacks` (webhooks that are due),
`IdempotencyKeys`, `Listings`, `Reviews` and `Expiry`.
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
from service.jobs.idempotency_keys import IdempotencyKeys
from service.jobs.inserts import insert_if_absent
from service.jobs.listings import Listings, batches_from_rows
from service.jobs.outbox import Outbox
from service.jobs.reviews import Reviews
from service.jobs.rows import PAGE_SIZE, job_from_row, parse_job_request, rejected_to_json, select_with_results
from service.jobs.states import Batch, Delivery, Job, JobRequest, RejectedLine, State
from service.jobs.tables import batches, callbacks, job_requests, jobs, results

RETENTION = timedelta(days=7)
REPUBLISH_AFTER = timedelta(minutes=10)
TIME_LIMIT = timedelta(hours=24)


def utc_now() -> datetime:
    return datetime.now(UTC)


class JobStore(Claims, Outbox, Callbacks, IdempotencyKeys, Listings, Reviews, Expiry):
    """Keeps jobs in SQLite or PostgreSQL. May be used from several threads and processes; connects on first use.

    Every method is one transaction, or a few, each of which is retried if the connection breaks.

    Args:
        url: `sqlite:///PATH` or `postgresql://…`. `service.jobs.database.upgrade` creates the tables.
        retention: how long a job is kept after its end.
        now: returns the current time.
        republish_after: a job that the broker has confirmed is published again if it has not started this long after
            it was due.
        time_limit: a job fails if it has not ended this long after it was submitted.

    """

    def __init__(
        self,
        url: str,
        *,
        retention: timedelta = RETENTION,
        now: Callable[[], datetime] = utc_now,
        republish_after: timedelta = REPUBLISH_AFTER,
        time_limit: timedelta = TIME_LIMIT,
    ) -> None:
        super().__init__(
            Database(url), retention=retention, now=now, republish_after=republish_after, time_limit=time_limit
        )

    def close(self) -> None:
        """Close the connections. The store may be used again and opens new ones."""
        self._database.close()

    def add(
        self, job_request: JobRequest, *, fingerprint: str, job_id: str | None = None, already_published: bool = False
    ) -> Job:
        """Store a new job. If there is a job with that id already, it is returned unchanged.

        Args:
            job_request: what is requested.
            fingerprint: the same for two requests that have the same result.
            job_id: chosen by the sender; None for a new one.
            already_published: whether the broker has the message of the job.

        """
        row_id = job_id or uuid4().hex

        def transaction(connection: Connection) -> Job:
            row = self._job_row(row_id, job_request, fingerprint, self._now(), already_published=already_published)
            if insert_if_absent(connection, jobs, row):
                _insert_requests_and_callbacks(connection, [(row_id, job_request)])
            return job_from_row(connection.execute(select(jobs).where(jobs.c.id == row_id)).one())

        return self._database.write(transaction)

    def add_finished(self, job_request: JobRequest, extraction: dict[str, Any], *, fingerprint: str) -> Job:
        """Store an article and its result as a job that has ended. An existing one is returned unchanged.

        Nothing is published and no webhook is sent.

        Args:
            job_request: what was requested.
            extraction: the JSON of an `Extraction`; the job has its id.
            fingerprint: see `add`.

        """
        job_id = extraction["id"]

        def transaction(connection: Connection) -> Job:
            now = self._now()
            row = {
                "id": job_id,
                "state": State(extraction["status"]),
                "fingerprint": fingerprint,
                "article_id": job_request.article.id,
                **dict.fromkeys(("created_at", "started_at"), now - timedelta(seconds=extraction["duration_seconds"])),
                "finished_at": now,
                "expires_at": now + self._retention,
                "attempts": 1,
                **dict.fromkeys(("done", "questions"), extraction["questions"]),
            }
            if insert_if_absent(connection, jobs, row):
                connection.execute(insert(job_requests).values(job_id=job_id, body=job_request.model_dump(mode="json")))
                connection.execute(insert(results).values(job_id=job_id, body=extraction))
            return job_from_row(connection.execute(select(jobs).where(jobs.c.id == job_id)).one())

        return self._database.write(transaction)

    def add_batch(
        self,
        job_requests: Sequence[tuple[int, JobRequest, str]],
        rejected: Sequence[RejectedLine],
        *,
        batch_id: str | None = None,
    ) -> Batch:
        """Store a batch of jobs, each as (line, request, fingerprint). An existing batch is returned unchanged."""
        row_id = batch_id or uuid4().hex
        lines = [(uuid4().hex, *job_request) for job_request in job_requests]

        def transaction(connection: Connection) -> Batch:
            now = self._now()
            times = {"created_at": now, "expires_at": now + self._retention}
            refused = [rejected_to_json(line) for line in rejected]
            if insert_if_absent(connection, batches, {"id": row_id, **times, "rejected": refused}) and lines:
                rows = [
                    self._job_row(job_id, job_request, fingerprint, now, batch_id=row_id, line=line)
                    for job_id, line, job_request, fingerprint in lines
                ]
                connection.execute(insert(jobs), rows)
                _insert_requests_and_callbacks(
                    connection, [(job_id, job_request) for job_id, _, job_request, _ in lines]
                )
            [batch] = _select_batch(connection, row_id)
            return batch

        return self._database.write(transaction)

    def find_reusable(self, fingerprint: str) -> tuple[str, dict[str, Any]] | None:
        """The newest complete result with that fingerprint that is not itself a copy, with the id of its job."""

        def transaction(connection: Connection) -> tuple[str, dict[str, Any]] | None:
            fit = (jobs.c.fingerprint == fingerprint) & (jobs.c.state == State.COMPLETE) & jobs.c.reused_from.is_(None)
            found = (
                select_with_results().where(fit, jobs.c.expires_at > self._now()).order_by(jobs.c.finished_at.desc())
            )
            row = connection.execute(found.limit(1)).one_or_none()
            return (row.id, row.body) if row is not None else None

        return self._database.read(transaction)

    def job(self, job_id: str) -> Job | None:
        found = select(jobs).where(jobs.c.id == job_id)
        row = self._database.read(lambda connection: connection.execute(found).one_or_none())
        return job_from_row(row) if row is not None else None

    def job_request(self, job_id: str) -> JobRequest | None:
        """The request of a job; None if there is no such job, or if another version of the service wrote it."""
        found = select(job_requests.c.body).where(job_requests.c.job_id == job_id)
        body = self._database.read(lambda connection: connection.scalars(found).one_or_none())
        return parse_job_request(body) if body is not None else None

    def result(self, job_id: str) -> dict[str, Any] | None:
        """The result of a job; None if it has none (yet)."""
        found = select(results.c.body).where(results.c.job_id == job_id)
        return self._database.read(lambda connection: connection.scalars(found).one_or_none())

    def batch(self, batch_id: str) -> Batch | None:
        found = self._database.read(lambda connection: _select_batch(connection, batch_id))
        return next(iter(found), None)

    def batch_jobs(self, batch_id: str) -> Iterator[tuple[Job, dict[str, Any] | None]]:
        """The jobs of a batch with their results, in the order of their lines, read a page per transaction."""
        of_batch = select_with_results().where(jobs.c.batch_id == batch_id).order_by(jobs.c.line).limit(PAGE_SIZE)

        def page(after: int) -> Sequence[Row[Any]]:
            rest = of_batch.where(jobs.c.line > after)
            return self._database.read(lambda connection: connection.execute(rest).all())

        rows = page(0)
        while rows:
            for row in rows:
                yield job_from_row(row), row.body
            rows = page(rows[-1].line) if len(rows) == PAGE_SIZE else ()

    def cancel(self, job_id: str) -> Job | None:
        """Cancel a job unless it has ended. The worker that runs it learns of it when it renews its lease."""

        def transaction(connection: Connection) -> Job | None:
            self._cancel(connection, jobs.c.id == job_id)
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
            return job_from_row(row) if row is not None else None

        return self._database.write(transaction)

    def cancel_batch(self, batch_id: str) -> Batch | None:
        """Cancel all jobs of a batch that have not ended."""
        self._database.write(lambda connection: self._cancel(connection, jobs.c.batch_id == batch_id))
        return self.batch(batch_id)

    def counts(self) -> dict[State, int]:
        """The number of jobs by state."""
        counted = select(jobs.c.state, func.count()).group_by(jobs.c.state)
        rows = self._database.read(lambda connection: connection.execute(counted).all())
        return {State(state): number for state, number in rows}

    def _job_row(
        self,
        job_id: str,
        job_request: JobRequest,
        fingerprint: str,
        now: datetime,
        *,
        already_published: bool = False,
        batch_id: str | None = None,
        line: int | None = None,
    ) -> dict[str, Any]:
        times = {"created_at": now, "expires_at": now + self._retention, "due_at": now, "open_since": now}
        return {
            "id": job_id,
            "state": State.QUEUED,
            "fingerprint": fingerprint,
            "article_id": job_request.article.id,
            "batch_id": batch_id,
            "line": line,
            "reply_to": job_request.reply_to,
            "send_at": now + self._republish_after if already_published else now,
            **times,
        }

    def _cancel(self, connection: Connection, condition: ColumnElement[bool]) -> None:
        self._finish_jobs(connection, condition & jobs.c.due_at.is_not(None), State.CANCELLED, {"token": None})


def _insert_requests_and_callbacks(connection: Connection, added: Sequence[tuple[str, JobRequest]]) -> None:
    bodies = [{"job_id": job_id, "body": job_request.model_dump(mode="json")} for job_id, job_request in added]
    connection.execute(insert(job_requests), bodies)
    calls = [
        {"job_id": job_id, "url": job_request.callback_url, "state": Delivery.PENDING}
        for job_id, job_request in added
        if job_request.callback_url is not None
    ]
    if calls:
        connection.execute(insert(callbacks), calls)


def _select_batch(connection: Connection, batch_id: str) -> list[Batch]:
    """The batch with that id, if there is one."""
    return batches_from_rows(connection, connection.execute(select(batches).where(batches.c.id == batch_id)).all())
