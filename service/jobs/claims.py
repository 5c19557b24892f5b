"""Carrying jobs out: who may work on which, for how long, and how it ends."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, case, select, update

from service.jobs.inserting import insert_new
from service.jobs.rows import Stored, words_of
from service.jobs.states import Claim, Ending, State, Trouble
from service.jobs.tables import jobs, orders, results


class Claims(Stored):
    """At most one claim of a job is good at a time; one that has lost its lease changes nothing.

    A token stays with its job when the claim is given back. So an answer that was lost with the connection can be
    given again: `finish` and `put_back` done twice say the same twice.
    """

    def claim(self, job_id: str, lease: timedelta) -> Claim | None:
        """Claim this job: nothing where it has ended, is held by somebody, or has to wait for its time."""
        return self._take(lambda now: (jobs.c.id == job_id) & (jobs.c.due_at <= now), lease)

    def claim_next(self, lease: timedelta) -> Claim | None:
        """Claim the job that is due for the longest time."""

        def longest(now: datetime) -> ColumnElement[bool]:
            due = select(jobs.c.id).where(jobs.c.due_at <= now).order_by(jobs.c.due_at, jobs.c.line).limit(1)
            return jobs.c.id == due.with_for_update(skip_locked=True).scalar_subquery()

        return self._take(longest, lease)

    def renew(self, claim: Claim, lease: timedelta, *, done: int, questions: int | None) -> bool:
        """Keep a claim and tell the progress; false where it is lost or the job cancelled: stop working."""
        end = self._now() + lease
        kept = {"due_at": end, "send_at": end + self._overdue, "done": done, "questions": questions}
        return self._database.write(lambda connection: _change(connection, claim, kept))

    def finish(self, claim: Claim, ending: Ending) -> bool:
        """Store how a job has ended; false, and nothing changed, where the claim was lost."""
        more = {**words_of(ending.trouble), "reused_from": ending.reused_from}
        if ending.result is not None and "questions" in ending.result:
            # However short the last beat was ago: a result means that all its questions are dealt with.
            more |= dict.fromkeys(("done", "questions"), ending.result["questions"])

        def work(connection: Connection) -> bool:
            if not self._end(connection, _held(claim), ending.state, more):
                return _is_left(connection, claim, ending.state)
            if ending.result is not None:
                insert_new(connection, results, {"job_id": claim.job_id, "body": ending.result})
            return True

        return self._database.write(work)

    def put_back(
        self, claim: Claim, *, not_before: datetime | None = None, counts: bool = True, trouble: Trouble | None = None
    ) -> bool:
        """Queue a job again; false, and nothing changed, where the claim was lost.

        Args:
            claim: the claim that ends with it.
            not_before: when it may be claimed again; unset: at once.
            counts: whether the attempt is one of those that a job has.
            trouble: why there has to be another attempt.

        """

        def work(connection: Connection) -> bool:
            due = max(self._now(), not_before) if not_before is not None else self._now()
            back: dict[str, Any] = {
                "state": State.QUEUED,
                "due_at": due,
                "send_at": due + self._overdue,
                **words_of(trouble),
            }
            if not counts:
                back["attempts"] = jobs.c.attempts - 1
            return _change(connection, claim, back) or _is_left(connection, claim, State.QUEUED)

        return self._database.write(work)

    def _take(self, which: Callable[[datetime], ColumnElement[bool]], lease: timedelta) -> Claim | None:
        token = uuid4().hex

        def work(connection: Connection) -> Claim | None:
            now = self._now()
            taken = (
                update(jobs)
                .where(which(now))
                .values(
                    state=State.RUNNING,
                    token=token,
                    attempts=jobs.c.attempts + 1,
                    started_at=case((jobs.c.started_at.is_(None), now), else_=jobs.c.started_at),
                    due_at=now + lease,
                    send_at=now + lease + self._overdue,
                    done=0,
                    questions=None,
                )
            )
            row = connection.execute(taken.returning(jobs.c.id, jobs.c.attempts)).one_or_none()
            if row is None:
                return None
            body = connection.scalars(select(orders.c.body).where(orders.c.job_id == row.id)).one()
            order = self._order(connection, row.id, body)
            return Claim(row.id, token, row.attempts, order) if order is not None else None

        return self._database.write(work)


def _held(claim: Claim) -> ColumnElement[bool]:
    return (jobs.c.id == claim.job_id) & (jobs.c.token == claim.token) & (jobs.c.state == State.RUNNING)


def _change(connection: Connection, claim: Claim, values: dict[str, Any]) -> bool:
    return connection.execute(update(jobs).where(_held(claim)).values(values)).rowcount == 1


def _is_left(connection: Connection, claim: Claim, state: State) -> bool:
    """Whether it was this claim that has left the job in this state."""
    left = select(jobs.c.id).where(jobs.c.id == claim.job_id, jobs.c.token == claim.token, jobs.c.state == state)
    return connection.execute(left).one_or_none() is not None
