"""How a server is asked: which form the answer is asked for in, and which parameters go with it.

`lower` says what is asked next when a server refuses something. Each step gives something up for good, so that there is
an end to them; the last form needs nothing but a chat.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any, Literal

from service.llm.refusals import Refusal

Limit = Literal["max_completion_tokens", "max_tokens"]

KEYWORDS = (
    *("maxItems", "minItems", "uniqueItems", "pattern", "format", "minLength", "maxLength", "minimum", "maximum"),
    "additionalProperties",
)
"""Keywords of a JSON Schema that bound an answer and can be left out: what they say is checked anyway."""
STREAM = "stream"
OURS = frozenset({"temperature", STREAM, "stream_options"})
"""Parameters that no profile names, so that a server need not take them whoever knows it."""
_PARAMETERS = {
    "stream_options": ("stream_options", "include_usage"),
    STREAM: (STREAM, "streaming"),
    "temperature": ("temperature",),
    "reasoning_effort": ("reasoning_effort",),
}
"""Parameters that can be left out, the least of them first, and the names they go by in refusals."""
_LIMITS: tuple[Limit, ...] = ("max_completion_tokens", "max_tokens")


class Form(StrEnum):
    """In which form the answer is asked for, from the most binding to the least."""

    JSON_SCHEMA = "json_schema"
    TOOL = "tool"
    JSON_OBJECT = "json_object"
    PROMPT = "prompt"


_LESS = {Form.JSON_SCHEMA: Form.TOOL, Form.TOOL: Form.JSON_OBJECT, Form.JSON_OBJECT: Form.PROMPT}


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way to ask.

    Args:
        form: of the answer.
        strict: whether the schema is said to be binding, where it goes with the request.
        limit: name of the parameter that bounds the answer; None sends no limit.
        schema_in_prompt: whether the model reads the schema as well, because the server shows it to nobody or enforces
            it loosely. The forms without a schema in the request have it in the prompt anyway.
        without: names of parameters that are not sent.
        keywords: those of a schema that are not sent.
    """

    form: Form = Form.JSON_SCHEMA
    strict: bool = True
    limit: Limit | None = "max_completion_tokens"
    schema_in_prompt: bool = False
    without: frozenset[str] = frozenset()
    keywords: frozenset[str] = frozenset()

    @property
    def sends_schema(self) -> bool:
        """Whether the schema goes with the request."""
        return self.form in (Form.JSON_SCHEMA, Form.TOOL)


@dataclass(frozen=True, slots=True)
class Step:
    """A change of the dialect, in words for operators."""

    dialect: Dialect
    done: str


def lower(dialect: Dialect, refusal: Refusal, sent: Mapping[str, Any]) -> Step | None:
    """What to give up, where a server says what it refused of a request; None where it does not say.

    Args:
        dialect: in which the request was made.
        refusal: of the server.
        sent: the body of the request.
    """
    said = f"{refusal.param} {refusal.message}"
    if (better := _recommended(said)) is not None and dialect.limit not in (None, better):
        return _renamed(dialect, better)
    steps = (give_up(dialect) for names, give_up in _sent(sent) if any(_names(said, name) for name in names))
    return next(filter(None, steps), None)


def guess(dialect: Dialect) -> Step | None:
    """What to give up next where a server does not say what it refused; None where nothing is left."""
    if "temperature" not in dialect.without:
        return _without(dialect, "temperature")
    if dialect.limit == _LIMITS[0]:
        return other_limit(dialect)
    if dialect.sends_schema and not dialect.keywords.issuperset(KEYWORDS):
        return _without_keywords(dialect, KEYWORDS)
    return _less(dialect)


def showing_schema(dialect: Dialect) -> Step | None:
    """The model reads the schema, where it was sent beside the prompt alone."""
    if dialect.schema_in_prompt or not dialect.sends_schema:
        return None
    return Step(replace(dialect, schema_in_prompt=True), "with the schema in the prompt as well")


def without_stream(dialect: Dialect) -> Step | None:
    """The answer in one piece."""
    return _without(dialect, STREAM)


def other_limit(dialect: Dialect) -> Step:
    """The limit of the answer by its other name, then none."""
    if dialect.limit == _LIMITS[0]:
        return _renamed(dialect, _LIMITS[1])
    return Step(replace(dialect, limit=None), "without a limit of the answer")


def _renamed(dialect: Dialect, name: Limit) -> Step:
    return Step(replace(dialect, limit=name), f"with `{name}` instead of `{dialect.limit}`")


def _recommended(said: str) -> Limit | None:
    """The name of the limit that a server wants instead, if it says so."""
    found = re.search(r"\buse\W{1,3}(max_(?:completion_)?tokens)\b", said, re.IGNORECASE)
    return next((name for name in _LIMITS if found and found[1] == name), None)


def _sent(body: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Callable[[Dialect], Step | None]]]:
    """What was sent and can be given up: the names it goes by, the least of it first."""
    schema = str(body.get("response_format") or body.get("tools") or "")
    for keyword in KEYWORDS:
        if f"'{keyword}'" in schema:
            yield (keyword,), partial(_without_keywords, names=(keyword,))
    for name, known_as in _PARAMETERS.items():
        if name in body:
            yield known_as, partial(_without, name=name)
    if any(name in body for name in _LIMITS):
        yield _LIMITS, other_limit
    if "'strict'" in schema:
        yield ("strict",), _lax
    if "'properties'" in schema:
        yield ("schema", "grammar"), _simpler_schema
    if "response_format" in body:
        yield ("response_format", "response format", "json_schema", "json_object", "json mode"), _less
        yield ("structured output", "structured outputs"), _less
    if "tools" in body:
        yield ("tools", "tool", "tool_choice", "function", "function calling"), _less


def _names(said: str, name: str) -> bool:
    """Whether a message holds a name as a word of its own."""
    return re.search(rf"(?<![A-Za-z_]){re.escape(name)}(?![A-Za-z_])", said, re.IGNORECASE) is not None


def _without(dialect: Dialect, name: str) -> Step | None:
    names = {name, "stream_options"} if name == STREAM else {name}
    if name in dialect.without:
        return None
    return Step(replace(dialect, without=dialect.without | names), f"without `{name}`")


def _without_keywords(dialect: Dialect, names: tuple[str, ...]) -> Step | None:
    if dialect.keywords.issuperset(names):
        return None
    which = f"`{names[0]}`" if len(names) == 1 else "bounds"
    return Step(replace(dialect, keywords=dialect.keywords | set(names)), f"without {which} in the schema")


def _lax(dialect: Dialect) -> Step | None:
    return Step(replace(dialect, strict=False), "without `strict`") if dialect.strict else None


def _simpler_schema(dialect: Dialect) -> Step | None:
    return _without_keywords(dialect, KEYWORDS) or _lax(dialect) or _less(dialect)


def _less(dialect: Dialect) -> Step | None:
    form = _LESS.get(dialect.form)
    if form is None:
        return None
    told = {
        Form.TOOL: "as the call of a tool instead of by a JSON Schema",
        Form.JSON_OBJECT: "as a JSON object, with the schema in the prompt",
        Form.PROMPT: "by the prompt alone",
    }
    return Step(replace(dialect, form=form), told[form])
