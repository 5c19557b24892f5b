"""Articles by the line."""

import json
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

from service.http.job_submission import MAX_BATCHES_AT_ONCE
from service.jobs.states import State
from service.jobs.store import JobStore
from tests.api.conftest import problem_of
from tests.api.jobs.conftest import ARTICLE, NDJSON, Service, accepted, posted
from tests.support.patience import PATIENCE


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

    with ThreadPoolExecutor(MAX_BATCHES_AT_ONCE) as callers:
        taken = [callers.submit(post) for _ in range(MAX_BATCHES_AT_ONCE)]
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


def test_batch_is_cancelled(service: Service) -> None:
    path = service.client.post(
        "/v1/jobs", data=posted({"article": ARTICLE}, {"article": ARTICLE}), headers=NDJSON
    ).headers["Location"]

    assert service.client.delete(path).get_json()["counts"]["cancelled"] == 2
    assert [line["state"] for line in service.lines(f"{path}/results")] == ["cancelled"] * 2


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
