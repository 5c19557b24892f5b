"""What all scripted providers share: a chat endpoint with a model behind it, told by class members and a few methods.

A provider is a script of `tests.support.model_server.ModelServer`. Where its subclass says nothing else, it does what
OpenAI documents, without enforcing anything that it does not know.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values

from tests.support.model_server import Received, Scripted, refusal
from tests.support.providers.reading import answer_fitting, loose_answer, read_tokens, schema_told

CHAT = "/chat/completions"
Form = Literal["json_schema", "tool", "json_object", "prompt"]
Body = Mapping[str, Any]
EFFORTS = {"none": 0.0, "minimal": 0.0, "low": 0.2, "medium": 1.0, "high": 4.0}
"""How much is thought at each `reasoning_effort`, against what is usual."""


@dataclass(frozen=True)
class Note:
    """What is known of a provider's behaviour, and from where."""

    text: str
    source: str


@dataclass(frozen=True)
class Written:
    """What a model wrote, before its server puts it into a response.

    Args:
        text: the answer, as far as the limit allowed.
        thought: tokens of thinking before it.
        tokens: those of the answer.
        cut: whether the limit ended it.
        read: tokens of the prompt.
    """

    text: str
    thought: int
    tokens: int
    cut: bool
    read: int

    @property
    def thinking(self) -> str:
        """Words of the thinking, with what looks like JSON in them."""
        return 'The reader wants {"sanctions": ...}. Which sentences state a sanction?' if self.thought else ""


class Provider:
    """One provider with one of its models.

    Args:
        thinks: tokens that the model thinks before it answers; None is what the class says.
        most: tokens that the model writes at most, whatever it is asked for.
        heeds_bounds: whether lists end where the schema says.
    """

    name: ClassVar[str]
    about: ClassVar[str] = ""
    """What a reader of the page should know first."""
    env: ClassVar[str]
    """What a user sets."""
    optional: ClassVar[str] = ""
    """What a user may set as well."""
    optional_for: ClassVar[str] = ""
    notes: ClassVar[Sequence[Note]] = ()
    tried: ClassVar[str] = "a scripted server"

    thinking: ClassVar[int] = 0
    limits: ClassVar[Sequence[str]] = ("max_completion_tokens", "max_tokens")
    """Parameters that it heeds; others of this sort are not refused either."""
    usual_limit: ClassVar[int] = 16_000
    heeds: ClassVar[frozenset[Form]] = frozenset({"json_schema", "tool", "json_object"})
    """Forms that bind what the model writes; another one is ignored."""

    def __init__(self, *, thinks: int | None = None, most: int | None = None, heeds_bounds: bool = True) -> None:
        self.thinks = self.thinking if thinks is None else thinks
        self.most = most
        self.heeds_bounds = heeds_bounds
        said = self.settings()
        self.key = said.get("OPENAI_API_KEY")
        self.model = said["DRAGOMAN_MODEL"]
        self.address = urlsplit(said.get("OPENAI_BASE_URL", "https://api.openai.com/v1"))

    @classmethod
    def settings(cls, *, optional: bool = False) -> dict[str, str]:
        """What the lines of `.env` say."""
        lines = dotenv_values(stream=StringIO(f"{cls.env}\n{cls.optional if optional else ''}"))
        return {name: value or "" for name, value in lines.items()}

    def __call__(self, request: Received) -> Scripted:
        path, _, query = request.path.partition("?")
        if path != self.address.path.rstrip("/") + CHAT or query != self.address.query:
            return self.wrong_path(request)
        if self.key is not None and not self.knows_key(request.headers):
            return self.wrong_key()
        if not self.knows_model(request.body["model"]):
            return self.unknown_model(request.body["model"])
        return self.refused(request.body) or self.completion(self.written(request.body), request.body)

    # What it refuses.

    def refused(self, body: Body) -> Scripted | None:
        """What it says to a request that it does not take."""
        return None

    def wrong_path(self, request: Received) -> Scripted:
        return Scripted(404, b"404 page not found", {"Content-Type": "text/plain"})

    def knows_key(self, headers: Mapping[str, str]) -> bool:
        return headers.get("authorization") == f"Bearer {self.key}"

    def wrong_key(self) -> Scripted:
        return refusal(401, "Incorrect API key provided.", type="invalid_request_error", code="invalid_api_key")

    def knows_model(self, name: str) -> bool:
        return name == self.model

    def unknown_model(self, name: str) -> Scripted:
        told = f"The model `{name}` does not exist or you do not have access to it."
        return refusal(404, told, type="invalid_request_error", param=None, code="model_not_found")

    def too_long(self, read: int, context: int, limit: int) -> Scripted:
        """What it says to a prompt that does not fit."""
        told = (
            f"This model's maximum context length is {context} tokens. However, your messages resulted in {read} "
            f"tokens."
        )
        return refusal(400, told, type="invalid_request_error", param="messages", code="context_length_exceeded")

    # What it answers.

    def heeded(self, body: Body) -> tuple[Form, Mapping[str, Any] | None]:
        """The form of the answer, and the schema that the model knows of."""
        asked = body.get("response_format") or {}
        form: Form = "prompt"
        if asked.get("type") in self.heeds:
            form = asked["type"]
            if form == "json_schema":
                return form, asked["json_schema"]["schema"]
        elif body.get("tools") and "tool" in self.heeds:
            return "tool", body["tools"][0]["function"]["parameters"]
        return form, schema_told(body["messages"])

    def said(self, body: Body) -> str:
        """All that the model would say if it had room."""
        form, schema = self.heeded(body)
        if schema is None:
            return loose_answer(body["messages"])
        text = answer_fitting(schema, body["messages"], heeds_bounds=self.heeds_bounds)
        return f"Here it is:\n\n```json\n{text}\n```" if form == "prompt" else text

    def thought(self, body: Body) -> int:
        """How many tokens the model thinks."""
        return int(self.thinks * EFFORTS.get(body.get("reasoning_effort") or "medium", 1.0))

    def limit(self, body: Body) -> int:
        """How many tokens the model may write."""
        asked: int = next((body[name] for name in self.limits if body.get(name)), self.usual_limit)
        return asked if self.most is None else min(asked, self.most)

    def written(self, body: Body) -> Written:
        said, thinks, limit = self.said(body), self.thought(body), self.limit(body)
        left = max(0, limit - thinks)
        text = said[: 4 * left]
        return Written(
            text=text,
            thought=min(thinks, limit),
            tokens=-(-len(text) // 4),
            cut=len(text) < len(said),
            read=self.read(body),
        )

    def read(self, body: Body) -> int:
        """How many tokens the prompt has."""
        return read_tokens(body["messages"])

    def completion(self, written: Written, body: Body) -> Scripted:
        """The response around what was written."""
        form, _ = self.heeded(body)
        called = form == "tool" and bool(written.text)
        choice = {
            "index": 0,
            "message": {"role": "assistant", **(self.call(written, body) if called else self.message(written, form))},
            "finish_reason": self.finish_reason(written, called=called),
        }
        return self.response(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1,
                "model": body["model"],
                "choices": [choice],
                "usage": self.usage(written),
            }
        )

    def response(self, completion: Mapping[str, Any]) -> Scripted:
        return Scripted(body=completion)

    def message(self, written: Written, form: Form) -> dict[str, Any]:
        return {"content": written.text}

    def call(self, written: Written, body: Body) -> dict[str, Any]:
        function = {"name": body["tools"][0]["function"]["name"], "arguments": written.text}
        return {"content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": function}]}

    def finish_reason(self, written: Written, *, called: bool) -> str | None:
        if written.cut:
            return "length"
        return "tool_calls" if called else "stop"

    def usage(self, written: Written) -> dict[str, Any]:
        """Thinking counted among the tokens of the answer, and told apart."""
        return {
            **self.plain_usage(written),
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": written.thought},
        }

    def plain_usage(self, written: Written) -> dict[str, Any]:
        done = written.thought + written.tokens
        return {"prompt_tokens": written.read, "completion_tokens": done, "total_tokens": written.read + done}


def forced_tool(body: Body) -> bool:
    """Whether the model has to call a tool."""
    return isinstance(body.get("tool_choice"), dict) or body.get("tool_choice") == "required"


def holds(node: Any, keyword: str) -> bool:
    """Whether a schema has a keyword anywhere."""
    if isinstance(node, list):
        return any(holds(item, keyword) for item in node)
    return isinstance(node, dict) and (keyword in node or any(holds(item, keyword) for item in node.values()))


def as_text(error: Mapping[str, Any]) -> str:
    """An error as a gateway passes it on: JSON as text."""
    return json.dumps(error, ensure_ascii=False)
