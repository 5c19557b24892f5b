"""Listings of jobs and batches, in pages, the newest first."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, Table, func, select

from service.jobs.callbacks import callback_from_row
from service.jobs.rows import Cursor, StorePart, created_before, job_from_row, rejected_from_json
from service.jobs.states import Batch, CallbackState, Job, State
from service.jobs.tables import batches, callbacks, jobs


class JobsPage(NamedTuple):
    """Jobs with their webhooks, and the cursor of the next page if there is one."""

    jobs: list[tuple[Job, CallbackState | None]]
    next_cursor: Cursor | None


class BatchesPage(NamedTuple):
    """Batches, and the cursor of the next page if there is one."""

    batches: list[Batch]
    next_cursor: Cursor | None


class Listings(StorePart):
    """Pages are delimited by cursors, so that rows added or deleted meanwhile shift nothing."""

    def jobs_page(
        self, limit: int, *, before: Cursor | None = None, state: State | None = None, batch_id: str | None = None
    ) -> JobsPage:
        """A page of jobs, the newest first.

        Args:
            limit: how many at most.
            before: the cursor of the page before this one; None for the first page.
            state: only jobs in this state.
            batch_id: only jobs of this batch.

        """
        found = select(jobs)
        if state is not None:
            found = found.where(jobs.c.state == state)
        if batch_id is not None:
            found = found.where(jobs.c.batch_id == batch_id)

        def transaction(connection: Connection) -> JobsPage:
            rows, cursor = _page(connection, jobs, found, limit, before)
            of_rows = select(callbacks).where(callbacks.c.job_id.in_([row.id for row in rows]))
            called = {row.job_id: callback_from_row(row) for row in connection.execute(of_rows)}
            return JobsPage([(job_from_row(row), called.get(row.id)) for row in rows], cursor)

        return self._database.read(transaction)

    def batches_page(self, limit: int, *, before: Cursor | None = None) -> BatchesPage:
        """A page of batches, the newest first; see `jobs_page`."""

        def transaction(connection: Connection) -> BatchesPage:
            rows, cursor = _page(connection, batches, select(batches), limit, before)
            return BatchesPage(batches_from_rows(connection, rows), cursor)

        return self._database.read(transaction)


def batches_from_rows(connection: Connection, rows: Sequence[Row[Any]]) -> list[Batch]:
    """Batches from their rows, with the numbers of their jobs by state."""
    counts: dict[str, dict[State, int]] = {row.id: {} for row in rows}
    ends = {row.id: row.expires_at for row in rows}
    of_batches = (
        select(jobs.c.batch_id, jobs.c.state, func.count().label("number"), func.max(jobs.c.expires_at).label("last"))
        .where(jobs.c.batch_id.in_(ends))
        .group_by(jobs.c.batch_id, jobs.c.state)
    )
    for part in connection.execute(of_batches):
        counts[part.batch_id][State(part.state)] = part.number
        ends[part.batch_id] = max(ends[part.batch_id], part.last)
    return [
        Batch(row.id, row.created_at, ends[row.id], counts[row.id], rejected_from_json(row.rejected)) for row in rows
    ]


def _page(
    connection: Connection, table: Table[Any], found: Select[Any], limit: int, before: Cursor | None
) -> tuple[Sequence[Row[Any]], Cursor | None]:
    """The rows of a page, and the cursor of the next page if there is one."""
    if before is not None:
        found = found.where(created_before(table, before))
    newest = found.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit + 1)
    rows = connection.execute(newest).all()
    shown = rows[:limit]
    return shown, (shown[-1].created_at, shown[-1].id) if len(rows) > limit else None
