"""Which webhooks are due, and what is known of them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from service.jobs.database import Database
from service.jobs.failed_jobs import FailedJobs
from service.jobs.states import CallbackState, Delivery, JobOutcome, JobRequest, State
from service.jobs.store import JobStore
from tests.support.databases import Clock

LEASE = timedelta(seconds=30)
URL = "https://example.org/hook?a=%20b"


@pytest.fixture
def ended(store: JobStore, job_request: JobRequest) -> JobStore:
    """A store whose job `one` has ended and wants a webhook."""
    store.add(job_request.model_copy(update={"callback_url": URL}), fingerprint="f", job_id="one")
    claim = store.claim("one", LEASE)
    assert claim is not None
    assert store.finish(claim, JobOutcome(State.COMPLETE, {}))
    return store


def test_callback_is_due_when_its_job_has_ended(store: JobStore, job_request: JobRequest) -> None:
    store.add(job_request.model_copy(update={"callback_url": URL}), fingerprint="f", job_id="one")
    store.add(job_request, fingerprint="f", job_id="without")
    assert store.due_callbacks(10, LEASE) == []
    assert store.callback_state("one") == CallbackState(URL, Delivery.PENDING)
    assert store.callback_state("without") is None

    job = store.cancel("one")
    store.cancel("without")

    (callback,) = store.due_callbacks(10, LEASE)
    assert (callback.job, callback.url, callback.attempt) == (job, URL, 1)


def test_callback_of_a_job_that_failed_is_due(store: JobStore, job_request: JobRequest) -> None:
    batch = store.add_batch([(1, job_request.model_copy(update={"callback_url": URL}), "f")], [])
    claim = store.claim_next(LEASE)
    assert claim is not None
    store.finish(claim, JobOutcome(State.FAILED))

    (callback,) = store.due_callbacks(10, LEASE)
    assert (callback.job.state, callback.job.batch_id) == (State.FAILED, batch.id)


def test_callback_under_a_lease_is_nobody_elses_before_it_runs_out(ended: JobStore, clock: Clock) -> None:
    assert len(ended.due_callbacks(10, LEASE)) == 1

    clock.pass_by(seconds=29)
    assert ended.due_callbacks(10, LEASE) == []
    clock.pass_by(seconds=1)
    (callback,) = ended.due_callbacks(10, LEASE)
    assert callback.attempt == 2


def test_callback_that_arrived_is_not_sent_again(ended: JobStore, clock: Clock) -> None:
    ended.due_callbacks(10, LEASE)
    ended.callback_done("one", 204)

    clock.pass_by(days=1)
    assert ended.due_callbacks(10, LEASE) == []
    assert ended.callback_state("one") == CallbackState(URL, Delivery.DELIVERED, 1, "answered 204")


def test_callback_that_failed_is_due_at_its_next_time(ended: JobStore, clock: Clock) -> None:
    ended.due_callbacks(10, LEASE)
    retry_at = clock.time + timedelta(minutes=5)
    ended.callback_failed("one", "answered 500", retry_at=retry_at)

    assert ended.callback_state("one") == CallbackState(URL, Delivery.PENDING, 1, "answered 500", retry_at)
    clock.pass_by(seconds=299)
    assert ended.due_callbacks(10, LEASE) == []
    clock.pass_by(seconds=1)
    (callback,) = ended.due_callbacks(10, LEASE)
    assert callback.attempt == 2


def test_callback_given_up_is_seen_and_not_sent_again(ended: JobStore, clock: Clock) -> None:
    ended.due_callbacks(10, LEASE)
    ended.callback_failed("one", "gone", retry_at=None)

    clock.pass_by(days=1)
    assert ended.due_callbacks(10, LEASE) == []
    assert ended.callback_state("one") == CallbackState(URL, Delivery.GIVEN_UP, 1, "gone")


def test_late_failure_does_not_undo_a_delivery(ended: JobStore, clock: Clock) -> None:
    ended.due_callbacks(10, LEASE)
    clock.pass_by(seconds=30)
    ended.due_callbacks(10, LEASE)
    ended.callback_done("one", 200)
    ended.callback_failed("one", "timed out", retry_at=clock.time)

    state = ended.callback_state("one")
    assert state is not None
    assert state.state is Delivery.DELIVERED
    assert ended.due_callbacks(10, LEASE) == []


def test_due_callbacks_are_limited_and_the_earliest_come_first(
    store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    calling = job_request.model_copy(update={"callback_url": URL})
    for name in "abcd":
        store.add(calling, fingerprint="f", job_id=name)
    for name in "dbca":
        clock.pass_by(seconds=1)
        store.cancel(name)

    assert [callback.job.id for callback in store.due_callbacks(2, LEASE)] == ["d", "b"]
    assert [callback.job.id for callback in store.due_callbacks(2, LEASE)] == ["c", "a"]


def test_senders_in_many_threads_never_get_the_same_callback(
    store: JobStore, opened: Callable[..., JobStore], database_url: str, job_request: JobRequest
) -> None:
    calling = job_request.model_copy(update={"callback_url": URL})
    batch = store.add_batch([(line, calling, "f") for line in range(1, 31)], [])
    store.cancel_batch(batch.id)
    stores = [store, opened(database_url)]

    def send(number: int) -> list[str]:
        taken = []
        while due := stores[number % 2].due_callbacks(3, LEASE):
            taken += [callback.job.id for callback in due]
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [job_id for one in pool.map(send, range(4)) for job_id in one]

    assert len(taken) == len(set(taken)) == 30


def test_callback_of_a_job_done_again_is_sent_once_more_and_no_more(
    store: JobStore, job_request: JobRequest, database_url: str, clock: Clock
) -> None:
    store.add(job_request.model_copy(update={"callback_url": URL}), fingerprint="f", job_id="one")
    claim = store.claim("one", LEASE)
    assert claim is not None
    store.finish(claim, JobOutcome(State.FAILED))
    assert store.due_callbacks(10, LEASE)
    store.callback_done("one", 204)

    database = Database(database_url)
    assert FailedJobs(database, clock).restart("one")
    database.close()
    assert store.callback_state("one") == CallbackState(URL, Delivery.PENDING)
    claim = store.claim("one", LEASE)
    assert claim is not None
    store.finish(claim, JobOutcome(State.COMPLETE, {}))
    (callback,) = store.due_callbacks(10, LEASE)
    store.callback_done(callback.job.id, 204)
    clock.pass_by(hours=1)

    assert store.due_callbacks(10, LEASE) == []
