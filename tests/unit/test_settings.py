"""Settings on their way to another process."""

import pytest

from service.cli.built_in import served_at
from service.settings import Settings, variable


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        served_at("http://127.0.0.1:1/v1", Settings()),
        Settings(api_keys=["one", "two"], cache_dir="/somewhere", deadline_seconds=1.5, model="other"),
    ],
    ids=["defaults", "built-in model", "lists and paths"],
)
def test_process_with_the_environment_of_settings_has_these_settings(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)

    assert Settings() == settings
