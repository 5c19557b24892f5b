"""What readers say of results, and for how long it is kept."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from service.jobs.rows import PAGE_SIZE
from service.jobs.states import JobRequest, Review, SavedReview, Verdict
from service.jobs.store import JobStore
from service.jobs.tables import job_requests
from tests.support.databases import Clock
from tests.support.patience import PATIENCE
from tests.support.reviewed_article import ARTICLE, result

RIGHT = Review(kind="negotiations", verdict=Verdict.RIGHT, record=0)
MISSED = Review(kind="sanctions", verdict=Verdict.MISSED, sentences=(2, 3))


@pytest.fixture
def job_request() -> JobRequest:
    return JobRequest(article=ARTICLE)


def kept(store: JobStore, job_request: JobRequest, *job_ids: str) -> None:
    for job_id in job_ids:
        store.add_finished(job_request, result(job_id), fingerprint="f")


def saved(store: JobStore, review: Review, job_id: str = "one") -> SavedReview:
    outcome = store.save_review(job_id, review)
    assert outcome is not None
    return outcome[0]


def test_review_comes_back_as_it_was(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    kept(store, job_request, "one")
    corrections = {"location": ["Geneva", None], "targets": [{"name": "\0 \u2028 Женева"}], "actor": {"unknown": True}}
    review = Review(
        kind="\u2028", verdict=Verdict.INCOMPLETE, record=3, corrections=corrections, note="Не там.\0\n" * 200
    )

    outcome = store.save_review("one", review)

    assert outcome is not None
    assert outcome == (store.reviews("one")[0], True)
    found, _ = outcome
    assert (found.kind, found.verdict, found.record, found.sentences) == ("\u2028", Verdict.INCOMPLETE, 3, ())
    assert (found.corrections, found.note) == (corrections, review.note)
    assert found.created_at == found.updated_at == clock.time


def test_later_review_of_a_record_takes_the_place_of_the_earlier_one(
    store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    kept(store, job_request, "one", "two")
    first = saved(store, RIGHT)
    others = [
        saved(store, Review(kind="negotiations", verdict=Verdict.RIGHT, record=1)),
        saved(store, Review(kind="sanctions", verdict=Verdict.RIGHT, record=0)),
        saved(store, RIGHT, "two"),
    ]
    clock.pass_by(hours=1)

    outcome = store.save_review("one", Review(kind="negotiations", verdict=Verdict.WRONG, record=0, note="No."))

    assert outcome is not None
    second, is_new = outcome
    assert not is_new
    assert (second.id, second.created_at, second.updated_at) == (first.id, first.created_at, clock.time)
    assert (second.verdict, second.note) == (Verdict.WRONG, "No.")
    assert {one.id for one in store.reviews("one")} == {second.id, *(one.id for one in others[:2])}
    assert store.reviews("two") == others[2:]


def test_missed_records_stand_beside_each_other(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    kept(store, job_request, "one")

    first = saved(store, MISSED)
    clock.pass_by(seconds=1)
    second = saved(store, MISSED)

    assert store.reviews("one") == [first, second]


def test_reviews_of_a_record_at_the_same_time_are_one(store: JobStore, job_request: JobRequest) -> None:
    kept(store, job_request, "one")
    start = threading.Barrier(4)

    def write() -> None:
        start.wait(PATIENCE)
        store.save_review("one", RIGHT)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(store.reviews("one")) == 1


def test_review_of_no_job_is_not_kept(store: JobStore) -> None:
    assert store.save_review("none", RIGHT) is None
    assert store.reviews("none") == []
    assert not store.delete_review("none", "none")


def test_review_is_deleted_where_it_is(store: JobStore, job_request: JobRequest) -> None:
    kept(store, job_request, "one", "two")
    review = saved(store, RIGHT)

    assert not store.delete_review("two", review.id)
    assert store.delete_review("one", review.id)
    assert not store.delete_review("one", review.id)
    assert store.reviews("one") == []


def test_job_with_reviews_is_not_deleted_before_the_last_of_them(
    store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    kept(store, job_request, "one", "two")
    first, second = saved(store, RIGHT), saved(store, MISSED)
    clock.pass_by(days=30)

    assert store.delete_expired() == 1
    assert store.job("two") is None
    assert store.result("one") == result("one")
    assert store.job_request("one") == job_request
    store.delete_review("one", first.id)
    assert store.delete_expired() == 0
    store.delete_review("one", second.id)
    assert store.delete_expired() == 1
    assert store.job("one") is None


def test_batch_stays_with_its_reviewed_job(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    batch = store.add_batch([(1, job_request, "f"), (2, job_request, "f")], [])
    (first, _), _ = store.batch_jobs(batch.id)
    store.cancel_batch(batch.id)
    saved(store, RIGHT, first.id)
    clock.pass_by(days=8)
    store.delete_expired()

    left = store.batch(batch.id)
    assert left is not None
    assert sum(left.counts.values()) == 1


def test_review_that_is_written_while_jobs_expire_is_kept(
    opened: Callable[..., JobStore], database_url: str, store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    kept(store, job_request, "one")
    clock.pass_by(days=8)
    inside, gate = threading.Event(), threading.Event()

    def slow() -> datetime:
        inside.set()
        gate.wait(PATIENCE)
        return clock.time

    writer = opened(database_url, now=slow)
    writing = threading.Thread(target=lambda: writer.save_review("one", RIGHT))
    writing.start()
    assert inside.wait(PATIENCE)
    threading.Timer(0.3, gate.set).start()
    deleted = store.delete_expired()
    writing.join()

    assert deleted == 0
    assert [one.verdict for one in store.reviews("one")] == [Verdict.RIGHT]
    assert store.delete_expired() == 0


def test_review_that_comes_after_its_job_has_expired_is_refused(
    store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    kept(store, job_request, "one")
    clock.pass_by(days=8)
    store.delete_expired()

    assert store.save_review("one", RIGHT) is None


def test_reviewed_articles_come_with_all_that_belongs_to_them(
    store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    kept(store, job_request, "one", "silent")
    clock.pass_by(hours=1)
    other = JobRequest(article=ARTICLE.model_copy(update={"id": None}), kinds=["sanctions"])
    kept(store, other, "another")
    right, missed = saved(store, RIGHT), saved(store, MISSED, "another")

    first, second = store.reviewed()

    assert (first.job_id, first.article, first.result, first.reviews) == (
        "one",
        job_request.article,
        result("one"),
        (right,),
    )
    assert (second.job_id, second.article.id, second.reviews) == ("another", None, (missed,))


def test_reviewed_articles_come_in_the_order_of_their_jobs_and_no_transaction_is_held(
    store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    names = [f"job-{number}" for number in range(2 * PAGE_SIZE)]
    for name in names:
        kept(store, job_request, name)
        saved(store, RIGHT, name)
        clock.pass_by(seconds=number_of(name) % 3)

    found = store.reviewed()
    seen = [next(found).job_id]
    for one in store.reviews("job-1"):
        assert store.delete_review("job-1", one.id)  # it waits for nobody
    seen += [one.job_id for one in found]

    assert len(seen) == len(set(seen)) == 2 * PAGE_SIZE
    times = {name: store.job(name).created_at for name in names}  # type: ignore[union-attr]
    assert seen == sorted(names, key=lambda name: (times[name], name))


def number_of(name: str) -> int:
    return int(name.removeprefix("job-"))


def test_article_that_cannot_be_read_any_more_is_left_out_with_a_warning(
    store: JobStore, job_request: JobRequest
) -> None:
    kept(store, job_request, "one", "two")
    for name in ("one", "two"):
        saved(store, RIGHT, name)
    strange: Any = (
        update(job_requests).where(job_requests.c.job_id == "one").values(body={"article": {"written": "elsewhere"}})
    )
    store._database.write(lambda connection: connection.execute(strange))

    with capture_logs() as logged:
        found = [one.job_id for one in store.reviewed()]

    assert found == ["two"]
    assert [(line["log_level"], line["job"]) for line in logged] == [("warning", "one")]
