"""The same request twice: idempotency keys, and results that are used again."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from service.jobs.errors import StoreUnavailableError
from service.jobs.states import State
from service.jobs.store import JobStore, utc_now
from service.jobs.tables import idempotency_keys
from tests.api.conftest import problem_of
from tests.api.jobs.conftest import ARTICLE, Service, accepted
from tests.support.patience import PATIENCE
from tests.support.scripted_model import NOTHING, ScriptedModel


def test_same_key_and_payload_is_the_same_job(service: Service) -> None:
    def post(document: Any, key: str = "k-1") -> TestResponse:
        return service.client.post("/v1/jobs", json=document, headers={"Idempotency-Key": key})

    first, again = post({"article": ARTICLE}), post({"article": ARTICLE})

    assert accepted(first)["id"] == accepted(again)["id"]
    assert problem_of(post({"article": {"text": "Another."}}))["code"] == "idempotency_key_reused"
    assert accepted(post({"article": ARTICLE}, "k-2"))["id"] != first.get_json()["id"]
    assert service.store.counts() == {State.QUEUED: 2}
    for key in ("", "x" * 256, "white space", "ключ".encode().decode("latin-1")):
        assert problem_of(post({"article": ARTICLE}, key))["code"] == "idempotency_key_unusable"


def test_key_of_a_refused_request_is_free_again(service: Service) -> None:
    headers = {"Idempotency-Key": "k-1"}

    assert problem_of(service.client.post("/v1/jobs", json={"article": {"text": ""}}, headers=headers))["status"] == 422
    assert accepted(service.client.post("/v1/jobs", json={"article": ARTICLE}, headers=headers))


def test_key_in_progress_is_told(service: Service) -> None:
    headers = {"Idempotency-Key": "k-1", "Content-Type": "application/json"}
    data = json.dumps({"article": ARTICLE})
    inside, answers = threading.Event(), threading.Event()
    store: Any = next(
        cell.cell_contents
        for cell in service.app.view_functions["jobs.state"].__closure__ or ()
        if isinstance(cell.cell_contents, JobStore)
    )
    add = store.add

    def slow(*args: Any, **kwargs: Any) -> Any:
        inside.set()
        answers.wait(PATIENCE)
        return add(*args, **kwargs)

    store.add = slow
    first: list[TestResponse] = []
    thread = threading.Thread(
        target=lambda: first.append(service.app.test_client().post("/v1/jobs", data=data, headers=headers))
    )
    thread.start()
    assert inside.wait(PATIENCE)
    problem = service.client.post("/v1/jobs", data=data, headers=headers)
    answers.set()
    thread.join()

    assert problem_of(problem)["code"] == "idempotency_key_in_progress"
    assert problem.status_code == 409
    assert int(problem.headers["Retry-After"]) >= 1
    assert accepted(first[0])


def test_key_of_a_request_whose_end_nobody_knows_leads_to_the_same_job(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Idempotency-Key": "k-1"}
    add = JobStore.add

    def lost(store: JobStore, *args: Any, **kwargs: Any) -> Any:
        add(store, *args, **kwargs)
        raise StoreUnavailableError("the database of jobs is out of reach")

    monkeypatch.setattr(JobStore, "add", lost)
    first = service.client.post("/v1/jobs", json={"article": ARTICLE}, headers=headers)
    monkeypatch.setattr(JobStore, "add", add)
    again = service.client.post("/v1/jobs", json={"article": ARTICLE}, headers=headers)
    monkeypatch.setattr("service.jobs.idempotency_keys.LOCK_DURATION", timedelta(0))
    service.store._database.write(
        lambda connection: connection.execute(update(idempotency_keys).values(locked_until=utc_now()))
    )
    later = service.client.post("/v1/jobs", json={"article": ARTICLE}, headers=headers)

    assert problem_of(first)["code"] == "store_unavailable"
    assert problem_of(again)["code"] == "idempotency_key_in_progress"
    assert accepted(later)
    assert service.store.counts() == {State.QUEUED: 1}


def test_result_is_reused_unless_it_is_not_wanted(serving: Callable[..., Service]) -> None:
    model = ScriptedModel(otherwise=NOTHING)
    service = serving(model)
    service.start()

    def read(**more: Any) -> dict[str, Any]:
        document = {"article": {"text": "Envoys met.", **more.pop("article", {})}, **more}
        return service.ended(service.client.post("/v1/jobs", json=document).headers["Location"])

    first = read(article={"id": "one"})
    asked = len(model.questions)
    second = read(article={"id": "two"})
    result = service.client.get(second["result"]).get_json()

    assert (first["reused_from"], second["reused_from"]) == (None, first["id"])
    assert len(model.questions) == asked
    assert result["article_id"] == "two"
    assert result["reused_from"] == service.client.get(first["result"]).get_json()["id"]
    assert set(result["usage"].values()) == {0}
    assert read(reuse=False)["reused_from"] is None
    assert read(kinds=["sanctions"])["reused_from"] is None
    assert read(article={"published_at": "2026-05-04"})["reused_from"] is None
