"""The application as a caller sees it, on a scripted model."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.app import create_app, runtime_of
from service.settings import Settings
from service.telemetry import logs
from tests.support.scripted_model import NOTHING, ScriptedModel

KEY = "key-of-the-caller"

Serve = Callable[..., FlaskClient]


@pytest.fixture
def build() -> Iterator[Callable[..., Flask]]:
    """Build applications, and close them after the test."""
    built: list[Flask] = []

    def make(model: ScriptedModel | None = None, **settings: Any) -> Flask:
        app = create_app(Settings(**settings), model or ScriptedModel(otherwise=NOTHING))
        built.append(app)
        return app

    yield make
    for app in built:
        runtime_of(app).close()


@pytest.fixture
def serve(build: Callable[..., Flask]) -> Serve:
    """Clients of applications with the given model and settings."""
    return lambda *args, **settings: build(*args, **settings).test_client()


@pytest.fixture
def client(serve: Serve) -> FlaskClient:
    return serve()


@pytest.fixture
def log_lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Everything that was logged so far, parsed."""
    stream = io.StringIO()
    root = logging.getLogger()
    before = root.handlers[:], root.level, logging.getLogger("service").level
    logs.configure("DEBUG", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = before[0], before[1]
    logging.getLogger("service").setLevel(before[2])
    logging.captureWarnings(False)
    structlog.reset_defaults()


def problem_of(response: TestResponse) -> dict[str, Any]:
    """The problem that a response is, checked for what every problem has."""
    assert response.content_type == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    problem: dict[str, Any] = json.loads(response.data)
    assert problem["status"] == response.status_code
    assert problem["type"] == f"urn:dragoman:problem:{problem['code']}"
    assert problem["instance"] == f"urn:dragoman:request:{response.headers['X-Request-Id']}"
    assert problem["title"]
    assert problem["detail"]
    in_fields = problem["status"] == 422 and problem["code"] != "idempotency_key_reused"
    assert ("errors" in problem) == (in_fields or problem["code"] == "article_too_long")
    return problem


def is_answered(response: TestResponse) -> bool:
    """Whether there is an answer or a reason; a reason has the form that all of them have."""
    if response.status_code < 400:
        return True
    problem_of(response)
    return response.status_code < 500 or response.status_code in {502, 503, 504}
