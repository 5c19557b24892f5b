"""Taking jobs in, looking at them, cancelling them and forgetting them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from schemas.article import Article
from service.jobs.errors import StoreUnavailableError
from service.jobs.states import Claim, Job, JobError, JobOutcome, JobRequest, RejectedLine, State
from service.jobs.store import JobStore
from service.jobs.tables import job_requests
from tests.support.databases import Clock

LEASE = timedelta(seconds=30)


def claimed(store: JobStore, job_id: str) -> Claim:
    claim = store.claim(job_id, LEASE)
    assert claim is not None
    return claim


def ended(store: JobStore, job_id: str, result: dict[str, Any] | None = None, **more: Any) -> None:
    assert store.finish(claimed(store, job_id), JobOutcome(more.pop("state", State.COMPLETE), result or {}, **more))


def test_job_is_queued_when_taken_in(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    job = store.add(job_request, fingerprint="f")

    assert store.job(job.id) == job
    assert job == Job(
        job.id, State.QUEUED, created_at=clock.time, expires_at=clock.time + timedelta(days=7), article_id="a-1"
    )


def test_job_that_is_there_is_not_changed_by_another_order(store: JobStore, job_request: JobRequest) -> None:
    first = store.add(job_request, fingerprint="f", job_id="one")
    ended(store, "one", {"n": 1})
    done = store.job("one")

    assert store.add(JobRequest(article=Article(text="another")), fingerprint="g", job_id="one") == done
    assert done is not None
    assert done.created_at == first.created_at
    assert store.result("one") == {"n": 1}


def test_unknown_ids_lead_to_nothing(store: JobStore) -> None:
    for unknown in ("no", "", "\0", "\ud800", "é" * 5_000, "%00"):
        assert store.job(unknown) is None
        assert store.result(unknown) is None
        assert store.batch(unknown) is None
        assert store.cancel(unknown) is None
        assert store.cancel_batch(unknown) is None
        assert store.claim(unknown, LEASE) is None
        assert store.callback_state(unknown) is None
        assert store.announcement(unknown) is None
        assert list(store.batch_jobs(unknown)) == []


ANY_TEXT = st.text(st.characters(), max_size=30)  # surrogates and NUL among them
VALID_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=ANY_TEXT, text=VALID_TEXT)
def test_any_text_comes_back_as_it_was(store: JobStore, words: str, text: str) -> None:
    job_request = JobRequest(article=Article(text=text, id=text, title=text), callback_url=text, reply_to=text)
    job = store.add(job_request, fingerprint=words)
    claim = claimed(store, job.id)
    result = {words: [words, {"deep": words}], "text": text}
    store.finish(claim, JobOutcome(State.PARTIAL, result, JobError(words, words), reused_from=words))
    callback = store.callback_state(job.id)
    announcement = store.announcement(job.id)
    seen = store.job(job.id)

    assert claim.job_request == job_request
    assert store.result(job.id) == result
    assert seen is not None
    assert (seen.article_id, seen.error, seen.reused_from) == (text, JobError(words, words), words)
    assert callback is not None
    assert callback.url == text
    assert announcement is not None
    assert announcement.reply_to == text


def test_longest_article_comes_back_as_it_was(store: JobStore) -> None:
    job_request = JobRequest(article=Article(text="ї\0😀 '%\\u0000" * 20_000))
    job = store.add(job_request, fingerprint="f")

    assert claimed(store, job.id).job_request == job_request


def test_batch_counts_its_jobs_and_keeps_what_was_refused(
    store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    refused = (
        RejectedLine(2, "invalid_fields", "No.", ({"pointer": "#/article", "detail": "missing"},)),
        RejectedLine(4, "x", "y"),
    )
    batch = store.add_batch([(1, job_request, "f"), (3, job_request, "g"), (5, job_request, "h")], refused)
    (first, _), (second, _), _ = store.batch_jobs(batch.id)
    ended(store, first.id)
    claimed(store, second.id)

    assert batch.counts == {State.QUEUED: 3}
    assert store.batch(batch.id) == batch.__class__(
        batch.id,
        clock.time,
        clock.time + timedelta(days=7),
        {State.COMPLETE: 1, State.RUNNING: 1, State.QUEUED: 1},
        refused,
    )


def test_batch_of_refused_lines_alone_has_no_jobs(store: JobStore) -> None:
    batch = store.add_batch([], [RejectedLine(1, "x", "y")])

    assert store.batch(batch.id) == batch
    assert batch.counts == {}


def test_batch_that_is_there_is_not_taken_in_twice(store: JobStore, job_request: JobRequest) -> None:
    first = store.add_batch([(1, job_request, "f")], [], batch_id="b")

    assert (
        store.add_batch([(1, job_request, "f"), (2, job_request, "g")], [RejectedLine(3, "x", "y")], batch_id="b")
        == first
    )
    assert store.counts() == {State.QUEUED: 1}


def test_jobs_of_a_batch_come_in_the_order_of_their_lines(store: JobStore, job_request: JobRequest) -> None:
    lines = [*range(120, 0, -1)]
    batch = store.add_batch([(line, job_request, "f") for line in lines], [])
    store.add(job_request, fingerprint="f")
    last = list(store.batch_jobs(batch.id))[-1][0]
    ended(store, last.id, {"n": 120})

    seen = list(store.batch_jobs(batch.id))

    assert [job.line for job, _ in seen] == sorted(lines)
    assert {job.batch_id for job, _ in seen} == {batch.id}
    assert [result for _, result in seen] == [None] * 119 + [{"n": 120}]


def test_batch_is_taken_in_whole_or_not_at_all(store: JobStore, job_request: JobRequest) -> None:
    with pytest.raises(Exception, match=r"(?i)unique"):
        store.add_batch([(1, job_request, "f"), (1, job_request, "f")], [], batch_id="b")

    assert store.batch("b") is None
    assert store.counts() == {}


def test_queued_job_is_cancelled_at_once(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    job = store.add(job_request, fingerprint="f")
    clock.pass_by(hours=1)

    cancelled = store.cancel(job.id)

    assert cancelled is not None
    assert (cancelled.state, cancelled.finished_at) == (State.CANCELLED, clock.time)
    assert store.job(job.id) == cancelled
    assert store.claim(job.id, LEASE) is None
    assert store.claim_next(LEASE) is None
    assert store.unpublished(5) == []


def test_running_job_is_cancelled_under_its_holder(store: JobStore, job_request: JobRequest) -> None:
    job = store.add(job_request, fingerprint="f")
    claim = claimed(store, job.id)

    store.cancel(job.id)

    assert not store.renew(claim, LEASE, done=1, questions=2)
    assert not store.finish(claim, JobOutcome(State.COMPLETE, {"n": 1}))
    assert not store.release(claim)
    assert store.counts() == {State.CANCELLED: 1}
    assert store.result(job.id) is None


def test_ended_job_is_not_cancelled(store: JobStore, job_request: JobRequest) -> None:
    job = store.add(job_request, fingerprint="f")
    ended(store, job.id, {"n": 1})
    before = store.job(job.id)

    assert store.cancel(job.id) == before
    assert store.result(job.id) == {"n": 1}


def test_cancelled_batch_keeps_what_has_ended(store: JobStore, job_request: JobRequest) -> None:
    batch = store.add_batch([(1, job_request, "f"), (2, job_request, "f"), (3, job_request, "f")], [])
    (first, _), (second, _), _ = store.batch_jobs(batch.id)
    outside = store.add(job_request, fingerprint="f")
    ended(store, first.id)
    claimed(store, second.id)

    cancelled = store.cancel_batch(batch.id)

    assert cancelled is not None
    assert cancelled.counts == {State.COMPLETE: 1, State.CANCELLED: 2}
    assert store.job(outside.id) == outside


def test_earlier_result_is_the_newest_that_was_really_read(
    store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    for name, fingerprint, end in (
        ("old", "f", JobOutcome(State.COMPLETE, {"n": 1})),
        ("new", "f", JobOutcome(State.COMPLETE, {"n": 2})),
        ("reused", "f", JobOutcome(State.COMPLETE, {"n": 2}, reused_from="new")),
        ("partial", "f", JobOutcome(State.PARTIAL, {"n": 3})),
        ("other", "g", JobOutcome(State.COMPLETE, {"n": 4})),
    ):
        store.add(job_request, fingerprint=fingerprint, job_id=name)
        clock.pass_by(minutes=1)
        assert store.finish(claimed(store, name), end)

    assert store.find_reusable("f") == ("new", {"n": 2})
    assert store.find_reusable("h") is None
    clock.pass_by(days=7, minutes=-4)
    assert store.find_reusable("f") == ("new", {"n": 2})
    clock.pass_by(minutes=2)
    assert store.find_reusable("f") is None


def test_order_that_cannot_be_read_any_more_fails_and_stops_nobody(
    store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    for name in ("a", "b", "c"):
        store.add(job_request, fingerprint="f", job_id=name)
        clock.pass_by(seconds=1)
    strange = (
        update(job_requests)
        .where(job_requests.c.job_id.in_(["a", "b"]))
        .values(body={"article": {"written": "elsewhere"}})
    )
    store._database.write(lambda connection: connection.execute(strange))

    assert store.claim_next(LEASE) is None
    assert [job_id for job_id, _ in store.unpublished(5)] == ["c"]
    for name in ("a", "b"):
        failed = store.job(name)
        assert failed is not None
        assert failed.state is State.FAILED
        assert failed.error is not None
        assert failed.error.code == "order_unreadable"
    claim = store.claim_next(LEASE)
    assert claim is not None
    assert claim.job_id == "c"


def test_closed_store_opens_again(store: JobStore, job_request: JobRequest) -> None:
    job = store.add(job_request, fingerprint="f")
    store.close()

    assert store.job(job.id) == job


def test_store_opens_nothing_before_its_use(tmp_path: Any) -> None:
    JobStore(f"sqlite:///{tmp_path}/folder/jobs.db").close()
    JobStore("postgresql://nobody@127.0.0.1:9/nowhere").close()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["", "jobs.db", "sqlite://", "sqlite:///:memory:", "mysql://u:secret@h/d", "http:"])
def test_address_that_is_no_store_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="the database must be") as caught:
        JobStore(url)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:9/nowhere", "sqlite:////proc/nowhere/jobs.db"])
def test_store_out_of_reach_says_so(opened: Callable[..., JobStore], url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)

    with pytest.raises(StoreUnavailableError, match="out of reach"):
        opened(url).job("one")
