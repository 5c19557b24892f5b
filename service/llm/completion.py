"""A chat completion as servers really send it: lenient about form, exact about meaning."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from schemas.result import Usage
from service.extraction.errors import AnswerRefusedError, ModelUnavailableError
from service.llm.faults import Refusal
from service.llm.written import without_halves

CONTEXT_FULL = frozenset({"model_length", "model_context_window_exceeded"})
"""Finish reasons that mean: cut off because prompt and answer fill the context."""
CUT = frozenset({"length", "max_tokens", "max_output_tokens"}) | CONTEXT_FULL
"""Finish reasons that mean: cut off at a limit. Compared in lower case, as all of them."""
HELD_BACK = frozenset(
    {
        *("content_filter", "content_filtered", "safety", "prohibited_content", "blocklist", "recitation", "spii"),
        *("sensitive", "guardrail_intervened", "refusal", "model_armor", "image_safety", "eos_filtered"),
    }
)
"""Finish reasons that mean: a filter or the model refused."""
BROKEN_OFF = frozenset({"error", "insufficient_system_resource", "network_error", "abort", "aborted"})
"""Finish reasons that mean: something failed at the server, and another try may not."""


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _object(value: object) -> object:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> object:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """Content is a string or, with some servers, a list of parts."""
    if isinstance(value, list):
        return "".join(_text(part.get("text")) for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""


def _arguments(value: object) -> str:
    """Arguments of a call are JSON in a string; some servers send the object itself."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else _text(value)


Count = Annotated[int | None, BeforeValidator(_count)]
Text = Annotated[str, BeforeValidator(_text)]


class PromptDetails(BaseModel):
    cached_tokens: Count = None


class CompletionDetails(BaseModel):
    reasoning_tokens: Count = None


class TokenCounts(BaseModel):
    prompt_tokens: Count = None
    completion_tokens: Count = None
    total_tokens: Count = None
    reasoning_tokens: Count = None
    prompt_tokens_details: Annotated[PromptDetails, BeforeValidator(_object)] = PromptDetails()
    completion_tokens_details: Annotated[CompletionDetails, BeforeValidator(_object)] = CompletionDetails()


class FunctionCall(BaseModel):
    arguments: Annotated[str, BeforeValidator(_arguments)] = ""


class ToolCall(BaseModel):
    function: Annotated[FunctionCall, BeforeValidator(_object)] = FunctionCall()


class ChoiceMessage(BaseModel):
    content: Text = ""
    refusal: Text = ""
    reasoning_content: Text = ""
    reasoning: Text = ""
    tool_calls: Annotated[list[Annotated[ToolCall, BeforeValidator(_object)]], BeforeValidator(_list)] = Field(
        default_factory=list
    )

    @property
    def written(self) -> str:
        """What the model wrote as its answer: the arguments of its call, or else the content."""
        called = next((call.function.arguments for call in self.tool_calls if call.function.arguments), "")
        # SGLang and others may file the answer itself, even one that is cut off, under reasoning.
        filed = self.thought if self.thought.lstrip().startswith("{") else ""
        return called or (self.content if self.content.strip() else filed)

    @property
    def thought(self) -> str:
        """What a server filed as reasoning, where some put the answer as well."""
        return self.reasoning_content or self.reasoning


class Choice(BaseModel):
    message: Annotated[ChoiceMessage, BeforeValidator(_object)] = ChoiceMessage()
    finish_reason: Text = ""
    error: Any = None

    @property
    def ended(self) -> str:
        """The finish reason in lower case."""
        return self.finish_reason.lower()

    @property
    def cut(self) -> bool:
        """Whether the answer was broken off at a limit."""
        return self.ended in CUT


class Completion(BaseModel):
    """One answer of the server."""

    choices: Annotated[list[Annotated[Choice, BeforeValidator(_object)]], BeforeValidator(_list)] = Field(
        default_factory=list
    )
    tokens: Annotated[TokenCounts, BeforeValidator(_object)] = Field(default=TokenCounts(), alias="usage")
    error: Any = None
    system_fingerprint: Text = ""
    blocked: bool = False
    """Whether it says that the prompt was blocked, as Gemini does in `promptFeedback`."""

    @classmethod
    def read(cls, body: bytes) -> "Completion":
        """Read a response body: JSON, or the events of a stream that nobody asked for.

        Raises:
            ModelUnavailableError: it is neither; a proxy's page, for example.
        """
        try:
            said = _parsed(body)
            if said is not None:
                return cls.model_validate({**said, "blocked": _tells_of_a_block(said)})
        except RecursionError:
            pass  # nobody's answer is nested as deeply
        raise ModelUnavailableError("the model server's answer is not the JSON of a chat completion")

    @classmethod
    def written(cls, text: str) -> "Completion":
        """What a model has written, where the server tells nothing else of it."""
        return cls.model_validate({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})

    @property
    def usage(self) -> Usage:
        """What the server says this call cost; zeros where it does not say."""
        tokens = self.tokens
        prompt, written = tokens.prompt_tokens or 0, tokens.completion_tokens or 0
        thought = tokens.completion_tokens_details.reasoning_tokens
        thought = tokens.reasoning_tokens if thought is None else thought  # SGLang
        # Gemini's totals hold the thinking that its completion tokens leave out. It is billed like them.
        apart = max(0, (tokens.total_tokens or 0) - prompt - written) if prompt and thought is None else 0
        return Usage(
            prompt_tokens=prompt,
            cached_tokens=tokens.prompt_tokens_details.cached_tokens or 0,
            completion_tokens=written + apart,
            reasoning_tokens=min(thought or apart, written + apart),
        )

    def refused(self) -> Refusal | None:
        """The error that stands in the place of an answer although the status is 200, if one does."""
        errors = [self.error, *(choice.error for choice in self.choices[:1])]
        said = next((error for error in errors if error), None)
        return None if said is None else Refusal.inside(said)

    def chosen(self) -> Choice:
        """The answer itself.

        Raises:
            UnansweredError: there is none.
            AnswerRefusedError: the model or a filter refused.
            ModelUnavailableError: something failed while it was written.
        """
        if not self.choices:
            if self.blocked:
                raise AnswerRefusedError("the model server blocked the prompt")
            raise UnansweredError("the model server answered without any choice, as some do when they block a prompt")
        choice = self.choices[0]
        if choice.message.refusal:
            raise AnswerRefusedError("the model refused to answer")
        if choice.ended in HELD_BACK:
            raise AnswerRefusedError(f"the model server's content filter held the answer back ({choice.ended})")
        if choice.ended in BROKEN_OFF:
            raise ModelUnavailableError(f"the model server broke its answer off ({choice.ended})")
        return choice


class UnansweredError(AnswerRefusedError):
    """No choice, and no reason. Mostly the prompt was blocked; now and then another try has an answer."""


def _parsed(body: bytes) -> dict[str, Any] | None:
    text = body.decode("utf-8-sig", "replace").strip()
    if text.startswith(("data:", "event:", ":", "id:", "retry:")):
        events = _events(text)
        return None if events is None else _joined(events)
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(said, list) and len(said) == 1:
        said = said[0]  # Gemini wraps its errors
    if isinstance(said, dict) and "choices" not in said and isinstance(said.get("data"), dict):
        said = said["data"]  # some gateways wrap everything
    return _with_error(_clean(said)) if isinstance(said, dict) else None


def _with_error(said: dict[str, Any]) -> dict[str, Any]:
    """An error that stands by itself in the place of a completion, as one in an object."""
    alone = "choices" not in said and not said.get("error") and isinstance(said.get("message"), str)
    return {**said, "error": said} if alone else said


def _clean(value: Any) -> Any:
    """JSON without halves of surrogate pairs, which no other encoder would take."""
    if isinstance(value, str):
        return value if value.isascii() else without_halves(value)
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value


def _events(text: str) -> list[dict[str, Any]] | None:
    """The events of a stream (https://html.spec.whatwg.org/#parsing-an-event-stream); None if one is broken."""
    events: list[dict[str, Any]] = []
    # Not `splitlines`: other line breaks than these may stand in the text of an answer.
    for line in re.split(r"\r\n|\n|\r", text):
        name, _, data = line.partition(":")
        if name != "data" or data.strip() in ("[DONE]", ""):
            continue
        try:
            event = json.loads(data)
        except (ValueError, RecursionError):
            return None
        if isinstance(event, dict):
            events.append(_with_error(_clean(event)))
    return events


def _joined(events: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Chunks put together to the completion they are parts of."""
    joined: dict[str, Any] = {}
    message: dict[str, str] = {}
    called = ""
    seen = False
    for event in events:
        seen = True
        joined |= {name: event[name] for name in ("usage", "error", "promptFeedback") if event.get(name)}
        choice = next(iter(choices), None) if isinstance(choices := event.get("choices"), list) else None
        if not isinstance(choice, dict):
            continue
        part: Any = choice.get("delta") or choice.get("message")
        if isinstance(part, dict):
            for name in ("content", "refusal", "reasoning_content", "reasoning"):
                message[name] = message.get(name, "") + _text(part.get(name))
            calls = Choice.model_validate({"message": part}).message.tool_calls
            called += "".join(call.function.arguments for call in calls[:1])
        joined["finish_reason"] = choice.get("finish_reason") or joined.get("finish_reason")
        joined["choices"] = [
            {
                "message": {**message, "tool_calls": [{"function": {"arguments": called}}]},
                "finish_reason": joined["finish_reason"],
                "error": choice.get("error"),
            }
        ]
    return joined if seen else None


def _tells_of_a_block(said: Mapping[str, Any]) -> bool:
    feedback = said.get("promptFeedback") or said.get("prompt_feedback")
    return isinstance(feedback, dict) and bool(feedback.get("blockReason") or feedback.get("block_reason"))
