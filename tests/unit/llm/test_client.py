"""The model as the pipeline sees it."""

import ast
import logging
from pathlib import Path

import pytest

import service.llm
from service.deadline import Deadline
from service.extraction.model import StructuredModel, UsageMeter
from service.llm.backoff import Backoff
from service.llm.circuit_breaker import CircuitBreaker
from service.llm.client import InstructorModel
from service.llm.profiles import OPENAI_URL, PROFILES
from service.llm.transport import ChatClient
from service.settings import ProfileName
from tests.support.model_server import ModelServer, Scripted, answer
from tests.support.people import KEY, model_for, people, people_question

OPENAI = PROFILES[ProfileName.OPENAI]


async def test_model_tells_its_name_and_context() -> None:
    model: StructuredModel = InstructorModel(profile=OPENAI, model="gpt", api_key=KEY)
    own: StructuredModel = InstructorModel(profile=OPENAI, model="gpt", context_tokens=9_000)
    assert (model.name, model.context_tokens) == ("gpt", 128_000)
    assert own.context_tokens == 9_000
    await model.close()
    await own.close()


async def test_making_a_model_calls_nobody(server: ModelServer) -> None:
    model = model_for(server)
    await model.close()
    assert (server.chats, server.others) == ([], [])


async def test_address_is_openai_when_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    breaker = CircuitBreaker(failures=1, seconds=1, fair_seconds=1, backoff=Backoff())
    chat = ChatClient(base_url=None, api_key=KEY, answer_seconds=1, max_calls=1, breaker=breaker)
    assert str(chat._openai.base_url) == OPENAI_URL + "/"
    await chat.close()


async def test_key_is_in_no_repr() -> None:
    model = InstructorModel(profile=OPENAI, model="gpt", api_key=KEY)
    assert KEY not in repr(model) + repr(vars(model)) + repr(vars(model._chat))
    await model.close()


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://host/v1", "http://", "http://[::1", "/v1"])
def test_address_that_cannot_be_called_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must be http"):
        InstructorModel(profile=OPENAI, model="m", base_url=url)


@pytest.mark.parametrize("key", ["sk-“quoted”", "sk one", "sk\x00", "sk\n-two"])
def test_key_that_no_header_can_carry_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ValueError, match="not allowed in HTTP headers") as raised:
        InstructorModel(profile=OPENAI, model="m", api_key=key)
    assert key not in str(raised.value)
    assert raised.value.__context__ is None


async def test_key_with_a_line_end_from_a_file_works(server: ModelServer) -> None:
    server.then(answer(people("first")))
    model = model_for(server, api_key=f"{KEY}\n")
    await model.fill(people_question(), deadline=Deadline.after(10), usage=UsageMeter())
    await model.close()
    assert server.chats[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("models", "ready"),
    [
        (Scripted(body={"data": []}), True),
        (Scripted(status=404), True),
        (Scripted(status=405), True),
        (Scripted(status=401), False),
        (Scripted(status=503), False),
        (Scripted(status=302, headers={"Location": "/v1/other"}), False),
        (Scripted(breaks="reset"), False),
    ],
)
async def test_ready_is_whether_the_models_are_listed(server: ModelServer, models: Scripted, ready: bool) -> None:
    server.models = models
    model = model_for(server)
    assert await model.ready() is ready
    await model.close()
    assert [(request.method, request.path) for request in server.others] == [("GET", "/v1/models")]
    assert server.others[0].headers["authorization"] == f"Bearer {KEY}"
    assert server.chats == []


async def test_ready_does_not_wait_for_a_server_that_hangs(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.llm.transport.READY_SECONDS", 0.1)
    server.models = Scripted(breaks="endless_headers")
    model = model_for(server)
    assert await model.ready() is False
    await model.close()


async def test_ready_is_false_without_a_server() -> None:
    with ModelServer() as server:
        model = model_for(server)
    assert await model.ready() is False
    await model.close()


async def test_connection_is_kept_for_the_next_call(server: ModelServer) -> None:
    server.then(answer(people("first")), answer(people("second")))
    model = model_for(server)
    for _ in range(2):
        await model.fill(people_question(), deadline=Deadline.after(10), usage=UsageMeter())
    await model.close()
    assert server.connections == 1


async def test_libraries_write_no_request_into_the_log(server: ModelServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.then(answer("nonsense"), answer(people("first")))
    model = model_for(server)
    await model.fill(people_question(), deadline=Deadline.after(10), usage=UsageMeter())
    await model.close()
    assert {record.name.partition(".")[0] for record in caplog.records} <= {"asyncio"}


def test_only_this_package_knows_the_sdk_and_it_reads_no_environment() -> None:
    package = Path(service.llm.__file__).parent
    for module in sorted(package.rglob("*.py")):
        names = {
            name
            for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
        }
        assert "os" not in names, module.name
        settings = {name for name in names if name.startswith("service.settings")}
        assert not settings or module.name == "profiles.py", module.name
