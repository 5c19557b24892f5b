"""Parses the error responses of model servers, in the many forms that these have (docs/model-servers.md)."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

MAX_ALLOWED = re.compile(
    r"at most (\d{1,9})\b|less than or equal to\W{0,3}(\d{1,9})\b|range of \w+ is \[\d+, ?(\d{1,9})\]"
    r"|> (\d{1,9}), which is the maximum|value <= ?(\d{1,9})\b|must be <= ?(\d{1,9})\b|model limit of (\d{1,9})\b"
    r"|can only afford (\d{1,9})\b|less than (\d{1,9})\b",
    re.IGNORECASE,
)
CONTEXT_TOKENS = (
    re.compile(r"n_ctx\W{0,4}(\d{3,9})\b"),
    re.compile(r"context (?:length|size|window)(?: is| of)?(?: only)? ?\(?(\d{3,9})\b", re.IGNORECASE),
    re.compile(r"max_new_tokens` must be <= (\d{3,9})\b"),
)
"""How servers report the size of the context, the most reliable first. "exceeded by 512" must not match."""
OVERLOADED_PROSE = re.compile(r"overload|rate.?limit|capacity|too many requests|resource_exhausted", re.IGNORECASE)
BROKEN_PROSE = re.compile(
    r"internal|upstream|unavailable|timed? ?out|bad gateway|server_error|api_error", re.IGNORECASE
)
"""Words for transient failures, for errors without a status."""
MAX_BYTES_READ = 65_536
"""Bytes of an error that are parsed. Some servers repeat the whole request."""
MAX_MESSAGE_LENGTH = 2_000
_PLAIN = re.compile(r"[a-z]+(_[a-z]+){0,6}")
_MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """An error response of a model server.

    Args:
        status: the HTTP status, or the one that an error in a 200 response names.
        names: the error's `code`, `type` and the like, in lower case, except numbers.
        param: the parameter that it names.
        message: the server's own words. They may contain article text or a key.
        generation: what the model had written, if the server refused to return that and reports it here.
    """

    status: int
    names: frozenset[str] = frozenset()
    param: str = ""
    message: str = ""
    generation: str | None = None

    @classmethod
    def from_body(cls, status: int, body: bytes) -> "ErrorResponse":
        """Parse the body of a response whose status is an error."""
        text = body[:MAX_BYTES_READ].decode("utf-8-sig", "replace").strip()
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            return cls(status, message="" if text.startswith("<") else text[:MAX_MESSAGE_LENGTH])
        return cls._parse(status, document)

    @classmethod
    def from_embedded(cls, error: Any) -> "ErrorResponse":
        """Parse an error in a response with status 200, as gateways send it if an upstream has failed."""
        code = str(error.get("code") or error.get("status") if isinstance(error, Mapping) else None)
        if re.fullmatch(r"[45]\d\d", code):
            return cls._parse(int(code), {"error": error})
        error_response = cls._parse(400, {"error": error})
        told = " ".join([error_response.message, *error_response.names])
        # The status follows from the words of the message and from the names.
        status = 429 if OVERLOADED_PROSE.search(told) else 503 if BROKEN_PROSE.search(told) else 400
        return replace(error_response, status=status)

    @classmethod
    def _parse(cls, status: int, document: Any) -> "ErrorResponse":
        parts = list(_parts(document))
        names = [part.get(name) for part in parts for name in ("code", "type", "status", "error_type", "reason")]
        words = {name.lower() for name in names if isinstance(name, str) and name.lower() != "none"}
        params = (part.get("param") for part in parts)
        written = (part.get("failed_generation") for part in parts)
        return cls(
            status,
            frozenset(word for word in words if not word.isdecimal()),
            next((param for param in params if isinstance(param, str) and param.lower() != "none"), ""),
            " ".join(dict.fromkeys(part["text"] for part in parts if part.get("text")))[:MAX_MESSAGE_LENGTH],
            next((text for text in written if isinstance(text, str)), None),
        )

    @property
    def code(self) -> str:
        """The provider's own names for the error, as far as they are safe to show."""
        # Error names are words with underscores; anything else may be content of a request.
        return ", ".join(sorted(name for name in self.names if _PLAIN.fullmatch(name) and len(name) <= 50))

    @property
    def max_allowed(self) -> int | None:
        """The highest token limit of an answer, if the server reports it."""
        found = MAX_ALLOWED.search(f"{self.message} {self.param}")
        return int(next(filter(None, found.groups()))) if found else None

    @property
    def context_tokens(self) -> int | None:
        """The size of the model's context, if the server reports it."""
        found = (pattern.search(self.message) for pattern in CONTEXT_TOKENS)
        return next((int(match[1]) for match in found if match), None)


def _parts(document: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Every nested object that may have details of an error, the outermost first. `text` is its message."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(document, str):
        inner = _json_in(document)
        yield from _parts(inner, depth + 1) if inner is not None else [{"text": document}]
    elif isinstance(document, list):
        for item in document[:8]:
            yield from _parts(item, depth + 1)
    elif isinstance(document, Mapping):
        text = _message(document)
        yield {**document, "text": text}
        for name in ("error", "message", "detail", "details", "metadata", "raw", "innererror"):
            inner = document.get(name)
            if isinstance(inner, dict | list) or (isinstance(inner, str) and (name != "message" or _json_in(inner))):
                yield from _parts(inner, depth + 1)


def _message(document: Mapping[str, Any]) -> str:
    """The message of an error object. FastAPI's errors have the path of the field beside it."""
    text = next((document[name] for name in ("message", "msg") if isinstance(document.get(name), str)), "")
    where, size = document.get("loc"), document.get("n_ctx")
    if isinstance(size, int):
        text += f" (n_ctx: {size})"  # llama.cpp reports it beside the message
    return f"{'.'.join(map(str, where))}: {text}" if isinstance(where, list) else text


def _json_in(text: str) -> Any:
    """The JSON in a text, if it is JSON: gateways pass on an upstream's error as text."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
