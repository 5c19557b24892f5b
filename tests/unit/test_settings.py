"""Settings on their way to another process."""

import pytest
from pydantic import ValidationError

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


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DRAGOMAN_EXTRA_BODY", "{bad", "has to be a JSON object"),
        ("DRAGOMAN_EXTRA_BODY", '{"response_format": {"type": "json_object"}}', "response_format: what is asked"),
        ("DRAGOMAN_EXTRA_BODY", '{"messages": []}', "messages: what is asked"),
        ("DRAGOMAN_EXTRA_BODY", '{"top_p": NaN}', "numbers and texts that JSON can carry"),
        ("DRAGOMAN_EXTRA_BODY", '{"user": "\\ud800"}', "numbers and texts that JSON can carry"),
        ("DRAGOMAN_EXTRA_HEADERS", '{"X-é": "a"}', "letters, digits and -"),
        ("DRAGOMAN_EXTRA_HEADERS", '{"X-A": " a "}', "without spaces around it"),
        ("DRAGOMAN_EXTRA_HEADERS", '{"Content-Length": "1"}', "set by the connection itself"),
    ],
)
def test_extras_that_cannot_be_sent_are_refused_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=told):
        Settings()


def test_extras_get_to_another_process_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_EXTRA_BODY", '{"chat_template_kwargs": {"enable_thinking": false}}')
    monkeypatch.setenv("DRAGOMAN_EXTRA_HEADERS", '{"X-Team": "news"}')
    said = Settings()
    for name, value in said.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings() == said
    assert "news" not in repr(said)
