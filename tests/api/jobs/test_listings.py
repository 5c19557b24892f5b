"""Jobs and batches, page by page."""

from collections.abc import Callable

import pytest

from tests.api.conftest import problem_of
from tests.api.jobs.conftest import ARTICLE, NDJSON, Service, accepted, posted


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
