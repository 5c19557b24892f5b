"""/v1/jobs and /v1/batches, with the jobs carried out inside the service."""

import json
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from service.app import runtime_of
from service.errors import BreakerOpenError, ModelUnavailableError
from service.http.intake import MOST_BATCHES
from service.jobs.errors import StoreUnavailableError
from service.jobs.states import Ending, State
from service.jobs.store import JobStore, utc_now
from service.jobs.tables import keys, orders
from tests.api.conftest import problem_of
from tests.support.scripted_model import NOTHING, ScriptedModel

Build = Callable[..., Flask]
ARTICLE = {"text": "Envoys of Oman met in Muscat.", "id": "a-1"}
PATIENCE = 10.0
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


def test_batch_takes_its_good_lines_and_names_the_bad(service: Service) -> None:
    body = posted(
        {"article": ARTICLE},
        "nonsense",
        "",
        {"article": {"text": "B"}, "kinds": ["weather"]},
        {"article": {"text": "C"}},
    )
    answer = service.client.post("/v1/jobs", data=body, headers=NDJSON)
    batch = accepted(answer)

    assert answer.headers["Location"] == f"/v1/batches/{batch['id']}"
    assert [(one["line"], one["error"]["code"]) for one in batch["rejected"]] == [
        (2, "malformed_body"),
        (4, "unknown_kind"),
    ]
    assert batch["counts"]["queued"] == 2

    service.start()
    ended = service.ended(answer.headers["Location"])
    lines = service.lines(ended["results"])

    assert ended["counts"]["complete"] == 2
    assert [line["line"] for line in lines] == [1, 2, 4, 5]
    assert [line.get("state", line.get("error", {})) for line in lines[::3]] == ["complete", "complete"]
    assert lines[0]["extraction"]["status"] == "complete"
    assert lines[1]["error"]["code"] == "malformed_body"


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
@pytest.mark.parametrize(
    ("line", "detail"),
    [
        ('{"article": ', "The line is not JSON: column 13."),
        ('{"article": 1e999}', "A number is too large."),
        ("[" * 100_000, "The line is nested too deeply."),
    ],
)
def test_bad_line_is_told_as_a_line(service: Service, line: str, detail: str, ending: str) -> None:
    body = posted({"article": ARTICLE}) + line.encode() + ending.encode()

    [rejected] = accepted(service.client.post("/v1/jobs", data=body, headers=NDJSON))["rejected"]

    assert (rejected["line"], rejected["error"]["detail"]) == (2, detail)


def test_batch_without_a_good_line_is_refused(service: Service) -> None:
    for body in (b"", b"\n\n", posted("nonsense", {"article": {}})):
        problem = problem_of(service.client.post("/v1/jobs", data=body, headers=NDJSON))
        assert problem["code"] == "batch_unusable"


def test_batch_has_limits(serving: Callable[..., Service]) -> None:
    service = serving(max_batch_lines=2, max_batch_bytes=1_000)

    long = service.client.post("/v1/jobs", data=posted(*[{"article": ARTICLE}] * 3), headers=NDJSON)
    large = service.client.post("/v1/jobs", data=posted({"article": {"text": "x" * 1_000}}), headers=NDJSON)

    assert problem_of(long)["code"] == "batch_too_long"
    assert problem_of(large)["code"] == "body_too_large"
    assert accepted(service.client.post("/v1/jobs", data=posted(*[{"article": ARTICLE}] * 2), headers=NDJSON))


WORDY = json.dumps({"article": {"text": "Визит в Доху. " * 300}}, ensure_ascii=False).encode() + b"\n"


@pytest.mark.parametrize("body", [WORDY * 300, b"\n" * 1_500_000 + WORDY, (WORDY + b" \n" * 3_000) * 120])
def test_batch_takes_few_times_its_size_in_memory(service: Service, body: bytes) -> None:
    """Of blank lines too, of which a small body can have millions."""
    accepted(service.client.post("/v1/jobs", data=WORDY, headers=NDJSON))  # what is loaded only once

    tracemalloc.start()
    accepted(service.client.post("/v1/jobs", data=body, headers=NDJSON))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 8 * len(body)


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
    monkeypatch.setattr("service.jobs.keys.LOCK", timedelta(0))
    service.store._database.write(lambda connection: connection.execute(update(keys).values(locked_until=utc_now())))
    later = service.client.post("/v1/jobs", json={"article": ARTICLE}, headers=headers)

    assert problem_of(first)["code"] == "store_unavailable"
    assert problem_of(again)["code"] == "idempotency_key_in_progress"
    assert accepted(later)
    assert service.store.counts() == {State.QUEUED: 1}


def test_batches_are_taken_in_by_few_at_a_time(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, gate = threading.Semaphore(0), threading.Event()
    add_batch = JobStore.add_batch

    def slow(*args: Any, **kwargs: Any) -> Any:
        inside.release()
        gate.wait(PATIENCE)
        return add_batch(*args, **kwargs)

    monkeypatch.setattr(JobStore, "add_batch", slow)

    def post() -> TestResponse:
        return service.app.test_client().post("/v1/jobs", data=posted({"article": ARTICLE}), headers=NDJSON)

    with ThreadPoolExecutor(MOST_BATCHES) as callers:
        taken = [callers.submit(post) for _ in range(MOST_BATCHES)]
        assert all(inside.acquire(timeout=PATIENCE) for _ in taken)
        refused = post()
        gate.set()

    assert problem_of(refused)["code"] == "overloaded"
    assert int(refused.headers["Retry-After"]) >= 1
    assert all(accepted(one.result()) for one in taken)


def test_batch_posted_twice_with_a_key_is_one_batch(service: Service) -> None:
    headers = {**NDJSON, "Idempotency-Key": "b-1"}
    body = posted({"article": ARTICLE}, {"article": {"text": "B"}})

    first, again = (accepted(service.client.post("/v1/jobs", data=body, headers=headers)) for _ in range(2))

    assert first["id"] == again["id"]
    assert service.store.counts() == {State.QUEUED: 2}


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


def test_queued_job_is_cancelled(service: Service) -> None:
    path = service.client.post("/v1/jobs", json={"article": ARTICLE}).headers["Location"]

    cancelled = service.client.delete(path)

    assert cancelled.get_json()["state"] == "cancelled"
    assert service.client.delete(path).get_json()["state"] == "cancelled"
    assert problem_of(service.client.get(f"{path}/result"))["code"] == "job_cancelled"
    service.start()
    assert service.ended(path)["attempts"] == 0


def test_batch_is_cancelled(service: Service) -> None:
    path = service.client.post(
        "/v1/jobs", data=posted({"article": ARTICLE}, {"article": ARTICLE}), headers=NDJSON
    ).headers["Location"]

    assert service.client.delete(path).get_json()["counts"]["cancelled"] == 2
    assert [line["state"] for line in service.lines(f"{path}/results")] == ["cancelled"] * 2


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
    monkeypatch.setattr("service.app.PATIENCE_SECONDS", 0.05)
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


def test_newest_jobs_are_listed_page_by_page(service: Service) -> None:
    taken = [service.client.post("/v1/jobs", json={"article": {"text": f"Nr. {n}."}}).get_json() for n in range(5)]
    service.client.delete(f"/v1/jobs/{taken[3]['id']}")

    pages = [service.client.get("/v1/jobs?limit=2").get_json()]
    while pages[-1]["next"]:
        assert pages[-1]["next"].startswith("/v1/jobs?limit=2&before=")
        pages.append(service.client.get(pages[-1]["next"]).get_json())

    assert [len(page["jobs"]) for page in pages] == [2, 2, 1]
    listed = [job for page in pages for job in page["jobs"]]
    assert listed == [service.client.get(f"/v1/jobs/{job['id']}").get_json() for job in reversed(taken)]
    assert service.client.get("/v1/jobs").get_json() == {"jobs": listed, "next": None}
    cancelled = service.client.get("/v1/jobs?state=cancelled").get_json()
    assert [job["id"] for job in cancelled["jobs"]] == [taken[3]["id"]]


def test_filters_go_with_the_address_of_the_next_page(service: Service) -> None:
    body = posted(*[{"article": ARTICLE}] * 3)
    batch = accepted(service.client.post("/v1/jobs", data=body, headers=NDJSON))
    service.client.post("/v1/jobs", json={"article": ARTICLE})

    first = service.client.get(f"/v1/jobs?batch={batch['id']}&limit=2&state=queued").get_json()
    second = service.client.get(first["next"]).get_json()

    assert {job["batch_id"] for job in (*first["jobs"], *second["jobs"])} == {batch["id"]}
    assert (len(first["jobs"]), len(second["jobs"]), second["next"]) == (2, 1, None)
    assert service.client.get("/v1/jobs?batch=none").get_json() == {"jobs": [], "next": None}


def test_webhook_is_shown_in_the_listing(serving: Callable[..., Service]) -> None:
    service = serving(webhook_secrets="whsec_QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC")
    job = accepted(service.client.post("/v1/jobs", json={"article": ARTICLE, "callback_url": "https://example.com/"}))

    assert service.client.get("/v1/jobs").get_json()["jobs"] == [job]


def test_newest_batches_are_listed_page_by_page(service: Service) -> None:
    made = [
        accepted(service.client.post("/v1/jobs", data=posted({"article": ARTICLE}, "nonsense"), headers=NDJSON))
        for _ in range(3)
    ]

    first = service.client.get("/v1/batches?limit=2").get_json()
    second = service.client.get(first["next"]).get_json()

    assert first["next"].startswith("/v1/batches?limit=2&before=")
    assert [*first["batches"], *second["batches"]] == [*reversed(made)]
    assert second["next"] is None


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/batches"])
@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "#/limit"),
        ("limit=201", "#/limit"),
        ("limit=many", "#/limit"),
        ("limit=", "#/limit"),
        ("limit=1&limit=2", "#/limit"),
        ("before=", "#/before"),
        ("before=1f", "#/before"),
        ("before=~1f", "#/before"),
        ("before=99999999999999999~1f", "#/before"),
        ("before=1~", "#/before"),
        ("before=1~a%20b", "#/before"),
        ("before=1~a%00", "#/before"),
        ("before=1~a%0A", "#/before"),
        ("page=2", "#/page"),
    ],
)
def test_page_that_cannot_be_is_refused(service: Service, path: str, query: str, pointer: str) -> None:
    problem = problem_of(service.client.get(f"{path}?{query}"))

    assert (problem["status"], problem["code"]) == (422, "invalid_fields")
    assert [one["pointer"] for one in problem["errors"]] == [pointer]


def test_state_that_is_none_is_refused(service: Service) -> None:
    problem = problem_of(service.client.get("/v1/jobs?state=done&limit=x"))

    assert [one["pointer"] for one in problem["errors"]] == ["#/limit", "#/state"]
    assert [one["pointer"] for one in problem_of(service.client.get("/v1/batches?state=queued"))["errors"]] == [
        "#/state"
    ]


@pytest.mark.parametrize("before", ["0~!", "9999999999999999~" + "~" * 300, "1772366400000000~1f"])
def test_any_place_begins_a_page(service: Service, before: str) -> None:
    for path in ("/v1/jobs", "/v1/batches"):
        assert service.client.get(path, query_string={"before": before}).status_code == 200


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
    strange = update(orders).values(body={"article": {"written": "elsewhere"}})
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
    from datetime import timedelta

    claim = service.store.claim(job_id, timedelta(seconds=30))
    assert claim is not None
    service.store.renew(claim, timedelta(seconds=30), done=2, questions=5)

    assert service.client.get(f"/v1/jobs/{job_id}").get_json()["progress"] == {"done": 2, "questions": 5}
    assert service.store.finish(claim, Ending(State.PARTIAL, {"status": "partial", "questions": 5}))
    assert service.client.get(f"/v1/jobs/{job_id}/result").get_json()["status"] == "partial"
