"""/v1/jobs, with the jobs carried out inside the service."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from service.app import runtime_of
from service.errors import BreakerOpenError, ModelUnavailableError
from service.jobs.states import JobOutcome, State
from service.jobs.tables import job_requests
from tests.api.conftest import problem_of
from tests.api.jobs.conftest import ARTICLE, NDJSON, Build, Service, accepted, posted
from tests.support.patience import PATIENCE
from tests.support.scripted_model import NOTHING, ScriptedModel


def test_article_is_taken_in_and_read(service: Service) -> None:
    answer = service.client.post("/v1/jobs", json={"article": ARTICLE, "kinds": ["negotiations"]})
    job = accepted(answer)

    assert answer.headers["Location"] == f"/v1/jobs/{job['id']}"
    assert (job["state"], job["article_id"], job["attempts"]) == ("queued", "a-1", 0)
    assert problem_of(service.client.get(f"/v1/jobs/{job['id']}/result"))["code"] == "job_unfinished"

    service.start()
    ended = service.ended(answer.headers["Location"])
    result = service.client.get(ended["result"]).get_json()

    assert (ended["state"], ended["attempts"], ended["error"]) == ("complete", 1, None)
    assert ended["progress"] == {"done": 1, "questions": 1}
    assert ended["created_at"] <= ended["started_at"] <= ended["finished_at"] < ended["expires_at"]
    assert (result["article_id"], list(result["records"]), result["reused_from"]) == ("a-1", ["negotiations"], None)


def test_bare_text_is_a_job_too(service: Service) -> None:
    job = accepted(service.client.post("/v1/jobs", data="Envoys met.", content_type="text/plain"))

    assert service.client.get(f"/v1/jobs/{job['id']}").get_json() == job


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"article": {"text": " "}}, 422, "article_empty"),
        ({"article": {"text": "x" * 11}}, 413, "article_too_long"),
        ({"article": {"text": "x"}, "kinds": ["weather"]}, 422, "unknown_kind"),
        ({"article": {"text": "x"}, "deadline_seconds": 1e6}, 422, "invalid_fields"),
        ({"article": {"text": "x"}, "reuse": "yes"}, 422, "invalid_fields"),
        ({"article": {"text": "x"}, "reply_to": "queue"}, 422, "invalid_fields"),
        ({"article": {"text": "x"}, "callback_url": "https://example.com"}, 422, "invalid_fields"),
    ],
)
def test_what_cannot_be_read_is_refused_at_once(
    serving: Callable[..., Service], body: Any, status: int, code: str
) -> None:
    service = serving(max_chars=10)

    problem = problem_of(service.client.post("/v1/jobs", json=body))

    assert (problem["status"], problem["code"]) == (status, code)
    assert not service.store.counts()


def test_callback_is_checked_where_there_are_secrets(serving: Callable[..., Service]) -> None:
    service = serving(webhook_secrets="whsec_QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC")

    def post(url: str) -> TestResponse:
        return service.client.post("/v1/jobs", json={"article": ARTICLE, "callback_url": url})

    for url in ("http://example.com", "https://127.0.0.1/", "https://[::1]/x", "ftp://example.com", "nonsense"):
        problem = problem_of(post(url))
        assert problem["errors"][0]["pointer"] == "#/callback_url", url
    job = accepted(post("https://example.com/hook"))
    assert job["callback"]["state"] == "pending"


def test_queued_job_is_cancelled(service: Service) -> None:
    path = service.client.post("/v1/jobs", json={"article": ARTICLE}).headers["Location"]

    cancelled = service.client.delete(path)

    assert cancelled.get_json()["state"] == "cancelled"
    assert service.client.delete(path).get_json()["state"] == "cancelled"
    assert problem_of(service.client.get(f"{path}/result"))["code"] == "job_cancelled"
    service.start()
    assert service.ended(path)["attempts"] == 0


def test_failed_job_says_why(serving: Callable[..., Service]) -> None:
    service = serving(ScriptedModel(otherwise=ModelUnavailableError("the model server answered 500")), job_attempts=1)
    service.start()

    job = service.ended(service.client.post("/v1/jobs", json={"article": ARTICLE}).headers["Location"])
    problem = problem_of(service.client.get(f"/v1/jobs/{job['id']}/result"))

    assert (job["state"], job["result"]) == ("failed", None)
    assert job["error"] == {"code": "model_unavailable", "detail": "the model server answered 500"}
    assert problem["code"] == "job_failed"
    assert "model_unavailable" in problem["detail"]


@pytest.mark.parametrize("broker_url", [None, "amqp://127.0.0.1:1/"])
def test_job_ends_even_if_nobody_can_ever_carry_it_out(
    serving: Callable[..., Service], monkeypatch: pytest.MonkeyPatch, broker_url: str | None
) -> None:
    monkeypatch.setattr("service.app.TIME_LIMIT_CHECK_SECONDS", 0.05)
    model = ScriptedModel()
    model.unavailable = BreakerOpenError("the model server is left alone", retry_after=1.0)
    service = serving(model, job_hours=0.3 / 3600, broker_url=broker_url)
    service.start()

    path = service.client.post("/v1/jobs", data=posted({"article": ARTICLE}), headers=NDJSON).headers["Location"]
    batch = service.ended(path)
    [job] = service.lines(batch["results"])
    problem = problem_of(service.client.get(f"/v1/jobs/{job['id']}/result"))

    assert batch["counts"]["failed"] == 1
    assert (job["state"], job["attempts"], job["error"]["code"]) == ("failed", 0, "job_timed_out")
    assert (problem["status"], problem["code"]) == (409, "job_failed")
    assert "job_timed_out" in problem["detail"]


def test_article_of_a_job_is_given_back_before_its_end_and_after(service: Service) -> None:
    article = {"text": "Envoys met.\r\n", "id": "a-1", "title": "Talks", "published_at": "2026-05-04T10:00:00Z"}
    whole = {**article, "url": None, "language": "en-GB"}
    job = accepted(service.client.post("/v1/jobs", json={"article": {**article, "language": "en-GB"}}))
    path = f"/v1/jobs/{job['id']}/article"

    assert service.client.get(path).get_json() == whole
    service.start()
    service.ended(f"/v1/jobs/{job['id']}")
    assert service.client.get(path).get_json() == whole


def test_article_that_cannot_be_read_any_more_is_a_conflict(service: Service) -> None:
    job = accepted(service.client.post("/v1/jobs", json={"article": ARTICLE}))
    strange = update(job_requests).values(body={"article": {"written": "elsewhere"}})
    service.store._database.write(lambda connection: connection.execute(strange))

    problem = problem_of(service.client.get(f"/v1/jobs/{job['id']}/article"))

    assert (problem["status"], problem["code"]) == (409, "order_unreadable")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/jobs/none",
        "/v1/jobs/none/article",
        "/v1/jobs/none/result",
        "/v1/batches/none",
        "/v1/batches/none/results",
    ],
)
def test_unknown_job_is_not_found(service: Service, path: str) -> None:
    assert problem_of(service.client.get(path))["status"] == 404


def test_unfinished_jobs_are_gone_on_with_after_a_restart(serving: Callable[..., Service]) -> None:
    before = serving()
    paths = [before.client.post("/v1/jobs", json={"article": ARTICLE}).headers["Location"] for _ in range(3)]
    runtime_of(before.app).close()

    after = serving()
    after.start()

    assert [after.ended(path)["state"] for path in paths] == ["complete"] * 3


def test_jobs_are_read_while_the_service_drains_and_no_new_ones_begun(serving: Callable[..., Service]) -> None:
    gate = threading.Event()
    inside = threading.Event()

    def slow(_question: Any) -> Any:
        inside.set()

        async def answer() -> Any:
            import asyncio

            await asyncio.to_thread(gate.wait, PATIENCE)
            return NOTHING

        return answer()

    service = serving(ScriptedModel(otherwise=slow), job_concurrency=1)
    first, second = (
        service.client.post("/v1/jobs", json={"article": ARTICLE, "reuse": False, "kinds": ["sanctions"]})
        for _ in range(2)
    )
    service.start()
    assert inside.wait(PATIENCE)

    runtime_of(service.app).drain(PATIENCE)
    threading.Timer(0.1, gate.set).start()
    runtime_of(service.app).close()

    assert service.store.job(first.get_json()["id"]).state is State.COMPLETE  # type: ignore[union-attr]
    assert service.store.job(second.get_json()["id"]).state is State.QUEUED  # type: ignore[union-attr]


def test_job_cut_off_at_the_end_of_the_grace_period_is_put_back_uncounted(serving: Callable[..., Service]) -> None:
    inside = threading.Event()

    def for_ever(_question: Any) -> Any:
        inside.set()

        async def answer() -> Any:
            import asyncio

            await asyncio.Event().wait()

        return answer()

    service = serving(ScriptedModel(otherwise=for_ever))
    job_id = service.client.post("/v1/jobs", json={"article": ARTICLE}).get_json()["id"]
    service.start()
    assert inside.wait(PATIENCE)

    runtime_of(service.app).close()

    job = service.store.job(job_id)
    assert job is not None
    assert (job.state, job.attempts) == (State.QUEUED, 0)


@pytest.mark.parametrize("url", ["sqlite:////proc/nowhere/jobs.db", "postgresql://nobody@127.0.0.1:9/nowhere"])
def test_store_out_of_reach_is_a_problem_of_its_own(build: Build, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    client = build(database_url=url).test_client()

    problem = problem_of(answer := client.post("/v1/jobs", json={"article": ARTICLE}))

    assert (problem["status"], problem["code"]) == (503, "store_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1


def test_result_of_another_process_is_seen(service: Service) -> None:
    job_id = service.client.post("/v1/jobs", json={"article": ARTICLE}).get_json()["id"]

    claim = service.store.claim(job_id, timedelta(seconds=30))
    assert claim is not None
    service.store.renew(claim, timedelta(seconds=30), done=2, questions=5)

    assert service.client.get(f"/v1/jobs/{job_id}").get_json()["progress"] == {"done": 2, "questions": 5}
    assert service.store.finish(claim, JobOutcome(State.PARTIAL, {"status": "partial", "questions": 5}))
    assert service.client.get(f"/v1/jobs/{job_id}/result").get_json()["status"] == "partial"
