"""What a model could have said: answers that fit the form asked for, in the words of the article that is shown."""

import re
from collections.abc import Mapping
from typing import Any

from schemas.draft import CITATIONS
from tests.support.model_server import Received, Scripted, answer, smallest

ARTICLE = (
    "Estonia imposed sanctions on two shipping companies on Monday. Envoys of both sides met in Doha for talks.\n\n"
    'The army said it had shot down nine drones. "They moved weapons," said Foreign Minister Maret Tamm.\n\n'
    "Latvia extended its sanctions against the same companies. Envoys are to meet again in Doha on Friday."
)
"""An article with something for every kind."""
LINE = re.compile(r"^\[(\d+)\] (.+)$", re.MULTILINE)
NAME = re.compile(r"\b(?!Q\d)[A-Z]\w+")


def plausible_answer(request: Received) -> Scripted:
    """One record, from the first sentence shown; its names are the first that stand in there."""
    # After the article there may be a complaint about an earlier answer.
    shown = next(lines for m in reversed(request.body["messages"]) if (lines := LINE.findall(m["content"])))
    schema = request.body["response_format"]["json_schema"]["schema"]
    number, words = shown[0]
    name = NAME.search(words)
    read = sum(len(message["content"]) for message in request.body["messages"]) // 4
    return answer(_filled(schema, int(number), name.group() if name else words), usage=(read, 20, 0))


def named(request: Received, *records: Any) -> dict[str, Any]:
    """Records in the first list that a request asks for, and none in the others."""
    first, *others = request.body["response_format"]["json_schema"]["schema"]["required"]
    return {first: list(records), **{name: [] for name in others}}


def _filled(schema: Mapping[str, Any], number: int, name: str) -> Any:
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        return {field: _member(field, properties[field], number, name) for field in schema.get("required", [])}
    return name if schema.get("type") == "string" and "enum" not in schema else smallest(schema)


def _member(field: str, schema: Mapping[str, Any], number: int, name: str) -> Any:
    if field == CITATIONS:
        return [number]
    if field == "record":
        return _filled(next(one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"), number, name)
    if schema.get("type") == "array":
        items = schema["items"]
        return [] if "enum" in items else [_filled(items, number, name)]
    return _filled(schema, number, name)
