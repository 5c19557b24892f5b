"""What holds for every test: the same each time, on a busy machine too, whatever its environment, leaving nothing."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")
pytest_plugins = ["tests.support.stores"]


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("DRAGOMAN_", "OPENAI_")) and name not in ("DRAGOMAN_CACHE_DIR", *OF_TESTS):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_store_in_the_home_directory(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(_data_home(tmp_path_factory)))


@pytest.fixture(autouse=True)
def _nothing_is_left_unclosed_on_a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where closing is given up, what stays open is collected in the middle of another test, which fails of it."""
    for module, name in (("service.runtime", "CLOSING_SECONDS"), ("service.jobs.connection", "CLOSE_SECONDS")):
        if module in sys.modules:
            monkeypatch.setattr(sys.modules[module], name, 60.0)


OF_TESTS = ("DRAGOMAN_TEST_POSTGRES", "DRAGOMAN_TEST_RABBITMQ")
"""Settings of the tests themselves."""


def _data_home(factory: pytest.TempPathFactory) -> Path:
    """One for all tests of a run: they have nothing to do with what is in it."""
    folder = factory.getbasetemp() / "data"
    folder.mkdir(exist_ok=True)
    return folder
