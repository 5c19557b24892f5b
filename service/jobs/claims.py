"""Claims: which worker may run which job, until when, and how the job ends."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, case, select, update

from service.jobs.inserts import insert_if_absent
from service.jobs.rows import StorePart, error_columns
from service.jobs.states import Claim, JobError, JobOutcome, State
from service.jobs.tables import job_requests, jobs, results


class Claims(StorePart):
    """At most one claim of a job is valid at a time. A claim that another one has replaced changes nothing.

    A job keeps the token of its claim after `finish` and `release`, which makes these idempotent: if the database's
    answer was lost with the connection, they can be called again and return the same.
    """

    def claim(self, job_id: str, lease: timedelta) -> Claim | None:
        """Claim this job; None if it has ended, has a valid claim, or is not due yet."""
        return self._claim_where(lambda now: (jobs.c.id == job_id) & (jobs.c.due_at <= now), lease)

    def claim_next(self, lease: timedelta) -> Claim | None:
        """Claim the job that has been due for the longest time; None if no job is due."""

        def longest(now: datetime) -> ColumnElement[bool]:
            due = select(jobs.c.id).where(jobs.c.due_at <= now).order_by(jobs.c.due_at, jobs.c.line).limit(1)
            return jobs.c.id == due.with_for_update(skip_locked=True).scalar_subquery()

        return self._claim_where(longest, lease)

    def renew(self, claim: Claim, lease: timedelta, *, done: int, questions: int | None) -> bool:
        """Renew the lease and store the progress. False if the claim was lost or the job cancelled: then stop."""
        end = self._now() + lease
        kept = {"due_at": end, "send_at": end + self._republish_after, "done": done, "questions": questions}
        return self._database.write(lambda connection: _update_if_held(connection, claim, kept))

    def finish(self, claim: Claim, job_outcome: JobOutcome) -> bool:
        """Store how a job has ended. False, and nothing is changed, if the claim was lost."""
        columns = {**error_columns(job_outcome.error), "reused_from": job_outcome.reused_from}
        if job_outcome.result is not None and "questions" in job_outcome.result:
            # The progress that was stored with the last renewal may be behind: with a result, all questions are done.
            columns |= dict.fromkeys(("done", "questions"), job_outcome.result["questions"])

        def transaction(connection: Connection) -> bool:
            if not self._finish_jobs(connection, _is_held(claim), job_outcome.state, columns):
                return _already_applied(connection, claim, job_outcome.state)
            if job_outcome.result is not None:
                insert_if_absent(connection, results, {"job_id": claim.job_id, "body": job_outcome.result})
            return True

        return self._database.write(transaction)

    def release(
        self,
        claim: Claim,
        *,
        not_before: datetime | None = None,
        counts_as_attempt: bool = True,
        error: JobError | None = None,
    ) -> bool:
        """Give a claim up, so that its job is queued again. False, and nothing is changed, if the claim was lost.

        Args:
            claim: ends with this call.
            not_before: time from which the job may be claimed again; None for at once.
            counts_as_attempt: whether this attempt is counted against the job's limit.
            error: why there has to be another attempt.

        """

        def transaction(connection: Connection) -> bool:
            due = max(self._now(), not_before) if not_before is not None else self._now()
            back: dict[str, Any] = {
                "state": State.QUEUED,
                "due_at": due,
                "send_at": due + self._republish_after,
                **error_columns(error),
            }
            if not counts_as_attempt:
                back["attempts"] = jobs.c.attempts - 1
            return _update_if_held(connection, claim, back) or _already_applied(connection, claim, State.QUEUED)

        return self._database.write(transaction)

    def _claim_where(self, condition: Callable[[datetime], ColumnElement[bool]], lease: timedelta) -> Claim | None:
        token = uuid4().hex

        def transaction(connection: Connection) -> Claim | None:
            now = self._now()
            taken = (
                update(jobs)
                .where(condition(now))
                .values(
                    state=State.RUNNING,
                    token=token,
                    attempts=jobs.c.attempts + 1,
                    started_at=case((jobs.c.started_at.is_(None), now), else_=jobs.c.started_at),
                    due_at=now + lease,
                    send_at=now + lease + self._republish_after,
                    done=0,
                    questions=None,
                )
            )
            row = connection.execute(taken.returning(jobs.c.id, jobs.c.attempts)).one_or_none()
            if row is None:
                return None
            body = connection.scalars(select(job_requests.c.body).where(job_requests.c.job_id == row.id)).one()
            job_request = self._job_request(connection, row.id, body)
            return Claim(row.id, token, row.attempts, job_request) if job_request is not None else None

        return self._database.write(transaction)


def _is_held(claim: Claim) -> ColumnElement[bool]:
    return (jobs.c.id == claim.job_id) & (jobs.c.token == claim.token) & (jobs.c.state == State.RUNNING)


def _update_if_held(connection: Connection, claim: Claim, values: dict[str, Any]) -> bool:
    return connection.execute(update(jobs).where(_is_held(claim)).values(values)).rowcount == 1


def _already_applied(connection: Connection, claim: Claim, state: State) -> bool:
    """Whether an earlier call with this claim has put the job into this state."""
    left = select(jobs.c.id).where(jobs.c.id == claim.job_id, jobs.c.token == claim.token, jobs.c.state == state)
    return connection.execute(left).one_or_none() is not None
