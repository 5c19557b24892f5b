"""`Idempotency-Key`, and what is answered when the store goes away right after a job was taken in."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from service.jobs.database import Database
from service.jobs.errors import StoreUnavailableError
from service.jobs.states import State
from service.jobs.store import JobStore, utc_now
from service.jobs.tables import idempotency_keys
from tests.api.conftest import problem_of

DOCUMENT = {"article": {"text": "Envoys of Oman met in Muscat."}}
LINE = json.dumps(DOCUMENT).encode()
SECRET = "whsec_" + "A" * 43 + "="

Post = Callable[..., TestResponse]


@pytest.fixture
def client(build: Callable[..., Flask], sqlite_url: str) -> FlaskClient:
    return build(database_url=sqlite_url, webhook_secrets=SECRET).test_client()


@pytest.fixture
def post(client: FlaskClient) -> Post:
    def send(key: str | None = None, document: Any = DOCUMENT) -> TestResponse:
        return client.post("/v1/jobs", json=document, headers={} if key is None else {"Idempotency-Key": key})

    return send


@pytest.fixture
def outage(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has the database go away right after a call of a method of the store."""

    def away(*_: Any, **__: Any) -> Any:
        raise StoreUnavailableError("the database of jobs is out of reach")

    def after(name: str) -> None:
        method = getattr(JobStore, name)

        def last(*args: Any, **kwargs: Any) -> Any:
            made = method(*args, **kwargs)
            monkeypatch.setattr(Database, "_run_transaction", away)
            return made

        monkeypatch.setattr(JobStore, name, last)

    return after


@pytest.mark.parametrize(
    ("quoted", "bare"),
    [
        ('"8e03978e-40d5"', "8e03978e-40d5"),
        (r'"a\"b"', 'a"b'),
        (r'"a\\b"', "a\\b"),
        ('"' + "x" * 255 + '"', "x" * 255),
        ('"' + r"\"" * 255 + '"', None),
        ('"white space"', None),
        ('" "', None),
    ],
)
def test_quoted_key_is_the_bare_one(post: Post, quoted: str, bare: str | None) -> None:
    first = post(quoted)
    again = post(bare or quoted)

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.headers["Location"] == again.headers["Location"]
    assert problem_of(post(quoted, {"article": {"text": "Another."}}))["code"] == "idempotency_key_reused"


@pytest.mark.parametrize(
    "key",
    [
        *("", '""', '"', '"open', '"open\\"', '"a\\b"', '"a"b', '"a" "b"', '"a", "b"', '"a";b=1', '"a\tb"', '"a\x7f"'),
        *('"ключ"'.encode().decode("latin-1"), "ключ".encode().decode("latin-1"), '"' + "x" * 256 + '"', "x" * 256),
        *("white space", ":YQ==:\x01", "a\tb"),
    ],
)
def test_key_that_is_none_is_told_how_to_write_one(post: Post, key: str) -> None:
    problem = problem_of(post(key))

    assert (problem["status"], problem["code"]) == (400, "idempotency_key_unusable")
    assert 'such as "' in problem["detail"]
    assert "ASCII" in problem["detail"]


def test_key_is_described_as_it_is_read(client: FlaskClient) -> None:
    parameters = client.get("/openapi.json").get_json()["paths"]["/v1/jobs"]["post"]["parameters"]
    [told] = [one for one in parameters if one["name"] == "Idempotency-Key"]
    pattern = told["schema"]["pattern"]

    assert told["example"].startswith('"')
    for key in (told["example"], "bare", r'"a\"b"', '"white space"'):
        assert re.search(pattern, key)
    for key in ("", '""', '"open', '"a\\b"', "white space", "x" * 256):
        assert not re.search(pattern, key)


@pytest.mark.parametrize("key", [None, '"k-1"'])
@pytest.mark.parametrize("callback", [{}, {"callback_url": "https://example.org/hook"}])
def test_job_taken_in_right_before_an_outage_is_202(
    post: Post, client: FlaskClient, outage: Callable[[str], None], key: str | None, callback: dict[str, str]
) -> None:
    whole = client.get(post(document={**DOCUMENT, **callback}).headers["Location"]).get_json()
    outage("add")

    response = post(key, {**DOCUMENT, **callback})

    job = response.get_json()
    assert response.status_code == 202
    assert response.headers["Location"] == f"/v1/jobs/{job['id']}"
    assert response.headers["Retry-After"]
    own = ("id", "created_at", "expires_at")
    assert {**whole, **{name: job[name] for name in own}} == job


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": '"b-1"'}])
def test_batch_taken_in_right_before_an_outage_is_202(
    client: FlaskClient, outage: Callable[[str], None], key: dict[str, str]
) -> None:
    outage("add_batch")

    response = client.post("/v1/jobs", data=LINE + b"\n{}\n" + LINE, content_type="application/x-ndjson", headers=key)

    batch = response.get_json()
    assert response.status_code == 202
    assert response.headers["Location"] == f"/v1/batches/{batch['id']}"
    assert (batch["counts"]["queued"], [one["line"] for one in batch["rejected"]]) == (2, [2])


def test_key_that_an_outage_left_open_leads_to_the_same_job(
    post: Post, sqlite_url: str, outage: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    outage("add")
    first = post('"k-1"').get_json()
    monkeypatch.undo()
    store = JobStore(sqlite_url)

    assert problem_of(post('"k-1"'))["code"] == "idempotency_key_in_progress"
    store._database.write(
        lambda connection: connection.execute(update(idempotency_keys).values(locked_until=utc_now()))
    )
    assert post('"k-1"').get_json() == first

    assert store.counts() == {State.QUEUED: 1}
    store.close()


def test_job_that_has_ended_before_its_key_was_concluded_is_shown_as_it_is(
    post: Post, sqlite_url: str, outage: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = {**DOCUMENT, "callback_url": "https://example.org/hook"}
    outage("add")
    first = post('"k-1"', document).get_json()
    monkeypatch.undo()
    store = JobStore(sqlite_url)
    store.cancel(first["id"])
    store.callback_done(first["id"], 204)
    store._database.write(
        lambda connection: connection.execute(update(idempotency_keys).values(locked_until=utc_now()))
    )

    later = post('"k-1"', document).get_json()
    store.close()

    assert (later["id"], later["state"], later["callback"]["state"]) == (first["id"], "cancelled", "delivered")
