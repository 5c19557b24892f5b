"""Jobs carried out: what an attempt comes to, and who holds the lease meanwhile."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from schemas.article import Article
from schemas.registry import built_in
from service.errors import (
    AnswerRefusedError,
    BreakerOpenError,
    DeadlineExceededError,
    ModelCredentialsError,
    ModelUnavailableError,
)
from service.extraction.pipeline import Extractor
from service.jobs.background import BackgroundTaskGroup, PeriodicTask
from service.jobs.embedded_worker import EmbeddedWorker
from service.jobs.errors import StoreUnavailableError
from service.jobs.job_runner import CRASH_ALLOWANCE, MAX_RETRY_DELAY, RETRY_DELAYS, AttemptOutcome, JobRunner, claim_job
from service.jobs.states import Claim, JobRequest, State
from service.jobs.store import JobStore, utc_now
from tests.support.patience import PATIENCE
from tests.support.scripted_model import NOTHING, ScriptedModel
from tests.support.still_time import StillTime

MINUTE = timedelta(minutes=1)
START = datetime(2026, 3, 1, tzinfo=UTC)
JOB_REQUEST = JobRequest(article=Article(text="Envoys met in Doha.", id="a-1"), kinds=["sanctions"], reuse=False)


@pytest.fixture
def store(opened: Callable[..., JobStore], sqlite_url: str) -> JobStore:
    return opened(sqlite_url, now=utc_now)


def make_runner(store: JobStore, *script: Any, model: ScriptedModel | None = None, **options: Any) -> JobRunner:
    model = model or ScriptedModel(*script, otherwise=NOTHING)
    extractor = Extractor(model, built_in(), window_tokens=1_000, max_chars=10_000)
    limits = {"deadline_seconds": 30.0, "max_deadline_seconds": 60.0, "attempts": 3, "jitter": lambda most: most}
    return JobRunner(extractor, store, **{**limits, **options})


def taken(store: JobStore, job_request: JobRequest = JOB_REQUEST, job_runner: JobRunner | None = None) -> Claim:
    job = store.add(job_request, fingerprint=job_runner.fingerprint(job_request) if job_runner else "f")
    claim = store.claim(job.id, MINUTE)
    assert claim is not None
    return claim


def again(store: JobStore, claim: Claim) -> Claim:
    """The claim of a further attempt, whose time has come."""
    later = JobStore(str(store._database._url), now=lambda: utc_now() + timedelta(hours=2 * claim.attempt))
    next_claim = later.claim(claim.job_id, MINUTE)
    later.close()
    assert next_claim is not None
    return next_claim


async def test_result_is_stored(store: JobStore) -> None:
    claim = taken(store)

    outcome = await make_runner(store).run(claim)

    job = store.job(claim.job_id)
    assert job is not None
    assert outcome.job_outcome is not None
    assert (outcome.job_outcome.state, job.state, job.done, job.questions) == (State.COMPLETE, State.COMPLETE, 1, 1)
    assert store.result(claim.job_id) == outcome.job_outcome.result


@pytest.mark.parametrize(
    "error",
    [
        ModelUnavailableError("the model server answered 503"),
        ModelCredentialsError("the model server refused our credentials (401)"),
        DeadlineExceededError("the time was over"),
    ],
)
async def test_failed_call_is_tried_again_later_and_at_last_given_up(store: JobStore, error: Exception) -> None:
    claim = taken(store)
    job_runner = make_runner(store, error, error, error)
    waits = []

    for _ in range(2):
        before = utc_now()
        outcome = await job_runner.run(claim)
        assert outcome.retry_at is not None
        waits.append((outcome.retry_at - before).total_seconds())
        job = store.job(claim.job_id)
        assert job is not None
        assert (job.state, job.error and job.error.detail) == (State.QUEUED, str(error))
        assert store.claim(claim.job_id, MINUTE) is None
        claim = again(store, claim)
    outcome = await job_runner.run(claim)

    assert waits == pytest.approx(RETRY_DELAYS[:2], abs=1.0)
    assert outcome.job_outcome is not None
    assert outcome.job_outcome.state is State.FAILED
    assert outcome.job_outcome.error is not None
    assert outcome.job_outcome.error.detail == str(error)


async def test_outage_spends_no_attempts(store: JobStore) -> None:
    down = ModelUnavailableError("the model server answered 503")
    model = ScriptedModel(otherwise=down)
    job_runner = make_runner(store, model=model, attempts=1)
    claim = taken(store)

    model.unavailable = BreakerOpenError("the model server is left alone", retry_after=1.0)
    assert (await job_runner.run(claim)).retry_at is not None
    claim = again(store, claim)
    model.unavailable = None
    outcome = await job_runner.run(claim)

    assert claim.attempt == 1
    assert outcome.job_outcome is not None
    assert outcome.job_outcome.state is State.FAILED


async def test_wait_that_the_server_asks_for_is_kept(store: JobStore) -> None:
    before = utc_now()

    outcome = await make_runner(store, ModelUnavailableError("busy", retry_after=300.0)).run(taken(store))

    assert outcome.retry_at is not None
    assert outcome.retry_at - before >= timedelta(seconds=300)


@pytest.mark.parametrize("asked", [1e11, 1e300])
async def test_server_cannot_put_a_job_off_for_ever(store: JobStore, asked: float) -> None:
    outcome = await make_runner(store, ModelUnavailableError("busy", retry_after=asked)).run(taken(store))

    assert outcome.retry_at is not None
    assert outcome.retry_at - utc_now() <= timedelta(seconds=MAX_RETRY_DELAY)


async def test_answer_that_is_none_makes_the_job_partial_and_not_tried_again(store: JobStore) -> None:
    outcome = await make_runner(store, AnswerRefusedError("the model server refused the prompt")).run(taken(store))

    assert outcome.job_outcome is not None
    assert outcome.job_outcome.state is State.PARTIAL
    assert outcome.job_outcome.result is not None
    assert outcome.job_outcome.result["failures"][0]["code"] == "answer_refused"


async def test_article_that_cannot_be_read_fails_at_once(store: JobStore) -> None:
    claim = taken(store, JobRequest(article=Article(text="x" * 10_001)))

    outcome = await make_runner(store).run(claim)

    assert outcome.job_outcome is not None
    assert (outcome.job_outcome.state, outcome.job_outcome.error and outcome.job_outcome.error.code) == (
        State.FAILED,
        "article_too_long",
    )


async def test_bug_is_tried_again_and_tells_nothing(store: JobStore) -> None:
    claim = taken(store)
    job_runner = make_runner(store, *[ValueError("unspeakable")] * 2, attempts=2)

    assert (await job_runner.run(claim)).retry_at is not None
    outcome = await job_runner.run(again(store, claim))

    assert outcome.job_outcome is not None
    assert outcome.job_outcome.error is not None
    assert outcome.job_outcome.error.code == "internal_error"
    assert "unspeakable" not in outcome.job_outcome.error.detail


async def test_job_that_its_process_dies_of_is_given_up(store: JobStore) -> None:
    claim = taken(store)
    for _ in range(3 + CRASH_ALLOWANCE):
        claim = again(store, claim)

    outcome = await make_runner(store).run(claim)

    assert outcome.job_outcome is not None
    assert outcome.job_outcome.error is not None
    assert outcome.job_outcome.error.code == "job_fatal"


async def test_store_that_is_away_is_no_end_of_a_job(store: JobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_fingerprint: str) -> None:
        raise StoreUnavailableError("the database of jobs is out of reach")

    monkeypatch.setattr(store, "find_reusable", away)
    claim = taken(store, JOB_REQUEST.model_copy(update={"reuse": True}))

    with pytest.raises(StoreUnavailableError):
        await make_runner(store).run(claim)

    assert store.job(claim.job_id).state is State.RUNNING  # type: ignore[union-attr]


def test_lease_is_renewed_while_the_article_is_read(opened: Callable[..., JobStore], sqlite_url: str) -> None:
    async def answer(_question: Any) -> Any:
        await asyncio.sleep(2.5 * MINUTE.total_seconds())
        return NOTHING

    with StillTime() as still:
        store = opened(sqlite_url, now=lambda: START + timedelta(seconds=still.now))
        claim = taken(store)

        async def read() -> None:
            reading = asyncio.create_task(
                make_runner(store, answer, lease=MINUTE, deadline_seconds=600.0, max_deadline_seconds=600.0).run(claim)
            )
            await asyncio.sleep(2 * MINUTE.total_seconds())

            assert store.claim(claim.job_id, MINUTE) is None
            assert store.job(claim.job_id).questions == 1  # type: ignore[union-attr]
            assert (await reading).job_outcome is not None

        still.run(read())


async def test_cancelled_job_is_left(store: JobStore) -> None:
    asked, left = asyncio.Event(), asyncio.Event()

    async def answer(_question: Any) -> Any:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            left.set()

    claim = taken(store)
    reading = asyncio.create_task(make_runner(store, answer, lease=timedelta(seconds=0.3)).run(claim))
    await asked.wait()
    store.cancel(claim.job_id)

    assert await asyncio.wait_for(reading, PATIENCE) == AttemptOutcome()
    assert left.is_set()
    assert store.job(claim.job_id).state is State.CANCELLED  # type: ignore[union-attr]


async def test_end_of_a_cancelled_job_is_no_warning(store: JobStore) -> None:
    claim = taken(store)
    store.cancel(claim.job_id)

    with capture_logs() as logged:
        assert await make_runner(store).run(claim) == AttemptOutcome()

    assert [line["log_level"] for line in logged] == ["info", "info"]
    assert "cancelled" in logged[-1]["event"]


async def test_end_of_a_lost_claim_is_a_warning(store: JobStore) -> None:
    claim = taken(store)
    again(store, claim)

    with capture_logs() as logged:
        await make_runner(store).run(claim)

    assert [line["log_level"] for line in logged] == ["info", "warning"]


async def test_end_of_a_lost_claim_is_not_stored(store: JobStore) -> None:
    claim = taken(store)
    other = again(store, claim)

    assert await make_runner(store).run(claim) == AttemptOutcome()
    assert store.result(claim.job_id) is None
    assert (await make_runner(store).run(other)).job_outcome is not None


async def test_interrupted_attempt_does_not_count(store: JobStore) -> None:
    asked = asyncio.Event()

    async def answer(_question: Any) -> Any:
        asked.set()
        await asyncio.Event().wait()

    claim = taken(store)
    reading = asyncio.create_task(make_runner(store, answer).run(claim))
    await asked.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    next_claim = store.claim(claim.job_id, MINUTE)
    assert next_claim is not None
    assert next_claim.attempt == 1


async def test_job_that_is_claimed_for_nobody_is_put_back(store: JobStore) -> None:
    job = store.add(JOB_REQUEST, fingerprint="f")
    inside, gate = threading.Event(), threading.Event()

    def take() -> Claim | None:
        inside.set()
        gate.wait(PATIENCE)
        return store.claim(job.id, MINUTE)

    claiming = asyncio.create_task(claim_job(store, take))
    await asyncio.to_thread(inside.wait, PATIENCE)
    claiming.cancel()
    await asyncio.sleep(0)
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await claiming

    assert store.claim(job.id, MINUTE).attempt == 1  # type: ignore[union-attr]


async def test_runner_works_the_store_off_side_by_side_and_ends(store: JobStore) -> None:
    at_once, most, both = 0, 0, asyncio.Event()

    async def answer(_question: Any) -> Any:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        if at_once == 2:
            both.set()
        await asyncio.wait_for(both.wait(), PATIENCE)
        at_once -= 1
        return NOTHING

    async def available() -> None:
        return

    jobs = [store.add(JOB_REQUEST, fingerprint="f") for _ in range(4)]
    runner = EmbeddedWorker(store, make_runner(store, *[answer] * 4), concurrency=2, available=available)
    running = asyncio.create_task(BackgroundTaskGroup([runner]).run())
    while any(store.job(job.id).state is not State.COMPLETE for job in jobs):  # type: ignore[union-attr]  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    runner.stop()
    await asyncio.wait_for(running, PATIENCE)

    assert most == 2


async def test_runner_begins_nothing_while_the_model_server_is_left_alone(store: JobStore) -> None:
    open_again = asyncio.Event()
    job = store.add(JOB_REQUEST, fingerprint="f")
    runner = EmbeddedWorker(store, make_runner(store), concurrency=1, available=open_again.wait)  # type: ignore[arg-type]
    running = asyncio.create_task(runner.run())
    await asyncio.sleep(0.1)
    assert store.job(job.id).attempts == 0  # type: ignore[union-attr]

    open_again.set()
    while store.job(job.id).state is not State.COMPLETE:  # type: ignore[union-attr]  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    runner.stop()
    await asyncio.wait_for(running, PATIENCE)


async def test_runner_outlives_a_store_that_fails(store: JobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.jobs.embedded_worker.POLL_SECONDS", 0.01)
    failures = iter([OSError(), OSError()])
    claim_next = store.claim_next

    def failing(lease: timedelta) -> Claim | None:
        for error in failures:
            raise error
        return claim_next(lease)

    monkeypatch.setattr(store, "claim_next", failing)
    job = store.add(JOB_REQUEST, fingerprint="f")

    async def available() -> None:
        return

    runner = EmbeddedWorker(store, make_runner(store), concurrency=1, available=available)
    running = asyncio.create_task(runner.run())
    while store.job(job.id).state is not State.COMPLETE:  # type: ignore[union-attr]  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    runner.stop()
    await asyncio.wait_for(running, PATIENCE)


async def test_what_is_done_regularly_goes_on_after_a_failure() -> None:
    times = 0

    async def act() -> None:
        nonlocal times
        times += 1
        if times == 1:
            raise OSError
        if times == 3:
            periodic_task.stop()

    periodic_task = PeriodicTask("a test", 0.001, act)
    await asyncio.wait_for(periodic_task.run(), PATIENCE)

    assert times == 3
