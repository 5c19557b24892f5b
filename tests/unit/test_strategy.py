"""The names of the strategies, and the one that was another up to 0.1."""

import subprocess
import sys

import pytest

from service.settings import Settings
from service.strategy import Strategy
from tests.support.patience import PATIENCE


def test_strategies_are_named_by_their_values() -> None:
    assert [strategy.value for strategy in Strategy] == ["guided", "search", "candidates"]
    assert Strategy("candidates") is Strategy.CANDIDATES


def test_earlier_name_is_taken_with_a_warning() -> None:
    with pytest.warns(FutureWarning, match="`leads` is called `candidates` now"):
        assert Strategy("leads") is Strategy.CANDIDATES


def test_earlier_name_is_taken_in_settings_with_a_warning() -> None:
    with pytest.warns(FutureWarning, match="`leads` is called `candidates` now"):
        settings = Settings(strategy="leads")  # type: ignore[arg-type]  # what an environment says

    assert settings.strategy is Strategy.CANDIDATES
    assert settings.environment()["DRAGOMAN_STRATEGY"] == "candidates"


def test_earlier_name_is_taken_from_the_environment_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_STRATEGY", "leads")

    with pytest.warns(FutureWarning, match="`leads` is called `candidates` now"):
        assert Settings().strategy is Strategy.CANDIDATES


@pytest.mark.parametrize("name", ["guess", "", "LEADS"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a valid Strategy"):
        Strategy(name)


def test_importing_it_loads_no_extraction() -> None:
    code = (
        "import sys, service.strategy; print([name for name in sys.modules if name.startswith('service.extraction')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=True)

    assert done.stdout.strip() == "[]"
