"""The body of a chat completion request, made from a question for one kind of server."""

import json
import re
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from service.extraction.model import Answer, Question
from service.llm.profiles import Profile

SCHEMA_NOTE = "Answer with one JSON object that fits this JSON Schema, and with nothing else:"


@lru_cache(maxsize=256)
def schema_of(answer: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of an answer, as it is sent. Shared: not to be changed."""
    return answer.model_json_schema()


def request_of(question: Question[Answer], *, model: str, profile: Profile) -> dict[str, Any]:
    """Everything that goes over the wire for a question, before any re-ask."""
    return {
        "model": model,
        "messages": _messages(question, profile),
        "response_format": _response_format(question.answer, profile),
        "temperature": profile.temperature,
        profile.limit: question.max_tokens,
        **profile.extra_body,
    }


def _messages(question: Question[Answer], profile: Profile) -> list[dict[str, str]]:
    messages = [{"role": message.role, "content": message.content} for message in question.messages]
    if profile.schema_in_prompt:
        # After everything else, so that what comes before is the same for all kinds and stays in the prefix cache.
        schema = json.dumps(schema_of(question.answer), ensure_ascii=False, separators=(",", ":"))
        messages[-1]["content"] += f"\n\n{SCHEMA_NOTE}\n{schema}"
    return messages


def _response_format(answer: type[BaseModel], profile: Profile) -> dict[str, Any]:
    if profile.response_format == "json_object":
        return {"type": "json_object"}
    schema: dict[str, Any] = {"name": _schema_name(answer), "schema": schema_of(answer)}
    if profile.strict:
        schema["strict"] = True
    return {"type": "json_schema", "json_schema": schema}


def _schema_name(answer: type[BaseModel]) -> str:
    """OpenAI allows letters, digits, `_` and `-`, at most 64 of them."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", answer.__name__)[:64].strip("_") or "answer"
