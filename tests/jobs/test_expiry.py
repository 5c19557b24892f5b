"""What lasts for too long, and what is kept for long enough."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from service.jobs.database import Database
from service.jobs.expiry import TIMED_OUT
from service.jobs.failed_jobs import FailedJobs
from service.jobs.states import Claim, JobError, JobOutcome, JobRequest, State
from service.jobs.store import JobStore
from service.jobs.tables import jobs
from tests.support.databases import Clock

LEASE = timedelta(seconds=30)
DOWN = JobError("model_unavailable", "Down.")


def claimed(store: JobStore, job_id: str) -> Claim:
    claim = store.claim(job_id, LEASE)
    assert claim is not None
    return claim


def ended(store: JobStore, job_id: str, result: dict[str, Any] | None = None) -> None:
    assert store.finish(claimed(store, job_id), JobOutcome(State.COMPLETE, result or {}))


def states(store: JobStore, *job_ids: str) -> list[State | None]:
    found = [store.job(job_id) for job_id in job_ids]
    return [job and job.state for job in found]


def test_job_that_has_not_ended_in_time_fails(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    store.add(job_request, fingerprint="f", job_id="one")

    clock.pass_by(hours=23, minutes=59)
    assert store.time_out_jobs() == 0
    clock.pass_by(minutes=1)
    with capture_logs() as logged:
        assert (store.time_out_jobs(), store.time_out_jobs()) == (1, 0)

    job = store.job("one")
    assert job is not None
    assert (job.state, job.finished_at, job.expires_at) == (State.FAILED, clock.time, clock.time + timedelta(days=7))
    assert job.error == JobError(TIMED_OUT, "The job has not ended within 24 hours.")
    assert [(line["log_level"], line["jobs"]) for line in logged] == [("warning", 1)]


def test_job_given_up_is_told_of_like_any_other_and_never_begun(
    store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    calling = job_request.model_copy(update={"callback_url": "https://example.org/", "reply_to": "answers"})
    batch = store.add_batch([(1, calling, "f")], [])
    clock.pass_by(hours=24)
    store.time_out_jobs()

    seen = store.batch(batch.id)
    assert seen is not None
    assert seen.counts == {State.FAILED: 1}
    [(job, result)] = store.batch_jobs(batch.id)
    assert result is None
    assert [(told.job, told.reply_to) for told in store.unannounced(5)] == [(job, "answers")]
    assert [callback.job for callback in store.due_callbacks(5, LEASE)] == [job]
    assert store.unpublished(5) == []
    assert store.claim(job.id, LEASE) is None
    assert store.claim_next(LEASE) is None
    assert store.add(calling, fingerprint="f", job_id=job.id) == job


def test_time_of_a_job_is_not_prolonged_by_putting_it_off(
    store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    store.add(job_request, fingerprint="f", job_id="one")
    clock.pass_by(hours=23, minutes=50)
    assert store.release(
        claimed(store, "one"), not_before=clock.time + timedelta(hours=1), counts_as_attempt=False, error=DOWN
    )

    clock.pass_by(minutes=10)
    assert store.time_out_jobs() == 1


def test_job_in_work_is_not_given_up_before_its_lease_is_over(
    store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    for name in ("finishes", "dies"):
        store.add(job_request, fingerprint="f", job_id=name)
    clock.pass_by(hours=24)
    finishing, dying = claimed(store, "finishes"), claimed(store, "dies")

    assert store.time_out_jobs() == 0
    clock.pass_by(seconds=20)
    assert store.renew(finishing, LEASE, done=0, questions=1)
    clock.pass_by(seconds=10)
    assert store.time_out_jobs() == 1

    assert states(store, "finishes", "dies") == [State.RUNNING, State.FAILED]
    assert store.finish(finishing, JobOutcome(State.COMPLETE, {}))
    assert not store.renew(dying, LEASE, done=1, questions=1)
    assert not store.release(dying)
    assert not store.finish(dying, JobOutcome(State.COMPLETE, {"n": 1}))
    assert not store.finish(dying, JobOutcome(State.FAILED, error=DOWN))
    assert store.result("dies") is None


def test_ended_jobs_are_not_given_up(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    for name in ("complete", "cancelled"):
        store.add(job_request, fingerprint="f", job_id=name)
    ended(store, "complete", {"n": 1})
    store.cancel("cancelled")

    clock.pass_by(hours=48)
    assert store.time_out_jobs() == 0
    assert states(store, "complete", "cancelled") == [State.COMPLETE, State.CANCELLED]


def test_ended_job_is_never_given_up_even_if_it_seems_open(
    store: JobStore, job_request: JobRequest, database_url: str, clock: Clock
) -> None:
    store.add(job_request, fingerprint="f", job_id="one")
    ended(store, "one", {"n": 1})
    database = Database(database_url)
    database.write(lambda connection: connection.execute(update(jobs).values(open_since=clock.time)))
    database.close()

    clock.pass_by(hours=48)
    assert store.time_out_jobs() == 0
    assert states(store, "one") == [State.COMPLETE]


def test_job_that_is_opened_again_has_all_of_its_time_anew(
    store: JobStore, job_request: JobRequest, database_url: str, clock: Clock
) -> None:
    store.add(job_request, fingerprint="f", job_id="one")
    clock.pass_by(hours=30)
    store.time_out_jobs()
    database = Database(database_url)
    assert FailedJobs(database, clock).restart("one")
    database.close()

    clock.pass_by(hours=23)
    assert store.time_out_jobs() == 0
    assert [job_id for job_id, _ in store.unpublished(5)] == ["one"]
    clock.pass_by(hours=1)
    assert store.time_out_jobs() == 1


def test_time_that_a_job_has_can_be_set(
    opened: Callable[..., JobStore], database_url: str, job_request: JobRequest, clock: Clock
) -> None:
    store = opened(database_url, time_limit=timedelta(minutes=90))
    store.add(job_request, fingerprint="f", job_id="one")

    clock.pass_by(minutes=89)
    assert store.time_out_jobs() == 0
    clock.pass_by(minutes=1)
    assert store.time_out_jobs() == 1
    job = store.job("one")
    assert job is not None
    assert job.error == JobError(TIMED_OUT, "The job has not ended within 1.5 hours.")


def test_many_are_given_up_in_several_transactions(
    store: JobStore, job_request: JobRequest, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.jobs.expiry.BATCH_SIZE", 3)
    store.add_batch([(line, job_request, "f") for line in range(1, 8)], [])
    clock.pass_by(hours=24)

    assert store.time_out_jobs() == 7
    assert store.counts() == {State.FAILED: 7}


def test_expiry_takes_what_has_ended_and_nothing_else(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    calling = job_request.model_copy(update={"callback_url": "https://example.org/"})
    store.add(calling, fingerprint="f", job_id="early")
    store.add(job_request, fingerprint="f", job_id="late")
    store.add(job_request, fingerprint="f", job_id="waiting")
    store.add(job_request, fingerprint="f", job_id="in work")
    ended(store, "early", {"n": 1})
    clock.pass_by(days=6)
    ended(store, "late", {"n": 2})
    claimed(store, "in work")

    clock.pass_by(days=1)
    assert store.delete_expired() == 1

    assert store.job("early") is None
    assert store.result("early") is None
    assert store.callback_state("early") is None
    assert store.result("late") == {"n": 2}
    clock.pass_by(days=300)
    assert store.delete_expired() == 1
    assert store.counts() == {State.QUEUED: 1, State.RUNNING: 1}


def test_expiry_takes_a_batch_with_the_last_of_its_jobs(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    batch = store.add_batch([(1, job_request, "f"), (2, job_request, "f")], [])
    (first, _), (second, _) = store.batch_jobs(batch.id)
    ended(store, first.id)
    clock.pass_by(days=6)
    ended(store, second.id)

    clock.pass_by(days=1)
    assert store.delete_expired() == 1
    left = store.batch(batch.id)
    assert left is not None
    assert left.counts == {State.COMPLETE: 1}
    assert left.expires_at == clock.time + timedelta(days=6)
    clock.pass_by(days=6)
    assert store.delete_expired() == 1
    assert store.batch(batch.id) is None


def test_expiry_takes_many_in_several_transactions(
    store: JobStore, job_request: JobRequest, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.jobs.expiry.BATCH_SIZE", 3)
    batch = store.add_batch([(line, job_request, "f") for line in range(1, 8)], [])
    store.cancel_batch(batch.id)
    clock.pass_by(days=7)

    assert store.delete_expired() == 7
    assert store.batch(batch.id) is None
