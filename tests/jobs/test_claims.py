"""Who may carry a job out: one at a time, whatever dies or comes late."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from service.jobs.states import TERMINAL_STATES, Claim, Job, JobError, JobOutcome, JobRequest, State
from service.jobs.store import JobStore, utc_now
from tests.support.databases import Clock
from tests.support.patience import PATIENCE

LEASE = timedelta(seconds=30)


@pytest.fixture
def job(store: JobStore, job_request: JobRequest) -> Job:
    return store.add(job_request, fingerprint="f", job_id="one")


@pytest.fixture
def claim(store: JobStore, job: Job) -> Claim:
    claim = store.claim(job.id, LEASE)
    assert claim is not None
    return claim


def seen(store: JobStore, job_id: str = "one") -> Job:
    job = store.job(job_id)
    assert job is not None
    return job


def test_claimed_job_is_running(store: JobStore, job: Job, job_request: JobRequest, clock: Clock) -> None:
    clock.pass_by(seconds=5)

    claim = store.claim(job.id, LEASE)

    assert claim is not None
    assert (claim.job_id, claim.attempt, claim.job_request) == ("one", 1, job_request)
    assert seen(store) == replace(job, state=State.RUNNING, started_at=clock.time, attempts=1)


def test_claimed_job_is_nobody_elses_while_the_lease_lasts(store: JobStore, claim: Claim, clock: Clock) -> None:
    clock.pass_by(seconds=29)

    assert store.claim("one", LEASE) is None
    assert store.claim_next(LEASE) is None


def test_job_whose_lease_has_run_out_is_claimed_again(store: JobStore, claim: Claim, clock: Clock) -> None:
    begun = clock.time
    clock.pass_by(seconds=30)

    again = store.claim_next(LEASE)

    assert again is not None
    assert (again.job_id, again.attempt) == ("one", 2)
    assert again.token != claim.token
    assert seen(store).started_at == begun


def test_late_holder_changes_nothing(store: JobStore, claim: Claim, clock: Clock) -> None:
    clock.pass_by(seconds=30)
    again = store.claim("one", LEASE)
    assert again is not None
    before = seen(store)

    assert not store.renew(claim, LEASE, done=3, questions=3)
    assert not store.release(claim, error=JobError("x", "y"))
    assert not store.finish(claim, JobOutcome(State.FAILED, {"n": 1}))
    assert seen(store) == before
    assert store.result("one") is None
    assert store.finish(again, JobOutcome(State.COMPLETE, {"n": 2}))
    assert not store.finish(claim, JobOutcome(State.COMPLETE, {"n": 1}))
    assert not store.release(claim)
    assert not store.renew(claim, LEASE, done=3, questions=3)
    assert store.result("one") == {"n": 2}


def test_late_holder_whose_job_nobody_took_may_still_finish(store: JobStore, claim: Claim, clock: Clock) -> None:
    clock.pass_by(minutes=5)

    assert store.finish(claim, JobOutcome(State.COMPLETE, {"n": 1}))
    assert store.claim_next(LEASE) is None


def test_renewed_lease_lasts_and_shows_the_progress(store: JobStore, claim: Claim, clock: Clock) -> None:
    clock.pass_by(seconds=20)
    assert store.renew(claim, LEASE, done=2, questions=7)
    clock.pass_by(seconds=20)

    assert store.claim_next(LEASE) is None
    assert (seen(store).done, seen(store).questions) == (2, 7)


@pytest.mark.parametrize("state", sorted(TERMINAL_STATES))
def test_finished_job_has_its_end(store: JobStore, claim: Claim, clock: Clock, state: State) -> None:
    clock.pass_by(seconds=10)
    error = JobError("code", "detail")

    assert store.finish(claim, JobOutcome(state, {"n": 1}, error, reused_from="other"))

    job = seen(store)
    assert (job.state, job.finished_at, job.error, job.reused_from) == (state, clock.time, error, "other")
    assert job.expires_at == clock.time + timedelta(days=7)
    assert store.result("one") == {"n": 1}
    clock.pass_by(days=1)
    assert store.claim("one", LEASE) is None
    assert store.claim_next(LEASE) is None


def test_job_that_failed_has_no_result(store: JobStore, claim: Claim) -> None:
    assert store.finish(claim, JobOutcome(State.FAILED, error=JobError("model_unavailable", "Down.")))

    assert store.result("one") is None


def test_job_finished_twice_has_ended_once(store: JobStore, claim: Claim, clock: Clock) -> None:
    """The first answer may have been lost with the connection."""
    assert store.finish(claim, JobOutcome(State.COMPLETE, {"n": 1}))
    job = seen(store)
    clock.pass_by(seconds=1)

    assert store.finish(claim, JobOutcome(State.COMPLETE, {"n": 2}))
    assert not store.finish(claim, JobOutcome(State.FAILED))
    assert seen(store) == job
    assert store.result("one") == {"n": 1}


def test_job_put_back_waits_for_its_time(store: JobStore, claim: Claim, clock: Clock) -> None:
    later = clock.time + timedelta(minutes=2)
    assert store.release(claim, not_before=later, error=JobError("model_unavailable", "Down."))

    job = seen(store)
    assert (job.state, job.not_before, job.attempts) == (State.QUEUED, later, 1)
    assert job.error == JobError("model_unavailable", "Down.")
    clock.pass_by(seconds=119)
    assert store.claim("one", LEASE) is None
    assert store.claim_next(LEASE) is None
    clock.pass_by(seconds=1)
    again = store.claim_next(LEASE)
    assert again is not None
    assert again.attempt == 2
    assert store.finish(again, JobOutcome(State.COMPLETE, {}))
    assert seen(store).error is None


def test_attempt_that_does_not_count_is_given_back_once(store: JobStore, claim: Claim) -> None:
    assert store.release(claim, counts_as_attempt=False)
    assert store.release(claim, counts_as_attempt=False)

    assert seen(store).attempts == 0
    again = store.claim("one", LEASE)
    assert again is not None
    assert again.attempt == 1
    assert not store.release(claim)


def test_next_job_is_the_one_due_for_the_longest_time(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    store.add(job_request, fingerprint="f", job_id="put off")
    first = store.claim_next(LEASE)
    assert first is not None
    assert store.release(first, not_before=clock.time + timedelta(seconds=15))
    batch = store.add_batch([(3, job_request, "f"), (1, job_request, "f"), (2, job_request, "f")], [])
    clock.pass_by(seconds=10)
    store.add(job_request, fingerprint="f", job_id="second")
    clock.pass_by(seconds=10)
    store.add(job_request, fingerprint="f", job_id="third")

    claims = [store.claim_next(LEASE) for _ in range(7)]

    lines = [job.id for job, _ in store.batch_jobs(batch.id)]
    assert [claim and claim.job_id for claim in claims] == [*lines, "second", "put off", "third", None]


def test_claimers_in_many_threads_never_get_the_same_job(
    store: JobStore, opened: Callable[..., JobStore], database_url: str, job_request: JobRequest
) -> None:
    store.add_batch([(line, job_request, "f") for line in range(1, 41)], [])
    stores = [store, opened(database_url), opened(database_url)]
    together = Barrier(6)

    def work_off(number: int) -> list[str]:
        together.wait()
        taken = []
        while (claim := stores[number % 3].claim_next(LEASE)) is not None:
            taken.append(claim.job_id)
        return taken

    with ThreadPoolExecutor(6) as pool:
        taken = [job_id for one in pool.map(work_off, range(6)) for job_id in one]

    # On PostgreSQL a claimer that comes late may find all that is left locked, and leave it to the others.
    assert len(taken) == len(set(taken)) == 40
    assert store.counts() == {State.RUNNING: 40}


def test_claimers_of_one_job_in_many_threads_get_it_once(store: JobStore, job_request: JobRequest) -> None:
    for name in "abcde":
        store.add(job_request, fingerprint="f", job_id=name)
        together = Barrier(4)

        def claim(_: int, name: str = name, together: Barrier = together) -> Claim | None:
            together.wait()
            return store.claim(name, LEASE)

        with ThreadPoolExecutor(4) as pool:
            claims = [claim for claim in pool.map(claim, range(4)) if claim is not None]

        assert len(claims) == 1


WORKER = """
import sys
from datetime import timedelta
from service.jobs.states import JobOutcome, State
from service.jobs.store import JobStore

store = JobStore(sys.argv[1])
while (claim := store.claim_next(timedelta(seconds=30))) is not None:
    print(claim.job_id, store.finish(claim, JobOutcome(State.COMPLETE, {"by": sys.argv[2]})))
"""


def test_processes_share_the_work_and_double_nothing(
    opened: Callable[..., JobStore], database_url: str, job_request: JobRequest
) -> None:
    store = opened(database_url, now=utc_now)
    batch = store.add_batch([(line, job_request, "f") for line in range(1, 61)], [])
    store.close()

    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER, database_url, str(number)], stdout=subprocess.PIPE, text=True)
        for number in range(2)
    ]
    lines = [line.split() for worker in workers for line in worker.communicate(timeout=PATIENCE)[0].splitlines()]

    assert [worker.returncode for worker in workers] == [0, 0]
    assert Counter(stored for _, stored in lines) == {"True": 60}
    assert sorted(job_id for job_id, _ in lines) == sorted(job.id for job, _ in store.batch_jobs(batch.id))
    assert store.counts() == {State.COMPLETE: 60}
    assert {job.attempts for job, _ in store.batch_jobs(batch.id)} == {1}
