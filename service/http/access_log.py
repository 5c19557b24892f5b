"""One log line per request, and the id by which caller and operator can both name it."""

import re
import time
import uuid
from typing import Final

import structlog
from flask import Flask, Response, g, request

HEADER: Final = "X-Request-Id"
SANE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")

log = structlog.get_logger(__name__)


def register(app: Flask) -> None:
    """Number each request before anything else happens to it, and log it when its response is made."""

    @app.before_request
    def begin() -> None:
        g.started = time.monotonic()
        sent = request.headers.get(HEADER, "")
        g.request_id = sent if SANE.fullmatch(sent) else uuid.uuid4().hex
        g.facts = {}
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
            **g.facts,
        )
        return response
