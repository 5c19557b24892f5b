"""Jobs and batches a page at a time, the newest first."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, Table, func, select

from service.jobs.callbacks import callback_of
from service.jobs.rows import Place, Stored, job_of, made_before, rejected_of
from service.jobs.states import Batch, CallbackState, Job, State
from service.jobs.tables import batches, callbacks, jobs


class JobsPage(NamedTuple):
    """Jobs with their webhooks, and the place of the last one if there are more."""

    jobs: list[tuple[Job, CallbackState | None]]
    before: Place | None


class BatchesPage(NamedTuple):
    """Batches, and the place of the last one if there are more."""

    batches: list[Batch]
    before: Place | None


class Listings(Stored):
    """A page begins where the one before it ended, whatever has come or gone since."""

    def jobs_page(
        self, limit: int, *, before: Place | None = None, state: State | None = None, batch_id: str | None = None
    ) -> JobsPage:
        """The newest jobs.

        Args:
            limit: how many at most.
            before: leaves out what is as new as this, or newer.
            state: leaves out those in other states.
            batch_id: leaves out those that are not of this batch.

        """
        found = select(jobs)
        if state is not None:
            found = found.where(jobs.c.state == state)
        if batch_id is not None:
            found = found.where(jobs.c.batch_id == batch_id)

        def work(connection: Connection) -> JobsPage:
            rows, place = _page(connection, jobs, found, limit, before)
            of_rows = select(callbacks).where(callbacks.c.job_id.in_([row.id for row in rows]))
            called = {row.job_id: callback_of(row) for row in connection.execute(of_rows)}
            return JobsPage([(job_of(row), called.get(row.id)) for row in rows], place)

        return self._database.read(work)

    def batches_page(self, limit: int, *, before: Place | None = None) -> BatchesPage:
        """The newest batches; see `jobs_page`."""

        def work(connection: Connection) -> BatchesPage:
            rows, place = _page(connection, batches, select(batches), limit, before)
            return BatchesPage(batches_of(connection, rows), place)

        return self._database.read(work)


def batches_of(connection: Connection, rows: Sequence[Row[Any]]) -> list[Batch]:
    """Rows of batches with what is to be counted of their jobs."""
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
    return [Batch(row.id, row.created_at, ends[row.id], counts[row.id], rejected_of(row.rejected)) for row in rows]


def _page(
    connection: Connection, table: Table[Any], found: Select[Any], limit: int, before: Place | None
) -> tuple[Sequence[Row[Any]], Place | None]:
    """Rows from a place on, and the place from which there are more."""
    if before is not None:
        found = found.where(made_before(table, before))
    newest = found.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit + 1)
    rows = connection.execute(newest).all()
    shown = rows[:limit]
    return shown, (shown[-1].created_at, shown[-1].id) if len(rows) > limit else None
