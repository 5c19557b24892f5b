"""An answer as it comes: events, each as soon as it is known, in one of two forms.

    text/event-stream       event: NAME, data: JSON (https://html.spec.whatwg.org/#server-sent-events)
    application/x-ndjson    one JSON object a line

A stream ends with an `extraction` or a `problem`; one that does not was cut off, which no line reader can tell from its
end. While nothing happens there are signs of life, without which nobody would notice that the caller has left.
"""

from collections.abc import Iterable, Iterator

from flask import Request, Response
from openapi_pydantic import Schema

from schemas.events import Event, Progress
from service.http.body import JSON, NDJSON

SSE = "text/event-stream"
BEAT_SECONDS = 1.0
"""Between signs of life. A caller who has left is noticed with the second of them."""
SSE_FORM = Schema(
    type="string",
    description="Events named as their member `event`, each with an object as `data` that is a line of "
    "application/x-ndjson.",
)
_ALIVE = ":\n\n"
"""A comment, which is no event."""


def wanted(request: Request) -> str | None:
    """The media type of a stream, if the caller prefers one to the answer in one piece."""
    best = request.accept_mimetypes.best_match([JSON, SSE, *NDJSON], default=JSON)
    return None if best == JSON else best


def response(events: Iterable[Event | None], form: str) -> Response:
    """Send events as they come; None is a sign of life."""
    # A proxy that collects answers would keep them from the caller until the end.
    sent = _sse(events) if form == SSE else _lines(events)
    return Response(sent, mimetype=form, headers={"X-Accel-Buffering": "no"})


def _sse(events: Iterable[Event | None]) -> Iterator[str]:
    for event in events:
        yield _ALIVE if event is None else f"event: {event.event}\ndata: {event.model_dump_json()}\n\n"


def _lines(events: Iterable[Event | None]) -> Iterator[str]:
    """Lines have no comments: a sign of life says again how far it is."""
    progress = ""
    for event in events:
        line = progress if event is None else event.model_dump_json() + "\n"
        if isinstance(event, Progress):
            progress = line
        yield line
