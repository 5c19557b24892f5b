"""From rows to what callers see, and what the parts of the store have in common."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, Row, Select, Table, literal, select, tuple_, update

from service.jobs.columns import AnyText, UtcDateTime
from service.jobs.database import Database
from service.jobs.states import Job, Order, Rejected, State, Trouble
from service.jobs.tables import callbacks, jobs, results

PAGE = 50
"""Results that are read at a time."""
UNREADABLE = Trouble("order_unreadable", "The order was taken in by another version of the service, unlike this one.")


Place = tuple[datetime, str]
"""When a row was made, and its id: where it stands among the others. Several may be of one moment."""


class Stored:
    """A part of the store.

    Args:
        database: holds it.
        keep: how long a job is kept, counted from its end.
        now: tells the time.
        overdue: a job that was published and is not begun this long after it could be is published again.
        patience: a job that has not ended after this long fails.

    """

    def __init__(
        self,
        database: Database,
        *,
        keep: timedelta,
        now: Callable[[], datetime],
        overdue: timedelta,
        patience: timedelta,
    ) -> None:
        self._database = database
        self._keep = keep
        self._now = now
        self._overdue = overdue
        self._patience = patience

    def _end(self, connection: Connection, which: ColumnElement[bool], state: State, more: dict[str, Any]) -> list[str]:
        """End these jobs: there is nothing to do for them but to tell of it. The ids of those that there are."""
        now = self._now()
        idle = {"due_at": None, "send_at": None, "open_since": None, "announce_at": now}
        end = {"state": state, "finished_at": now, "expires_at": now + self._keep, **idle, **more}
        ended = list(connection.scalars(update(jobs).where(which).values(end).returning(jobs.c.id)))
        connection.execute(update(callbacks).where(callbacks.c.job_id.in_(ended)).values(due_at=now))
        return ended

    def _order(self, connection: Connection, job_id: str, body: dict[str, Any]) -> Order | None:
        """An order as it was stored. A job whose order cannot be read ends here, or it would stop all that wait."""
        order = readable_order(body)
        if order is None:
            self._end(connection, jobs.c.id == job_id, State.FAILED, words_of(UNREADABLE))
        return order


def readable_order(body: dict[str, Any]) -> Order | None:
    """An order as it was stored; nothing where another version of the service has written it."""
    try:
        return Order.model_validate(body)
    except ValidationError:
        return None


def with_results() -> Select[Any]:
    """Jobs, each with its result as `body`."""
    return select(jobs, results.c.body).outerjoin(results, results.c.job_id == jobs.c.id)


def made_before(table: Table[Any], place: Place) -> ColumnElement[bool]:
    return tuple_(table.c.created_at, table.c.id) < _literal(place)


def made_after(table: Table[Any], place: Place) -> ColumnElement[bool]:
    return tuple_(table.c.created_at, table.c.id) > _literal(place)


def _literal(place: Place) -> ColumnElement[Any]:
    return tuple_(literal(place[0], UtcDateTime), literal(place[1], AnyText))


def job_of(row: Row[Any]) -> Job:
    state = State(row.state)
    put_off = state is State.QUEUED and row.due_at > row.created_at
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
        not_before=row.due_at if put_off else None,
        attempts=row.attempts,
        done=row.done,
        questions=row.questions,
        trouble=Trouble(row.trouble_code, row.trouble_detail) if row.trouble_code is not None else None,
        reused_from=row.reused_from,
    )


def words_of(trouble: Trouble | None) -> dict[str, str | None]:
    if trouble is None:
        return {"trouble_code": None, "trouble_detail": None}
    return {"trouble_code": trouble.code, "trouble_detail": trouble.detail}


def rejected_of(document: list[dict[str, Any]]) -> tuple[Rejected, ...]:
    return tuple(Rejected(**{**line, "errors": tuple(line["errors"])}) for line in document)


def document_of(rejected: Rejected) -> dict[str, Any]:
    return asdict(rejected)
