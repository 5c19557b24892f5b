"""The database under the store: one engine, transactions that are tried again, and migrations.

SQLite is a file beside the service, on a local disk: its write-ahead log does not work on network file systems.
PostgreSQL is for more than one machine.
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

TRIES = 5
"""How often a transaction is begun; the waits between them make three seconds at most."""
PATIENCE_SECONDS = 20
"""No try is begun after this long."""
LOCK_SECONDS = 10
"""How long one transaction waits for another: a process that hangs in the middle of one does not stop the others."""
CONNECTION = {
    "connect_timeout": "5",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""So that a server that is gone without a word is noticed (PostgreSQL; the address may say otherwise)."""
MIGRATION_LOCK = 0x0D2A_6033
"""Key of the advisory lock that one migrating process holds (PostgreSQL)."""
AWAY = (OperationalError, InterfaceError, InternalError, PoolTimeoutError, sqlite3.OperationalError, OSError)
"""What is raised where the database cannot do something just now. What is wrong with a statement is another thing."""
FORMS = "the database must be sqlite:///PATH or postgresql://HOST/NAME"
PASSING = ("08", "25006", "25P03", "40001", "40P01", "53300", "57P01", "57P02", "57P03")
"""Beginnings of SQLSTATEs after which another try makes sense: lost connections, fail-over, conflicts, shutdowns."""


class Database:
    """Runs transactions. Nothing is opened before the first of them, so that the process may fork until then.

    Args:
        url: `sqlite:///PATH`, `postgresql://…` or `postgres://…`.

    Raises:
        ValueError: the address is none of these; the message does not repeat it.

    """

    def __init__(self, url: str) -> None:
        self._url = _parsed(url)
        self._lock = Lock()
        self._engine: Engine | None = None
        self._users = 0
        self._closed = False

    def read(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in a transaction that changes nothing."""
        return self._try(work, writes=False)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in one transaction.

        It is done again where the connection broke, even if it broke in the middle of the commit. So `work` has to be
        something that does no harm when done twice.

        Raises:
            StoreUnavailableError: the database is out of reach.

        """
        return self._try(work, writes=True)

    def close(self) -> None:
        """Leave no connection open, from the end of the transactions on that are under way.

        Threads cannot be stopped, so that some begin a transaction even later: it is done, and its connection closed.
        """
        with self._lock:
            self._closed = True
            self._let_go()

    def upgrade(self) -> None:
        """Bring the tables to the newest form. Of several processes one does it, the others wait."""
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

    def _try(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        @retry(
            retry=retry_if_exception(_is_passing),
            stop=stop_after_attempt(TRIES) | stop_after_delay(PATIENCE_SECONDS),
            wait=wait_random_exponential(multiplier=0.2, max=1.0),
            before_sleep=_note,
            reraise=True,
        )
        def transaction() -> T:
            with self._opened() as engine, engine.execution_options(writes=writes).begin() as connection:
                return work(connection)

        try:
            return transaction()
        except AWAY as error:
            raise StoreUnavailableError("the database of jobs is out of reach") from error

    @contextmanager
    def _opened(self) -> Iterator[Engine]:
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
                self._let_go()

    def _let_go(self) -> None:
        """Close the connections if nobody needs them any more. Who calls it has the lock."""
        # Not while one is in use: it would go back to a pool that was emptied already, and stay open there.
        if self._closed and not self._users and self._engine is not None:
            self._engine.dispose()
            self._engine = None


def upgrade(url: str) -> None:
    """Bring the tables of the database at `url` to the newest form."""
    database = Database(url)
    try:
        database.upgrade()
    finally:
        database.close()


def _parsed(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise ValueError(FORMS) from None
    name = url.get_backend_name()
    if name in {"postgres", "postgresql"}:
        return url.set(drivername="postgresql+psycopg")
    if name == "sqlite":
        if url.database in {None, "", ":memory:"}:
            raise ValueError("the database must be a file: one in memory is gone with its connection")
        return url
    raise ValueError(FORMS)


def _postgresql(url: URL) -> Engine:
    said = {name: value for name, value in CONNECTION.items() if name not in url.query}
    engine = _engine(url.update_query_dict(said), pool_pre_ping=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # In the transaction and not in the session, which a pooler between us and the server may share out.
        connection.exec_driver_sql(
            f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'; "
            f"SET LOCAL idle_in_transaction_session_timeout = '{LOCK_SECONDS}s'"
        )

    return engine


def _engine(url: URL, **options: Any) -> Engine:
    # Parameters hold articles: they stay out of errors.
    return create_engine(url, pool_timeout=LOCK_SECONDS, hide_parameters=True, **options)


def _sqlite(url: URL) -> Engine:
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = _engine(url, connect_args={"timeout": LOCK_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver begins no transactions of its own accord: `begin` below does.
        connection.isolation_level = None
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A reader that begins to write fails at once where another one writes; who begins as a writer waits.
        writes = connection.get_execution_options().get("writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _is_passing(error: BaseException) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.OperationalError):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    if isinstance(cause, psycopg.Error):
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        return lost or (cause.sqlstate or "08").startswith(PASSING)
    return False


def _note(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome is not None else None
    log.warning("the database of jobs failed and is tried again", error=type(error).__name__)
