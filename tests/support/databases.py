"""Databases for tests: a schema of PostgreSQL that a test has for itself, and a clock that a test sets."""

import os
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import uuid4

import psycopg
from psycopg import sql

from service.jobs.tables import metadata

POSTGRES = os.environ.get("DRAGOMAN_TEST_POSTGRES", "postgresql://postgres@127.0.0.1/test")


@cache
def postgres_is_there() -> bool:
    try:
        psycopg.connect(POSTGRES, connect_timeout=30).close()
    except psycopg.OperationalError:
        return False
    return True


class Clock:
    """Tells the time that a test has set."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def pass_by(self, **units: float) -> None:
        self.time += timedelta(**units)


class Schema:
    """A schema of PostgreSQL with a name of its own, empty at first; `url` leads into it and calls its sessions so.

    Sessions of `read_only_url` are told what those of a standby are when they write.
    """

    def __init__(self) -> None:
        self.name = f"dragoman_{uuid4().hex[:12]}"
        sign = "&" if "?" in POSTGRES else "?"
        options, name = f"options=-csearch_path%3D{self.name}", f"application_name={self.name}"
        self.url = f"{POSTGRES}{sign}{options}&{name}"
        self.read_only_url = f"{POSTGRES}{sign}{options}%20-cdefault_transaction_read_only%3Don&{name}"
        self._run(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(self.name)))

    def drop(self) -> None:
        self._run(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(self.name)))

    def empty(self) -> None:
        names = sql.SQL(", ").join(sql.Identifier(self.name, table) for table in metadata.tables)
        self._run(sql.SQL("TRUNCATE {}").format(names))

    def cut_connections(self) -> int:
        """Terminate every session of the stores that use this schema; how many they were."""
        found = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
        with psycopg.connect(POSTGRES, autocommit=True) as connection:
            return len(connection.execute(found, [self.name]).fetchall())

    @staticmethod
    def _run(statement: sql.Composable) -> None:
        with psycopg.connect(POSTGRES, autocommit=True) as connection:
            connection.execute(statement)
