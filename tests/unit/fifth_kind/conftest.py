"""The service with the kind of `examples/kinds`, which the package knows nothing of."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from schemas.registry import Registry
from service.app import create_app, runtime_of
from service.jobs import database
from service.kinds import load_kinds
from service.settings import Settings
from tests.support.kinds import forget_kinds
from tests.support.scripted_model import ScriptedModel

FOLDER = Path("examples/kinds").resolve()


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test imports and reads is this process's: none of it is left, in memory or in the folder."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    forget_kinds()
    yield
    forget_kinds()


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    """Settings of a service with the kinds of a folder."""

    def settings_(**others: Any) -> Settings:
        return Settings(**{"kinds_dir": FOLDER, "database_url": f"sqlite:///{tmp_path / 'jobs.db'}", **others})

    return settings_


@pytest.fixture
def registry(settings: Callable[..., Settings]) -> Registry:
    """The kinds that there are with those of the folder."""
    return load_kinds(settings())


@pytest.fixture
def client(settings: Callable[..., Settings]) -> Iterator[Callable[..., FlaskClient]]:
    """Makes a service with a model of the test's and answers a client of it."""
    with ExitStack() as closing:

        def client_(model: ScriptedModel, **others: Any) -> FlaskClient:
            chosen = settings(**others)
            assert chosen.database_url
            database.upgrade(chosen.database_url.get_secret_value())
            app = create_app(chosen, model)
            closing.callback(runtime_of(app).close)
            return app.test_client()

        yield client_
