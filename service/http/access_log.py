"""The access log: one line per request, with the request id that is also sent to the caller."""

import re
import time
import uuid
from typing import Final

import structlog
from flask import Flask, Response, g, request

HEADER: Final = "X-Request-Id"
VALID_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")

log = structlog.get_logger(__name__)


def register(app: Flask) -> None:
    """Give each request an id before anything else happens, and log it when its response is ready."""

    @app.before_request
    def begin() -> None:
        g.started = time.monotonic()
        sent = request.headers.get(HEADER, "")
        g.request_id = sent if VALID_REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex
        g.log_fields = {}
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers[HEADER] = g.request_id
        response.headers.setdefault("Cache-Control", "no-store")
        write = log.warning if response.status_code >= 500 else log.info
        write(
            "request",
            method=request.method,
            route=request.url_rule.rule if request.url_rule else None,
            status=response.status_code,
            duration_seconds=round(time.monotonic() - g.started, 4),
            **g.log_fields,
        )
        return response
