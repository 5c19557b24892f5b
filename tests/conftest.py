"""What holds for every test: no settings from the developer's own environment."""

import os

import pytest


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("DRAGOMAN_", "OPENAI_")) and name != "DRAGOMAN_CACHE_DIR":
            monkeypatch.delenv(name)
