"""What is logged, and what never is."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
import structlog

from service import errors
from service.telemetry.logs import trace
from tests.api.conftest import KEY, Serve
from tests.support.scripted_model import NOTHING, ScriptedModel

Lines = Callable[[], list[dict[str, Any]]]

WORDS = "unspeakable words of the article"


def test_request_is_one_line(serve: Serve, log_lines: Lines) -> None:
    client = serve(ScriptedModel(otherwise=NOTHING), api_keys=KEY)
    headers = {"X-Request-Id": "abc", "Authorization": f"Bearer {KEY}"}

    client.post("/v1/extractions", json={"article": {"text": WORDS}}, headers=headers)

    [line] = log_lines()
    assert line["event"] == "request"
    assert line["level"] == "info"
    assert line["method"] == "POST"
    assert line["route"] == "/v1/extractions"
    assert line["status"] == 200
    assert line["request_id"] == "abc"
    assert line["chars"] == len(WORDS)
    assert line["kinds"] == "all"
    assert line["outcome"] == "complete"
    assert line["usage"]["calls"] > 0
    assert line["duration_seconds"] >= 0


def test_refused_request_is_logged_with_its_code(serve: Serve, log_lines: Lines) -> None:
    serve().post("/v1/extractions", json={"article": {"text": WORDS}, "kinds": ["weather"]})

    [line] = log_lines()
    assert (line["status"], line["code"], line["level"]) == (422, "unknown_kind", "info")


def test_upstream_failure_is_a_warning(serve: Serve, log_lines: Lines) -> None:
    model = ScriptedModel(otherwise=errors.ModelCredentialsError("sk-operator"))

    serve(model).post("/v1/extractions", json={"article": {"text": WORDS}})

    [line] = log_lines()
    assert (line["status"], line["code"], line["level"]) == (502, "model_refused_credentials", "warning")


def test_bug_is_an_error_with_places_only(serve: Serve, log_lines: Lines) -> None:
    serve(ScriptedModel(otherwise=RuntimeError(WORDS))).post("/v1/extractions", json={"article": {"text": WORDS}})

    bug, request = log_lines()
    assert bug["level"] == "error"
    assert bug["request_id"] == request["request_id"]
    assert bug["trace"][0]["type"] == "builtins.RuntimeError"
    assert any(place.startswith("tests.support.scripted_model:") for place in bug["trace"][0]["at"])


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (json.dumps({"article": {"text": WORDS}}), {"Authorization": f"Bearer {KEY}"}),
        (json.dumps({"article": {"text": [WORDS]}}), {"Authorization": f"Bearer {KEY}"}),
        (json.dumps({"article": {"text": "a", "published_at": WORDS}}), {"Authorization": f"Bearer {KEY}"}),
        (json.dumps({"article": {"text": "a", WORDS * 4: 1}}), {"Authorization": f"Bearer {KEY}"}),
        (json.dumps({"article": {"text": "a"}, "kinds": [WORDS]}), {"Authorization": f"Bearer {KEY}"}),
        (json.dumps({"article": {"text": WORDS}})[:-2], {"Authorization": f"Bearer {KEY}"}),
        (json.dumps({"article": {"text": WORDS}}), {"Authorization": f"Bearer {KEY}-wrong"}),
        (json.dumps({"article": {"text": WORDS}}), {}),
    ],
)
@pytest.mark.parametrize("says", [NOTHING, RuntimeError(WORDS + KEY), errors.ModelRequestError(WORDS + KEY)])
def test_no_word_of_article_or_key_in_bodies_or_logs(
    serve: Serve, log_lines: Lines, body: str, headers: dict[str, str], says: Any
) -> None:
    client = serve(ScriptedModel(otherwise=says), api_keys=KEY)

    response = client.post("/v1/extractions", data=body, content_type="application/json", headers=headers)

    logged = json.dumps(log_lines(), ensure_ascii=False)
    assert '"request"' in logged
    for told in (response.text, logged):
        assert "unspeakable" not in told
        assert KEY not in told


def test_message_of_a_library_is_not_repeated(log_lines: Lines) -> None:
    logging.getLogger("somelibrary").warning("request failed: %s", WORDS)
    logging.getLogger("somelibrary").info("sent: %s", WORDS)

    [line] = log_lines()
    assert line["logger"] == "somelibrary"
    assert "test_message_of_a_library_is_not_repeated" in line["at"]
    assert "unspeakable" not in json.dumps(line)


def test_exception_logged_by_a_trusted_logger_has_no_message(log_lines: Lines) -> None:
    try:
        [][len(WORDS)]
    except IndexError as error:
        error.args = (WORDS,)
        logging.getLogger("gunicorn.error").exception("Socket error processing request.")
        structlog.get_logger("service.somewhere").exception("failed")

    standard, own = log_lines()
    assert standard["event"] == "Socket error processing request."
    for line in (standard, own):
        assert line["trace"][0]["type"] == "builtins.IndexError"
        assert "unspeakable" not in json.dumps(line)


def test_level_is_for_our_own_loggers_alone(log_lines: Lines) -> None:
    structlog.get_logger("service.somewhere").debug("ours")
    logging.getLogger("openai").debug("theirs: %s", WORDS)

    assert [line["event"] for line in log_lines()] == ["ours"]


def test_trace_follows_causes_and_ends_on_a_circle() -> None:
    first, second = ValueError(WORDS), KeyError(WORDS)
    first.__cause__, second.__cause__ = second, first

    assert [one["type"] for one in trace(first)] == ["builtins.ValueError", "builtins.KeyError"]


def test_trace_tells_a_context_unless_it_is_suppressed() -> None:
    def fail(*, hiding: bool) -> None:
        try:
            {}[WORDS]
        except KeyError as error:
            if hiding:
                raise ValueError(WORDS) from None
            error.add_note(WORDS)
            raise ValueError(WORDS)  # noqa: B904 -- the context is what this is about

    with pytest.raises(ValueError, match=WORDS) as hidden:
        fail(hiding=True)
    with pytest.raises(ValueError, match=WORDS) as told:
        fail(hiding=False)

    assert [one["type"] for one in trace(hidden.value)] == ["builtins.ValueError"]
    assert [one["type"] for one in trace(told.value)] == ["builtins.ValueError", "builtins.KeyError"]
