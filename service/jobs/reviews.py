"""What readers say of results: one review of each record at most, and any number of records that were missed."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import Connection, Row, delete, select, update

from service.jobs.inserting import insert_new
from service.jobs.rows import PAGE, Place, Stored, made_after, readable_order
from service.jobs.states import Review, Reviewed, SavedReview, Verdict
from service.jobs.tables import jobs, orders, results, reviews

log = structlog.get_logger(__name__)


class Reviews(Stored):
    """A job with reviews is kept for longer than others: see `Expiry`."""

    def save_review(self, job_id: str, review: Review) -> tuple[SavedReview, bool] | None:
        """Keep a review in place of the one that the record has, if it has one.

        Returns:
            What is kept, and whether it is new; None where there is no such job.

        """
        new_id = uuid4().hex
        about = {"job_id": job_id, "kind": review.kind, "record": review.record}
        own = reviews.c.id == new_id
        if review.record is not None:
            own |= (reviews.c.job_id == job_id) & (reviews.c.kind == review.kind) & (reviews.c.record == review.record)

        def work(connection: Connection) -> tuple[SavedReview, bool] | None:
            # So that the job is not deleted meanwhile.
            known = select(jobs.c.id).where(jobs.c.id == job_id).with_for_update(read=True, key_share=True)
            if connection.execute(known).one_or_none() is None:
                return None
            now = self._now()
            said = {"verdict": review.verdict, "body": _body(review), "updated_at": now}
            if not insert_new(connection, reviews, {"id": new_id, **about, **said, "created_at": now}):
                connection.execute(update(reviews).where(own).values(said))
            row = connection.execute(select(reviews).where(own)).one()
            return _review(row), row.id == new_id

        return self._database.write(work)

    def delete_review(self, job_id: str, review_id: str) -> bool:
        """Forget a review; false where there is none."""
        known = delete(reviews).where(reviews.c.id == review_id, reviews.c.job_id == job_id)
        return self._database.write(lambda connection: connection.execute(known).rowcount == 1)

    def reviews(self, job_id: str) -> list[SavedReview]:
        """All reviews of a job, the earliest first."""
        return self._database.read(lambda connection: _reviews(connection, [job_id]))

    def reviewed(self) -> Iterator[Reviewed]:
        """The results that have reviews, those of the earliest jobs first. No transaction is held meanwhile."""

        def page(after: Place | None) -> tuple[list[Reviewed], Place | None]:
            return self._database.read(lambda connection: _page(connection, after))

        found, last = page(None)
        yield from found
        while last is not None:
            found, last = page(last)
            yield from found


def _page(connection: Connection, after: Place | None) -> tuple[list[Reviewed], Place | None]:
    """Some results with reviews, and the place of the last one if there may be more."""
    reviewed = (
        select(jobs.c.id, jobs.c.created_at, orders.c.body.label("order"), results.c.body.label("result"))
        .join_from(jobs, orders, orders.c.job_id == jobs.c.id)
        .join(results, results.c.job_id == jobs.c.id)
        .where(jobs.c.id.in_(select(reviews.c.job_id)))
        .order_by(jobs.c.created_at, jobs.c.id)
        .limit(PAGE)
    )
    rows = connection.execute(reviewed if after is None else reviewed.where(made_after(jobs, after))).all()
    said = _reviews(connection, [row.id for row in rows])
    found = []
    for row in rows:
        order = readable_order(row.order)
        if order is None:
            log.warning("reviews left out: another version of the service took the article in", job=row.id)
            continue
        own = tuple(review for review in said if review.job_id == row.id)
        found.append(Reviewed(row.id, order.article, row.result, own))
    return found, (rows[-1].created_at, rows[-1].id) if len(rows) == PAGE else None


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
