"""What is wrong with an answer, told to the model in full and to everybody else without its words."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

MOST_TOLD = 20
MOST_SHOWN = 5


def for_model(broken: ValidationError) -> str:
    """One line per fault, for the re-ask."""
    faults = broken.errors(include_url=False, include_context=False)
    lines = [f"- {_path(fault['loc'])}: {fault['msg']}" for fault in faults[:MOST_TOLD]]
    if len(faults) > MOST_TOLD:
        lines.append(f"- and {len(faults) - MOST_TOLD} more of this sort")
    return "\n".join(lines)


def for_caller(broken: ValidationError, schema: dict[str, Any]) -> str:
    """Paths and types of the faults. A key that the schema does not know is the model's own word: left out."""
    known = frozenset(_properties(schema))
    faults = broken.errors(include_url=False, include_context=False, include_input=False)
    shown = [
        f"{_path([part if isinstance(part, int) or part in known else '…' for part in fault['loc']])} ({fault['type']})"
        for fault in faults[:MOST_SHOWN]
    ]
    if len(faults) > MOST_SHOWN:
        shown.append(f"and {len(faults) - MOST_SHOWN} more")
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
