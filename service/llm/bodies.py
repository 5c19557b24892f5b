"""Response bodies as servers really send them: JSON, JSON in a wrapper, or events of a stream, asked for or not."""

import codecs
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from service.llm.written import without_halves

Hear = Callable[[str], None]
"""Hears the pieces of what a model writes as its answer."""

_STREAM = ("data:", "event:", ":", "id:", "retry:")
"""How the events of a stream begin."""
_LAST = "[DONE]"


class BrokenOffError(Exception):
    """A stream ended before its last event: a server or a proxy gave up in the middle."""


class Arriving:
    """A response body while it arrives.

    Args:
        hear: hears what the model writes, where the body is a stream of events.

    """

    def __init__(self, hear: Hear) -> None:
        self._hear = hear
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._line = ""
        self._body = bytearray()
        self._events: list[dict[str, Any]] = []
        self._ended = False
        self._broken = False

    def take(self, data: bytes) -> None:
        """Take the next bytes."""
        self._body += data
        *lines, self._line = (self._line + self._decoder.decode(data)).split("\n")
        for line in lines:
            self._take(line)

    def parsed(self) -> dict[str, Any] | None:
        """The completion that has arrived, or the error that is there instead; None where it is neither.

        Raises:
            BrokenOffError: it is a stream that has not come to its end.

        """
        self._take(self._line)
        if self._broken or not self._body.decode("utf-8-sig", "replace").lstrip().startswith(_STREAM):
            return parsed(bytes(self._body))
        if not self._ended:
            raise BrokenOffError
        return _joined(self._events)

    def _take(self, line: str) -> None:
        try:
            event = _event(line)
        except ValueError:
            self._broken = True  # what reads the whole says what it is
            return
        if event is None:
            self._ended |= line.partition(":")[2].strip() == _LAST
            return
        self._events.append(event)
        choice = _choice(event)
        self._ended |= bool(event.get("error") or choice.get("error") or choice.get("finish_reason"))
        if piece := _written(_part(choice)):
            self._hear(piece)


def parsed(body: bytes) -> dict[str, Any] | None:
    """The completion in a response body, or the error that is there instead; None where it is neither."""
    text = body.decode("utf-8-sig", "replace").strip()
    if text.startswith(_STREAM):
        events = _events(text)
        return None if events is None else _joined(events)
    try:
        said = json.loads(text)
        if isinstance(said, list) and len(said) == 1:
            said = said[0]  # Gemini wraps its errors
        if isinstance(said, dict) and "choices" not in said and isinstance(said.get("data"), dict):
            said = said["data"]  # some gateways wrap everything
        return _with_error(_clean(said)) if isinstance(said, dict) else None
    except (ValueError, RecursionError):  # nobody's answer is nested as deeply
        return None


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
    try:
        # Not `splitlines`: other line breaks than these may stand in the text of an answer.
        events = [_event(line) for line in re.split(r"\r\n|\n|\r", text)]
    except ValueError:
        return None
    return [event for event in events if event is not None]


def _event(line: str) -> dict[str, Any] | None:
    """The event in a line; None where it holds none.

    Raises:
        ValueError: it is broken.

    """
    name, _, data = line.partition(":")
    if name != "data" or data.strip() in (_LAST, ""):
        return None
    try:
        event = json.loads(data)
        return _with_error(_clean(event)) if isinstance(event, dict) else None
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _joined(events: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Chunks put together to the completion they are parts of."""
    joined: dict[str, Any] = {}
    message: dict[str, str] = {}
    called = ""
    seen = False
    for event in events:
        seen = True
        names = ("error", "promptFeedback", "system_fingerprint")
        joined |= {name: event[name] for name in names if event.get(name)}
        if told := _usage(event):
            joined["usage"] = told
        choice = _choice(event)
        if not choice:
            continue
        part = _part(choice)
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


def _usage(event: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a chunk says of the cost so far: some servers say it with each one and not with the last; Groq apart."""
    apart = event.get("x_groq")
    said = event.get("usage") or (apart.get("usage") if isinstance(apart, dict) else None)
    return said if isinstance(said, dict) and any(said.values()) else None


def _choice(event: Mapping[str, Any]) -> dict[str, Any]:
    """The first choice in a chunk; empty where there is none."""
    choices = event.get("choices")
    choice = next(iter(choices), None) if isinstance(choices, list) else None
    return choice if isinstance(choice, dict) else {}


def _part(choice: Mapping[str, Any]) -> dict[str, Any]:
    """What a chunk adds to a message; empty where it adds nothing."""
    part = choice.get("delta") or choice.get("message")
    return part if isinstance(part, dict) else {}


def _written(part: Mapping[str, Any]) -> str:
    """What a chunk adds to the answer: to its text, or to the arguments of the call that it is."""
    return text_of(part.get("content")) + _called(part.get("tool_calls"))


def _called(calls: Any) -> str:
    """The piece of a call's arguments that a chunk has."""
    first = next(iter(calls), None) if isinstance(calls, list) else None
    function = first.get("function") if isinstance(first, dict) else None
    return arguments_of(function.get("arguments")) if isinstance(function, dict) else ""


def arguments_of(value: object) -> str:
    """Arguments of a call are JSON in a string; some servers send the object itself."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else text_of(value)


def text_of(value: object) -> str:
    """Content is a string or, with some servers, a list of parts."""
    if isinstance(value, list):
        return "".join(text_of(part.get("text")) for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""
