"""Jobs and batches a page at a time, and articles that are kept with the answer they have."""

from datetime import timedelta
from typing import Any

from service.jobs.rows import Cursor
from service.jobs.states import CallbackState, Delivery, Job, JobRequest, RejectedLine, State
from service.jobs.store import JobStore
from tests.support.databases import Clock

LEASE = timedelta(seconds=30)
ANSWER = {"id": "1f", "status": "partial", "questions": 4, "duration_seconds": 2.5, "records": {}}


def listed(store: JobStore, limit: int, **wanted: Any) -> list[list[str]]:
    """The ids on each page."""
    pages: list[list[str]] = []
    before: Cursor | None = None
    while before is not None or not pages:
        shown, before = store.jobs_page(limit, before=before, **wanted)
        pages.append([job.id for job, _ in shown])
    return pages


def test_newest_jobs_come_first_a_page_at_a_time(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    for name in ("a", "b", "c", "d", "e"):
        store.add(job_request, fingerprint="f", job_id=name)
        if name != "b":  # b and c are of one moment
            clock.pass_by(seconds=1)

    assert listed(store, 2) == [["e", "d"], ["c", "b"], ["a"]]
    assert listed(store, 5) == [["e", "d", "c", "b", "a"]]
    assert listed(store, 200) == listed(store, 5)


def test_no_jobs_are_one_empty_page(store: JobStore) -> None:
    assert store.jobs_page(50) == ([], None)
    assert store.batches_page(50) == ([], None)


def test_page_goes_on_where_the_one_before_ended_whatever_has_come_or_gone(
    store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    for name in ("a", "b", "c"):
        store.add(job_request, fingerprint="f", job_id=name)
        clock.pass_by(days=3)
    _, before = store.jobs_page(2)
    for name in ("b", "c"):
        store.cancel(name)
    clock.pass_by(days=8)
    store.delete_expired()
    store.add(job_request, fingerprint="f", job_id="d")

    assert [job.id for job, _ in store.jobs_page(2, before=before)[0]] == ["a"]


def test_jobs_are_listed_by_state_and_batch(store: JobStore, job_request: JobRequest) -> None:
    batch = store.add_batch([(1, job_request, "f"), (2, job_request, "f")], [])
    (first, _), (second, _) = store.batch_jobs(batch.id)
    store.add(job_request, fingerprint="f", job_id="alone")
    store.cancel(first.id)

    assert listed(store, 9, state=State.CANCELLED) == [[first.id]]
    assert sorted(listed(store, 9, batch_id=batch.id)[0]) == sorted([first.id, second.id])
    assert listed(store, 9, batch_id=batch.id, state=State.QUEUED) == [[second.id]]
    assert listed(store, 9, batch_id="none") == [[]]


def test_jobs_are_listed_with_their_webhooks(store: JobStore, job_request: JobRequest) -> None:
    url = "https://example.org/hook"
    store.add(job_request.model_copy(update={"callback_url": url}), fingerprint="f", job_id="calls")
    store.add(job_request, fingerprint="f", job_id="silent")

    shown, _ = store.jobs_page(2)

    assert {job.id: callback for job, callback in shown} == {
        "calls": CallbackState(url, Delivery.PENDING),
        "silent": None,
    }
    assert [job for job, _ in shown] == [store.job(job.id) for job, _ in shown]


def test_newest_batches_come_first_with_their_counts(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    store.add_batch([(1, job_request, "f"), (2, job_request, "f")], [RejectedLine(3, "x", "y")], batch_id="old")
    clock.pass_by(hours=1)
    store.add_batch([], [RejectedLine(1, "x", "y")], batch_id="empty")
    clock.pass_by(hours=1)
    store.add_batch([(1, job_request, "f")], [], batch_id="new")
    store.cancel_batch("new")

    first, before = store.batches_page(2)
    second, last = store.batches_page(2, before=before)

    assert [batch.id for batch in (*first, *second)] == ["new", "empty", "old"]
    assert [*first, *second] == [store.batch(name) for name in ("new", "empty", "old")]
    assert [batch.counts for batch in first] == [{State.CANCELLED: 1}, {}]
    assert last is None


def test_answer_is_kept_as_a_job_that_has_ended(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    job = store.add_finished(job_request, ANSWER, fingerprint="f")

    begun = clock.time - timedelta(seconds=2.5)
    assert job == store.job("1f")
    assert job == Job(
        "1f",
        State.PARTIAL,
        created_at=begun,
        expires_at=clock.time + timedelta(days=7),
        article_id="a-1",
        started_at=begun,
        finished_at=clock.time,
        attempts=1,
        done=4,
        questions=4,
    )
    assert store.result("1f") == ANSWER
    assert store.job_request("1f") == job_request


def test_kept_answer_is_nobodys_work_and_told_to_nobody(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    store.add_finished(job_request, ANSWER, fingerprint="f")
    clock.pass_by(hours=48)

    assert store.claim("1f", LEASE) is None
    assert store.claim_next(LEASE) is None
    assert (store.unpublished(5), store.unannounced(5), store.due_callbacks(5, LEASE)) == ([], [], [])
    assert store.time_out_jobs() == 0
    clock.pass_by(days=5)
    assert store.delete_expired() == 1
    assert store.job("1f") is None


def test_kept_answer_is_reused_like_that_of_any_job(store: JobStore, job_request: JobRequest) -> None:
    store.add_finished(job_request, ANSWER, fingerprint="f")
    assert store.find_reusable("f") is None

    whole = {**ANSWER, "id": "2f", "status": "complete"}
    store.add_finished(job_request, whole, fingerprint="f")
    assert store.find_reusable("f") == ("2f", whole)


def test_answer_kept_twice_is_one_job(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    first = store.add_finished(job_request, ANSWER, fingerprint="f")
    clock.pass_by(hours=1)

    assert store.add_finished(job_request, {**ANSWER, "status": "complete"}, fingerprint="g") == first
    assert store.result("1f") == ANSWER


def test_order_is_there_after_the_end_of_its_job(store: JobStore, job_request: JobRequest) -> None:
    store.add(job_request, fingerprint="f", job_id="one")
    store.cancel("one")

    assert store.job_request("one") == job_request
