"""The tables of the store. What is long (orders, results) has tables of its own, so that rows of jobs stay light.

Three columns of a job say when something is to be done with it, and are empty when there is nothing to do:

- `due_at`: it may be claimed. While it is running, this is the end of the lease; an ended job has none.
- `send_at`: it is to be published to the broker (again).
- `announce_at`: the exchange is to be told that it has ended.

A fourth one, `open_since`, says how long it has waited for its end: since it was taken in, or opened again.
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


class OrderColumns(TypedColumns):
    job_id: Named[str] = Column(AnyText, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    body: Named[dict[str, Any]] = Column(Json)


class ResultColumns(TypedColumns):
    job_id: Named[str] = Column(AnyText, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    body: Named[dict[str, Any]] = Column(Json)


class CallbackColumns(TypedColumns):
    """`due_at` is empty before the job's end, and when there is nothing more to send."""

    job_id: Named[str] = Column(AnyText, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    url: Named[str] = Column(AnyText)
    state: Named[str] = Column(AnyText)
    attempts: Named[int] = Column(default=0)
    detail: Named[str | None] = Column(AnyText)
    due_at: Named[datetime | None] = Column(UtcDateTime)


class KeyColumns(TypedColumns):
    """`digest` is a hash of the caller's scope and key; `holder` does the first request's work until `locked_until`."""

    digest: Named[str] = Column(AnyText, primary_key=True)
    fingerprint: Named[str] = Column(AnyText)
    reserved: Named[str] = Column(AnyText)
    holder: Named[str] = Column(AnyText)
    locked_until: Named[datetime] = Column(UtcDateTime)
    location: Named[str | None] = Column(AnyText)
    expires_at: Named[datetime] = Column(UtcDateTime, index=True)


class ReviewColumns(TypedColumns):
    """`record` is a place in the result's list of that kind, and empty for a record that the result lacks."""

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
orders = Table("orders", metadata, OrderColumns)
results = Table("results", metadata, ResultColumns)
callbacks = Table("callbacks", metadata, CallbackColumns)
keys = Table("idempotency_keys", metadata, KeyColumns)
reviews = Table("reviews", metadata, ReviewColumns)


def _work_list(table: Table[Any], column: Column[Any], *more: Column[Any]) -> None:
    """An index of the rows that have a time in `column`: those with work to do, few among many."""
    some = column.is_not(None)
    name = f"ix_{table.name}_{column.name}"
    Index(name, column, *more, postgresql_where=some, sqlite_where=some)


_work_list(jobs, jobs.c.due_at, jobs.c.line)
_work_list(jobs, jobs.c.send_at, jobs.c.line)
_work_list(jobs, jobs.c.announce_at, jobs.c.line)
_work_list(jobs, jobs.c.open_since)
_work_list(callbacks, callbacks.c.due_at)
Index(None, jobs.c.fingerprint, jobs.c.finished_at)
Index(None, jobs.c.batch_id, jobs.c.line, unique=True)
Index(None, jobs.c.expires_at)
Index(None, jobs.c.created_at, jobs.c.id)
Index(None, batches.c.created_at, batches.c.id)
# One review of a record at most; several of records that the result lacks, whose `record` is empty.
Index(None, reviews.c.job_id, reviews.c.kind, reviews.c.record, unique=True)
