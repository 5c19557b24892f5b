"""The probes."""

import asyncio
from collections.abc import Callable

import pytest
from flask import Flask

from service.app import runtime_of
from service.errors import DeadlineExceededError, ModelUnavailableError
from service.http.health import Readiness
from service.runtime import Runtime
from tests.api.conftest import Serve, problem_of
from tests.support.scripted_model import ScriptedModel


def test_alive_does_not_ask_the_model(serve: Serve) -> None:
    model = ScriptedModel(is_ready=False)

    response = serve(model).get("/healthz")

    assert (response.status_code, response.get_json()) == (200, {"status": "alive"})
    assert model.readiness_checks == 0


def test_ready_asks_the_model_and_never_bills(serve: Serve) -> None:
    model = ScriptedModel()

    response = serve(model).get("/readyz")

    assert (response.status_code, response.get_json()) == (200, {"status": "ready"})
    assert model.readiness_checks == 1
    assert model.questions == []


@pytest.mark.parametrize("says", [False, ModelUnavailableError("down"), DeadlineExceededError("late")])
def test_silent_model_is_503(serve: Serve, says: bool | Exception) -> None:
    response = serve(ScriptedModel(is_ready=says)).get("/readyz")

    assert problem_of(response)["code"] == "not_ready"
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "2"


def test_answer_is_kept_for_a_second() -> None:
    now = 100.0
    model = ScriptedModel()
    runtime = Runtime(max_articles=1)
    readiness = Readiness(model, runtime, clock=lambda: now)

    assert readiness.ready()
    now = 100.9
    model.is_ready = False
    assert readiness.ready()
    assert model.readiness_checks == 1
    now = 101.1
    assert not readiness.ready()
    runtime.close()


def test_model_that_hangs_is_not_ready() -> None:
    class HangingModel(ScriptedModel):
        async def ready(self) -> bool:
            await asyncio.sleep(3600)
            return True

    runtime = Runtime(max_articles=1, overrun_seconds=0)

    assert not Readiness(HangingModel(), runtime, timeout=0.05).ready()
    runtime.close()


def test_stopping_service_is_not_ready(build: Callable[..., Flask]) -> None:
    model = ScriptedModel()
    app = build(model)

    runtime_of(app).drain(0)

    assert problem_of(app.test_client().get("/readyz"))["code"] == "not_ready"
    assert model.readiness_checks == 0
