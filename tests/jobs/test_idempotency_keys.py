"""A request that is sent twice with the same key does its work once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from service.jobs.errors import IdempotencyConflictError, IdempotencyInProgressError
from service.jobs.idempotency_keys import KeyReservation
from service.jobs.store import JobStore
from tests.support.databases import Clock


def test_first_request_does_its_work_and_later_ones_are_sent_there(store: JobStore, clock: Clock) -> None:
    first = store.reserve_key("caller", "key", "payload")
    assert first.location is None
    store.complete_key("caller", "key", "/v1/jobs/one")

    assert store.reserve_key("caller", "key", "payload") == KeyReservation(first.reserved, "/v1/jobs/one")
    clock.pass_by(hours=23, minutes=59)
    assert store.reserve_key("caller", "key", "payload") == KeyReservation(first.reserved, "/v1/jobs/one")


def test_keys_of_other_callers_and_other_keys_are_their_own(store: JobStore) -> None:
    store.reserve_key("caller", "key", "payload")

    reserved = {
        store.reserve_key(scope, key, "another").reserved for scope, key in (("other", "key"), ("caller", "yek"))
    }
    assert len(reserved) == 2


@pytest.mark.parametrize("concluded", [False, True])
def test_another_payload_with_the_same_key_is_a_conflict(store: JobStore, concluded: bool) -> None:
    store.reserve_key("caller", "key", "payload")
    if concluded:
        store.complete_key("caller", "key", "/v1/jobs/one")

    with pytest.raises(IdempotencyConflictError):
        store.reserve_key("caller", "key", "another payload")


def test_request_in_work_is_waited_for_and_taken_over_when_it_hangs(store: JobStore, clock: Clock) -> None:
    first = store.reserve_key("caller", "key", "payload")
    clock.pass_by(seconds=59)
    with pytest.raises(IdempotencyInProgressError):
        store.reserve_key("caller", "key", "payload")

    clock.pass_by(seconds=1)
    assert store.reserve_key("caller", "key", "payload") == first
    clock.pass_by(seconds=59)
    with pytest.raises(IdempotencyInProgressError):
        store.reserve_key("caller", "key", "payload")


def test_key_of_a_failed_request_is_free_again(store: JobStore) -> None:
    first = store.reserve_key("caller", "key", "payload")
    store.release_key("caller", "key")

    again = store.reserve_key("caller", "key", "another payload")
    assert again.location is None
    assert again.reserved != first.reserved


def test_key_that_has_led_somewhere_is_not_abandoned(store: JobStore) -> None:
    store.reserve_key("caller", "key", "payload")
    store.complete_key("caller", "key", "/v1/jobs/one")
    store.release_key("caller", "key")

    assert store.reserve_key("caller", "key", "payload").location == "/v1/jobs/one"


def test_key_is_forgotten_after_a_day(store: JobStore, clock: Clock) -> None:
    first = store.reserve_key("caller", "key", "payload")
    store.complete_key("caller", "key", "/v1/jobs/one")
    clock.pass_by(hours=24)

    again = store.reserve_key("caller", "key", "another payload")
    assert again.location is None
    assert again.reserved != first.reserved


def test_expiry_takes_keys_past_their_time(store: JobStore, clock: Clock) -> None:
    store.reserve_key("caller", "old", "payload")
    clock.pass_by(hours=1)
    kept = store.reserve_key("caller", "new", "payload")
    clock.pass_by(hours=23)
    store.delete_expired()
    clock.pass_by(hours=-23)

    assert store.reserve_key("caller", "old", "another payload").location is None
    clock.pass_by(seconds=60)
    assert store.reserve_key("caller", "new", "payload") == kept


@pytest.mark.parametrize("key", ["", "\0", "\ud800", "k" * 10_000])
def test_any_key_can_be_kept(store: JobStore, key: str) -> None:
    store.reserve_key("caller", key, "payload")
    store.complete_key("caller", key, "/v1/jobs/one")

    assert store.reserve_key("caller", key, "payload").location == "/v1/jobs/one"


def test_of_requests_at_the_same_time_one_does_the_work(store: JobStore, clock: Clock) -> None:
    together = Barrier(4)

    def rush(key: str) -> str:
        together.wait()
        try:
            return store.reserve_key("caller", key, "payload").reserved
        except IdempotencyInProgressError:
            return "wait"

    with ThreadPoolExecutor(4) as pool:
        for key in ("a", "b", "c"):
            first = list(pool.map(rush, [key] * 4))
            clock.pass_by(seconds=60)
            taken_over = list(pool.map(rush, [key] * 4))

            assert first.count("wait") == taken_over.count("wait") == 3
            assert set(first) == set(taken_over)
