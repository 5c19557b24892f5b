"""What goes over the wire, for each kind of server."""

import dataclasses
import json
from typing import Any

import pytest
from pydantic import BaseModel, create_model

from service.deadline import Deadline
from service.extraction.model import UsageMeter
from service.llm.profiles import PROFILES
from service.llm.request import SCHEMA_NOTE, build_request
from service.llm.response_model import response_model
from service.settings import ProfileName
from tests.support.model_server import ModelServer, Received, answer, refusal
from tests.support.people import ARTICLE, KEY, TASK, People, accept, model_for, people, people_question

SCHEMA = People.model_json_schema()
MESSAGES = [
    {"role": "system", "content": "You read news."},
    {"role": "user", "content": ARTICLE},
    {"role": "user", "content": TASK},
]
COMPACT = json.dumps(SCHEMA, separators=(",", ":"))
_INDENT = " " * 12  # meant to be taken off, which a schema that begins at the line's start prevents
TOLD = f"""
{_INDENT}As a genius expert, your task is to understand the content and provide
{_INDENT}the parsed objects in json that match the following json_schema:


{_INDENT}{json.dumps(SCHEMA, indent=2)}

{_INDENT}Make sure to return an instance of the JSON, not the schema itself
"""
"""What instructor says where the schema goes into the prompt."""
WITH_SCHEMA = [*MESSAGES[:2], {"role": "user", "content": f"{TASK}\n\n{SCHEMA_NOTE}\n{COMPACT}"}]
PLAIN_SCHEMA = {"type": "json_schema", "json_schema": {"name": "People", "schema": SCHEMA}}

BODIES: dict[ProfileName, dict[str, Any]] = {
    ProfileName.OPENAI: {
        "messages": MESSAGES,
        "response_format": {"type": "json_schema", "json_schema": {"name": "People", "schema": SCHEMA, "strict": True}},
        "max_completion_tokens": 500,
    },
    ProfileName.LLAMA_CPP: {
        "messages": MESSAGES,
        "response_format": PLAIN_SCHEMA,
        "max_tokens": 500,
        "cache_prompt": True,
    },
    ProfileName.VLLM: {"messages": MESSAGES, "response_format": PLAIN_SCHEMA, "max_tokens": 500},
    ProfileName.OLLAMA: {"messages": WITH_SCHEMA, "response_format": PLAIN_SCHEMA, "max_tokens": 500},
    ProfileName.JSON_OBJECT: {
        "messages": [
            {"role": "system", "content": f"You read news.\n\n{TOLD}"},
            {"role": "user", "content": f"{ARTICLE}\n\n{TASK}"},
        ],
        "response_format": {"type": "json_object"},
        "max_tokens": 500,
    },
}
BODIES[ProfileName.AUTO] = BODIES[ProfileName.OPENAI]


async def sent(server: ModelServer, name: ProfileName = ProfileName.OPENAI, **options: Any) -> Received:
    server.then(answer(people("first"), usage=(200, 20, 0)))
    model = model_for(server, PROFILES[name], **options)
    await model.fill(people_question(), deadline=Deadline.after(10), usage=UsageMeter())
    await model.close()
    return server.chats[-1]


@pytest.mark.parametrize("name", ProfileName)
async def test_request_body_is_exactly_what_the_profile_says(server: ModelServer, name: ProfileName) -> None:
    request = await sent(server, name)
    assert request.method == "POST"
    assert request.path == "/v1/chat/completions"
    assert request.body == {"model": "scripted", "temperature": 0.0, **BODIES[name]}


async def test_request_headers_hold_the_key_and_nothing_about_this_machine(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "from-outside")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "from-outside")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/outside")
    monkeypatch.setenv("OPENAI_ORG_ID", "from-outside")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "from-outside")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Outside: from-outside")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    headers = dict((await sent(server)).headers)
    assert headers.pop("authorization") == f"Bearer {KEY}"
    assert "from-outside" not in str(headers)
    assert {name for name in headers if name.startswith("x-")} <= {
        "x-stainless-retry-count",
        "x-stainless-read-timeout",
    }
    assert headers["user-agent"] == "dragoman"


async def test_request_without_a_key_has_no_authorization(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "from-outside")
    assert "authorization" not in (await sent(server, api_key=None)).headers


async def test_temperature_is_left_out_once_the_model_has_refused_it(server: ModelServer) -> None:
    server.then(refusal(400, param="temperature", code="unsupported_value"), answer(people("first")))
    server.then(answer(people("second")))
    model = model_for(server)
    for _ in range(2):
        await model.fill(people_question(), deadline=Deadline.after(10), usage=UsageMeter())
    await model.close()
    assert ["temperature" in request.body for request in server.chats] == [True, False, False]


def test_question_is_not_changed_by_making_a_request() -> None:
    question = people_question()
    before = dataclasses.replace(question)
    for _ in range(2):
        build_request(question, model="m", request_format=PROFILES[ProfileName.OLLAMA].request_format, token_limit=5)
    assert question == before
    assert question.messages[-1].content == TASK


@pytest.mark.parametrize(
    ("model_name", "schema_name"),
    [("Draft[Sanction]", "Draft_Sanction"), ("A" * 80, "A" * 64), ("Переговоры", "answer")],
)
def test_schema_name_is_one_that_openai_allows(model_name: str, schema_name: str) -> None:
    form: type[BaseModel] = create_model(model_name, records=(list[str], ...))
    assert response_model(form).__name__ == schema_name
    assert response_model(form, titled=True).model_json_schema()["title"] == schema_name


def test_profiles_are_complete() -> None:
    assert set(PROFILES) == set(ProfileName)
    for profile in PROFILES.values():
        assert profile.window_tokens < profile.context_tokens
    assert accept(People(records=[])) is None
