"""The page as a reader sees it: a real browser, the real service over HTTP, a scripted model server behind it."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.launching import CHROMIUM, TALL, launched
from tests.browser.served import Service, served
from tests.browser.stories import Reader
from tests.browser.watching import Watch
from tests.support.patience import PATIENCE

pytest.register_assert_rewrite("tests.browser.using")

EVERYTHING_RUNS = "CI" in os.environ

Serving = Callable[..., Service]
Opening = Callable[..., Page]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what needs a browser where there is none: all of it here, which makes it one line of the report."""
    if CHROMIUM is None and not EVERYTHING_RUNS:
        pytest.skip("no Chromium here: on Debian and Ubuntu, apt install chromium")


# Of one module, for Playwright's loop runs as long as it lives, and tests elsewhere have loops of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    with Reader() as server:
        yield server


@pytest.fixture
def model(reader: Reader) -> Iterator[Reader]:
    """The model server, on its best behaviour before and after the test."""
    reader.behave()
    yield reader
    reader.behave()


@pytest.fixture(scope="session")
def serving(reader: Reader, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Services by their settings, each started once for all tests."""
    running: dict[frozenset[tuple[str, str]], Service] = {}
    with ExitStack() as stack:

        def find(**settings: str) -> Service:
            named = frozenset(settings.items())
            if named not in running:
                running[named] = stack.enter_context(served(reader, tmp_path_factory.mktemp("served"), **settings))
            return running[named]

        yield find


@pytest.fixture
def anew(model: Reader, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Services for one test alone, which may end them, with nothing in their store."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(served(model, tmp_path_factory.mktemp("served"), **settings))


@pytest.fixture
def service(model: Reader, serving: Serving) -> Service:
    return serving()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opening]:
    """Open pages, each for a reader of its own; at the end of the test nothing may have gone wrong behind them."""
    watches: list[Watch] = []

    def open_page(service: Service, path: str = "/", **options: Any) -> Page:
        context = browser.new_context(base_url=service.url, **{"viewport": TALL, **options})
        context.set_default_timeout(PATIENCE * 1_000)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=service.url)
        watches.append(Watch(context, service.url))
        page = context.new_page()
        page.goto(path)
        return page

    yield open_page
    for watch in watches:
        watch.context.close()
    assert [trouble for watch in watches for trouble in watch.troubles] == []
