"""The tables that the migrations make are those that the store works with."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, make_url, select, text

import service.jobs
from service.jobs.database import Database, upgrade
from service.jobs.store import JobStore, utc_now
from service.jobs.tables import jobs, metadata


@pytest.fixture
def connection(bare_url: str) -> Iterator[Connection]:
    upgrade(bare_url)
    engine = create_engine(make_url(bare_url.replace("postgresql:", "postgresql+psycopg:")))
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def test_tables_are_those_that_the_migrations_make(connection: Connection) -> None:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})

    assert compare_metadata(context, metadata) == []


def test_indexes_of_work_leave_out_what_is_done(connection: Connection) -> None:
    """Autogenerate does not look at the conditions of indexes."""
    partial = [
        index for index in metadata.tables["jobs"].indexes if index.dialect_options["sqlite"]["where"] is not None
    ]
    known = {index["name"]: index["dialect_options"] for index in inspect(connection).get_indexes("jobs")}

    assert len(partial) == 4
    for index in partial:
        (condition,) = [text for name, text in known[index.name].items() if name.endswith("_where")]
        assert "IS NOT NULL" in str(condition)


def test_upgrades_at_the_same_time_make_the_tables_once(bare_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, [bare_url] * 4))

    database = Database(bare_url)
    try:
        tables = database.read(lambda opened: set(inspect(opened).get_table_names()))
    finally:
        database.close()
    assert tables == {*metadata.tables, "alembic_version"}


def test_upgrade_that_fails_leaves_nothing_behind(bare_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(bare_url)
    monkeypatch.setattr("alembic.op.create_index", _refused)
    try:
        with pytest.raises(RefusedError):
            database.upgrade()
        assert database.read(lambda opened: inspect(opened).get_table_names()) == []
        monkeypatch.undo()
        database.upgrade()
        assert "jobs" in database.read(lambda opened: inspect(opened).get_table_names())
    finally:
        database.close()


def test_migrations_form_one_line() -> None:
    assert len(ScriptDirectory.from_config(_config()).get_heads()) == 1


def test_jobs_of_before_an_upgrade_have_all_of_their_time(bare_url: str) -> None:
    config, database, store = _config(), Database(bare_url), JobStore(bare_url)
    columns = "id, state, fingerprint, created_at, expires_at, attempts, done, due_at"
    open_job = "'open', 'queued', 'f', '2026-03-01', '2026-03-08', 0, 0, '2026-03-01'"
    ended_job = "'ended', 'complete', 'f', '2026-03-01', '2026-03-08', 1, 1, NULL"

    def first_form(opened: Connection) -> None:
        config.attributes["connection"] = opened
        command.upgrade(config, "0001")
        for job in (open_job, ended_job):
            opened.execute(text(f"INSERT INTO jobs ({columns}) VALUES ({job})"))

    try:
        database.write(first_form)
        begun = utc_now()
        database.upgrade()
        since = database.read(lambda opened: {row.id: row.open_since for row in opened.execute(select(jobs))})
        given_up = store.time_out_jobs()
    finally:
        database.close()
        store.close()

    assert since["ended"] is None
    assert begun <= since["open"] <= utc_now()
    assert given_up == 0


class RefusedError(Exception):
    pass


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(service.jobs.__file__).parent / "migrations"))
    return config


def _refused(*_: object, **__: object) -> None:
    raise RefusedError
