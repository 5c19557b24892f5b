"""The web server: gunicorn, one process, a thread per request in work.

    SIGTERM, SIGHUP    accept no more articles; running ones may finish within the grace period, then are answered 503
    SIGINT             running articles are answered 503 at once

Either way the exit code is 0 and nothing is left running.
"""

import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException, UnsupportedTransferCoding
from gunicorn.workers.gthread import ThreadWorker

from service.app import runtime_of
from service.http.problems import INTERNAL, MEDIA_TYPE, Problem
from service.settings import Settings
from service.telemetry import logs

SPARE_THREADS = 8
"""Threads beside those of the articles, to answer probes and refuse further articles."""
ANSWERING_SECONDS = 3
"""Time to send the last responses after the grace period."""
STOP_SIGNALS = (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT)
"""Signals that stop the worker process."""

log = structlog.get_logger(__name__)


def bind(host: str, port: int) -> socket.socket:
    """Bind the address. Connections are not accepted yet.

    Raises:
        OSError: it is in use, not an address of this machine, or not allowed for this user.

    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


class WebServer(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Serves an application.

    Args:
        app: made by `create_app` with these settings.
        settings: limit of articles, grace period, log level.
        listener: a bound socket, which is closed by the server.
        announce: called with the URL once connections are accepted.

    """

    def __init__(
        self, app: Flask, settings: Settings, listener: socket.socket, announce: Callable[[str], None]
    ) -> None:
        self._app = app
        self.settings = settings
        self._announce = announce
        self._bound = listener.detach()
        super().__init__(prog="dragoman")

    def load_config(self) -> None:
        threads = self.settings.max_articles + SPARE_THREADS
        options: dict[str, Any] = {
            "bind": f"fd://{self._bound}",
            "workers": 1,
            "worker_class": Worker,
            "threads": threads,
            "worker_connections": max(1000, 2 * threads),
            "graceful_timeout": int(self.settings.grace_seconds) + ANSWERING_SECONDS,
            "keepalive": 5,
            "logger_class": PlainLogger,
            "loglevel": "warning",
            "control_socket_disable": True,
            # The heartbeat file must not be on a disk that can stall or be read-only.
            "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108 -- opened by mkstemp
            "when_ready": self._ready,
            "worker_exit": lambda _arbiter, worker: worker.close(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app

    def run(self) -> None:
        logs.configure(self.settings.log_level)
        Master(self).run()

    def _ready(self, arbiter: Arbiter) -> None:
        for listener in arbiter.LISTENERS:
            self._announce(str(listener))


class Master(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """The parent process, which starts and stops the worker."""

    def spawn_worker(self) -> int:
        # A new process has this process's signal handlers until it sets its own; a stop signal would be lost in them.
        # So these signals are blocked until then (`Worker.init_signals`).
        before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        pid: int = super().spawn_worker()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return pid

    def handle_hup(self) -> None:
        """Stop: there is nothing to reload, and a closed terminal must leave no process behind."""
        self.handle_term()


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """The worker process, which answers the requests."""

    wsgi: Flask | None = None

    def init_signals(self) -> None:
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def load_wsgi(self) -> None:
        super().load_wsgi()
        if self.wsgi is not None:
            runtime_of(self.wsgi).start()

    def drain(self, grace: float) -> None:
        if self.wsgi is not None:
            runtime_of(self.wsgi).drain(grace)

    def close(self) -> None:
        if self.wsgi is not None:
            runtime_of(self.wsgi).close()

    def handle_exit(self, sig: int, frame: Any) -> None:
        self.drain(self.app.settings.grace_seconds)
        super().handle_exit(sig, frame)

    def handle_quit(self, sig: int, frame: Any) -> None:
        # gunicorn's own handler shuts its thread pool down. If the signal interrupts this thread while it is
        # passing a request to that pool, or in the handler already (Ctrl-C comes from the terminal and again from the
        # arbiter), it would wait forever for a lock that it holds itself. Stopping as on SIGTERM takes no lock.
        self.drain(0)
        super().handle_exit(sig, frame)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:  # noqa: ARG002 -- gunicorn's
        """Answer a request that is not valid HTTP with problem details that do not repeat it."""
        if isinstance(exc, ParseException):
            problem = _of_parse_error(exc)
            log.warning("request", status=problem.status, code=problem.code)
        else:
            problem = INTERNAL
            log.error("unexpected exception", trace=logs.trace(exc))
        content = problem.body().encode()
        head = (
            f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\n"
            f"Connection: close\r\nContent-Type: {MEDIA_TYPE}\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        with suppress(OSError):  # the client may be gone
            client.sendall(head.encode() + content)


class PlainLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Passes gunicorn's messages to the handler of all other logs."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for logger in (self.error_log, self.access_log):
            logger.handlers.clear()
            logger.propagate = True


def _of_parse_error(error: ParseException) -> Problem:
    match error:
        case LimitRequestLine():
            return Problem(414, "address_too_long", "The address is too long.")
        case LimitRequestHeaders():
            return Problem(431, "headers_too_large", "The headers are too many or too long.")
        case UnsupportedTransferCoding():
            return Problem(501, "transfer_coding_unknown", "That transfer coding is not understood.")
        case _:
            return Problem(400, "bad_request", "The request is not HTTP as it should be.")
