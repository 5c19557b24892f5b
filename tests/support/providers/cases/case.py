"""A fault, the articles that are posted while it lasts, and what the cases are put together from."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.model_server import Received, Script, Scripted, refusal
from tests.support.plausible import ARTICLE
from tests.support.providers.gateways import BedrockGateway, LiteLLM, OpenRouter
from tests.support.providers.hosted import (
    Anthropic,
    Azure,
    DeepSeek,
    Groq,
    Mistral,
    OpenAI,
)
from tests.support.providers.local import TGI, Older
from tests.support.providers.provider import Body, Provider, holds
from tests.support.providers.reading import answer_fitting, schema_told, shown

NAMES = (
    *("Albania", "Belgium", "Canada", "Denmark", "Estonia", "Finland", "Greece", "Hungary", "Iceland", "Japan"),
    *("Kenya", "Latvia", "Malta", "Norway", "Oman", "Portugal", "Qatar", "Romania", "Sweden", "Turkey"),
)
TWENTY = "\n\n".join(f"{name} imposed sanctions on the {name} Trading Company on Monday." for name in NAMES)
"""An article with twenty sanctions."""
_TOLD_AT_LENGTH = (
    "It had carried goods along the coast for years, as the customs office of the port wrote in a report. "
    "Nobody answered at its office, and its ships lay where they had been for weeks. "
)
SPREAD = "\n\n".join(f"{one} {_TOLD_AT_LENGTH}" for one in TWENTY.split("\n\n"))
"""The same with two more sentences to each."""
LONG = "\n\n".join(f"{one} {_TOLD_AT_LENGTH * 2}" for one in TWENTY.split("\n\n"))
"""The same with four more."""
LONGER = "\n\n".join(f"{one} {_TOLD_AT_LENGTH * 4}" for one in TWENTY.split("\n\n"))
"""The same with eight more: together with the instructions more than 4,096 tokens, and half of it less."""
ELEVEN = f"Estonia imposed sanctions on {', '.join(f'{name} Lines' for name in NAMES[:11])}."
"""One with a single sanction against eleven companies."""
BANNED = "The court heard how the victims died. Estonia imposed sanctions on two shipping companies."
"""One that filters take for violence."""

DONE = "`complete`, 2 records"
TWENTY_DONE = "`complete`, 20 records"
CREDENTIALS = "502 `model_refused_credentials`"
REQUEST = "502 `model_refused_request`"


@dataclass(frozen=True, eq=False)
class Case:
    """A fault, and what should come of it, article by article.

    Args:
        does: what the server does.
        provider: who is known for it, and whose lines of `.env` hold.
        articles: posted one after the other.
        gets: what the callers get.
        calls: how many there are for each article.
        refused: how many of them are refused.
        log: what the log has to hold, as patterns.
        detail: what the caller of the last article has to be told.
        confirmed: whether a source shows the very words; otherwise they are likely.
        first: what the server does with the first requests, where that is not what the provider does.
        then: what it does with the others, where that is not what the provider does.
        env: settings that hold instead of the provider's.
    """

    does: str
    provider: Provider
    articles: Sequence[str] = (ARTICLE,)
    gets: Sequence[str] = (DONE,)
    calls: Sequence[int] = (1,)
    refused: int = 0
    log: Sequence[str] = ()
    detail: str = ""
    confirmed: bool = True
    first: Sequence[Script] = ()
    then: Script | None = None
    env: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.provider.name}: {self.does}"


class Plain(OpenAI):
    """OpenAI with a model that does not think and takes a temperature."""

    env = "OPENAI_API_KEY=sk-...\nDRAGOMAN_MODEL=gpt-4o-mini"
    optional = ""
    thinking = 0
    limits = ("max_completion_tokens", "max_tokens")

    def refused(self, body: Body) -> Scripted | None:
        return None


class Compatible(Older):
    """A server that takes everything and heeds nothing but the limit: what comes back is what its model wrote.

    Args:
        writes: the content, made from the JSON that fits.
    """

    name = "compatible servers"
    env = "OPENAI_BASE_URL=http://localhost:8000/v1\nDRAGOMAN_MODEL=local"
    limits = ("max_completion_tokens", "max_tokens")

    def __init__(self, writes: Callable[[str], str] = str, **chosen: Any) -> None:
        super().__init__(**chosen)
        self.writes = writes

    def knows_model(self, name: str) -> bool:
        return True

    def refused(self, body: Body) -> Scripted | None:
        return None

    def said(self, body: Body) -> str:
        schema = _schema(body)
        return self.writes(answer_fitting(schema, body["messages"]))


def _schema(body: Body) -> Mapping[str, Any]:
    """The schema that the model could know of."""
    asked = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
    called = body["tools"][0]["function"]["parameters"] if body.get("tools") else None
    found = asked or called or schema_told(body["messages"])
    assert found is not None
    return found


def changed(provider: Provider, change: Callable[[dict[str, Any]], Any]) -> Script:
    """A provider whose completions are changed before they are sent."""

    def reply(request: Received) -> Scripted:
        scripted = provider(request)
        if scripted.status != 200 or request.path != f"{provider.address.path.rstrip('/')}/chat/completions":
            return scripted
        said = scripted.body if isinstance(scripted.body, dict) else json.loads(scripted.body)
        body = change(said)
        return body if isinstance(body, Scripted) else Scripted(body=body)

    return reply


def when(seen: Callable[[Received], bool], fault: Script, otherwise: Script) -> Script:
    """A fault for some requests."""

    def reply(request: Received) -> Scripted:
        script = fault if seen(request) else otherwise
        return script if isinstance(script, Scripted) else script(request)

    return reply


def banned(request: Received) -> bool:
    return any("victims died" in words for _, words in shown(request.body["messages"]))


def above(sentences: int) -> Callable[[Received], bool]:
    return lambda request: len(shown(request.body["messages"])) > sentences


def asks_for(keyword: str) -> Callable[[Received], bool]:
    return lambda request: holds([request.body.get("response_format"), request.body.get("tools")], keyword)


def sends(*names: str) -> Callable[[Received], bool]:
    """Whether a request has any of these members."""
    return lambda request: any(name in request.body for name in names)


def with_message(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Change the message of a completion."""

    def applied(said: dict[str, Any]) -> dict[str, Any]:
        choice = said["choices"][0]
        return {**said, "choices": [{**choice, "message": change(choice["message"])}]}

    return applied


def finished(reason: str | None, **message: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Change the finish reason of a completion, and the message if it is given."""

    def applied(said: dict[str, Any]) -> dict[str, Any]:
        choice = {**said["choices"][0], "finish_reason": reason}
        return {**said, "choices": [{**choice, "message": message} if message else choice]}

    return applied


def as_stream(said: dict[str, Any]) -> Scripted:
    """A completion in the events of a stream."""
    content = said["choices"][0]["message"]["content"]
    parts = [content[start : start + 24] for start in range(0, len(content), 24)]
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}, *({"content": part} for part in parts)]
    events: list[dict[str, Any]] = [
        {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
        for delta in deltas
    ]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    events.append({"choices": [], "usage": said["usage"]})
    lines = [": keep-alive", *(f"data: {json.dumps(event)}" for event in events), "data: [DONE]"]
    return Scripted(body="\n\n".join(lines).encode() + b"\n\n", headers={"Content-Type": "text/event-stream"})


def top_level(status: int, message: str, kind: str = "BadRequestError") -> Scripted:
    return Scripted(status, {"object": "error", "message": message, "type": kind, "param": None, "code": status})


def invalid(message: str, status: int = 400, **more: Any) -> Scripted:
    return refusal(status, message, **{"type": "invalid_request_error", "param": None, "code": None, **more})


def first_calls(provider: Provider) -> tuple[int, int]:
    """Calls of the first article with a provider whose model does not think, and how many of them are refused."""
    one_refused = isinstance(provider, Azure | LiteLLM | DeepSeek | Mistral | TGI | Groq)
    if isinstance(provider, Anthropic):
        return 3, 1
    return (2, int(one_refused)) if one_refused or isinstance(provider, BedrockGateway) else (1, 0)


OPENROUTER = OpenRouter(thinks=0)
