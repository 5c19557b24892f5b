"""The request for a question, beside what instructor adds for the form of the answer."""

import json
from collections.abc import Mapping
from typing import Any

import instructor
from pydantic import BaseModel

from service.extraction.model import Answer, Question
from service.llm.answers import asked
from service.llm.dialect import Dialect, Form

SCHEMA_NOTE = "Answer with one JSON object that fits this JSON Schema, and with nothing else:"

MODES = {
    Form.JSON_SCHEMA: instructor.Mode.JSON_SCHEMA,
    Form.TOOL: instructor.Mode.TOOLS,
    Form.JSON_OBJECT: instructor.Mode.JSON,
    Form.PROMPT: instructor.Mode.MD_JSON,
}


def form_of(question: Question[Answer], dialect: Dialect) -> type[BaseModel]:
    """The model of the answer, as instructor is given it."""
    return asked(question.answer, keywords=dialect.keywords, named=dialect.form is Form.TOOL)


def request_of(
    question: Question[Answer], *, model: str, dialect: Dialect, room: int, effort: str | None = None
) -> dict[str, Any]:
    """What instructor is given to send, beside the model of the answer.

    Args:
        question: what is asked.
        model: its name on the server.
        dialect: of the server.
        room: limit of the answer in tokens.
        effort: how much a model is to think, where that is set.
    """
    wanted = {
        "model": model,
        "messages": _messages(question, dialect),
        "temperature": 0.0,
        "reasoning_effort": effort,
        dialect.limit: room,
    }
    return {
        name: value
        for name, value in wanted.items()
        if name is not None and value is not None and name not in dialect.without
    }


def sent_body(
    request: Mapping[str, Any], dialect: Dialect, extra: Mapping[str, Any], *, streamed: bool = False
) -> dict[str, Any]:
    """What goes over the wire: what instructor made, with what it leaves out."""
    streaming = {"stream": True, "stream_options": {"include_usage": True}} if streamed else {}
    body = {**request, **{name: value for name, value in streaming.items() if name not in dialect.without}, **extra}
    if not dialect.strict:
        return body
    # instructor 1.17 has no way to say that a schema is binding.
    if dialect.form is Form.JSON_SCHEMA:
        wrapped = body["response_format"]
        body["response_format"] = {**wrapped, "json_schema": {**wrapped["json_schema"], "strict": True}}
    if dialect.form is Form.TOOL:
        body["tools"] = [{**tool, "function": {**tool["function"], "strict": True}} for tool in body["tools"]]
    return body


def _messages(question: Question[Answer], dialect: Dialect) -> list[dict[str, str]]:
    messages = [{"role": message.role, "content": message.content} for message in question.messages]
    if dialect.schema_in_prompt and dialect.sends_schema:
        # After everything else, so that what comes before is the same for all kinds and stays in the prefix cache.
        schema = form_of(question, Dialect(keywords=dialect.keywords)).model_json_schema()
        told = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
        messages[-1]["content"] += f"\n\n{SCHEMA_NOTE}\n{told}"
    return messages
