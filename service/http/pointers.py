"""Where in the posted document a fault is: pydantic's locations as JSON Pointers (RFC 6901)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from service.http.problems import FieldFault

MOST_FAULTS = 20
LONGEST_NAME = 100
"""A longer name is not given back: it may be a piece of an article that got into the wrong place."""


def pointer(parts: Sequence[str | int]) -> str:
    """The parts as a JSON Pointer in its URI fragment form, as RFC 9457's examples have it."""
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in parts)
    return "#" + "".join("/" + quote(part, safe="!$&'()*+,;=:@~", errors="replace") for part in escaped)


def faults(error: ValidationError, document: Any) -> list[FieldFault]:
    """One fault per place, in pydantic's words, which name no value."""
    details: dict[str, list[str]] = {}
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        at = pointer(_place(one["loc"], document, missing=one["type"] == "missing"))
        messages = details.setdefault(at, [])
        message = "Input should be an object" if one["type"] == "model_type" else one["msg"]
        if message not in messages:
            messages.append(message)
    return [FieldFault(at, "; ".join(messages)) for at, messages in list(details.items())[:MOST_FAULTS]]


def _place(location: Sequence[str | int], document: Any, *, missing: bool) -> list[str | int]:
    """The part of a location that the document has: after it come names of union members, which are pydantic's own.

    A missing field is the exception: its name is the last part, and the document does not have it.
    """
    place: list[str | int] = []
    value = document
    for part in location:
        match value:
            case dict() if part in value and len(str(part)) <= LONGEST_NAME:
                value = value[part]
            case list() if isinstance(part, int) and part < len(value):
                value = value[part]
            case dict() if missing:
                return [*place, part]
            case _:
                return place
        place.append(part)
    return place
