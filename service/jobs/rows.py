"""What the parts of the store have in common: their base class, and conversions between rows and data classes."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, Row, Select, Table, literal, select, tuple_, update

from service.jobs.columns import AnyText, UtcDateTime
from service.jobs.database import Database
from service.jobs.states import Job, JobError, JobRequest, RejectedLine, State
from service.jobs.tables import callbacks, jobs, results

PAGE_SIZE = 50
"""Rows that are read at a time."""
JOB_REQUEST_UNREADABLE = JobError(
    "order_unreadable",
    "The job's request was stored by another version of the service, in a form that this version cannot read.",
)


Cursor = tuple[datetime, str]
"""Creation time and id of a row, by which listings are ordered. The id tells apart rows with the same time."""


class StorePart:
    """Base class of the parts of the store. For the arguments see `JobStore`."""

    def __init__(
        self,
        database: Database,
        *,
        retention: timedelta,
        now: Callable[[], datetime],
        republish_after: timedelta,
        time_limit: timedelta,
    ) -> None:
        self._database = database
        self._retention = retention
        self._now = now
        self._republish_after = republish_after
        self._time_limit = time_limit

    def _finish_jobs(
        self, connection: Connection, condition: ColumnElement[bool], state: State, more: dict[str, Any]
    ) -> list[str]:
        """Put the jobs that fit `condition` into a terminal state, and have it announced. Returns their ids."""
        now = self._now()
        idle = {"due_at": None, "send_at": None, "open_since": None, "announce_at": now}
        end = {"state": state, "finished_at": now, "expires_at": now + self._retention, **idle, **more}
        ended = list(connection.scalars(update(jobs).where(condition).values(end).returning(jobs.c.id)))
        connection.execute(update(callbacks).where(callbacks.c.job_id.in_(ended)).values(due_at=now))
        return ended

    def _job_request(self, connection: Connection, job_id: str, body: dict[str, Any]) -> JobRequest | None:
        """Parse a stored request. If that fails, its job fails too: it would be the next one again and again."""
        job_request = parse_job_request(body)
        if job_request is None:
            self._finish_jobs(connection, jobs.c.id == job_id, State.FAILED, error_columns(JOB_REQUEST_UNREADABLE))
        return job_request


def parse_job_request(body: dict[str, Any]) -> JobRequest | None:
    """Parse a stored request; None if another version of the service has stored it in another form."""
    try:
        return JobRequest.model_validate(body)
    except ValidationError:
        return None


def select_with_results() -> Select[Any]:
    """Select jobs, each with its result as `body`."""
    return select(jobs, results.c.body).outerjoin(results, results.c.job_id == jobs.c.id)


def created_before(table: Table[Any], place: Cursor) -> ColumnElement[bool]:
    return tuple_(table.c.created_at, table.c.id) < _cursor_literal(place)


def created_after(table: Table[Any], place: Cursor) -> ColumnElement[bool]:
    return tuple_(table.c.created_at, table.c.id) > _cursor_literal(place)


def _cursor_literal(place: Cursor) -> ColumnElement[Any]:
    return tuple_(literal(place[0], UtcDateTime), literal(place[1], AnyText))


def job_from_row(row: Row[Any]) -> Job:
    state = State(row.state)
    is_delayed = state is State.QUEUED and row.due_at > row.created_at
    return Job(
        id=row.id,
        state=state,
        created_at=row.created_at,
        expires_at=row.expires_at,
        article_id=row.article_id,
        batch_id=row.batch_id,
        line=row.line,
        started_at=row.started_at,
        finished_at=row.finished_at,
        not_before=row.due_at if is_delayed else None,
        attempts=row.attempts,
        done=row.done,
        questions=row.questions,
        error=JobError(row.trouble_code, row.trouble_detail) if row.trouble_code is not None else None,
        reused_from=row.reused_from,
    )


def error_columns(error: JobError | None) -> dict[str, str | None]:
    if error is None:
        return {"trouble_code": None, "trouble_detail": None}
    return {"trouble_code": error.code, "trouble_detail": error.detail}


def rejected_from_json(document: list[dict[str, Any]]) -> tuple[RejectedLine, ...]:
    return tuple(RejectedLine(**{**line, "errors": tuple(line["errors"])}) for line in document)


def rejected_to_json(rejected: RejectedLine) -> dict[str, Any]:
    return asdict(rejected)
