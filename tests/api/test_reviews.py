"""/v1/jobs/{id}/reviews and /v1/reviews: what readers say of results, and what the evaluation makes of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from evals.gold_suite import GoldSuite
from evals.results import score
from service.jobs.states import JobRequest
from service.jobs.store import JobStore
from tests.api.conftest import is_answered, problem_of
from tests.support.bad_inputs import bounded, documents, texts
from tests.support.reviewed_article import ARTICLE, FROZE, MET, NOBODY, result

Build = Callable[..., Flask]
PATH = "/v1/jobs/1f/reviews"
RIGHT = {"verdict": "right", "kind": "negotiations", "record": 0}
MISSED = {"verdict": "missed", "kind": "sanctions", "sentences": [FROZE]}
INCOMPLETE = {"verdict": "incomplete", "kind": "military_claims", "record": 0}
JOB_REQUEST = JobRequest(article=ARTICLE)


@pytest.fixture
def client(build: Build, database_url: str, store: JobStore) -> FlaskClient:
    """A service that has the answer to an article."""
    store.add_finished(JOB_REQUEST, result(), fingerprint="f")
    return build(database_url=database_url).test_client()


def saved(client: FlaskClient, review: dict[str, Any], status: int = 201) -> dict[str, Any]:
    answer = client.post(PATH, json=review)
    assert answer.status_code == status, answer.text
    return dict(answer.get_json())


def lines(client: FlaskClient) -> list[dict[str, Any]]:
    answer = client.get("/v1/reviews")
    assert (answer.status_code, answer.mimetype) == (200, "application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


def test_review_is_kept_and_told(client: FlaskClient) -> None:
    corrections = {"location": "Port Emmel", "actor": {"unknown": True}, "contested_by": ["Tellan"]}
    posted = {**INCOMPLETE, "corrections": corrections, "note": "Der Ort fehlt."}

    review = saved(client, posted)

    made = {name: review.pop(name) for name in ("id", "created_at", "updated_at")}
    assert review == {**posted, "sentences": []}
    assert made["created_at"] == made["updated_at"]
    assert made["created_at"].endswith("Z")
    assert client.get(PATH).get_json() == {"reviews": [{**review, **made}]}


def test_second_review_of_a_record_takes_the_place_of_the_first(client: FlaskClient) -> None:
    first = saved(client, RIGHT)
    second = saved(client, {**RIGHT, "verdict": "wrong"}, 200)

    assert (second["id"], second["verdict"]) == (first["id"], "wrong")
    assert second["created_at"] == first["created_at"] < second["updated_at"]
    assert client.get(PATH).get_json()["reviews"] == [second]


def test_each_missed_record_has_a_review(client: FlaskClient) -> None:
    reviews = [saved(client, {**MISSED, "record": None}), saved(client, MISSED)]

    assert client.get(PATH).get_json()["reviews"] == reviews
    assert (reviews[0]["record"], reviews[0]["sentences"]) == (None, [FROZE])


def test_review_is_taken_back(client: FlaskClient) -> None:
    path = f"{PATH}/{saved(client, RIGHT)['id']}"

    gone = client.delete(path)

    assert (gone.status_code, gone.data) == (204, b"")
    assert "Content-Type" not in gone.headers
    assert client.get(PATH).get_json() == {"reviews": []}
    assert problem_of(client.delete(path))["code"] == "review_unknown"


def test_job_that_is_not_there_has_no_reviews(client: FlaskClient) -> None:
    for answer in (
        client.get("/v1/jobs/none/reviews"),
        client.post("/v1/jobs/none/reviews", json=RIGHT),
        client.delete("/v1/jobs/none/reviews/none"),
    ):
        assert problem_of(answer)["code"] == "job_unknown"
        assert answer.status_code == 404


def test_only_a_result_is_reviewed(client: FlaskClient, store: JobStore) -> None:
    job_id = store.add(JOB_REQUEST, fingerprint="g").id

    def refused() -> dict[str, Any]:
        return problem_of(client.post(f"/v1/jobs/{job_id}/reviews", json=RIGHT))

    assert refused()["code"] == "job_unfinished"
    store.cancel(job_id)
    assert refused()["code"] == "job_cancelled"
    assert client.get(f"/v1/jobs/{job_id}/reviews").get_json() == {"reviews": []}


@pytest.mark.parametrize(
    ("review", "pointers"),
    [
        ({}, ["#/kind", "#/verdict"]),
        ({**RIGHT, "verdict": "good"}, ["#/verdict"]),
        ({**RIGHT, "kind": "weather"}, ["#/kind"]),
        ({**RIGHT, "mood": "calm"}, ["#/mood"]),
        ({**RIGHT, "record": 1}, ["#/record"]),
        ({**RIGHT, "record": -1}, ["#/record"]),
        ({**RIGHT, "record": "0"}, ["#/record"]),
        ({**RIGHT, "record": None}, ["#/record"]),
        ({**RIGHT, "sentences": [1]}, ["#/sentences"]),
        ({**RIGHT, "corrections": {"location": "Geneva"}}, ["#/corrections"]),
        ({**RIGHT, "verdict": "wrong", "corrections": {"location": None}}, ["#/corrections"]),
        ({**RIGHT, "note": "x" * 2_001}, ["#/note"]),
        ({**MISSED, "record": 0}, ["#/record"]),
        ({**MISSED, "sentences": []}, ["#/sentences"]),
        ({**MISSED, "sentences": [0]}, ["#/sentences/0"]),
        ({**MISSED, "sentences": [1, 8, 2, 99]}, ["#/sentences/1", "#/sentences/3"]),
        ({**MISSED, "corrections": {"action": "imposed"}}, ["#/corrections"]),
        ({**MISSED, "record": 1, "sentences": []}, ["#/record", "#/sentences"]),
        ({**INCOMPLETE, "corrections": {"mood": "calm"}}, ["#/corrections/mood"]),
        ({**INCOMPLETE, "corrections": {"a/b~": None}}, ["#/corrections/a~1b~0"]),
        ({**INCOMPLETE, "corrections": {"x" * 101: None}}, ["#/corrections"]),
        ({**INCOMPLETE, "corrections": {"country": "CH"}}, ["#/corrections/country"]),
        ({**INCOMPLETE, "corrections": {"evidence": []}}, ["#/corrections/evidence"]),
        ({**INCOMPLETE, "corrections": {"modality": "sure"}}, ["#/corrections/modality"]),
        ({**INCOMPLETE, "corrections": {"modality": None}}, ["#/corrections/modality"]),
        ({**INCOMPLETE, "corrections": {"location": "Port Vern"}}, ["#/corrections/location"]),
        ({**INCOMPLETE, "corrections": {"contested_by": ["Tellan", "Vernia"]}}, ["#/corrections/contested_by/1"]),
        (
            {**INCOMPLETE, "corrections": {"quantities": [{"metric": "dead", "text": "13"}], "actor": 5}},
            ["#/corrections/actor", "#/corrections/quantities/0/metric", "#/corrections/quantities/0/text"],
        ),
    ],
)
def test_review_that_does_not_fit_is_refused_where_it_does_not(
    client: FlaskClient, review: dict[str, Any], pointers: list[str]
) -> None:
    problem = problem_of(client.post(PATH, json=review))

    assert (problem["status"], problem["code"]) == (422, "invalid_fields")
    assert sorted(one["pointer"] for one in problem["errors"]) == sorted(pointers)
    assert "Vern" not in json.dumps(problem)
    assert client.get(PATH).get_json() == {"reviews": []}


def test_kind_that_was_not_asked_for_is_not_reviewed(client: FlaskClient, store: JobStore) -> None:
    store.add_finished(
        JOB_REQUEST, result("2f", records={"negotiations": result()["records"]["negotiations"]}), fingerprint="g"
    )

    problem = problem_of(client.post("/v1/jobs/2f/reviews", json=MISSED))

    assert problem["errors"] == [{"pointer": "#/kind", "detail": "Input should be one of: negotiations"}]


def test_sentence_without_words_states_nothing(client: FlaskClient, store: JobStore) -> None:
    job_request = JobRequest(article=ARTICLE.model_copy(update={"text": "Nobody came.\n\n...\n"}))
    store.add_finished(job_request, result("2f"), fingerprint="g")

    problem = problem_of(client.post("/v1/jobs/2f/reviews", json={**MISSED, "sentences": [1, 2]}))

    assert [one["pointer"] for one in problem["errors"]] == ["#/sentences/1"]


@pytest.mark.parametrize(
    ("data", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "malformed_body"),
        (b"\xff", "application/json", 400, "malformed_body"),
        (b"right", "text/plain", 415, "unsupported_media_type"),
        (b"[]", "application/json", 422, "invalid_fields"),
    ],
)
def test_body_that_is_no_review_is_refused(
    client: FlaskClient, data: bytes, content_type: str, status: int, code: str
) -> None:
    problem = problem_of(client.post(PATH, data=data, content_type=content_type))

    assert (problem["status"], problem["code"]) == (status, code)
    if status == 415:
        assert problem["detail"] == "The body must be application/json."


anything = documents | st.sampled_from(["Geneva", "held", ["Norvia"], [{"name": "Tellan"}], {"unknown": True}, True])


@bounded
@given(
    review=st.fixed_dictionaries(
        {
            "verdict": st.sampled_from(["right", "wrong", "incomplete", "missed"]) | documents,
            "kind": st.sampled_from(["negotiations", "military_claims", "quoted_officials"]) | documents,
        },
        optional={
            "record": st.integers(-1, 2) | documents,
            "sentences": st.lists(st.integers(-1, 9), max_size=3) | documents,
            "corrections": st.dictionaries(
                st.sampled_from(["parties", "location", "status", "quantities", "content", "is_official"]) | texts,
                anything,
                max_size=3,
            )
            | documents,
            "note": texts | documents,
        },
    )
)
def test_any_review_is_kept_or_refused_and_gold_comes_of_it(
    tmp_path_factory: pytest.TempPathFactory, client: FlaskClient, review: dict[str, Any]
) -> None:
    answer = client.post(PATH, data=json.dumps(review), content_type="application/json")

    assert is_answered(answer)
    if answer.status_code in (200, 201):
        assert answer.get_json() in client.get(PATH).get_json()["reviews"]
        assert readable(client.get("/v1/reviews"), tmp_path_factory.mktemp("gold"))
    elif answer.status_code == 422:
        assert answer.get_json()["errors"]


def readable(answer: TestResponse, folder: Path) -> GoldSuite:
    """The gold in an answer, read by the evaluation."""
    path = folder / "reviews.jsonl"
    path.write_bytes(answer.data)
    suite = GoldSuite(folder=path)
    assert suite.items()
    return suite


def test_no_reviews_are_no_lines(client: FlaskClient) -> None:
    assert lines(client) == []


def test_each_reviewed_article_is_a_line_of_gold(client: FlaskClient, store: JobStore) -> None:
    store.add_finished(JOB_REQUEST, result("2f"), fingerprint="f")
    saved(client, RIGHT)
    client.post("/v1/jobs/2f/reviews", json={**RIGHT, "verdict": "wrong"})

    first, second = lines(client)

    assert [first["id"], second["id"]] == ["wire-17", "wire-17-2f"]
    assert (first["job"], first["text"], first["published_at"]) == ("1f", ARTICLE.text, "2026-05-06")
    assert first["records"]["negotiations"][0]["parties"] == [["Norvia"], ["Tellan"]]
    assert (second["records"]["negotiations"], len(second["wrong"]["negotiations"])) == ([], 1)


def test_answer_is_measured_by_its_own_reviews_as_one_would_count(client: FlaskClient, tmp_path: Path) -> None:
    saved(client, RIGHT)
    saved(client, {**INCOMPLETE, "corrections": {"location": "Port Emmel", "modality": {"unknown": True}}})
    # The sanction is none, but its sentence states another one, and so does a sentence without any.
    saved(client, {"verdict": "wrong", "kind": "sanctions", "record": 0})
    saved(client, MISSED)
    saved(client, {**MISSED, "sentences": [NOBODY]})
    # Of the two quotations one is right, and of the other nobody says anything.
    saved(client, {"verdict": "right", "kind": "quoted_officials", "record": 1})
    saved(client, {"verdict": "missed", "kind": "quoted_officials", "sentences": [MET]})
    suite = readable(client.get("/v1/reviews"), tmp_path)
    answer = client.get("/v1/jobs/1f/result").get_json()

    scored = score(suite, {"articles": [{**answer, "id": "wire-17"}]})

    counts = {
        kind: [int(scored.whole[f"{kind}.{verdict}"]) for verdict in ("hit", "miss", "alarm")]
        for kind in ("negotiations", "military_claims", "sanctions", "quoted_officials")
    }
    assert counts == {
        "negotiations": [1, 0, 0],
        "military_claims": [1, 0, 0],
        "sanctions": [0, 2, 1],
        "quoted_officials": [1, 1, 0],
    }
    fields = scored.tables["fields"]
    accuracy = {name: row["accuracy"] for name, row in fields.items()}
    assert accuracy.pop("military_claims location") == 0
    assert set(accuracy.values()) == {1.0}
    assert "military_claims modality" not in accuracy
    assert "military_claims precision" in accuracy
    assert not any(name.startswith("sanctions") for name in accuracy)


def test_better_answer_is_measured_as_better(client: FlaskClient, tmp_path: Path) -> None:
    """What was missed is found, what was wrong is not there any more, and what was incomplete is whole."""
    saved(client, {"verdict": "wrong", "kind": "sanctions", "record": 0})
    saved(client, MISSED)
    saved(client, {**INCOMPLETE, "corrections": {"location": "Port Emmel"}})
    suite = readable(client.get("/v1/reviews"), tmp_path)
    answer = client.get("/v1/jobs/1f/result").get_json()
    [sanction], [claim] = answer["records"]["sanctions"], answer["records"]["military_claims"]
    start = ARTICLE.text.index("Port Emmel")
    claim["location"] = {"start": start, "end": start + len("Port Emmel"), "text": "Port Emmel"}
    answer["records"]["sanctions"] = [{**sanction, "action": "enforced"}]

    scored = score(suite, {"articles": [{**answer, "id": "wire-17"}]})

    assert [scored.whole[f"sanctions.{verdict}"] for verdict in ("hit", "miss", "alarm")] == [1, 0, 0]
    assert scored.tables["fields"]["military_claims location"]["accuracy"] == 1


def test_store_out_of_reach_is_a_problem_of_its_own(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    client = build(database_url="sqlite:////proc/nowhere/jobs.db").test_client()

    for answer in (
        client.get(PATH),
        client.post(PATH, json=RIGHT),
        client.delete(f"{PATH}/1"),
        client.get("/v1/reviews"),
        client.get("/v1/jobs"),
        client.get("/v1/batches"),
        client.get("/v1/jobs/1f/article"),
    ):
        problem = problem_of(answer)
        assert (problem["status"], problem["code"]) == (503, "store_unavailable")


def test_expired_job_is_unknown_to_whoever_reviews_it(
    client: FlaskClient, store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JobStore, "save_review", lambda *_: None)

    assert problem_of(client.post(PATH, json=RIGHT))["code"] == "job_unknown"
