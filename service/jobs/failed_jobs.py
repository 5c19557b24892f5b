"""Restarts failed jobs, for operators who have removed the cause of the failure."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, update

from service.jobs.database import Database
from service.jobs.states import Delivery, State
from service.jobs.tables import callbacks, jobs


class FailedJobs:
    """The failed jobs of the store, as far as `DeadLetters` needs them."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def restart(self, job_id: str) -> bool:
        """Queue a failed job as if it were new. False, and nothing is changed, if there is no such failed job."""

        def transaction(connection: Connection) -> bool:
            now = self._now()
            fresh = {
                "state": State.QUEUED,
                "due_at": now,
                "send_at": now,
                "announce_at": None,
                "open_since": now,
                "started_at": None,
                "finished_at": None,
                "token": None,
                "attempts": 0,
                "trouble_code": None,
                "trouble_detail": None,
            }
            failed = (jobs.c.id == job_id) & (jobs.c.state == State.FAILED)
            if connection.execute(update(jobs).where(failed).values(fresh)).rowcount != 1:
                return False
            again = {"state": Delivery.PENDING, "attempts": 0, "due_at": None, "detail": None}
            connection.execute(update(callbacks).where(callbacks.c.job_id == job_id).values(again))
            return True

        return self._database.write(transaction)
