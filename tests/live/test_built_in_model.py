"""The built-in model for real: fetched where it is absent, served, asked."""

import json
from collections.abc import Iterator

import httpx2
import pytest

from service.local.release import BUILT_IN
from service.local.server import running_model

pytestmark = pytest.mark.live

CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "is_capital": {"type": "boolean"}},
    "required": ["city", "is_capital"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    with running_model() as url, httpx2.Client(base_url=url, timeout=120, trust_env=False) as http:
        yield http


def test_built_in_model_is_listed_by_its_name(client: httpx2.Client) -> None:
    models = client.get("/models").json()["data"]
    assert [model["id"] for model in models] == [BUILT_IN.model]
    assert models[0]["meta"]["n_ctx"] == 8192


def test_built_in_model_answers_within_the_schema(client: httpx2.Client) -> None:
    answer = client.post(
        "/chat/completions",
        json={
            "model": BUILT_IN.model,
            "messages": [{"role": "user", "content": "Which city is the seat of the French government?"}],
            "response_format": {"type": "json_schema", "json_schema": {"name": "city", "schema": CITY}},
            "temperature": 0,
            "max_tokens": 60,
        },
    ).json()
    choice = answer["choices"][0]
    assert choice["finish_reason"] == "stop"
    assert json.loads(choice["message"]["content"]) == {"city": "Paris", "is_capital": True}
    assert answer["usage"]["prompt_tokens"] > 0
