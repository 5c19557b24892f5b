"""The service with the lines of `.env` that docs/model-servers.md gives, on servers that behave as the real ones do."""

import re
from functools import cache
from typing import Any

import pytest

from service.settings import Settings, variable
from tests.support import provider_page
from tests.support.model_server import Scripted
from tests.support.providers import PROVIDERS, Provider
from tests.support.providers.cases import ALL, Case
from tests.support.providers.cases.case import DONE, Plain
from tests.support.providers.cases.settings import SETTINGS
from tests.support.providers.hosted import Azure, OpenAI
from tests.support.providers.playing import Came, play, played, tried

NO_TEMPERATURE = "without `temperature`"
SHOWN = "with the schema in the prompt as well"
BY_TOOL = "as the call of a tool instead of by a JSON Schema"
BY_OBJECT = "as a JSON object, with the schema in the prompt"
MAX_TOKENS = "with `max_tokens` instead of `max_completion_tokens`"

LEARNT: dict[str, tuple[int, int, tuple[str, ...]]] = {
    "OpenAI": (3, 1, (NO_TEMPERATURE,)),
    "Azure OpenAI": (3, 1, (NO_TEMPERATURE,)),
    "Gemini": (2, 0, ()),
    "Anthropic": (3, 1, (NO_TEMPERATURE, SHOWN)),
    "Mistral": (2, 1, (MAX_TOKENS,)),
    "Groq": (2, 1, ("without `minItems` in the schema",)),
    "DeepSeek": (3, 2, (BY_TOOL, BY_OBJECT)),
    "OpenRouter": (2, 0, ()),
    "LiteLLM": (3, 1, (NO_TEMPERATURE,)),
    "Bedrock access gateway": (2, 0, (SHOWN,)),
    "vLLM": (2, 0, ()),
    "SGLang": (2, 0, ()),
    "Text Generation Inference": (2, 1, (BY_TOOL,)),
    "Ollama": (1, 0, ("with `max_tokens` instead of `max_completion_tokens`",)),
    "LM Studio": (1, 0, ()),
    "llama.cpp": (1, 0, ()),
    "An older compatible server": (5, 4, (BY_TOOL, BY_OBJECT, "by the prompt alone", MAX_TOKENS)),
}
"""With each server: calls of the first article, how many of them are refused, and what is given up."""

kinds = pytest.mark.parametrize("kind", PROVIDERS, ids=lambda kind: kind.name)


# What comes of a server and of a case is the same each time, and looked at by several tests.
once_tried, once_played = cache(tried), cache(play)


@kinds
def test_first_article_finds_out_how_a_server_is_asked(kind: type[Provider]) -> None:
    (first, second), capabilities = once_tried(kind)

    assert (first.gets, second.gets) == (DONE, DONE)
    steps = tuple(change.description for change in capabilities.changes)
    assert (first.calls, first.refused, steps) == LEARNT[kind.name]
    assert (second.calls, second.refused) == (1, 0)


@pytest.mark.parametrize("kind", [kind for kind in PROVIDERS if kind.optional], ids=lambda kind: kind.name)
def test_optional_settings_save_calls(kind: type[Provider]) -> None:
    (first, second), capabilities = once_tried(kind, optional=True)

    assert (first.gets, second.gets) == (DONE, DONE)
    assert first.calls <= LEARNT[kind.name][0]
    assert second.calls == 1
    assert capabilities.thinking_tokens == 0


@pytest.mark.parametrize("kind", [kind for kind in PROVIDERS if kind.thinking], ids=lambda kind: kind.name)
def test_thinking_costs_a_billed_call_at_most_and_only_once(kind: type[Provider]) -> None:
    billed = []
    for provider in (kind(thinks=0), kind(thinks=3_000)):
        with played(provider) as playing:
            billed.append([playing.post().billed for _ in range(3)])

    (first, *others), (first_thinking, *others_thinking) = billed
    assert first_thinking <= 2 * first
    assert others_thinking == others == [1, 1]


@pytest.mark.parametrize("case", ALL, ids=str)
def test_fault_of_a_provider_has_the_right_outcome(case: Case) -> None:
    came, _ = once_played(case)

    assert [one.gets for one in came] == list(case.gets)
    assert [one.calls for one in came] == list(case.calls)
    assert sum(one.refused for one in came) == case.refused
    log = "\n".join(line for one in came for line in one.log)
    for pattern in case.log:
        assert re.search(pattern, log), log
    assert case.detail in came[-1].detail


def test_cases_are_told_apart() -> None:
    names = [str(case) for case in ALL]

    assert len(set(names)) == len(names)


def gist(came: Came) -> tuple[Any, ...]:
    """What became of an article, apart from what it cost."""
    body = came.body
    records = {kind: len(records) for kind, records in body.get("records", {}).items()}
    return came.status, body.get("code"), records, {failure["code"] for failure in body.get("failures", ())}


@pytest.mark.parametrize("case", ALL, ids=str)
def test_article_that_is_streamed_comes_to_the_same_end(case: Case) -> None:
    (whole, _), (streamed, _) = once_played(case), play(case, streamed=True)

    assert list(map(gist, streamed)) == list(map(gist, whole))
    # What a server refuses of a stream costs refused calls, which nobody bills, and nothing else.
    assert [one.calls - one.refused for one in streamed] == [one.calls - one.refused for one in whole]
    assert all(one.refused <= other.refused + 2 for one, other in zip(streamed, whole, strict=True))


def test_page_of_model_servers_is_current() -> None:
    made = provider_page.page(tried=once_tried, play=once_played)

    assert provider_page.PAGE.read_text(encoding="utf-8") == made, "run: make providers"


@kinds
def test_lines_of_env_are_settings(kind: type[Provider]) -> None:
    known = {variable(name) for name in Settings.model_fields}

    assert kind.settings(optional=True).keys() <= known
    assert kind.notes
    assert all(note.text.endswith((".", ":")) and note.source for note in kind.notes)


def test_deployment_is_called_with_its_query_and_the_key_in_a_header_of_its_own() -> None:
    with played(Azure(thinks=0)) as playing:
        playing.post()

    request, _ = playing.recorded.exchanges[-1]
    path = "/openai/deployments/DEPLOYMENT/chat/completions?api-version=2025-04-01-preview"
    assert request.path == path
    assert request.headers["api-key"] == "..."
    assert "authorization" not in request.headers
    assert request.headers["host"].startswith("resource.openai.azure.com")


def test_wrong_settings_tell_different_reasons_in_the_log_and_to_the_caller() -> None:
    wanted = ("does not know the model", "refuses every schema (profile `openai`)", "redirects", "has no chat at that")
    chosen = [next(case for case in SETTINGS if case.does.startswith(start)) for start in wanted]
    came = [once_played(case)[0][-1] for case in chosen]

    assert {one.status for one in came} == {502}
    assert len({one.detail for one in came}) == len(came)
    assert len({one.log[0] for one in came}) == len(came)


@pytest.mark.parametrize("told", ["{key}", "Bearer {key} is wrong", "for: {text}"])
def test_what_a_server_repeats_of_key_and_article_is_not_logged(told: str) -> None:
    class Telling(Plain):
        env = "OPENAI_API_KEY=sk-proj-0123456789abcdef\nDRAGOMAN_MODEL=gpt-4o-mini"

    key, text = "sk-proj-0123456789abcdef", "Estonia imposed sanctions on two shipping companies"
    fault = Scripted(401, {"error": {"message": told.format(key=key, text=text), "code": "invalid_api_key"}})
    with played(Telling(), script=fault) as playing:
        came = playing.post()

    said = "\n".join([*came.log, came.detail])
    assert came.log
    assert key not in said
    assert "shipping" not in said


def test_named_profiles_stay_as_they_are() -> None:
    with played(OpenAI(), env={"DRAGOMAN_PROFILE": "openai"}) as playing:
        first, second = playing.post(), playing.post()

    assert (first.gets, second.gets) == (DONE, DONE)
    assert [change.description for change in playing.capabilities.changes] == [NO_TEMPERATURE]
