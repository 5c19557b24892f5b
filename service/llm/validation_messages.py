"""Messages about the validation errors of an answer: in full for the model, without the model's words for callers."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

MAX_FOR_MODEL = 20
MAX_FOR_CALLER = 5


def for_model(error: ValidationError) -> str:
    """One line per error, for the re-ask."""
    errors = error.errors(include_url=False, include_context=False)
    lines = [f"- {_path(one['loc'])}: {one['msg']}" for one in errors[:MAX_FOR_MODEL]]
    if len(errors) > MAX_FOR_MODEL:
        lines.append(f"- and {len(errors) - MAX_FOR_MODEL} more of this sort")
    return "\n".join(lines)


def for_caller(error: ValidationError, schema: dict[str, Any]) -> str:
    """Paths and types of the errors. Keys that the schema does not have are the model's words and are left out."""
    known = frozenset(_properties(schema))
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    shown = [
        f"{_path([part if isinstance(part, int) or part in known else '…' for part in one['loc']])} ({one['type']})"
        for one in errors[:MAX_FOR_CALLER]
    ]
    if len(errors) > MAX_FOR_CALLER:
        shown.append(f"and {len(errors) - MAX_FOR_CALLER} more")
    return ", ".join(shown)


def _path(parts: Any) -> str:
    return ".".join(str(part) for part in parts) or "answer"


def _properties(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        properties = schema.get("properties")
        if isinstance(properties, dict):
            yield from properties
        for value in schema.values():
            yield from _properties(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _properties(value)
