"""The request format: how a server is asked for an answer, and with which parameters.

`fallback_for` is the next format to try when a server refuses a request. Each change leaves something out for good, so
that there is an end to them; the weakest output mode needs nothing but a chat.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any, Literal

from service.llm.error_response import ErrorResponse

LimitName = Literal["max_completion_tokens", "max_tokens"]

BOUND_KEYWORDS = (
    *("maxItems", "minItems", "uniqueItems", "pattern", "format", "minLength", "maxLength", "minimum", "maximum"),
    "additionalProperties",
)
"""JSON Schema keywords that may be left out: the answer is validated against them anyway."""
STREAM = "stream"
OPTIONAL_PARAMETERS = frozenset({"temperature", STREAM, "stream_options"})
"""Parameters that are left out for every profile if the server refuses them, since no profile depends on them."""
_PARAMETERS = {
    "stream_options": ("stream_options", "include_usage"),
    STREAM: (STREAM, "streaming"),
    "temperature": ("temperature",),
    "reasoning_effort": ("reasoning_effort",),
}
"""Parameters that may be left out, the least important first, with their names in error messages."""
_LIMIT_NAMES: tuple[LimitName, ...] = ("max_completion_tokens", "max_tokens")


class OutputMode(StrEnum):
    """How the server is asked for structured output, from the strictest mode to the weakest."""

    JSON_SCHEMA = "json_schema"
    TOOL = "tool"
    JSON_OBJECT = "json_object"
    PROMPT = "prompt"


_WEAKER_MODE = {
    OutputMode.JSON_SCHEMA: OutputMode.TOOL,
    OutputMode.TOOL: OutputMode.JSON_OBJECT,
    OutputMode.JSON_OBJECT: OutputMode.PROMPT,
}


@dataclass(frozen=True, slots=True)
class RequestFormat:
    """One way to ask a server.

    Args:
        mode: the output mode.
        strict: whether `strict` is set for the schema, in the modes that send it.
        limit_name: name of the parameter for the token limit; None sends no limit.
        schema_in_prompt: whether the schema is in the prompt too, because the server does not show it to the model or
            does not enforce it. The modes that do not send a schema have it in the prompt anyway.
        omitted: names of parameters that are not sent.
        omitted_keywords: JSON Schema keywords that are not sent.
    """

    mode: OutputMode = OutputMode.JSON_SCHEMA
    strict: bool = True
    limit_name: LimitName | None = "max_completion_tokens"
    schema_in_prompt: bool = False
    omitted: frozenset[str] = frozenset()
    omitted_keywords: frozenset[str] = frozenset()

    @property
    def sends_schema(self) -> bool:
        """Whether the schema goes with the request."""
        return self.mode in (OutputMode.JSON_SCHEMA, OutputMode.TOOL)


@dataclass(frozen=True, slots=True)
class FormatChange:
    """A new request format, with a description of the change for operators."""

    request_format: RequestFormat
    description: str


def fallback_for(
    request_format: RequestFormat, error_response: ErrorResponse, sent: Mapping[str, Any]
) -> FormatChange | None:
    """The change that follows from what a server says it refused; None if it does not say that.

    Args:
        request_format: of the refused request.
        error_response: of the server.
        sent: the body of the request.
    """
    message = f"{error_response.param} {error_response.message}"
    if (recommended := _recommended_limit(message)) is not None and request_format.limit_name not in (
        None,
        recommended,
    ):
        return _rename_limit(request_format, recommended)
    steps = (
        remove(request_format)
        for names, remove in _removable_parts(sent)
        if any(_mentions(message, name) for name in names)
    )
    return next(filter(None, steps), None)


def next_guess(request_format: RequestFormat) -> FormatChange | None:
    """The next change to try if a server does not say what it refused; None if none is left."""
    if "temperature" not in request_format.omitted:
        return _without(request_format, "temperature")
    if request_format.limit_name == _LIMIT_NAMES[0]:
        return other_limit(request_format)
    if request_format.sends_schema and not request_format.omitted_keywords.issuperset(BOUND_KEYWORDS):
        return _without_keywords(request_format, BOUND_KEYWORDS)
    return _weaker_mode(request_format)


def with_schema_in_prompt(request_format: RequestFormat) -> FormatChange | None:
    """The schema in the prompt as well; None if it is there already."""
    if request_format.schema_in_prompt or not request_format.sends_schema:
        return None
    return FormatChange(replace(request_format, schema_in_prompt=True), "with the schema in the prompt as well")


def without_stream(request_format: RequestFormat) -> FormatChange | None:
    """No streaming; None if there is none already."""
    return _without(request_format, STREAM)


def other_limit(request_format: RequestFormat) -> FormatChange:
    """The other name of the token limit; after that, no limit."""
    if request_format.limit_name == _LIMIT_NAMES[0]:
        return _rename_limit(request_format, _LIMIT_NAMES[1])
    return FormatChange(replace(request_format, limit_name=None), "without a limit of the answer")


def _rename_limit(request_format: RequestFormat, name: LimitName) -> FormatChange:
    return FormatChange(
        replace(request_format, limit_name=name), f"with `{name}` instead of `{request_format.limit_name}`"
    )


def _recommended_limit(message: str) -> LimitName | None:
    """The name of the token limit that a server asks for instead, if it does."""
    found = re.search(r"\buse\W{1,3}(max_(?:completion_)?tokens)\b", message, re.IGNORECASE)
    return next((name for name in _LIMIT_NAMES if found and found[1] == name), None)


def _removable_parts(
    body: Mapping[str, Any],
) -> Iterator[tuple[tuple[str, ...], Callable[[RequestFormat], FormatChange | None]]]:
    """The parts of a request that may be left out, the least important first: their names and what removes them."""
    schema = str(body.get("response_format") or body.get("tools") or "")
    for keyword in BOUND_KEYWORDS:
        if f"'{keyword}'" in schema:
            yield (keyword,), partial(_without_keywords, names=(keyword,))
    for name, known_as in _PARAMETERS.items():
        if name in body:
            yield known_as, partial(_without, name=name)
    if any(name in body for name in _LIMIT_NAMES):
        yield _LIMIT_NAMES, other_limit
    if "'strict'" in schema:
        yield ("strict",), _not_strict
    if "'properties'" in schema:
        yield ("schema", "grammar"), _simpler_schema
    if "response_format" in body:
        yield ("response_format", "response format", "json_schema", "json_object", "json mode"), _weaker_mode
        yield ("structured output", "structured outputs"), _weaker_mode
    if "tools" in body:
        yield ("tools", "tool", "tool_choice", "function", "function calling"), _weaker_mode


def _mentions(message: str, name: str) -> bool:
    """Whether a message contains a name as a word of its own."""
    return re.search(rf"(?<![A-Za-z_]){re.escape(name)}(?![A-Za-z_])", message, re.IGNORECASE) is not None


def _without(request_format: RequestFormat, name: str) -> FormatChange | None:
    names = {name, "stream_options"} if name == STREAM else {name}
    if name in request_format.omitted:
        return None
    return FormatChange(replace(request_format, omitted=request_format.omitted | names), f"without `{name}`")


def _without_keywords(request_format: RequestFormat, names: tuple[str, ...]) -> FormatChange | None:
    if request_format.omitted_keywords.issuperset(names):
        return None
    which = f"`{names[0]}`" if len(names) == 1 else "bounds"
    return FormatChange(
        replace(request_format, omitted_keywords=request_format.omitted_keywords | set(names)),
        f"without {which} in the schema",
    )


def _not_strict(request_format: RequestFormat) -> FormatChange | None:
    return FormatChange(replace(request_format, strict=False), "without `strict`") if request_format.strict else None


def _simpler_schema(request_format: RequestFormat) -> FormatChange | None:
    return (
        _without_keywords(request_format, BOUND_KEYWORDS) or _not_strict(request_format) or _weaker_mode(request_format)
    )


def _weaker_mode(request_format: RequestFormat) -> FormatChange | None:
    mode = _WEAKER_MODE.get(request_format.mode)
    if mode is None:
        return None
    told = {
        OutputMode.TOOL: "as the call of a tool instead of by a JSON Schema",
        OutputMode.JSON_OBJECT: "as a JSON object, with the schema in the prompt",
        OutputMode.PROMPT: "by the prompt alone",
    }
    return FormatChange(replace(request_format, mode=mode), told[mode])
