"""Parses response bodies as servers really send them: JSON, JSON in a wrapper, or server-sent events."""

import codecs
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from service.llm.json_extraction import replace_lone_surrogates

OnText = Callable[[str], None]
"""Called with each piece of an answer while the model writes it."""

_SSE_PREFIXES = ("data:", "event:", ":", "id:", "retry:")
"""Prefixes of the lines of server-sent events."""
_SSE_DONE = "[DONE]"


class StreamBrokenError(Exception):
    """A stream ended before its last event: the server or a proxy gave up."""


class StreamedBody:
    """A response body that is parsed while it arrives.

    Args:
        on_text: called with the pieces of the answer, if the body is a stream of events.

    """

    def __init__(self, on_text: OnText) -> None:
        self._on_text = on_text
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._line = ""
        self._body = bytearray()
        self._events: list[dict[str, Any]] = []
        self._has_ended = False
        self._is_malformed = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._body += data
        *lines, self._line = (self._line + self._decoder.decode(data)).split("\n")
        for line in lines:
            self._feed_line(line)

    def parsed(self) -> dict[str, Any] | None:
        """The completion that has arrived, or the error in its place; None if it is neither.

        Raises:
            StreamBrokenError: it is a stream that ended too early.

        """
        self._feed_line(self._line)
        if self._is_malformed or not self._body.decode("utf-8-sig", "replace").lstrip().startswith(_SSE_PREFIXES):
            return parsed(bytes(self._body))
        if not self._has_ended:
            raise StreamBrokenError
        return _merge_chunks(self._events)

    def _feed_line(self, line: str) -> None:
        try:
            event = _event(line)
        except ValueError:
            self._is_malformed = True  # `parsed` will parse the whole body instead
            return
        if event is None:
            self._has_ended |= line.partition(":")[2].strip() == _SSE_DONE
            return
        self._events.append(event)
        choice = _choice(event)
        self._has_ended |= bool(event.get("error") or choice.get("error") or choice.get("finish_reason"))
        if piece := _answer_piece(_delta(choice)):
            self._on_text(piece)


def parsed(body: bytes) -> dict[str, Any] | None:
    """The completion in a response body, or the error in its place; None if it is neither."""
    text = body.decode("utf-8-sig", "replace").strip()
    if text.startswith(_SSE_PREFIXES):
        events = _events(text)
        return None if events is None else _merge_chunks(events)
    try:
        document = json.loads(text)
        if isinstance(document, list) and len(document) == 1:
            document = document[0]  # Gemini wraps its errors
        if isinstance(document, dict) and "choices" not in document and isinstance(document.get("data"), dict):
            document = document["data"]  # some gateways wrap everything
        return _wrap_bare_error(_replace_lone_surrogates(document)) if isinstance(document, dict) else None
    except (ValueError, RecursionError):  # no response is nested as deeply
        return None


def _wrap_bare_error(document: dict[str, Any]) -> dict[str, Any]:
    """Put a bare error object into the member `error`, where other servers have it."""
    alone = "choices" not in document and not document.get("error") and isinstance(document.get("message"), str)
    return {**document, "error": document} if alone else document


def _replace_lone_surrogates(value: Any) -> Any:
    """JSON without unpaired surrogates, which other encoders refuse."""
    if isinstance(value, str):
        return value if value.isascii() else replace_lone_surrogates(value)
    if isinstance(value, dict):
        return {key: _replace_lone_surrogates(item) for key, item in value.items()}
    return [_replace_lone_surrogates(item) for item in value] if isinstance(value, list) else value


def _events(text: str) -> list[dict[str, Any]] | None:
    """The events of a stream (https://html.spec.whatwg.org/#parsing-an-event-stream); None if one is malformed."""
    try:
        # Not `splitlines`, which splits at other line breaks too; these may be in the text of an answer.
        events = [_event(line) for line in re.split(r"\r\n|\n|\r", text)]
    except ValueError:
        return None
    return [event for event in events if event is not None]


def _event(line: str) -> dict[str, Any] | None:
    """The event in a line; None if it has none.

    Raises:
        ValueError: the event is malformed.

    """
    name, _, data = line.partition(":")
    if name != "data" or data.strip() in (_SSE_DONE, ""):
        return None
    try:
        event = json.loads(data)
        return _wrap_bare_error(_replace_lone_surrogates(event)) if isinstance(event, dict) else None
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _merge_chunks(events: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Merge the chunks of a stream into one completion; None if there are none."""
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
        part = _delta(choice)
        for name in ("content", "refusal", "reasoning_content", "reasoning"):
            message[name] = message.get(name, "") + text_of(part.get(name))
        called += _argument_piece(part.get("tool_calls"))
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
    """The usage in a chunk. Some servers send it with each chunk but the last, Groq in a member of its own."""
    apart = event.get("x_groq")
    document = event.get("usage") or (apart.get("usage") if isinstance(apart, dict) else None)
    return document if isinstance(document, dict) and any(document.values()) else None


def _choice(event: Mapping[str, Any]) -> dict[str, Any]:
    """The first choice in a chunk; empty if there is none."""
    choices = event.get("choices")
    choice = next(iter(choices), None) if isinstance(choices, list) else None
    return choice if isinstance(choice, dict) else {}


def _delta(choice: Mapping[str, Any]) -> dict[str, Any]:
    """The part of the message that a chunk adds; empty if it adds nothing."""
    part = choice.get("delta") or choice.get("message")
    return part if isinstance(part, dict) else {}


def _answer_piece(part: Mapping[str, Any]) -> str:
    """The text that a chunk adds to the answer, as content or as arguments of a tool call."""
    return text_of(part.get("content")) + _argument_piece(part.get("tool_calls"))


def _argument_piece(calls: Any) -> str:
    """The piece of a tool call's arguments in a chunk."""
    first = next(iter(calls), None) if isinstance(calls, list) else None
    function = first.get("function") if isinstance(first, dict) else None
    return arguments_of(function.get("arguments")) if isinstance(function, dict) else ""


def arguments_of(value: object) -> str:
    """The arguments of a tool call, which are JSON in a string; some servers send the object itself."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else text_of(value)


def text_of(value: object) -> str:
    """The text of a message's content, which is a string or, with some servers, a list of parts."""
    if isinstance(value, list):
        return "".join(text_of(part.get("text")) for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""
