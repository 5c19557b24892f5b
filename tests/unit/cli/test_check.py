"""`dragoman check`: what it says of servers, and how it ends."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from tests.support.model_server import ModelServer, Scripted, answer, refusal
from tests.support.plausible import plausible_answer
from tests.support.providers import PROVIDERS
from tests.support.providers.playing import played
from tests.support.providers.provider import Provider

README = Path(__file__).parents[3] / "README.md"
BY_NAME: dict[str, type[Provider]] = {kind.name: kind for kind in PROVIDERS}
Check = Callable[..., Result]


def check_provider(name: str, **env: str) -> Result:
    """Check the server of a provider as its lines of `.env` name it."""
    with played(BY_NAME[name](), env=env):
        return CliRunner().invoke(main, ["check"])


def lines(result: Result, what: str) -> list[str]:
    return [line[8:] for line in result.output.splitlines() if line[:8].strip() == what]


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> Check:
    """Check a scripted server."""

    def run(server: ModelServer, **settings: str) -> Result:
        named = {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": "sk-own-1", "DRAGOMAN_MODEL": "scripted"}
        for name, value in {**named, **settings}.items():
            monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
        return CliRunner().invoke(main, ["check", "--seconds", "5"])

    return run


@pytest.mark.parametrize("name", BY_NAME)
def test_every_provider_can_be_used_and_is_told_of(name: str) -> None:
    result = check_provider(name)
    assert result.exit_code == 0, result.output
    assert "was reached" in lines(result, "server")[0]
    assert lines(result, "answer")[0].startswith("1 record, where the article states 1;")
    assert len(lines(result, "form")) == len(lines(result, "tokens")) == 1


def test_what_was_refused_is_said_with_the_servers_reason() -> None:
    result = check_provider("Mistral")
    assert lines(result, "asked") == ["with `max_tokens` instead of `max_completion_tokens`"]
    assert "body.max_completion_tokens: Extra inputs are not permitted" in lines(result, "heard")[0]


def test_readme_shows_what_is_said() -> None:
    said = check_provider("Mistral").output
    # The scripted server has a port, no encryption and no distance.
    said = re.sub(r"http://([a-z.]+):\d+", r"https://\1", re.sub(r"\d\.\d s", "0.0 s", said))
    assert said in README.read_text(encoding="utf-8")


def test_model_that_thinks_is_given_settings_for_it() -> None:
    result = check_provider("OpenAI")
    assert any(line.startswith("DRAGOMAN_ANSWER_TOKENS=32768") for line in lines(result, "to set"))
    assert any(line.startswith("DRAGOMAN_REASONING_EFFORT=low") for line in lines(result, "to set"))
    assert "for thinking" in lines(result, "tokens")[0]


def test_schema_that_is_not_held_to_is_said() -> None:
    result = check_provider("Anthropic")
    assert lines(result, "form") == [
        "JSON Schema, strict, and in the prompt as well; asked again once, it did not fit at first"
    ]


def test_server_with_a_model_to_choose_lists_what_it_has(check: Check) -> None:
    with ModelServer() as server:
        server.models = Scripted(body={"data": [{"id": f"model-{number}"} for number in range(25)]})
        result = check(server, DRAGOMAN_MODEL="")
        assert server.chats == []
    assert result.exit_code == 78
    assert lines(result, "model") == ["DRAGOMAN_MODEL is not set"]
    assert "  model-0" in lines(result, "")
    assert "  and 5 more" in lines(result, "")


def test_misspelt_model_is_told_with_its_likes(check: Check) -> None:
    with ModelServer(refusal(404, "The model `llama3.1-8` does not exist", code="model_not_found")) as server:
        server.models = Scripted(body={"data": [{"id": "llama3.1:8b"}, {"id": "qwen3:8b"}]})
        result = check(server, DRAGOMAN_MODEL="llama3.1-8")
    assert result.exit_code == 78
    assert lines(result, "model") == ["llama3.1-8: not in the server's list, which has llama3.1:8b"]
    assert "does not know the model (404)" in lines(result, "answer")[0]


def test_server_that_is_not_there_is_told_in_two_lines(check: Check) -> None:
    with ModelServer() as server:
        server.stop()
        result = check(server)
    assert result.exit_code == 69
    assert "was not reached" in lines(result, "server")[0]
    assert len(result.output.splitlines()) == 2


@pytest.mark.parametrize(
    ("script", "code", "told"),
    [
        (refusal(401, "Incorrect API key provided: sk-own-1"), 77, "refused our credentials"),
        (answer(None, refusal="I would rather not."), 4, "the model refused to answer"),
        (answer("Which article?"), 4, "the answer breaks the schema"),
    ],
)
def test_server_that_gives_no_answer_ends_with_its_reason(check: Check, script: Scripted, code: int, told: str) -> None:
    with ModelServer(otherwise=script) as server:
        result = check(server)
    assert result.exit_code == code, result.output
    assert told in lines(result, "answer")[0]
    assert "sk-own-1" not in result.output


def test_model_that_finds_nothing_is_no_fault_of_the_server(check: Check) -> None:
    with ModelServer(otherwise=answer({"sanctions": []})) as server:
        result = check(server)
    assert result.exit_code == 0
    assert any(line.startswith("another model") for line in lines(result, "to set"))


def test_server_without_a_list_is_checked_all_the_same(check: Check) -> None:
    with ModelServer(otherwise=plausible_answer) as server:
        server.models = Scripted(status=404, body={"detail": "Not Found"})
        result = check(server)
    assert result.exit_code == 0
    assert "does not list its models (404, Not Found)" in lines(result, "server")[0]
