"""What the broker has to be told, and how often."""

from datetime import timedelta

import pytest

from service.jobs.states import Announcement, Claim, JobOutcome, JobRequest, State
from service.jobs.store import JobStore
from tests.support.databases import Clock

LEASE = timedelta(seconds=30)


def unpublished(store: JobStore) -> list[str]:
    return [job_id for job_id, _ in store.unpublished(10)]


def unannounced(store: JobStore) -> list[str]:
    return [announcement.job.id for announcement in store.unannounced(10)]


def claimed(store: JobStore, job_id: str) -> Claim:
    claim = store.claim(job_id, LEASE)
    assert claim is not None
    return claim


def test_job_is_unsent_until_the_broker_has_confirmed_it(store: JobStore, job_request: JobRequest) -> None:
    store.add(job_request, fingerprint="f", job_id="one")

    assert store.unpublished(10) == [("one", job_request)]
    assert store.unpublished(10) == [("one", job_request)]
    store.mark_published(["one", "unknown"])
    assert unpublished(store) == []


def test_job_that_came_by_the_broker_is_not_sent_back(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    store.add(job_request, fingerprint="f", job_id="one", already_published=True)

    assert unpublished(store) == []
    clock.pass_by(minutes=10)
    assert unpublished(store) == ["one"]


def test_unsent_jobs_come_in_the_order_in_which_they_were_taken_in(
    store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    for name in ("c", "a", "b"):
        store.add(job_request, fingerprint="f", job_id=name)
        clock.pass_by(seconds=1)

    assert [job_id for job_id, _ in store.unpublished(2)] == ["c", "a"]


def test_message_that_was_lost_is_published_again_ever_less_often(
    store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    store.add(job_request, fingerprint="f", job_id="one")
    sent = []
    for minute in range(120):
        if unpublished(store):
            sent.append(minute)
            store.mark_published(["one"])
        clock.pass_by(minutes=1)

    assert sent == [0, 10, 20, 40, 80]


def test_running_job_is_not_unsent_before_its_holder_is_long_dead(
    store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    store.add(job_request, fingerprint="f", job_id="one")
    claim = claimed(store, "one")
    assert unpublished(store) == []
    clock.pass_by(seconds=20)
    store.renew(claim, LEASE, done=0, questions=None)

    clock.pass_by(seconds=30, minutes=9)
    assert unpublished(store) == []
    clock.pass_by(minutes=1)
    assert unpublished(store) == ["one"]


def test_job_put_back_is_unsent_when_it_is_overdue(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    """Whoever puts it back publishes it himself; his message may be lost."""
    store.add(job_request, fingerprint="f", job_id="one", already_published=True)
    store.release(claimed(store, "one"), not_before=clock.time + timedelta(minutes=5))

    clock.pass_by(minutes=14)
    assert unpublished(store) == []
    clock.pass_by(minutes=1)
    assert unpublished(store) == ["one"]


def test_ended_job_is_never_unsent(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    store.add(job_request, fingerprint="f", job_id="one")
    store.finish(claimed(store, "one"), JobOutcome(State.COMPLETE, {}))
    store.mark_published(["one"])

    clock.pass_by(days=1)
    assert unpublished(store) == []


def test_unsent_jobs_under_a_lease_are_nobody_elses(store: JobStore, job_request: JobRequest, clock: Clock) -> None:
    for name in "abc":
        store.add(job_request, fingerprint="f", job_id=name)
        clock.pass_by(seconds=1)

    assert [job_id for job_id, _ in store.unpublished(2, lease=LEASE)] == ["a", "b"]
    assert [job_id for job_id, _ in store.unpublished(2, lease=LEASE)] == ["c"]
    store.mark_published(["b"])
    clock.pass_by(seconds=30)
    assert unpublished(store) == ["a", "c"]


@pytest.mark.parametrize("state", [State.COMPLETE, State.PARTIAL, State.FAILED])
def test_ended_job_is_unannounced_until_the_exchange_knows(
    store: JobStore, job_request: JobRequest, state: State
) -> None:
    asking = job_request.model_copy(update={"reply_to": "answers"})
    store.add(asking, fingerprint="f", job_id="one")
    assert store.unannounced(10) == []
    assert store.announcement("one") is None
    store.finish(claimed(store, "one"), JobOutcome(state, {"n": 1}))
    job = store.job("one")
    assert job is not None

    assert store.unannounced(10) == [Announcement(job, "answers", {"n": 1})]
    assert store.announcement("one") == Announcement(job, "answers", {"n": 1})
    store.mark_announced(["one", "unknown"])
    assert store.unannounced(10) == []
    assert store.announcement("one") is None


def test_cancelled_job_is_announced_too(store: JobStore, job_request: JobRequest) -> None:
    store.add(job_request, fingerprint="f", job_id="one")
    store.cancel("one")

    (announcement,) = store.unannounced(10)
    assert (announcement.job.id, announcement.job.state, announcement.result) == ("one", State.CANCELLED, None)


def test_unannounced_jobs_come_in_the_order_of_their_ends(
    store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    for name in "abc":
        store.add(job_request, fingerprint="f", job_id=name)
    for name in "cab":
        clock.pass_by(seconds=1)
        store.cancel(name)

    assert [announcement.job.id for announcement in store.unannounced(2)] == ["c", "a"]


def test_job_that_has_just_ended_is_left_to_whoever_carried_it_out(
    store: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    store.add(job_request, fingerprint="f", job_id="one")
    store.finish(claimed(store, "one"), JobOutcome(State.COMPLETE, {}))

    assert store.unannounced(10, grace=timedelta(seconds=5)) == []
    clock.pass_by(seconds=5)
    assert [one.job.id for one in store.unannounced(10, grace=timedelta(seconds=5), lease=LEASE)] == ["one"]
    assert unannounced(store) == []
    clock.pass_by(seconds=30)
    assert unannounced(store) == ["one"]
