"""GET /v1/jobs/{id}/sentences: the same sentences that answers cite."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.conftest import KEY, Serve, problem_of

TEXT = "Envoys met \U0001f3a3 in Riga. Nobody spoke.\n\nThe river rose."


@pytest.fixture
def client(build: Callable[..., Flask], sqlite_url: str) -> FlaskClient:
    return build(database_url=sqlite_url).test_client()


def test_sentences_are_those_of_the_answer(client: FlaskClient) -> None:
    kept = client.post("/v1/extractions", json={"article": {"text": TEXT}, "keep": True})
    job = kept.headers["Content-Location"].removesuffix("/result")

    sentences = client.get(f"{job}/sentences").get_json()["sentences"]

    assert [sentence["number"] for sentence in sentences] == [1, 2, 3]
    assert kept.get_json()["sentences"] == 3
    assert [TEXT[sentence["start"] : sentence["end"]] for sentence in sentences] == [
        "Envoys met \U0001f3a3 in Riga.",
        "Nobody spoke.",
        "The river rose.",
    ]


def test_job_that_is_not_there_has_none(client: FlaskClient) -> None:
    response = client.get("/v1/jobs/none/sentences")

    assert response.status_code == 404
    assert problem_of(response)["code"] == "job_unknown"


def test_sentences_need_a_key(serve: Serve, sqlite_url: str) -> None:
    response = serve(database_url=sqlite_url, api_keys=KEY).get("/v1/jobs/none/sentences")

    assert problem_of(response)["code"] == "key_missing"
