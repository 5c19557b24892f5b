"""Whatever is posted as a job or a batch gets an answer that is described; good lines are not spoilt by bad ones."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st

from tests.api.conftest import is_answered, problem_of
from tests.support.bad_inputs import BAD, GOOD, bounded, documents, orders, texts, written

SECRET = "whsec_" + "A" * 43 + "="
NDJSON = "application/x-ndjson"
LONGEST = 200_000


@pytest.fixture
def client(build: Callable[..., Flask], database_url: str) -> FlaskClient:
    return build(database_url=database_url, webhook_secrets=SECRET, max_chars=LONGEST).test_client()


@bounded
@given(document=orders | documents)
def test_any_document_is_taken_in_or_refused(client: FlaskClient, document: Any) -> None:
    response = client.post("/v1/jobs", data=json.dumps(document), content_type="application/json")

    assert is_answered(response)
    if response.status_code == 202:
        assert client.get(response.headers["Location"]).get_json() == response.get_json()
    elif response.status_code == 422:
        assert response.get_json()["errors"]


@bounded
@given(data=written, key=st.none() | texts)
def test_any_bytes_with_any_key_are_taken_in_or_refused(client: FlaskClient, data: bytes, key: str | None) -> None:
    sent = {} if key is None else {"HTTP_IDEMPOTENCY_KEY": key.encode("utf-8", "surrogatepass").decode("latin-1")}

    for content_type in ("application/json", "text/plain"):
        assert is_answered(client.post("/v1/jobs", data=data, content_type=content_type, environ_overrides=sent))


lines = st.one_of(
    st.just((True, GOOD)),
    st.sampled_from([b"\xef\xbb\xbf" + GOOD, b" " + GOOD + b"\t\r", GOOD.replace(b": ", b":\r")]).map(
        lambda one: (True, one)
    ),
    st.sampled_from(BAD).map(lambda one: (False, one)),
    st.sampled_from([b"", b"\r", b" \t\x0b"]).map(lambda one: (None, one)),
    written.map(lambda one: one.replace(b"\n", b" ")).map(lambda one: (None, one)),
)


@bounded
@given(batch=st.lists(lines, max_size=8), ending=st.sampled_from([b"\n", b"\r\n"]), last=st.booleans())
@example(
    batch=[(True, GOOD), (False, b'{"article": {"text": "%b"}}' % (b"a" * (LONGEST + 1)))], ending=b"\n", last=True
)
def test_any_line_is_taken_in_or_named_and_spoils_no_other(
    client: FlaskClient, batch: list[tuple[bool | None, bytes]], ending: bytes, last: bool
) -> None:
    data = ending.join(line for _, line in batch) + (ending if last else b"")
    numbers = {number for number, (_, line) in enumerate(batch, 1) if line.strip()}
    good = {number for number, (is_good, _) in enumerate(batch, 1) if is_good}
    bad = {number for number, (is_good, _) in enumerate(batch, 1) if is_good is False}

    response = client.post("/v1/jobs", data=data, content_type=NDJSON)

    assert is_answered(response)
    if response.status_code != 202:
        problem = problem_of(response)
        assert problem["code"] == "batch_unusable"
        assert not good
        assert {one["pointer"] for one in problem["errors"]} == {f"#/{number}" for number in numbers} or {"#"}
        return
    told = response.get_json()
    refused = {one["line"] for one in told["rejected"]}
    results = [json.loads(line) for line in client.get(told["results"]).text.splitlines()]
    assert [one["line"] for one in results] == sorted(numbers)
    assert {one["line"] for one in results if "id" in one} == numbers - refused
    assert told["counts"]["queued"] == len(numbers - refused)
    assert bad <= refused
    assert not good & refused
    assert all(one["error"]["detail"] for one in told["rejected"])
