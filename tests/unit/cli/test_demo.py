"""`dragoman demo`: the real service as a process of its own, on a scripted model server; nothing is left running."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.testing import CliRunner

from service.cli import main
from tests.support.model_server import ModelServer, Received, Scripted, answer, refusal, smallest_answer
from tests.support.patience import PATIENCE

TEXT = "Envoys of Vostria met in Ankara on Tuesday.\r\n“We agreed on nothing,” said Mira Dolen."
QUOTE = {
    "sentences": [2],
    "content": ["Q1"],
    "speaker": "Mira Dolen",
    "position": None,
    "affiliation": None,
    "cue": "said",
    "speaker_type": "person",
    "is_official": True,
    "sector": "gov",
    "about": ["negotiation"],
}


def quote_or_nothing(request: Received) -> Scripted:
    """An answer with a quotation and nothing else."""
    nothing = json.loads(smallest_answer(request).body["choices"][0]["message"]["content"])
    return answer({**nothing, "quoted_officials": [QUOTE]})


def start(article: Path, server: ModelServer, *arguments: str) -> "subprocess.Popen[str]":
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "DRAGOMAN_"))},
        "OPENAI_BASE_URL": server.base_url,
        "OPENAI_API_KEY": "sk-demo-secret",
        "DRAGOMAN_MODEL": "scripted",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "service.cli", "demo", str(article), "--out", str(article.parent / "out"), *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "talks.txt"
    path.write_bytes(TEXT.encode())
    return path


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(otherwise=quote_or_nothing) as running:
        yield running


def assert_stopped(said: str, family: list[psutil.Process]) -> None:
    """Neither a process of the demo nor its port is left."""
    port = int(re.findall(r"POST http://127\.0\.0\.1:(\d+)/v1/extractions", said)[0])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    assert not [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def wait_for_service(process: "subprocess.Popen[str]") -> tuple[str, list[psutil.Process]]:
    """What was said until the service was up, and all processes of the demo."""
    assert process.stderr is not None
    said = ""
    while "The service is up" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    return said, psutil.Process(process.pid).children(recursive=True)


def test_demo_prints_the_records_and_saves_the_answer_and_stops(article: Path, server: ModelServer) -> None:
    process = start(article, server, "--published", "2025-02-27")
    said, family = wait_for_service(process)
    out, err = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0, said + err
    assert "QUOTED OFFICIALS  (1)" in out
    assert "speaker: Mira Dolen" in out
    assert "[2] “We agreed on nothing,” said Mira Dolen." in out
    saved = article.parent / "out" / "talks.json"
    assert f"The whole answer is in {saved}" in out
    whole: dict[str, Any] = json.loads(saved.read_text(encoding="utf-8"))
    [content] = whole["records"]["quoted_officials"][0]["content"]
    assert TEXT[content["start"] : content["end"]] == content["text"] == "We agreed on nothing,"
    assert whole["article_id"] == "talks.txt"
    assert whole["usage"]["calls"] == len(server.chats) == 1
    assert family
    assert_stopped(said + err, family)
    assert "sk-demo-secret" not in out + said + err + saved.read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_demo_stops_everything_and_exits_130(article: Path, number: signal.Signals) -> None:
    with ModelServer(otherwise=answer({"records": []}, delay=60)) as slow:
        process = start(article, slow)
        said, family = wait_for_service(process)
        until = time.monotonic() + PATIENCE
        while not slow.chats and time.monotonic() < until:
            time.sleep(0.02)
        assert slow.chats
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)

    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert out == ""
    assert_stopped(said + err, family)
    assert not (article.parent / "out").exists()


def test_demo_without_an_answer_says_why_in_one_line_and_exits_1(article: Path) -> None:
    with ModelServer(otherwise=refusal(401, "no such key")) as refusing:
        process = start(article, refusing)
        said, family = wait_for_service(process)
        out, err = process.communicate(timeout=PATIENCE)

    assert process.returncode == 1
    assert re.search(r"^Error: 502 .+: .+$", err, re.MULTILINE)
    assert "Traceback" not in err
    assert out == ""
    assert_stopped(said + err, family)


@pytest.fixture
def _handlers_stay() -> Iterator[None]:
    """Signal handlers as they were before a command that runs in this process."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_handlers_stay")
@pytest.mark.parametrize("content", [None, b"\xff", b" \n"])
def test_file_that_is_no_article_exits_66_before_anything_is_started(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "bad.txt"
    if content is not None:
        path.write_bytes(content)

    result = CliRunner().invoke(main, ["demo", str(path)])

    assert result.exit_code == 66
    assert result.stderr.startswith(f"Error: {path}: ")
    assert "Starting" not in result.stderr
