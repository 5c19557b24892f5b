"""The database of the store: one engine, transactions that are retried, and migrations.

SQLite is for one machine. Its file must be on a local disk, since its write-ahead log does not work on network file
systems. PostgreSQL is for any number of machines.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import psycopg
import structlog
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from tenacity import (
    RetryCallState,
    retry,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)

from service.jobs.errors import StoreUnavailableError

log = structlog.get_logger(__name__)

T = TypeVar("T")

MAX_ATTEMPTS = 5
"""Most attempts of a transaction; the waits between them add up to three seconds at most."""
RETRY_SECONDS = 20
"""No attempt is started after this long."""
LOCK_TIMEOUT_SECONDS = 10
"""How long a transaction waits for a lock, so that a process that hangs in one does not stop the others for long."""
CONNECTION_OPTIONS = {
    "connect_timeout": "5",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""Time limits by which a vanished PostgreSQL server is noticed; the URL may override them."""
MIGRATION_LOCK = 0x0D2A_6033
"""Key of the advisory lock that one migrating process holds (PostgreSQL)."""
UNAVAILABLE_ERRORS = (
    OperationalError,
    InterfaceError,
    InternalError,
    PoolTimeoutError,
    sqlite3.OperationalError,
    OSError,
)
"""Errors that mean the database is unavailable just now, as opposed to errors of a statement."""
URL_FORMS = "the database must be sqlite:///PATH or postgresql://HOST/NAME"
TRANSIENT_SQLSTATES = ("08", "25006", "25P03", "40001", "40P01", "53300", "57P01", "57P02", "57P03")
"""Prefixes of SQLSTATEs that are worth a retry: lost connections, fail-over, conflicts, shutdowns."""


class Database:
    """Runs transactions. Connects with the first of them, so that the process may fork until then.

    Args:
        url: `sqlite:///PATH`, `postgresql://…` or `postgres://…`.

    Raises:
        ValueError: the address has none of these forms. The message does not repeat it.

    """

    def __init__(self, url: str) -> None:
        self._url = _parse_url(url)
        self._lock = Lock()
        self._engine: Engine | None = None
        self._users = 0
        self._closed = False

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction that changes nothing."""
        return self._run_transaction(work, writes=False)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction.

        If the connection breaks, it is run again, even if that happened in the middle of the commit. So `work` has to
        be idempotent.

        Raises:
            StoreUnavailableError: the database is out of reach.

        """
        return self._run_transaction(work, writes=True)

    def close(self) -> None:
        """Close all connections as soon as no transaction uses them.

        A thread may start a transaction even after this. It is run, and its connection is closed at its end.
        """
        with self._lock:
            self._closed = True
            self._dispose_if_unused()

    def upgrade(self) -> None:
        """Migrate the tables to the newest version. Of several processes, one migrates and the others wait."""
        # It takes long to import, and only the service and its workers upgrade anything.
        from alembic import command  # noqa: PLC0415 -- see above
        from alembic.config import Config  # noqa: PLC0415 -- see above

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))

        def migrate(connection: Connection) -> None:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

        self.write(migrate)

    def _run_transaction(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        @retry(
            retry=retry_if_exception(_is_transient),
            stop=stop_after_attempt(MAX_ATTEMPTS) | stop_after_delay(RETRY_SECONDS),
            wait=wait_random_exponential(multiplier=0.2, max=1.0),
            before_sleep=_log_retry,
            reraise=True,
        )
        def transaction() -> T:
            with self._engine_in_use() as engine, engine.execution_options(writes=writes).begin() as connection:
                return work(connection)

        try:
            return transaction()
        except UNAVAILABLE_ERRORS as error:
            raise StoreUnavailableError("the database of jobs is out of reach") from error

    @contextmanager
    def _engine_in_use(self) -> Iterator[Engine]:
        with self._lock:
            if self._engine is None:
                make = _sqlite if self._url.get_backend_name() == "sqlite" else _postgresql
                self._engine = make(self._url)
            engine = self._engine
            self._users += 1
        try:
            yield engine
        finally:
            with self._lock:
                self._users -= 1
                self._dispose_if_unused()

    def _dispose_if_unused(self) -> None:
        """Close the connections if `close` was called and none is in use. To be called with the lock held."""
        # Not while one is in use: it would return to a pool that is already emptied, and stay open there.
        if self._closed and not self._users and self._engine is not None:
            self._engine.dispose()
            self._engine = None


def upgrade(url: str) -> None:
    """Migrate the tables of the database at `url` to the newest version."""
    database = Database(url)
    try:
        database.upgrade()
    finally:
        database.close()


def _parse_url(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise ValueError(URL_FORMS) from None
    name = url.get_backend_name()
    if name in {"postgres", "postgresql"}:
        return url.set(drivername="postgresql+psycopg")
    if name == "sqlite":
        if url.database in {None, "", ":memory:"}:
            raise ValueError("the database must be a file: one in memory is gone with its connection")
        return url
    raise ValueError(URL_FORMS)


def _postgresql(url: URL) -> Engine:
    options = {name: value for name, value in CONNECTION_OPTIONS.items() if name not in url.query}
    engine = _engine(url.update_query_dict(options), pool_pre_ping=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # For the transaction and not for the session: a pooler in between may share sessions among clients.
        connection.exec_driver_sql(
            f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'; "
            f"SET LOCAL idle_in_transaction_session_timeout = '{LOCK_TIMEOUT_SECONDS}s'"
        )

    return engine


def _engine(url: URL, **options: Any) -> Engine:
    # `hide_parameters` keeps articles, which are parameters, out of error messages.
    return create_engine(url, pool_timeout=LOCK_TIMEOUT_SECONDS, hide_parameters=True, **options)


def _sqlite(url: URL) -> Engine:
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = _engine(url, connect_args={"timeout": LOCK_TIMEOUT_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver must not begin transactions by itself: `begin` below does.
        connection.isolation_level = None
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A reader that starts to write while another one writes fails at once; one that begins as a writer waits.
        writes = connection.get_execution_options().get("writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _is_transient(error: BaseException) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.OperationalError):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    if isinstance(cause, psycopg.Error):
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        return lost or (cause.sqlstate or "08").startswith(TRANSIENT_SQLSTATES)
    return False


def _log_retry(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome is not None else None
    log.warning("database transaction retried", error=type(error).__name__)
