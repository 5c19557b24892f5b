"""`dragoman model`: exit codes, what goes to which stream, and wrong usage."""

import hashlib
from pathlib import Path
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.cli import model as command
from service.local.errors import LocalExtraMissingError, LocalModelError, WeightsStorageError
from service.local.release import RELEASES
from service.local.server import ServerOptions

from .conftest import CONTENT, PackageIndex

DIGEST = hashlib.sha256(CONTENT).hexdigest()


def dragoman(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.gguf"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[ServerOptions]:
    """`serve` notes its options, announces an address and is stopped by Ctrl-C."""
    log: list[ServerOptions] = []

    def serve(options: ServerOptions, announce: Any) -> NoReturn:
        log.append(options)
        announce("http://127.0.0.1:8081/v1")
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "serve", serve)
    return log


def test_pull_prints_the_path_alone_on_stdout(
    index: PackageIndex, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RELEASES, "0.5b", index.release)
    result = dragoman("model", "pull")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{cache / 'tiny-model.gguf'}\n"
    assert f"SHA-256 {DIGEST}" in result.stderr


def test_pull_from_a_file_checks_it_and_leaves_it_where_it_lies(file: Path, cache: Path) -> None:
    result = dragoman("model", "pull", "--from", str(file), "--sha256", DIGEST.upper())
    assert (result.exit_code, result.stdout) == (0, f"{file}\n")


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (("--sha256", "0" * 64, "--from"), 65, "Error: Wrong digest"),
        (("--from",), 0, ""),
    ],
)
def test_pull_from_a_file_with_another_digest_ends_with_65(
    file: Path, cache: Path, arguments: tuple[str, ...], exit_code: int, words: str
) -> None:
    result = dragoman("model", "pull", *arguments, str(file))
    assert result.exit_code == exit_code
    assert words in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--sha256", "0" * 64), "--sha256 goes with --from"),
        (("--sha256", "short", "--from", "x.gguf"), "64 hexadecimal digits"),
        (("--size", "1.5b", "--from", "x.gguf"), "two ways to name a model"),
        (("--size", "70b"), "'70b' is not one of"),
    ],
)
def test_wrong_usage_ends_with_2(cache: Path, arguments: tuple[str, ...], words: str) -> None:
    result = dragoman("model", "pull", *arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_source_that_is_not_there_ends_with_66(cache: Path) -> None:
    assert dragoman("model", "pull", "--from", "nowhere.gguf").exit_code == 66


def test_hub_that_does_not_answer_ends_with_69(
    cache: Path, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{unused_tcp_port}")
    result = dragoman("model", "pull", "--from", "org/repo:model.gguf")
    assert result.exit_code == 69
    assert result.stderr.startswith("Error: No network: the model hub does not answer.")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("error", [LocalExtraMissingError(), WeightsStorageError("The disk is full: /cache.")])
def test_every_failure_is_one_line_and_its_own_exit_code(
    cache: Path, monkeypatch: pytest.MonkeyPatch, error: LocalModelError
) -> None:
    def fail(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(command, "pull_release", fail)
    result = dragoman("model", "pull")
    assert (result.exit_code, result.stderr) == (error.exit_code, f"Error: {error}\n")


def test_interrupted_pull_ends_with_130(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "pull_release", interrupt)
    result = dragoman("model", "pull")
    assert result.exit_code == 130
    assert "run it again to go on" in result.stderr


def test_serve_passes_its_options_on_and_says_how_to_use_it(file: Path, served: list[ServerOptions]) -> None:
    result = dragoman("model", "serve", "--from", str(file), "--port", "8081", "--threads", "2", "--context", "4096")
    assert result.exit_code == 0, result.output
    assert served == [ServerOptions(str(file), 8081, 2, 4096)]
    assert "OPENAI_BASE_URL=http://127.0.0.1:8081/v1" in result.stderr
    assert "DRAGOMAN_MODEL=mine" in result.stderr


def test_list_tells_which_models_are_there(cache: Path) -> None:
    cache.mkdir()
    there = cache / RELEASES["0.5b"].file_name
    there.write_bytes(b"")
    lines = dragoman("model", "list").stdout.splitlines()
    assert lines[0].endswith(f"491 MB  {there}")
    assert lines[1].endswith("1,117 MB  not fetched")
