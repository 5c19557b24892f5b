"""Connections that break, and writers that wait for each other: nothing is lost, and nothing is done twice."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier, Event, Semaphore
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import ProgrammingError

from service.jobs.database import Database
from service.jobs.errors import StoreUnavailableError
from service.jobs.states import Claim, JobOutcome, JobRequest, State
from service.jobs.store import JobStore, utc_now
from tests.support.databases import Clock, Schema
from tests.support.patience import PATIENCE

LEASE = timedelta(seconds=30)


@pytest.fixture
def on_postgres(opened: Callable[..., JobStore], schema: Schema) -> JobStore:
    return opened(schema.url)


@contextmanager
def answer_lost(store: JobStore) -> Iterator[None]:
    """The next transaction is committed, but its connection breaks before anybody is told so."""
    with store._database._engine_in_use() as engine:
        dialect = engine.dialect
    commit = dialect.do_commit
    broken = []

    def break_after_commit(connection: Any) -> None:
        commit(connection)
        if not broken:
            broken.append(connection)
            connection.dbapi_connection.close()
            raise psycopg.OperationalError("the connection is lost")

    dialect.do_commit = break_after_commit  # type: ignore[method-assign]
    yield
    del dialect.do_commit
    assert broken


def claimed(store: JobStore, job_id: str) -> Claim:
    claim = store.claim(job_id, LEASE)
    assert claim is not None
    return claim


def test_transaction_whose_connection_is_cut_is_done_again(on_postgres: JobStore, job_request: JobRequest) -> None:
    calls = []

    def work(connection: Connection) -> int:
        calls.append(connection.execute(text("UPDATE jobs SET attempts = attempts + 1")).rowcount)
        if len(calls) < 3:
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return calls[-1]

    on_postgres.add(job_request, fingerprint="f", job_id="one")

    assert on_postgres._database.write(work) == 1
    assert len(calls) == 3
    job = on_postgres.job("one")
    assert job is not None
    assert job.attempts == 1


def test_connections_cut_while_idle_are_not_noticed(
    on_postgres: JobStore, schema: Schema, job_request: JobRequest
) -> None:
    on_postgres.add(job_request, fingerprint="f", job_id="one")
    assert schema.cut_connections() == 1

    assert on_postgres.add(job_request, fingerprint="f", job_id="two").state is State.QUEUED
    assert on_postgres.counts() == {State.QUEUED: 2}


def test_job_is_taken_in_once_when_the_answer_is_lost(on_postgres: JobStore, job_request: JobRequest) -> None:
    with answer_lost(on_postgres):
        job = on_postgres.add(job_request, fingerprint="f")

    assert on_postgres.job(job.id) == job
    assert on_postgres.counts() == {State.QUEUED: 1}


def test_batch_is_taken_in_once_when_the_answer_is_lost(on_postgres: JobStore, job_request: JobRequest) -> None:
    with answer_lost(on_postgres):
        batch = on_postgres.add_batch([(1, job_request, "f"), (2, job_request, "f")], [])

    assert on_postgres.batch(batch.id) == batch
    assert on_postgres.counts() == {State.QUEUED: 2}


def test_key_is_its_holders_when_the_answer_is_lost(on_postgres: JobStore) -> None:
    with answer_lost(on_postgres):
        assert on_postgres.reserve_key("caller", "key", "payload").location is None


def test_claim_whose_answer_is_lost_ends_with_its_lease(
    on_postgres: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    on_postgres.add(job_request, fingerprint="f", job_id="one")
    with answer_lost(on_postgres):
        assert on_postgres.claim_next(LEASE) is None

    clock.pass_by(seconds=30)
    assert claimed(on_postgres, "one").attempt == 2


def test_job_is_finished_once_when_the_answer_is_lost(on_postgres: JobStore, job_request: JobRequest) -> None:
    on_postgres.add(job_request, fingerprint="f", job_id="one")
    claim = claimed(on_postgres, "one")
    with answer_lost(on_postgres):
        assert on_postgres.finish(claim, JobOutcome(State.COMPLETE, {"n": 1}))

    assert on_postgres.counts() == {State.COMPLETE: 1}
    assert on_postgres.result("one") == {"n": 1}


def test_job_is_put_back_once_when_the_answer_is_lost(on_postgres: JobStore, job_request: JobRequest) -> None:
    on_postgres.add(job_request, fingerprint="f", job_id="one")
    claim = claimed(on_postgres, "one")
    with answer_lost(on_postgres):
        assert on_postgres.release(claim, counts_as_attempt=False)

    assert claimed(on_postgres, "one").attempt == 1


def test_lease_is_renewed_when_the_answer_is_lost(on_postgres: JobStore, job_request: JobRequest) -> None:
    on_postgres.add(job_request, fingerprint="f", job_id="one")
    claim = claimed(on_postgres, "one")
    with answer_lost(on_postgres):
        assert on_postgres.renew(claim, LEASE, done=1, questions=2)


def test_callback_whose_answer_is_lost_is_due_after_its_lease(
    on_postgres: JobStore, job_request: JobRequest, clock: Clock
) -> None:
    on_postgres.add(
        job_request.model_copy(update={"callback_url": "https://example.org/"}), fingerprint="f", job_id="one"
    )
    on_postgres.cancel("one")
    with answer_lost(on_postgres):
        assert on_postgres.due_callbacks(5, LEASE) == []

    clock.pass_by(seconds=30)
    assert len(on_postgres.due_callbacks(5, LEASE)) == 1


def test_work_goes_on_while_connections_are_cut(
    opened: Callable[..., JobStore], schema: Schema, job_request: JobRequest
) -> None:
    """What a store out of reach leaves undone is taken up again when its lease has run out."""
    store = opened(schema.url, now=utc_now)
    batch = store.add_batch([(line, job_request, "f") for line in range(1, 21)], [])
    ended, claimed = Event(), Semaphore(0)
    cuts = []

    def cut() -> None:
        while not ended.is_set():
            for _ in range(4):
                claimed.acquire()
            cuts.append(schema.cut_connections())

    def work_off(number: int) -> list[str]:
        finished: list[str] = []
        while True:
            try:
                if store.counts().keys() == {State.COMPLETE}:
                    return finished
                claim = store.claim_next(timedelta(seconds=1))
                if claim is None:
                    continue
                claimed.release()
                if store.finish(claim, JobOutcome(State.COMPLETE, {"by": number})):
                    finished.append(claim.job_id)
            except StoreUnavailableError:
                continue

    with ThreadPoolExecutor(4) as pool:
        cutting = pool.submit(cut)
        try:
            finished = [job_id for one in pool.map(work_off, range(3), timeout=PATIENCE) for job_id in one]
        finally:
            ended.set()
            claimed.release(4)
        cutting.result()

    assert sum(cuts) > 3
    # An ending whose answer came too late, after all tries, is stored and not in this list.
    assert len(finished) == len(set(finished))
    assert store.counts() == {State.COMPLETE: 20}
    assert all(result is not None for _, result in store.batch_jobs(batch.id))


def connection_of(connection: Connection) -> Any:
    """What a transaction runs on, to look at afterwards."""
    return connection.connection.dbapi_connection


def assert_closed(connection: Any) -> None:
    with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError), match="closed"):
        connection.execute("SELECT 1")


def test_idle_connection_is_closed_with_its_store(store: JobStore) -> None:
    connection = store._database.read(connection_of)
    connection.execute("SELECT 1")

    store.close()

    assert_closed(connection)


def test_connections_in_use_are_closed_after_a_store_that_was_closed_meanwhile(store: JobStore) -> None:
    begun, closed = Barrier(3), Event()

    def work(connection: Connection) -> Any:
        begun.wait(PATIENCE)
        closed.wait(PATIENCE)
        connection.execute(text("SELECT 1"))
        return connection_of(connection)

    idle = store._database.read(connection_of)
    with ThreadPoolExecutor(2) as pool:
        working = [pool.submit(store._database.read, work) for _ in range(2)]
        begun.wait(PATIENCE)
        store.close()
        closed.set()
        connections = [one.result() for one in working]

    assert idle in connections
    for connection in connections:
        assert_closed(connection)


def test_connections_are_closed_after_a_store_that_was_closed_before_they_were_made(store: JobStore) -> None:
    """However their transactions overlap: the pool may not change between them."""
    begun, first_ended = Barrier(2), Event()

    def close(*_: object) -> None:
        store.close()

    def first(connection: Connection) -> Any:
        begun.wait(PATIENCE)
        return connection_of(connection)

    def second(connection: Connection) -> Any:
        begun.wait(PATIENCE)
        first_ended.wait(PATIENCE)
        return connection_of(connection)

    with store._database._engine_in_use() as engine:
        event.listen(engine, "do_connect", close)
    with ThreadPoolExecutor(2) as pool:
        working = [pool.submit(store._database.read, work) for work in (first, second)]
        connections = [working[0].result()]
        first_ended.set()
        connections.append(working[1].result())

    for connection in connections:
        assert_closed(connection)


def test_transaction_begun_after_a_store_was_closed_is_done_and_leaves_nothing_open(
    store: JobStore, job_request: JobRequest
) -> None:
    store.close()

    assert store.add(job_request, fingerprint="f", job_id="one").state is State.QUEUED
    assert store.counts() == {State.QUEUED: 1}
    assert_closed(store._database.read(connection_of))


def test_transaction_tried_again_after_a_store_was_closed_leaves_nothing_open(
    on_postgres: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections = []

    def work(connection: Connection) -> None:
        connections.append(connection_of(connection))
        if len(connections) < 3:
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: on_postgres.close())
    on_postgres._database.read(work)

    assert len(connections) == 3
    for connection in connections:
        assert_closed(connection)


def test_transaction_that_a_standby_cannot_write_in_is_done_again(
    on_postgres: JobStore, job_request: JobRequest
) -> None:
    on_postgres.add(job_request, fingerprint="f", job_id="one")
    calls = []

    def work(connection: Connection) -> int:
        calls.append(connection)
        if len(calls) < 3:
            connection.execute(text("SET TRANSACTION READ ONLY"))
        return connection.execute(text("UPDATE jobs SET attempts = attempts + 1")).rowcount

    assert on_postgres._database.write(work) == 1
    assert len(calls) == 3


def test_database_that_takes_no_writes_is_out_of_reach_for_writers_alone(
    on_postgres: JobStore,
    opened: Callable[..., JobStore],
    schema: Schema,
    job_request: JobRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A primary that was demoted, whose name still leads to it."""
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    demoted = opened(schema.read_only_url)
    job = on_postgres.add(job_request, fingerprint="f", job_id="one")

    assert demoted.job("one") == job
    for write in (
        lambda: demoted.add(job_request, fingerprint="f"),
        lambda: demoted.claim("one", LEASE),
        lambda: demoted.cancel("one"),
        demoted.time_out_jobs,
        demoted.delete_expired,
    ):
        with pytest.raises(StoreUnavailableError) as caught:
            write()
        assert _sqlstate(caught.value) == "25006"
    assert on_postgres.job("one") == job


def test_errors_of_ours_are_not_tried_again(store: JobStore) -> None:
    calls = []

    def work(connection: Connection) -> None:
        calls.append(connection)
        raise LookupError("ours")

    with pytest.raises(LookupError, match="ours"):
        store._database.write(work)
    assert len(calls) == 1


def test_bug_in_a_statement_is_no_outage(on_postgres: JobStore) -> None:
    with pytest.raises(ProgrammingError):
        on_postgres._database.write(lambda connection: connection.execute(text("SELECT nonsense")))


def test_error_of_the_database_does_not_show_the_article(store: JobStore, job_request: JobRequest) -> None:
    with pytest.raises(Exception, match=r"(?i)unique") as caught:
        store.add_batch([(1, job_request, "f"), (1, job_request, "f")], [])

    assert job_request.article.text not in str(caught.value)


def test_writer_waits_for_another_one(
    opened: Callable[..., JobStore], sqlite_url: str, job_request: JobRequest
) -> None:
    store = opened(sqlite_url)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as pool:
        adding = pool.submit(store.add, job_request, fingerprint="f", job_id="one")
        with pytest.raises(TimeoutError):
            adding.result(timeout=0.2)
        assert store.job("one") is None  # a reader does not wait
        other.execute("COMMIT")
        assert adding.result(timeout=PATIENCE).state is State.QUEUED
    other.close()


def test_writer_does_not_wait_for_ever_on_sqlite(
    opened: Callable[..., JobStore], sqlite_url: str, job_request: JobRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.jobs.database.LOCK_TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr("service.jobs.database.MAX_ATTEMPTS", 2)
    store = opened(sqlite_url)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreUnavailableError):
        store.add(job_request, fingerprint="f")
    other.close()


def test_writer_does_not_wait_for_ever_on_postgres(
    on_postgres: JobStore, schema: Schema, job_request: JobRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.jobs.database.LOCK_TIMEOUT_SECONDS", 0.05)
    on_postgres.add(job_request, fingerprint="f", job_id="one")

    with psycopg.connect(schema.url) as other:
        other.execute("SELECT * FROM jobs FOR UPDATE")
        with pytest.raises(StoreUnavailableError):
            on_postgres.cancel("one")
        assert on_postgres.claim_next(LEASE) is None  # what is locked is passed over
    assert on_postgres.claim_next(LEASE) is not None


def test_committed_work_survives_a_crash_of_the_machine(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    try:
        pragmas = database.read(
            lambda connection: [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        )
    finally:
        database.close()

    assert pragmas == ["wal", 2, 1]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_forms_of_postgres_addresses_mean_the_same(
    opened: Callable[..., JobStore], schema: Schema, scheme: str
) -> None:
    store = opened(scheme + schema.url.removeprefix("postgresql"))

    assert store.counts() == {}


def _sqlstate(error: BaseException) -> str | None:
    """What the server has said."""
    cause = error.__cause__
    return getattr(getattr(cause, "orig", cause), "sqlstate", None)
