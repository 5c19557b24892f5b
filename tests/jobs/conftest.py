"""Stores whose clock a test sets: the same tests run on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator

import pytest

from schemas.article import Article
from service.jobs.states import JobRequest
from service.jobs.store import JobStore
from tests.support.databases import Clock


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
def job_request() -> JobRequest:
    return JobRequest(article=Article(text="Estonia froze the assets of two companies.", id="a-1"))
