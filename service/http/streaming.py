"""Streams the events of an extraction as they occur, in one of two media types.

    text/event-stream       event: NAME, data: JSON (https://html.spec.whatwg.org/#server-sent-events)
    application/x-ndjson    one JSON object a line

A stream ends with an `extraction` or a `problem`. One that does not was cut off, which a client cannot tell otherwise.
While nothing happens, heartbeats are sent; sending is the only way to notice that the caller has disconnected.
"""

from collections.abc import Iterable, Iterator

from flask import Request, Response
from openapi_pydantic import Schema

from schemas.events import Event, Progress
from service.http.body import JSON, NDJSON

SSE = "text/event-stream"
HEARTBEAT_SECONDS = 1.0
"""Between heartbeats. A disconnected caller is noticed with the second of them."""
SSE_SCHEMA = Schema(
    type="string",
    description="Events named as their member `event`, each with an object as `data` that is a line of "
    "application/x-ndjson.",
)
_SSE_HEARTBEAT = ":\n\n"
"""A comment line, which clients ignore."""


def preferred_media_type(request: Request) -> str | None:
    """The media type of a stream that the caller prefers to a single JSON response; None if it prefers that."""
    best = request.accept_mimetypes.best_match([JSON, SSE, *NDJSON], default=JSON)
    return None if best == JSON else best


def response(events: Iterable[Event | None], media_type: str) -> Response:
    """Send events as they come; None is a heartbeat."""
    # Without this header, nginx would buffer the stream until its end.
    stream = _sse(events) if media_type == SSE else _lines(events)
    return Response(stream, mimetype=media_type, headers={"X-Accel-Buffering": "no"})


def _sse(events: Iterable[Event | None]) -> Iterator[str]:
    for event in events:
        yield _SSE_HEARTBEAT if event is None else f"event: {event.event}\ndata: {event.model_dump_json()}\n\n"


def _lines(events: Iterable[Event | None]) -> Iterator[str]:
    """One line per event. NDJSON has no comments: a heartbeat repeats the last progress event."""
    progress = ""
    for event in events:
        line = progress if event is None else event.model_dump_json() + "\n"
        if isinstance(event, Progress):
            progress = line
        yield line
