"""GET /healthz: the process is alive. GET /readyz: it can work, because the model server answers."""

import threading
import time
from collections.abc import Callable
from typing import Literal

from flask import Blueprint, Response
from pydantic import BaseModel

from service.deadline import Deadline
from service.errors import ModelCallError
from service.extraction.model import StructuredModel
from service.http.body import JSON
from service.http.openapi import answer, described
from service.http.problems import Problem, ProblemError
from service.runtime import Runtime

NOT_READY = Problem(503, "not_ready", "The model server does not answer.", headers={"Retry-After": "2"})
DRAINING = Problem(503, "not_ready", "The service is shutting down.", headers={"Retry-After": "2"})


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """So does the model server."""

    status: Literal["ready"] = "ready"


class Readiness:
    """Whether the model server answers. The result is cached, so that probes cause about one call a second.

    Args:
        timeout: seconds to wait for the model server.
        cache_seconds: how long a result is reused.
        clock: monotonic time in seconds.

    """

    def __init__(
        self,
        model: StructuredModel,
        runtime: Runtime,
        *,
        timeout: float = 2.0,
        cache_seconds: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = model
        self._runtime = runtime
        self._timeout = timeout
        self._cache_seconds = cache_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._is_ready: bool = False
        self._valid_until: float = float("-inf")

    def ready(self) -> bool:
        with self._lock:
            if self._clock() >= self._valid_until:
                self._is_ready = self._probe()
                self._valid_until = self._clock() + self._cache_seconds
            return self._is_ready

    def _probe(self) -> bool:
        try:
            return self._runtime.run(self._model.ready, Deadline.after(self._timeout))
        except ModelCallError:
            return False


def blueprint(readiness: Readiness, runtime: Runtime) -> Blueprint:
    """Make both routes."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    @described("Whether the process is alive", answers={200: answer("It is.", {JSON: Alive})})
    def healthz() -> Response:
        return Response(Alive().model_dump_json(), mimetype=JSON)

    @routes.get("/readyz")
    @described(
        "Whether the service can work",
        answers={200: answer("It can.", {JSON: Ready})},
        problem_responses=[NOT_READY, DRAINING],
    )
    def readyz() -> Response:
        if runtime.draining:
            raise ProblemError(DRAINING)
        if not readiness.ready():
            raise ProblemError(NOT_READY)
        return Response(Ready().model_dump_json(), mimetype=JSON)

    return routes
