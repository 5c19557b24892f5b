"""JSON Pointers (RFC 6901) to the faults in a posted document, made from pydantic's error locations."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from service.http.problems import FieldFault

MAX_FAULTS = 20
MAX_NAME_LENGTH = 100
"""A longer field name is not repeated: it may be article text in the wrong place."""


def pointer(parts: Sequence[str | int]) -> str:
    """The parts as a JSON Pointer in its URI fragment form, as RFC 9457's examples have it."""
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in parts)
    return "#" + "".join("/" + quote(part, safe="!$&'()*+,;=:@~", errors="replace") for part in escaped)


def faults(error: ValidationError, document: Any) -> list[FieldFault]:
    """One fault per location, in pydantic's words, which contain no values."""
    details: dict[str, list[str]] = {}
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        at = pointer(_place(one["loc"], document, missing=one["type"] == "missing"))
        messages = details.setdefault(at, [])
        message = "Input should be an object" if one["type"] == "model_type" else one["msg"]
        if message not in messages:
            messages.append(message)
    return [FieldFault(at, "; ".join(messages)) for at, messages in list(details.items())[:MAX_FAULTS]]


def _place(location: Sequence[str | int], document: Any, *, missing: bool) -> list[str | int]:
    """The part of a location that exists in the document. pydantic appends names of union members to locations.

    The name of a missing field is kept, although it does not exist in the document.
    """
    place: list[str | int] = []
    value = document
    for part in location:
        match value:
            case dict() if part in value and len(str(part)) <= MAX_NAME_LENGTH:
                value = value[part]
            case list() if isinstance(part, int) and part < len(value):
                value = value[part]
            case dict() if missing:
                return [*place, part]
            case _:
                return place
        place.append(part)
    return place
