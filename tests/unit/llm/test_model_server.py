"""The scripted server, where other tests lean on it."""

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace

import pytest
from pydantic import BaseModel, Field

from tests.support import model_server
from tests.support.model_server import NEVER, ModelServer, Scripted, answer, smallest, smallest_answer
from tests.support.patience import PATIENCE
from tests.support.people import People


class Everything(BaseModel):
    words: str = Field(min_length=2)
    choice: int = Field(ge=3)
    lists: list[int] = Field(min_length=1)
    maybe: str | None
    either: int | str
    yes: bool


def test_smallest_answer_fits_its_schema() -> None:
    assert Everything.model_validate(smallest(Everything.model_json_schema()))
    assert smallest(People.model_json_schema()) == {"records": []}


async def test_server_holds_hundreds_of_calls_at_once() -> None:
    request = b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"

    async def call() -> bytes:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(request)
        line = await reader.readline()
        writer.close()
        return line

    with ModelServer(otherwise=replace(answer({}), together=300)) as server:
        lines = await asyncio.gather(*(call() for _ in range(300)))
    assert set(lines) == {b"HTTP/1.1 200 Scripted\r\n"}
    assert server.most_at_once == 300


def test_server_counts_what_is_not_in_its_script() -> None:
    with ModelServer() as server, pytest.raises(urllib.error.HTTPError) as raised:
        _post(server.base_url, {"messages": []})
    raised.value.close()
    assert (raised.value.code, server.unscripted) == (500, 1)


def test_program_answers_a_chat_and_ends_on_a_signal() -> None:
    command = [sys.executable, "-m", "tests.support.model_server", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        url = program.stdout.readline().removeprefix("listening on ").strip()
        answered = _post(url, {"messages": [], "response_format": {"type": "json_object"}})
        program.terminate()
        program.wait(PATIENCE)
    assert json.loads(answered["choices"][0]["message"]["content"]) == {"records": []}


def _post(base_url: str, body: object) -> dict:
    request = urllib.request.Request(
        f"{base_url}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        return json.load(response)


def test_server_that_restarts_refuses_connections_and_then_takes_them_at_the_same_port(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(model_server, "RESTART_SECONDS", NEVER)
    with ModelServer(Scripted(breaks="restart"), otherwise=smallest_answer) as server:
        with pytest.raises(ConnectionError):
            _post(server.base_url, {"messages": []})
        with pytest.raises(urllib.error.URLError, match="refused"):
            _post(server.base_url, {"messages": []})
        server.come_back()
        while not _answers(server):
            time.sleep(0.02)
    assert server.unscripted == 0


def _answers(server: ModelServer) -> bool:
    try:
        return bool(_post(server.base_url, {"messages": []}))
    except urllib.error.URLError:
        return False
