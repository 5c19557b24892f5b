"""The tables of the store. Requests (table `orders`) and results are long and have tables of their own.

Three columns of a job hold the time at which something is to be done with it. They are null if there is nothing to do:

- `due_at`: the job may be claimed. While it is running, this is the end of the lease; null once it has ended.
- `send_at`: the job is to be published to the broker, for the first time or again.
- `announce_at`: the outcome of the job is to be announced on the exchange.

A fourth one, `open_since`, is where the time limit of the job starts: when it was submitted, or restarted.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, MetaData, Named, Table, TypedColumns

from service.jobs.columns import AnyText, Json, UtcDateTime

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


class BatchColumns(TypedColumns):
    id: Named[str] = Column(AnyText, primary_key=True)
    created_at: Named[datetime] = Column(UtcDateTime)
    expires_at: Named[datetime] = Column(UtcDateTime, index=True)
    rejected: Named[list[dict[str, Any]]] = Column(Json)


class JobColumns(TypedColumns):
    id: Named[str] = Column(AnyText, primary_key=True)
    state: Named[str] = Column(AnyText)
    fingerprint: Named[str] = Column(AnyText)
    article_id: Named[str | None] = Column(AnyText)
    batch_id: Named[str | None] = Column(AnyText, ForeignKey("batches.id"))
    line: Named[int | None]
    reply_to: Named[str | None] = Column(AnyText)
    created_at: Named[datetime] = Column(UtcDateTime)
    started_at: Named[datetime | None] = Column(UtcDateTime)
    finished_at: Named[datetime | None] = Column(UtcDateTime)
    expires_at: Named[datetime] = Column(UtcDateTime)
    due_at: Named[datetime | None] = Column(UtcDateTime)
    send_at: Named[datetime | None] = Column(UtcDateTime)
    announce_at: Named[datetime | None] = Column(UtcDateTime)
    open_since: Named[datetime | None] = Column(UtcDateTime)
    token: Named[str | None] = Column(AnyText)
    attempts: Named[int] = Column(default=0)
    done: Named[int] = Column(default=0)
    questions: Named[int | None]
    trouble_code: Named[str | None] = Column(AnyText)
    trouble_detail: Named[str | None] = Column(AnyText)
    reused_from: Named[str | None] = Column(AnyText)


class JobRequestColumns(TypedColumns):
    job_id: Named[str] = Column(AnyText, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    body: Named[dict[str, Any]] = Column(Json)


class ResultColumns(TypedColumns):
    job_id: Named[str] = Column(AnyText, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    body: Named[dict[str, Any]] = Column(Json)


class CallbackColumns(TypedColumns):
    """`due_at` is null before the job's end, and when no further attempt is planned."""

    job_id: Named[str] = Column(AnyText, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    url: Named[str] = Column(AnyText)
    state: Named[str] = Column(AnyText)
    attempts: Named[int] = Column(default=0)
    detail: Named[str | None] = Column(AnyText)
    due_at: Named[datetime | None] = Column(UtcDateTime)


class KeyColumns(TypedColumns):
    """`digest` is a hash of scope and key. Until `locked_until`, only the request named `holder` may do the work."""

    digest: Named[str] = Column(AnyText, primary_key=True)
    fingerprint: Named[str] = Column(AnyText)
    reserved: Named[str] = Column(AnyText)
    holder: Named[str] = Column(AnyText)
    locked_until: Named[datetime] = Column(UtcDateTime)
    location: Named[str | None] = Column(AnyText)
    expires_at: Named[datetime] = Column(UtcDateTime, index=True)


class ReviewColumns(TypedColumns):
    """`record` is the record's index in the result's list of that kind, and null for a record that the result lacks."""

    id: Named[str] = Column(AnyText, primary_key=True)
    job_id: Named[str] = Column(AnyText, ForeignKey("jobs.id", ondelete="CASCADE"))
    kind: Named[str] = Column(AnyText)
    record: Named[int | None]
    verdict: Named[str] = Column(AnyText)
    body: Named[dict[str, Any]] = Column(Json)
    created_at: Named[datetime] = Column(UtcDateTime)
    updated_at: Named[datetime] = Column(UtcDateTime)


batches = Table("batches", metadata, BatchColumns)
jobs = Table("jobs", metadata, JobColumns)
job_requests = Table("orders", metadata, JobRequestColumns)
results = Table("results", metadata, ResultColumns)
callbacks = Table("callbacks", metadata, CallbackColumns)
idempotency_keys = Table("idempotency_keys", metadata, KeyColumns)
reviews = Table("reviews", metadata, ReviewColumns)


def _partial_index(table: Table[Any], column: Column[Any], *more: Column[Any]) -> None:
    """Add a partial index of the rows that have a time in `column`, which are few among many."""
    has_time = column.is_not(None)
    name = f"ix_{table.name}_{column.name}"
    Index(name, column, *more, postgresql_where=has_time, sqlite_where=has_time)


_partial_index(jobs, jobs.c.due_at, jobs.c.line)
_partial_index(jobs, jobs.c.send_at, jobs.c.line)
_partial_index(jobs, jobs.c.announce_at, jobs.c.line)
_partial_index(jobs, jobs.c.open_since)
_partial_index(callbacks, callbacks.c.due_at)
Index(None, jobs.c.fingerprint, jobs.c.finished_at)
Index(None, jobs.c.batch_id, jobs.c.line, unique=True)
Index(None, jobs.c.expires_at)
Index(None, jobs.c.created_at, jobs.c.id)
Index(None, batches.c.created_at, batches.c.id)
# At most one review of each record. Null is distinct in unique indexes: any number of missed records.
Index(None, reviews.c.job_id, reviews.c.kind, reviews.c.record, unique=True)
