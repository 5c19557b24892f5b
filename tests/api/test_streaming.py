"""POST /v1/extractions as events: what comes, in which forms, how it ends, and what a caller who leaves stops."""

import asyncio
import json
import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient

from schemas.registry import built_in
from service.errors import ModelUnavailableError
from service.extraction.model import Question
from tests.api.conftest import Serve, problem_of
from tests.support.patience import PATIENCE
from tests.support.scripted_model import NOTHING, ScriptedModel, answering

PATH = "/v1/extractions"
TEXT = "Envoys of Norvia met in Sella on Monday. “We agreed,” the minister said."
KINDS = built_in().names
SSE = "text/event-stream"
NDJSON = ["application/x-ndjson", "application/ndjson", "application/jsonl"]
FORMS = [SSE, *NDJSON]
VOLATILE = ("id", "duration_seconds")

Events = list[dict[str, Any]]


def read(data: bytes, form: str) -> Events:
    """The events of a stream, read as its form says."""
    text = data.decode()
    if form != SSE:
        assert text.endswith("\n")
        return [json.loads(line) for line in text.splitlines()]
    events: Events = []
    assert text.endswith("\n\n")
    for block in text.removesuffix("\n\n").split("\n\n"):
        if block != ":":
            [name, data_line] = block.split("\n")
            event = json.loads(data_line.removeprefix("data: "))
            assert name == f"event: {event['event']}"
            events.append(event)
    return events


def post(client: FlaskClient, form: str = SSE, **more: Any) -> Any:
    return client.post(PATH, json={"article": {"text": TEXT}, **more}, headers={"Accept": form})


def names(events: Events) -> list[str]:
    return [event["event"] for event in events]


@pytest.mark.parametrize("form", FORMS)
def test_last_is_the_whole_answer_as_without_a_stream(serve: Serve, form: str) -> None:
    client = serve(ScriptedModel(otherwise=answering))

    response = post(client, form)
    events = read(response.data, form)
    whole = client.post(PATH, json={"article": {"text": TEXT}}).get_json()

    assert response.status_code == 200
    assert response.mimetype == form
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert names(events)[:2] == ["begun", "progress"]
    assert names(events)[-2:] == ["merged", "extraction"]
    streamed = events[-1]["extraction"]
    assert whole["records"]["quoted_officials"]
    for name in VOLATILE:
        streamed.pop(name), whole.pop(name)
    assert streamed == whole


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/html", "application/json"),
        ("application/*", "application/json"),
        ("application/json, text/event-stream", "application/json"),
        ("application/json;q=0.5, text/event-stream", SSE),
        ("text/event-stream, */*;q=0.1", SSE),
        ("TEXT/EVENT-STREAM", SSE),
        ("text/*", SSE),
        ("application/jsonl", "application/jsonl"),
    ],
)
def test_form_is_what_the_caller_prefers(serve: Serve, accept: str | None, form: str) -> None:
    headers = {"Accept": accept} if accept else {}
    response = serve().post(PATH, json={"article": {"text": TEXT}}, headers=headers)
    assert response.mimetype == form


def test_bare_text_may_be_streamed_as_well(serve: Serve) -> None:
    response = serve().post(PATH, data=TEXT.encode(), content_type="text/plain", headers={"Accept": SSE})
    assert names(read(response.data, SSE))[-1] == "extraction"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"article": {"text": " "}}, 422, "article_empty"),
        ({"article": {"text": TEXT}, "kinds": ["weather"]}, 422, "unknown_kind"),
        ({"article": {"text": TEXT}, "keep": "yes"}, 422, "invalid_fields"),
        ({"article": {"text": "x" * 200_001}}, 413, "article_too_long"),
        ({"article": {"text": TEXT}, "deadline_seconds": 10_000}, 422, "invalid_fields"),
    ],
)
def test_what_cannot_be_begun_is_an_ordinary_problem(serve: Serve, body: Any, status: int, code: str) -> None:
    response = serve().post(PATH, json=body, headers={"Accept": SSE})
    assert (response.status_code, problem_of(response)["code"]) == (status, code)


def test_failure_after_the_beginning_is_the_last_event(serve: Serve) -> None:
    client = serve(ScriptedModel(otherwise=ModelUnavailableError("down", retry_after=7)))

    response = post(client)
    events = read(response.data, SSE)

    assert names(events)[-1] == "problem"
    assert "merged" not in names(events)
    problem = events[-1]["problem"]
    assert (problem["status"], problem["code"]) == (503, "model_unavailable")
    assert problem["instance"] == f"urn:dragoman:request:{response.headers['X-Request-Id']}"
    assert {event["failure"]["kind"] for event in events if event["event"] == "failure"} == set(KINDS)


def test_bug_is_the_last_event_and_tells_nothing(serve: Serve, log_lines: Any) -> None:
    client = serve(ScriptedModel(otherwise=RuntimeError("the article says secret things")))
    events = read(post(client).data, SSE)
    assert events[-1]["problem"]["code"] == "internal_error"
    assert "secret" not in json.dumps([events, log_lines()])


def test_partial_answer_has_its_failures_among_the_events(serve: Serve) -> None:
    def half(question: Question[Any]) -> Mapping[str, Any]:
        if "Sella" in question.messages[-1].content:
            raise ModelUnavailableError("down")
        return {kind: [] for kind in question.answer.model_fields}

    text = "\n\n".join(f"Sentence {number} is about nothing at all." for number in range(60)) + "\n\nThey met in Sella."
    client = serve(ScriptedModel(otherwise=half), window_tokens=200)
    events = read(client.post(PATH, json={"article": {"text": text}}, headers={"Accept": SSE}).data, SSE)
    answer = events[-1]["extraction"]
    assert answer["status"] == "partial"
    assert [event["failure"] for event in events if event["event"] == "failure"] == answer["failures"]


def test_request_is_logged_with_its_outcome(serve: Serve, log_lines: Any) -> None:
    client = serve(ScriptedModel(otherwise=answering))
    response = post(client)
    assert response.data
    response.close()
    [line] = [line for line in log_lines() if line["event"] == "stream"]
    assert line["outcome"] == "complete"
    assert line["usage"]["calls"] == 1
    assert line["request_id"]


class Held:
    """A model that writes one record and then waits until it is let go, or cancelled."""

    def __init__(self) -> None:
        self.cancelled = threading.Event()
        self.finish = threading.Event()

    async def __call__(self, question: Question[Any]) -> Mapping[str, Any]:
        said = answering(question)
        assert question.on_partial
        question.on_partial(question.answer.model_validate({KINDS[0]: said[KINDS[0]][:1]}))
        try:
            while not self.finish.is_set():  # noqa: ASYNC110 -- set on another thread
                await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return said


def chunks(response: Any) -> Iterator[str]:
    return (chunk.decode() for chunk in response.iter_encoded())


def test_record_is_sent_while_the_model_still_writes(serve: Serve) -> None:
    held = Held()
    response = serve(ScriptedModel(otherwise=held)).post(
        PATH, json={"article": {"text": TEXT}}, headers={"Accept": SSE}, buffered=False
    )
    sent = chunks(response)
    first = [next(sent) for _ in range(3)]
    held.finish.set()
    rest = list(sent)
    response.close()
    assert [re.findall(r"event: (\w+)", chunk) for chunk in first] == [["begun"], ["progress"], ["record"]]
    assert "event: extraction" in rest[-1]


@pytest.mark.parametrize("before_the_first", [True, False])
def test_caller_who_leaves_stops_the_calls(serve: Serve, before_the_first: bool, log_lines: Any) -> None:
    held = Held()
    client = serve(ScriptedModel(held, otherwise=NOTHING), max_articles=1)
    response = client.post(PATH, json={"article": {"text": TEXT}}, headers={"Accept": SSE}, buffered=False)
    if not before_the_first:
        sent = chunks(response)
        while "record" not in next(sent):
            pass
    response.close()
    if not before_the_first:
        assert held.cancelled.wait(PATIENCE)
    # The place among the articles is free again.
    for _ in range(3_000):
        again = client.post(PATH, json={"article": {"text": TEXT}})
        if again.status_code == 200:
            break
        threading.Event().wait(0.01)
    assert again.status_code == 200
    assert [line["outcome"] for line in log_lines() if line["event"] == "stream"] == ["left"]


@pytest.mark.parametrize("form", [SSE, NDJSON[0]])
def test_signs_of_life_come_while_nothing_happens(serve: Serve, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.http.streaming.HEARTBEAT_SECONDS", 0.01)
    held = Held()
    response = serve(ScriptedModel(otherwise=held)).post(
        PATH, json={"article": {"text": TEXT}}, headers={"Accept": form}, buffered=False
    )
    sent = chunks(response)
    begun = [next(sent)]
    while '"record"' not in begun[-1]:  # there may be signs of life before it, too
        begun.append(next(sent))
    begun += [next(sent), next(sent)]
    held.finish.set()
    events = read("".join([*begun, *sent]).encode(), form)
    response.close()
    if form == SSE:
        assert begun[-2:] == [":\n\n"] * 2
    else:
        assert [json.loads(line)["event"] for line in begun[-2:]] == ["progress"] * 2
    assert names(events)[-1] == "extraction"


def test_stream_ends_with_the_deadline(serve: Serve) -> None:
    response = post(serve(ScriptedModel(otherwise=Held())), deadline_seconds=0.3)
    events = read(response.data, SSE)
    assert events[-1]["event"] == "problem"
    assert events[-1]["problem"]["code"] == "deadline_exceeded"


def test_too_many_streams_are_refused_at_once(serve: Serve) -> None:
    held = Held()
    client = serve(ScriptedModel(otherwise=held), max_articles=1)
    first = client.post(PATH, json={"article": {"text": TEXT}}, headers={"Accept": SSE}, buffered=False)
    second = post(client)
    held.finish.set()
    first.close()
    assert problem_of(second)["status"] == 503


def test_article_is_kept_with_its_answer_if_that_is_wished(serve: Serve, database_url: str) -> None:
    client = serve(ScriptedModel(otherwise=answering), database_url=database_url)
    events = read(post(client, keep=True).data, SSE)
    assert names(events)[-2:] == ["kept", "extraction"]
    extraction = events[-1]["extraction"]
    job = client.get(events[-2]["job"]).get_json()
    assert (job["id"], job["state"]) == (extraction["id"], "complete")
    assert client.get(job["result"]).get_json() == extraction


def test_answer_in_one_piece_may_be_kept_too(serve: Serve, database_url: str) -> None:
    client = serve(ScriptedModel(otherwise=answering), database_url=database_url)
    kept = client.post(PATH, json={"article": {"text": TEXT}, "keep": True})
    assert client.get(kept.headers["Content-Location"]).get_json() == kept.get_json()
    assert "Content-Location" not in client.post(PATH, json={"article": {"text": TEXT}}).headers


def test_answer_is_not_lost_where_it_cannot_be_kept(serve: Serve, tmp_path: Any) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("no folder")
    client = serve(ScriptedModel(otherwise=answering), database_url=f"sqlite:///{nowhere}/jobs.db")
    events = read(post(client, keep=True).data, SSE)
    assert names(events)[-2:] == ["unkept", "extraction"]
    assert events[-2]["problem"]["code"] == "store_unavailable"
    whole = client.post(PATH, json={"article": {"text": TEXT}, "keep": True})
    assert whole.status_code == 200
    assert "Content-Location" not in whole.headers
