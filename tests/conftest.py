"""What holds for every test: no network but loopback, and no settings from the developer's own environment."""

import os

import pytest

LOOPBACK = ["127.0.0.1", "::1"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("live") is None:
            item.add_marker(pytest.mark.allow_hosts(LOOPBACK))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("DRAGOMAN_", "OPENAI_")) and name != "DRAGOMAN_CACHE_DIR":
            monkeypatch.delenv(name)
