"""What a server said instead of an answer, read from the forms that servers give it (docs/model-servers.md)."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

MOST_ALLOWED = re.compile(
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
"""How servers tell the size of the context, the surest first. It stands right beside: "exceeded by 512" is none."""
OVERLOADED = re.compile(r"overload|rate.?limit|capacity|too many requests|resource_exhausted", re.IGNORECASE)
BROKEN = re.compile(r"internal|upstream|unavailable|timed? ?out|bad gateway|server_error|api_error", re.IGNORECASE)
"""Words for a failure that may pass, where an error has no status."""
MOST_READ = 65_536
"""Bytes of an error that are read. Some servers repeat the whole request."""
MOST_WORDS = 2_000
_PLAIN = re.compile(r"[a-z]+(_[a-z]+){0,6}")
_MOST_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a server said instead of an answer.

    Args:
        status: of HTTP, or the one that an error inside a 200 names.
        names: its `code` and `type`, in lower case, if they are words.
        param: which parameter it names.
        message: its own words. They may repeat the article or a key.
        generation: what the model had written when the server refused to pass it on, if it tells.
    """

    status: int
    names: frozenset[str] = frozenset()
    param: str = ""
    message: str = ""
    generation: str | None = None

    @classmethod
    def of(cls, status: int, body: bytes) -> "Refusal":
        """Read the body of an answer that is not 200."""
        text = body[:MOST_READ].decode("utf-8-sig", "replace").strip()
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            return cls(status, message="" if text.startswith("<") else text[:MOST_WORDS])
        return cls._read(status, said)

    @classmethod
    def inside(cls, error: Any) -> "Refusal":
        """Read an error that came with status 200, as gateways send it once an upstream has failed."""
        code = str(error.get("code") or error.get("status") if isinstance(error, Mapping) else None)
        if re.fullmatch(r"[45]\d\d", code):
            return cls._read(int(code), {"error": error})
        refusal = cls._read(400, {"error": error})
        told = " ".join([refusal.message, *refusal.names])
        # The names are what tells: a message may speak of anything.
        status = 429 if OVERLOADED.search(told) else 503 if BROKEN.search(told) else 400
        return replace(refusal, status=status)

    @classmethod
    def _read(cls, status: int, said: Any) -> "Refusal":
        parts = list(_parts(said))
        names = [part.get(name) for part in parts for name in ("code", "type", "status", "error_type", "reason")]
        words = {name.lower() for name in names if isinstance(name, str) and name.lower() != "none"}
        params = (part.get("param") for part in parts)
        written = (part.get("failed_generation") for part in parts)
        return cls(
            status,
            frozenset(word for word in words if not word.isdecimal()),
            next((param for param in params if isinstance(param, str) and param.lower() != "none"), ""),
            " ".join(dict.fromkeys(part["text"] for part in parts if part.get("text")))[:MOST_WORDS],
            next((text for text in written if isinstance(text, str)), None),
        )

    @property
    def code(self) -> str:
        """The provider's own words for the sort of fault, as far as they are plain ones."""
        # Error names are words with underscores; anything else may be content.
        return ", ".join(sorted(name for name in self.names if _PLAIN.fullmatch(name) and len(name) <= 50))

    @property
    def most_allowed(self) -> int | None:
        """The highest limit of an answer, where the server names it."""
        found = MOST_ALLOWED.search(f"{self.message} {self.param}")
        return int(next(filter(None, found.groups()))) if found else None

    @property
    def context_tokens(self) -> int | None:
        """The size of the model's context, where the server names it."""
        found = (pattern.search(self.message) for pattern in CONTEXT_TOKENS)
        return next((int(match[1]) for match in found if match), None)


def _parts(said: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Every object and text in which an error's facts may stand, the outermost first; `text` is its message."""
    if depth > _MOST_DEPTH:
        return
    if isinstance(said, str):
        inner = _json_in(said)
        yield from _parts(inner, depth + 1) if inner is not None else [{"text": said}]
    elif isinstance(said, list):
        for item in said[:8]:
            yield from _parts(item, depth + 1)
    elif isinstance(said, Mapping):
        text = _located(said)
        yield {**said, "text": text}
        for name in ("error", "message", "detail", "details", "metadata", "raw", "innererror"):
            inner = said.get(name)
            if isinstance(inner, dict | list) or (isinstance(inner, str) and (name != "message" or _json_in(inner))):
                yield from _parts(inner, depth + 1)


def _located(said: Mapping[str, Any]) -> str:
    """The message of an error; one of FastAPI's says where by a path."""
    text = next((said[name] for name in ("message", "msg") if isinstance(said.get(name), str)), "")
    where, size = said.get("loc"), said.get("n_ctx")
    if isinstance(size, int):
        text += f" (n_ctx: {size})"  # llama.cpp tells it beside the message
    return f"{'.'.join(map(str, where))}: {text}" if isinstance(where, list) else text


def _json_in(text: str) -> Any:
    """An upstream's error, which a gateway has passed on as text."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
