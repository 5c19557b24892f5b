"""JSON Schemas as constrained decoders want them: closed, fully required, without `$ref`.

The result stays within OpenAI's strict subset (https://platform.openai.com/docs/guides/structured-outputs) and
within what llama.cpp turns into a grammar; `tests/unit/schemas/test_strict.py` holds every kind to both.
"""

from typing import Any

from pydantic import BaseModel

_DROPPED = frozenset({"title", "default", "$defs"})


def strict_schema(schema: dict[str, Any], *, lean: bool = False) -> dict[str, Any]:
    """Inline every `$ref` of a pydantic JSON Schema, close its objects and require all their properties.

    Args:
        schema: as pydantic makes it.
        lean: require only what pydantic requires; outside of OpenAI's subset, and what is null costs no tokens.

    Raises:
        RecursionError: the schema refers to itself; the subset has no such thing.

    """
    definitions = schema.get("$defs", {})

    def close(node: Any) -> Any:
        if isinstance(node, list):
            return [close(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            target = definitions[node["$ref"].rsplit("/", 1)[-1]]
            return close({**target, **{key: value for key, value in node.items() if key != "$ref"}})
        if "const" in node:
            node = {**{key: value for key, value in node.items() if key != "const"}, "enum": [node["const"]]}
        closed = {
            key: {name: close(item) for name, item in value.items()} if key == "properties" else close(value)
            for key, value in node.items()
            if key not in _DROPPED
        }
        if "properties" in closed:
            if not lean:
                closed["required"] = list(closed["properties"])
            closed["additionalProperties"] = False
        return closed

    closed: dict[str, Any] = close(schema)
    return closed


class StrictModel(BaseModel):
    """A model whose JSON Schema is strict by itself, whoever asks for it."""

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return strict_schema(super().model_json_schema(*args, **kwargs))


class LeanModel(BaseModel):
    """A model whose JSON Schema is closed and leaves out what is null or empty."""

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return strict_schema(super().model_json_schema(*args, **kwargs), lean=True)
