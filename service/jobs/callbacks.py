"""The webhooks that are to be sent: which are due, and what has become of them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from service.jobs.rows import Stored, job_of
from service.jobs.states import Callback, CallbackState, Delivery
from service.jobs.tables import callbacks, jobs


class Callbacks(Stored):
    """A webhook is due from the end of its job on."""

    def due_callbacks(self, limit: int, lease: timedelta) -> list[Callback]:
        """Take webhooks that are due; nobody else gets them before the lease has run out."""

        def work(connection: Connection) -> list[Callback]:
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
            taken = callbacks.c.job_id.in_(ids)
            more = {"attempts": callbacks.c.attempts + 1, "due_at": now + lease}
            connection.execute(update(callbacks).where(taken).values(more))
            whole = select(jobs, callbacks.c.url, callbacks.c.attempts.label("attempt")).join_from(callbacks, jobs)
            rows = {row.id: row for row in connection.execute(whole.where(taken))}
            return [Callback(job_of(rows[one]), rows[one].url, rows[one].attempt) for one in ids]

        return self._database.write(work)

    def callback_done(self, job_id: str, status: int) -> None:
        """The receiver has taken the webhook with this HTTP status."""
        self._note(job_id, Delivery.DELIVERED, f"answered {status}", None)

    def callback_failed(self, job_id: str, detail: str, *, again_at: datetime | None) -> None:
        """An attempt has failed; without a time for the next one it was the last."""
        self._note(job_id, Delivery.PENDING if again_at else Delivery.GIVEN_UP, detail, again_at)

    def callback_state(self, job_id: str) -> CallbackState | None:
        """What has become of a job's webhook, if it has one."""
        found = select(callbacks).where(callbacks.c.job_id == job_id)
        row = self._database.read(lambda connection: connection.execute(found).one_or_none())
        return callback_of(row) if row is not None else None

    def _note(self, job_id: str, state: Delivery, detail: str, due_at: datetime | None) -> None:
        # A sender whose lease ran out may be late: what was delivered meanwhile stays delivered.
        open_one = update(callbacks).where(callbacks.c.job_id == job_id, callbacks.c.state == Delivery.PENDING)
        change = open_one.values(state=state, detail=detail, due_at=due_at)
        self._database.write(lambda connection: connection.execute(change))


def callback_of(row: Row[Any]) -> CallbackState:
    return CallbackState(row.url, Delivery(row.state), row.attempts, row.detail, row.due_at)
