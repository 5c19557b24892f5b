"""Stores on SQLite and on PostgreSQL: the same tests run on both."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schemas.article import Article
from service.jobs.database import upgrade
from service.jobs.states import Order
from service.jobs.store import JobStore
from tests.support.databases import Clock, Schema, postgres_is_there

EVERYTHING_RUNS = "CI" in os.environ


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what needs PostgreSQL where there is none: all of it here, which makes it one line of the report."""
    if isinstance(item, pytest.Function) and not EVERYTHING_RUNS and _needs_postgres(item) and not postgres_is_there():
        pytest.skip("no PostgreSQL here: set DRAGOMAN_TEST_POSTGRES to the address of one")


def _needs_postgres(test: pytest.Function) -> bool:
    on_it = hasattr(test, "callspec") and "postgresql" in test.callspec.params.values()
    return on_it or not {"schema", "bare_schema"}.isdisjoint(test.fixturenames)


@pytest.fixture(scope="session")
def migrated() -> Iterator[Schema]:
    schema = Schema()
    upgrade(schema.url)
    yield schema
    schema.drop()


@pytest.fixture
def schema(migrated: Schema) -> Schema:
    migrated.empty()
    return migrated


@pytest.fixture
def bare_schema() -> Iterator[Schema]:
    """A schema without tables."""
    schema = Schema()
    yield schema
    schema.drop()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("jobs") / "jobs.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    path = shutil.copy(migrated_file, tmp_path / "jobs.db")
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database with the newest tables and nothing in them."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    return str(request.getfixturevalue("schema").url)


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'a folder' / 'jobs.db'}"
    return str(request.getfixturevalue("bare_schema").url)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(clock: Clock) -> Iterator[Callable[..., JobStore]]:
    """Opens stores that are closed in the end."""
    stores: list[JobStore] = []

    def open_store(url: str, **options: object) -> JobStore:
        stores.append(JobStore(url, **{"now": clock, **options}))  # type: ignore[arg-type]
        return stores[-1]

    yield open_store
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Callable[..., JobStore], database_url: str) -> JobStore:
    return opened(database_url)


@pytest.fixture
def order() -> Order:
    return Order(article=Article(text="Estonia froze the assets of two companies.", id="a-1"))
