"""The webhooks of jobs with a `callback_url`: which are due, and how their delivery went."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from service.jobs.rows import StorePart, job_from_row
from service.jobs.states import Callback, CallbackState, Delivery
from service.jobs.tables import callbacks, jobs


class Callbacks(StorePart):
    """A webhook becomes due when its job ends."""

    def due_callbacks(self, limit: int, lease: timedelta) -> list[Callback]:
        """Webhooks that are due, each counted as one more attempt. Nobody else gets them until the lease expires."""

        def transaction(connection: Connection) -> list[Callback]:
            now = self._now()
            due = (
                select(callbacks.c.job_id)
                .where(callbacks.c.due_at <= now, callbacks.c.state == Delivery.PENDING)
                .order_by(callbacks.c.due_at)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
            ids = connection.scalars(due).all()
            if not ids:
                return []
            is_due = callbacks.c.job_id.in_(ids)
            columns = {"attempts": callbacks.c.attempts + 1, "due_at": now + lease}
            connection.execute(update(callbacks).where(is_due).values(columns))
            selected = select(jobs, callbacks.c.url, callbacks.c.attempts.label("attempt")).join_from(callbacks, jobs)
            rows = {row.id: row for row in connection.execute(selected.where(is_due))}
            return [Callback(job_from_row(rows[one]), rows[one].url, rows[one].attempt) for one in ids]

        return self._database.write(transaction)

    def callback_done(self, job_id: str, status: int) -> None:
        """Record that the receiver has accepted a webhook, with this HTTP status."""
        self._update_pending(job_id, Delivery.DELIVERED, f"answered {status}", None)

    def callback_failed(self, job_id: str, detail: str, *, retry_at: datetime | None) -> None:
        """Record that an attempt has failed. Without a time for the next one it was the last."""
        self._update_pending(job_id, Delivery.PENDING if retry_at else Delivery.GIVEN_UP, detail, retry_at)

    def callback_state(self, job_id: str) -> CallbackState | None:
        """The state of a job's webhook; None if it has none."""
        found = select(callbacks).where(callbacks.c.job_id == job_id)
        row = self._database.read(lambda connection: connection.execute(found).one_or_none())
        return callback_from_row(row) if row is not None else None

    def _update_pending(self, job_id: str, state: Delivery, detail: str, due_at: datetime | None) -> None:
        # A sender whose lease has expired may come late: what was delivered meanwhile stays delivered.
        open_one = update(callbacks).where(callbacks.c.job_id == job_id, callbacks.c.state == Delivery.PENDING)
        change = open_one.values(state=state, detail=detail, due_at=due_at)
        self._database.write(lambda connection: connection.execute(change))


def callback_from_row(row: Row[Any]) -> CallbackState:
    return CallbackState(row.url, Delivery(row.state), row.attempts, row.detail, row.due_at)
