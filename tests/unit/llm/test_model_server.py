"""The scripted server, where other tests lean on it."""

import asyncio
import json
import subprocess
import sys
import time
import urllib.request

import pytest
from pydantic import BaseModel, Field

from service.deadline import Deadline
from service.extraction.model import UsageMeter
from tests.support.model_server import ModelServer, Scripted, smallest, smallest_answer
from tests.support.people import People, model_for, people_question


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
    with ModelServer(otherwise=smallest_answer, delay=0.5) as server:
        model = model_for(server, max_calls=400)
        found = await asyncio.gather(
            *(model.fill(people_question(), deadline=Deadline.after(30), usage=UsageMeter()) for _ in range(300))
        )
        await model.close()
    assert all(not answer.records for answer in found)
    assert server.most_at_once > 200


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
        program.wait(5)
    assert json.loads(answered["choices"][0]["message"]["content"]) == {"records": []}


def _post(base_url: str, body: object) -> dict:
    request = urllib.request.Request(
        f"{base_url}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def test_server_that_restarts_refuses_connections_and_then_takes_them_at_the_same_port() -> None:
    with ModelServer(Scripted(breaks="restart"), otherwise=smallest_answer) as server:
        with pytest.raises(ConnectionError):
            _post(server.base_url, {"messages": []})
        with pytest.raises(urllib.error.URLError, match="refused"):
            _post(server.base_url, {"messages": []})
        while not _answers(server):
            time.sleep(0.02)
    assert server.unscripted == 0


def _answers(server: ModelServer) -> bool:
    try:
        return bool(_post(server.base_url, {"messages": []}))
    except urllib.error.URLError:
        return False
