"""`dragoman serve`: what is refused before anything is started, and which model is served."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from structlog.testing import capture_logs

import service.cli.serve
import service.local.server
from service.app import build_model
from service.cli import SUBCOMMANDS, main
from service.local.errors import WeightsUnreachableError
from service.settings import ProfileName, Settings

served: list[Settings] = []


class WebServerDouble:
    def __init__(self, app: Flask, settings: Settings, listener: socket.socket, announce: Any) -> None:
        self._settings = settings
        listener.close()

    def run(self) -> None:
        served.append(self._settings)


def _app(settings: Settings) -> Flask:
    build_model(settings)
    return Flask("none")


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    served.clear()
    monkeypatch.setattr(service.cli.serve, "WebServer", WebServerDouble)
    monkeypatch.setattr(service.cli.serve, "create_app", _app)


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, ["serve", "--port", "0", *arguments], env=environment)


def one_line(result: Result) -> str:
    assert served == []
    assert result.output.count("\n") == 1
    return result.output


def test_open_address_without_keys_is_refused_in_one_line() -> None:
    result = run("--host", "0.0.0.0")

    assert "DRAGOMAN_API_KEYS" in one_line(result)
    assert result.exit_code == 78


def test_open_address_with_keys_is_served() -> None:
    assert run(DRAGOMAN_HOST="0.0.0.0", DRAGOMAN_API_KEYS="k").exit_code == 0
    assert served[0].host == "0.0.0.0"


def test_wrong_setting_is_one_line_without_its_value() -> None:
    result = run(DRAGOMAN_MAX_CHARS="plenty")

    line = one_line(result)
    assert "DRAGOMAN_MAX_CHARS: " in line
    assert "plenty" not in line
    assert result.exit_code == 78


def test_key_that_no_header_can_carry_is_one_line_without_it() -> None:
    result = run(OPENAI_API_KEY="schlüssel")

    assert "schlüssel" not in one_line(result)
    assert result.exit_code == 78


def test_taken_port_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["serve", "--port", str(port)])

    assert f"127.0.0.1:{port}" in one_line(result)
    assert result.exit_code == 1


@pytest.mark.parametrize(("url", "warnings"), [("", 1), ("sqlite:///{}/jobs.db", 0)])
def test_store_that_workers_cannot_know_is_warned_of(tmp_path: Path, url: str, warnings: int) -> None:
    named = {"DRAGOMAN_DATABASE_URL": url.format(tmp_path)} if url else {}

    with capture_logs() as logged:
        run(DRAGOMAN_BROKER_URL="amqp://127.0.0.1:1/", **named)

    assert len([line for line in logged if "DRAGOMAN_DATABASE_URL" in line["event"]]) == warnings
    assert len(served) == 1


def test_option_goes_before_the_setting() -> None:
    run("--host", "localhost", DRAGOMAN_HOST="0.0.0.0", DRAGOMAN_PORT="99")

    assert (served[0].host, served[0].port) == ("localhost", 0)


@pytest.mark.parametrize("name", ["OPENAI_BASE_URL", "OPENAI_API_KEY"])
def test_configured_model_is_not_replaced_by_the_built_in(name: str) -> None:
    run("--built-in-unless-configured", **{name: "http://127.0.0.1:9/v1"}, DRAGOMAN_MODEL="scripted")

    assert served[0].profile is ProfileName.AUTO


def test_built_in_model_runs_while_the_service_does(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    @contextmanager
    def running_model(**_: object) -> Iterator[str]:
        seen.append(len(served))
        yield "http://127.0.0.1:7/v1"
        seen.append(len(served))

    monkeypatch.setattr(service.local.server, "running_model", running_model)

    assert run("--built-in-unless-configured").exit_code == 0

    [settings] = served
    assert settings.openai_base_url == "http://127.0.0.1:7/v1"
    assert settings.profile is ProfileName.LLAMA_CPP
    assert seen == [0, 1]


def test_built_in_model_that_cannot_start_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def running_model(**_: object) -> Iterator[str]:
        raise WeightsUnreachableError("No network.")
        yield ""

    monkeypatch.setattr(service.local.server, "running_model", running_model)

    result = run("--built-in-unless-configured")

    assert "No network." in one_line(result)
    assert result.exit_code == WeightsUnreachableError.exit_code


def test_every_subcommand_exists_and_has_help() -> None:
    for name in SUBCOMMANDS:
        result = CliRunner().invoke(main, [name, "--help"])
        assert result.exit_code == 0
        assert result.output.startswith("Usage: ")


def test_unknown_subcommand_is_wrong_usage() -> None:
    assert CliRunner().invoke(main, ["translate"]).exit_code == 2
