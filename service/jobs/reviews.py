"""Reviews: readers' judgements of results. At most one for each record, and any number of missed records."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import Connection, Row, delete, select, update

from service.jobs.inserts import insert_if_absent
from service.jobs.rows import PAGE_SIZE, Cursor, StorePart, created_after, parse_job_request
from service.jobs.states import Review, ReviewedResult, SavedReview, Verdict
from service.jobs.tables import job_requests, jobs, results, reviews

log = structlog.get_logger(__name__)


class Reviews(StorePart):
    """A job with reviews is not deleted when its retention is over: see `Expiry`."""

    def save_review(self, job_id: str, review: Review) -> tuple[SavedReview, bool] | None:
        """Store a review. It replaces an earlier review of the same record.

        Returns:
            The stored review, and whether it is new; None if there is no such job.

        """
        new_id = uuid4().hex
        about = {"job_id": job_id, "kind": review.kind, "record": review.record}
        own = reviews.c.id == new_id
        if review.record is not None:
            own |= (reviews.c.job_id == job_id) & (reviews.c.kind == review.kind) & (reviews.c.record == review.record)

        def transaction(connection: Connection) -> tuple[SavedReview, bool] | None:
            # The lock keeps the job from being deleted meanwhile.
            known = select(jobs.c.id).where(jobs.c.id == job_id).with_for_update(read=True, key_share=True)
            if connection.execute(known).one_or_none() is None:
                return None
            now = self._now()
            said = {"verdict": review.verdict, "body": _body(review), "updated_at": now}
            if not insert_if_absent(connection, reviews, {"id": new_id, **about, **said, "created_at": now}):
                connection.execute(update(reviews).where(own).values(said))
            row = connection.execute(select(reviews).where(own)).one()
            return _review(row), row.id == new_id

        return self._database.write(transaction)

    def delete_review(self, job_id: str, review_id: str) -> bool:
        """Delete a review; false if there is no such review."""
        known = delete(reviews).where(reviews.c.id == review_id, reviews.c.job_id == job_id)
        return self._database.write(lambda connection: connection.execute(known).rowcount == 1)

    def reviews(self, job_id: str) -> list[SavedReview]:
        """All reviews of a job, the earliest first."""
        return self._database.read(lambda connection: _reviews(connection, [job_id]))

    def reviewed(self) -> Iterator[ReviewedResult]:
        """The results that have reviews, those of the earliest jobs first, read a page per transaction."""

        def page(after: Cursor | None) -> tuple[list[ReviewedResult], Cursor | None]:
            return self._database.read(lambda connection: _page(connection, after))

        found, last = page(None)
        yield from found
        while last is not None:
            found, last = page(last)
            yield from found


def _page(connection: Connection, after: Cursor | None) -> tuple[list[ReviewedResult], Cursor | None]:
    """A page of results with reviews, and the cursor of the next page if there may be one."""
    reviewed = (
        select(jobs.c.id, jobs.c.created_at, job_requests.c.body.label("job_request"), results.c.body.label("result"))
        .join_from(jobs, job_requests, job_requests.c.job_id == jobs.c.id)
        .join(results, results.c.job_id == jobs.c.id)
        .where(jobs.c.id.in_(select(reviews.c.job_id)))
        .order_by(jobs.c.created_at, jobs.c.id)
        .limit(PAGE_SIZE)
    )
    rows = connection.execute(reviewed if after is None else reviewed.where(created_after(jobs, after))).all()
    said = _reviews(connection, [row.id for row in rows])
    found = []
    for row in rows:
        job_request = parse_job_request(row.job_request)
        if job_request is None:
            log.warning("reviews skipped: another version of the service stored the request", job=row.id)
            continue
        own = tuple(review for review in said if review.job_id == row.id)
        found.append(ReviewedResult(row.id, job_request.article, row.result, own))
    return found, (rows[-1].created_at, rows[-1].id) if len(rows) == PAGE_SIZE else None


def _reviews(connection: Connection, job_ids: Sequence[str]) -> list[SavedReview]:
    found = select(reviews).where(reviews.c.job_id.in_(job_ids)).order_by(reviews.c.created_at, reviews.c.id)
    return [_review(row) for row in connection.execute(found)]


def _body(review: Review) -> dict[str, Any]:
    return {"sentences": review.sentences, "corrections": dict(review.corrections), "note": review.note}


def _review(row: Row[Any]) -> SavedReview:
    return SavedReview(
        id=row.id,
        job_id=row.job_id,
        kind=row.kind,
        verdict=Verdict(row.verdict),
        record=row.record,
        sentences=tuple(row.body["sentences"]),
        corrections=row.body["corrections"],
        note=row.body["note"],
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
