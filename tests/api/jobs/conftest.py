"""A service that carries its jobs out by itself."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from service.app import runtime_of
from service.jobs.store import JobStore
from tests.support.patience import PATIENCE

Build = Callable[..., Flask]
ARTICLE = {"text": "Envoys of Oman met in Muscat.", "id": "a-1"}
NDJSON = {"Content-Type": "application/x-ndjson"}


class Service:
    """A service with a store of its own; `start` lets it carry its jobs out."""

    def __init__(self, app: Flask, url: str) -> None:
        self.app = app
        self.client = app.test_client()
        self.store = JobStore(url)

    def start(self) -> None:
        runtime_of(self.app).start()

    def ended(self, path: str) -> dict[str, Any]:
        """A job or batch once it has ended."""
        patience = time.monotonic() + PATIENCE
        while time.monotonic() < patience:
            shown = self.client.get(path)
            if "Retry-After" not in shown.headers:
                return dict(shown.get_json())
            time.sleep(0.02)
        raise AssertionError(f"{path} has not ended: {shown.get_json()}")

    def lines(self, path: str) -> list[dict[str, Any]]:
        answer = self.client.get(path)
        assert answer.mimetype == "application/x-ndjson"
        return [json.loads(line) for line in answer.text.splitlines()]


@pytest.fixture
def serving(build: Build, database_url: str) -> Iterator[Callable[..., Service]]:
    services: list[Service] = []

    def make(*args: Any, **settings: Any) -> Service:
        services.append(Service(build(*args, **{"database_url": database_url, **settings}), database_url))
        return services[-1]

    yield make
    for service in services:
        service.store.close()


@pytest.fixture
def service(serving: Callable[..., Service]) -> Service:
    return serving()


def accepted(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 202
    assert int(answer.headers["Retry-After"]) >= 1
    return dict(answer.get_json())


def posted(*documents: Any) -> bytes:
    return "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in documents).encode()
