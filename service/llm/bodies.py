"""Response bodies as servers really send them: JSON, JSON in a wrapper, or events of a stream that nobody asked for."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from service.llm.written import without_halves


def parsed(body: bytes) -> dict[str, Any] | None:
    """The completion in a response body, or the error that is there instead; None where it is neither."""
    text = body.decode("utf-8-sig", "replace").strip()
    if text.startswith(("data:", "event:", ":", "id:", "retry:")):
        events = _events(text)
        return None if events is None else _joined(events)
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(said, list) and len(said) == 1:
        said = said[0]  # Gemini wraps its errors
    if isinstance(said, dict) and "choices" not in said and isinstance(said.get("data"), dict):
        said = said["data"]  # some gateways wrap everything
    return _with_error(_clean(said)) if isinstance(said, dict) else None


def _with_error(said: dict[str, Any]) -> dict[str, Any]:
    """An error that stands by itself in the place of a completion, as one in an object."""
    alone = "choices" not in said and not said.get("error") and isinstance(said.get("message"), str)
    return {**said, "error": said} if alone else said


def _clean(value: Any) -> Any:
    """JSON without halves of surrogate pairs, which no other encoder would take."""
    if isinstance(value, str):
        return value if value.isascii() else without_halves(value)
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value


def _events(text: str) -> list[dict[str, Any]] | None:
    """The events of a stream (https://html.spec.whatwg.org/#parsing-an-event-stream); None if one is broken."""
    events: list[dict[str, Any]] = []
    # Not `splitlines`: other line breaks than these may stand in the text of an answer.
    for line in re.split(r"\r\n|\n|\r", text):
        name, _, data = line.partition(":")
        if name != "data" or data.strip() in ("[DONE]", ""):
            continue
        try:
            event = json.loads(data)
        except (ValueError, RecursionError):
            return None
        if isinstance(event, dict):
            events.append(_with_error(_clean(event)))
    return events


def _joined(events: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Chunks put together to the completion they are parts of."""
    joined: dict[str, Any] = {}
    message: dict[str, str] = {}
    called = ""
    seen = False
    for event in events:
        seen = True
        joined |= {name: event[name] for name in ("usage", "error", "promptFeedback") if event.get(name)}
        choice = next(iter(choices), None) if isinstance(choices := event.get("choices"), list) else None
        if not isinstance(choice, dict):
            continue
        part: Any = choice.get("delta") or choice.get("message")
        if isinstance(part, dict):
            for name in ("content", "refusal", "reasoning_content", "reasoning"):
                message[name] = message.get(name, "") + text_of(part.get(name))
            called += _called(part.get("tool_calls"))
        joined["finish_reason"] = choice.get("finish_reason") or joined.get("finish_reason")
        joined["choices"] = [
            {
                "message": {**message, "tool_calls": [{"function": {"arguments": called}}]},
                "finish_reason": joined["finish_reason"],
                "error": choice.get("error"),
            }
        ]
    return joined if seen else None


def _called(calls: Any) -> str:
    """The piece of a call's arguments that a chunk has."""
    first = next(iter(calls), None) if isinstance(calls, list) else None
    function = first.get("function") if isinstance(first, dict) else None
    return text_of(function.get("arguments")) if isinstance(function, dict) else ""


def text_of(value: object) -> str:
    """Content is a string or, with some servers, a list of parts."""
    if isinstance(value, list):
        return "".join(text_of(part.get("text")) for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""
