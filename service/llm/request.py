"""Builds the request for a question, except for what instructor adds for the output mode."""

import json
from collections.abc import Mapping
from typing import Any

import instructor
from pydantic import BaseModel

from service.extraction.model import Answer, Question
from service.llm.request_format import OutputMode, RequestFormat
from service.llm.response_model import response_model

SCHEMA_NOTE = "Answer with one JSON object that fits this JSON Schema, and with nothing else:"

MODES = {
    OutputMode.JSON_SCHEMA: instructor.Mode.JSON_SCHEMA,
    OutputMode.TOOL: instructor.Mode.TOOLS,
    OutputMode.JSON_OBJECT: instructor.Mode.JSON,
    OutputMode.PROMPT: instructor.Mode.MD_JSON,
}


def response_model_for(question: Question[Answer], request_format: RequestFormat) -> type[BaseModel]:
    """The response model of a question, for instructor."""
    return response_model(
        question.answer, omitted_keywords=request_format.omitted_keywords, titled=request_format.mode is OutputMode.TOOL
    )


def build_request(
    question: Question[Answer],
    *,
    model: str,
    request_format: RequestFormat,
    token_limit: int,
    effort: str | None = None,
) -> dict[str, Any]:
    """The request that is passed to instructor, beside the response model.

    Args:
        question: what to ask.
        model: name of the model on the server.
        request_format: how the server is asked.
        token_limit: of the answer.
        effort: the reasoning effort, if it is set.
    """
    wanted = {
        "model": model,
        "messages": _messages(question, request_format),
        "temperature": 0.0,
        "reasoning_effort": effort,
        request_format.limit_name: token_limit,
    }
    return {
        name: value
        for name, value in wanted.items()
        if name is not None and value is not None and name not in request_format.omitted
    }


def build_body(
    request: Mapping[str, Any], request_format: RequestFormat, extra: Mapping[str, Any], *, streamed: bool = False
) -> dict[str, Any]:
    """The body that is sent: the request that instructor has built, with what instructor cannot set."""
    streaming = {"stream": True, "stream_options": {"include_usage": True}} if streamed else {}
    body = {
        **request,
        **{name: value for name, value in streaming.items() if name not in request_format.omitted},
        **extra,
    }
    if not request_format.strict:
        return body
    # instructor 1.17 cannot set `strict`.
    if request_format.mode is OutputMode.JSON_SCHEMA:
        wrapped = body["response_format"]
        body["response_format"] = {**wrapped, "json_schema": {**wrapped["json_schema"], "strict": True}}
    if request_format.mode is OutputMode.TOOL:
        body["tools"] = [{**tool, "function": {**tool["function"], "strict": True}} for tool in body["tools"]]
    return body


def _messages(question: Question[Answer], request_format: RequestFormat) -> list[dict[str, str]]:
    messages = [{"role": message.role, "content": message.content} for message in question.messages]
    if request_format.schema_in_prompt and request_format.sends_schema:
        # At the end, so that the part before it is the same for all kinds and stays in the server's prefix cache.
        schema = response_model_for(
            question, RequestFormat(omitted_keywords=request_format.omitted_keywords)
        ).model_json_schema()
        told = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
        messages[-1]["content"] += f"\n\n{SCHEMA_NOTE}\n{told}"
    return messages
