"""POST /v1/extractions: the two forms of a request, and what may be wrong with them."""

import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from service import errors
from service.http.body import BYTES_BESIDE_TEXT, BYTES_PER_CHAR
from tests.api.conftest import Serve, problem_of
from tests.support.scripted_model import NOTHING, ScriptedModel

PATH = "/v1/extractions"
TEXT = "Зустріч у Досі тривала дві години. “We agreed,” the envoy said. 会谈继续。"


def post(client: FlaskClient, data: bytes | str, content_type: str = "application/json") -> Any:
    return client.post(PATH, data=data, content_type=content_type)


def test_json_article_is_answered_with_its_extraction(serve: Serve) -> None:
    model = ScriptedModel(otherwise=NOTHING)

    response = serve(model).post(PATH, json={"article": {"text": TEXT, "id": "wire-7"}})

    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    answer = response.get_json()
    assert answer["article_id"] == "wire-7"
    assert answer["status"] == "complete"
    assert answer["model"] == "scripted"
    assert answer["usage"]["calls"] == len(model.questions) > 0
    assert all(TEXT.partition(".")[0] in question.messages[-1].content for question in model.questions)


def test_answer_says_how_each_value_came_about(serve: Serve) -> None:
    said = {"parties": ["the envoy"], "format": "unknown", "status": "held", "stage": "not_peace_process"}
    empty = {"mediators": [], "representatives": [], "topics": []}
    null = dict.fromkeys(("round", "outcome", "location", "date_text"))
    model = ScriptedModel({"negotiations": [{"sentences": [2], **said, **empty, **null}]})

    answer = serve(model).post(PATH, json={"article": {"text": TEXT}, "kinds": ["negotiations"]}).get_json()

    assert answer["origins"] == {"negotiations": [dict.fromkeys(said, "asked")]}
    assert "origins" not in answer["records"]["negotiations"][0]


def test_answer_is_utf8_and_not_escaped(serve: Serve) -> None:
    response = serve().post(PATH, json={"article": {"text": TEXT, "id": "стаття"}})

    assert '"стаття"'.encode() in response.data


def test_plain_text_is_read_as_utf8_by_default(serve: Serve) -> None:
    model = ScriptedModel(otherwise=NOTHING)

    response = post(serve(model), TEXT.encode(), "text/plain")

    assert response.status_code == 200
    assert "会谈继续" in model.questions[0].messages[-1].content


@pytest.mark.parametrize("charset", ["windows-1251", "KOI8-U", "utf-16", '"cp1251"'])
def test_plain_text_is_read_in_its_charset(serve: Serve, charset: str) -> None:
    model = ScriptedModel(otherwise=NOTHING)

    response = post(serve(model), "Зустріч тривала.".encode(charset.strip('"')), f"text/plain; charset={charset}")

    assert response.status_code == 200
    assert "Зустріч" in model.questions[0].messages[-1].content


def test_kinds_bound_what_is_asked(serve: Serve) -> None:
    model = ScriptedModel(otherwise=NOTHING)
    client = serve(model)
    names = [kind["name"] for kind in client.get("/v1/kinds").get_json()["kinds"]]

    answer = client.post(PATH, json={"article": {"text": TEXT}, "kinds": names[1:2]}).get_json()

    assert list(answer["records"]) == names[1:2]
    assert len(model.questions) == 1


def test_deadline_of_the_request_is_the_models(serve: Serve) -> None:
    model = ScriptedModel(otherwise=NOTHING)

    serve(model).post(PATH, json={"article": {"text": TEXT}, "deadline_seconds": 5})

    assert 0 < model.deadlines[0].remaining() <= 5


def test_default_deadline_is_the_settings(serve: Serve) -> None:
    model = ScriptedModel(otherwise=NOTHING)

    serve(model, deadline_seconds=700, max_deadline_seconds=5).post(PATH, json={"article": {"text": TEXT}})

    assert 600 < model.deadlines[0].remaining() <= 700


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        (b"", "not JSON"),
        (b"{", "line 1, column 2"),
        (b'{"article": {"text": "a"}} x', "not JSON"),
        (b'{"article": {"text": "a", "text": "b"}}', "same name twice"),
        (b'{"article": {"text": "a"}, "deadline_seconds": NaN}', "NaN and Infinity"),
        (b'{"article": {"text": "a"}, "deadline_seconds": -Infinity}', "NaN and Infinity"),
        (b'{"article": {"text": "a"}, "deadline_seconds": 1e999}', "too large"),
        (b'{"article": {"text": "a"}, "deadline_seconds": ' + b"9" * 5000 + b"}", "too many digits"),
        (b'{"article": {"text": "\xff"}}', "not UTF-8"),
        ('{"article": {"text": "a"}}'.encode("utf-16"), "not UTF-8"),
        (DEEP.encode(), "nested too deeply"),
        (b'{"article": {"text": "a\nb"}}', "not JSON"),
    ],
)
def test_malformed_json_is_400(client: FlaskClient, body: bytes, hint: str) -> None:
    problem = problem_of(post(client, body))

    assert (problem["status"], problem["code"]) == (400, "malformed_body")
    assert hint in problem["detail"]


def test_json_may_start_with_a_byte_order_mark(client: FlaskClient) -> None:
    assert post(client, b"\xef\xbb\xbf" + json.dumps({"article": {"text": TEXT}}).encode()).status_code == 200


def test_bytes_outside_the_charset_are_400(client: FlaskClient) -> None:
    problem = problem_of(post(client, b"caf\xe9", "text/plain"))

    assert (problem["status"], problem["code"]) == (400, "malformed_body")


@pytest.mark.parametrize("charset", ["klingon", "zlib", "rot13", "unicode_escape", "idna", "a\x00b", ""])
def test_charset_that_is_no_encoding_of_text_is_415(client: FlaskClient, charset: str) -> None:
    problem = problem_of(post(client, b"text", f'text/plain; charset="{charset}"'))

    assert (problem["status"], problem["code"]) == (415, "unsupported_charset")


@pytest.mark.parametrize("media_type", ["", "application/xml", "text/html", "application/x-www-form-urlencoded"])
def test_other_media_type_is_415(client: FlaskClient, media_type: str) -> None:
    problem = problem_of(post(client, b'{"article": {"text": "a"}}', media_type))

    assert (problem["status"], problem["code"]) == (415, "unsupported_media_type")


ARTICLE = {"text": "The envoys met."}


@pytest.mark.parametrize(
    ("document", "pointers"),
    [
        ([], ["#"]),
        ("text", ["#"]),
        ({}, ["#/article"]),
        ({"article": "text"}, ["#/article"]),
        ({"article": {}}, ["#/article/text"]),
        ({"article": {"text": ""}}, ["#/article/text"]),
        ({"article": {"text": 5}}, ["#/article/text"]),
        ({"article": {"text": None}}, ["#/article/text"]),
        ({"article": {**ARTICLE, "body": "x"}}, ["#/article/body"]),
        ({"article": {**ARTICLE, "a/b~c d%": "x"}}, ["#/article/a~1b~0c%20d%25"]),
        ({"article": {**ARTICLE, "published_at": "yesterday"}}, ["#/article/published_at"]),
        ({"article": {**ARTICLE, "language": "no language"}}, ["#/article/language"]),
        ({"article": {**ARTICLE, "title": "x" * 1001, "id": 7}}, ["#/article/title", "#/article/id"]),
        ({"article": ARTICLE, "kind": []}, ["#/kind"]),
        ({"article": ARTICLE, "kinds": []}, ["#/kinds"]),
        ({"article": ARTICLE, "kinds": "sanction"}, ["#/kinds"]),
        ({"article": ARTICLE, "kinds": [None, 3]}, ["#/kinds/0", "#/kinds/1"]),
        ({"article": ARTICLE, "deadline_seconds": 0}, ["#/deadline_seconds"]),
        ({"article": ARTICLE, "deadline_seconds": -1}, ["#/deadline_seconds"]),
        ({"article": ARTICLE, "deadline_seconds": "5"}, ["#/deadline_seconds"]),
        ({"article": ARTICLE, "deadline_seconds": True}, ["#/deadline_seconds"]),
        ({"article": ARTICLE, "deadline_seconds": 900.1}, ["#/deadline_seconds"]),
        ({"article": ARTICLE, "deadline_seconds": 10**400}, ["#/deadline_seconds"]),
    ],
)
def test_invalid_fields_are_422_with_a_pointer_to_each(serve: Serve, document: Any, pointers: list[str]) -> None:
    model = ScriptedModel()

    problem = problem_of(post(serve(model), json.dumps(document)))

    assert (problem["status"], problem["code"]) == (422, "invalid_fields")
    assert [fault["pointer"] for fault in problem["errors"]] == pointers
    assert all(fault["detail"] for fault in problem["errors"])
    assert model.questions == []


@pytest.mark.parametrize("field", ["text", "title", "id"])
def test_lone_surrogate_is_422(client: FlaskClient, field: str) -> None:
    article = json.dumps({"text": "The envoys met.", field: "half a \ud83d pair"})

    problem = problem_of(post(client, f'{{"article": {article}}}'))

    assert problem["status"] == 422
    assert [fault["pointer"] for fault in problem["errors"]] == [f"#/article/{field}"]


def test_lone_surrogate_in_a_name_is_422(client: FlaskClient) -> None:
    assert problem_of(post(client, '{"article": {"text": "a"}, "\\ud800": 1}'))["status"] == 422


def test_surrogate_pair_is_one_character(serve: Serve) -> None:
    model = ScriptedModel(otherwise=NOTHING)

    response = post(serve(model, max_chars=3), '{"article": {"text": "\\ud83d\\ude00 a"}}')

    assert response.status_code == 200
    assert "😀 a" in model.questions[0].messages[-1].content


@pytest.mark.parametrize("text", [" ", "\n\t ", "\u3000\u00a0"])
def test_text_of_white_space_is_422(client: FlaskClient, text: str) -> None:
    for response in (client.post(PATH, json={"article": {"text": text}}), post(client, text.encode(), "text/plain")):
        problem = problem_of(response)
        assert (problem["status"], problem["code"]) == (422, "article_empty")
        assert problem["errors"][0]["pointer"] == "#/article/text"


def test_text_over_the_limit_is_413(serve: Serve) -> None:
    client = serve(max_chars=10)

    assert client.post(PATH, json={"article": {"text": "ї" * 10}}).status_code == 200
    problem = problem_of(client.post(PATH, json={"article": {"text": "ї" * 11}}))
    assert (problem["status"], problem["code"]) == (413, "article_too_long")
    assert "Post it in parts" in problem["detail"]


def test_longest_article_fits_however_it_is_escaped(serve: Serve) -> None:
    body = json.dumps({"article": {"text": "😀" * 6000}})
    assert len(body) > 6000 * BYTES_PER_CHAR

    assert post(serve(max_chars=6000), body).status_code == 200


def test_body_over_the_limit_is_413(serve: Serve) -> None:
    client = serve(max_chars=10)
    limit = 10 * BYTES_PER_CHAR + BYTES_BESIDE_TEXT

    problem = problem_of(post(client, b" " * (limit + 1)))

    assert (problem["status"], problem["code"]) == (413, "body_too_large")
    assert problem_of(post(client, b" " * limit))["status"] == 400


def test_chunked_body_over_the_limit_is_413_and_not_cut(serve: Serve) -> None:
    client = serve(max_chars=10)
    document = json.dumps({"article": ARTICLE, "kinds": None}).encode()
    chunked = {"wsgi.input_terminated": True}

    for padding, status in ((1000, 413), (10 * BYTES_PER_CHAR + BYTES_BESIDE_TEXT, 413)):
        body = io.BytesIO(document + b" " * padding)
        response = client.post(PATH, input_stream=body, content_type="application/json", environ_overrides=chunked)
        problem = problem_of(response)
        assert problem["status"] == status
        assert problem["code"] == ("article_too_long" if padding == 1000 else "body_too_large")


def test_unknown_kind_is_422_with_a_pointer(client: FlaskClient) -> None:
    known = client.get("/v1/kinds").get_json()["kinds"][0]["name"]

    problem = problem_of(client.post(PATH, json={"article": ARTICLE, "kinds": [known, "weather"]}))

    assert (problem["status"], problem["code"]) == (422, "unknown_kind")
    assert problem["errors"] == [{"pointer": "#/kinds/1", "detail": problem["errors"][0]["detail"]}]
    assert known in problem["errors"][0]["detail"]
    assert "weather" not in json.dumps(problem)


FAILURES = [
    (errors.ModelCredentialsError("Incorrect API key sk-operator"), 502, "model_refused_credentials"),
    (errors.ModelRequestError("the server says: sk-operator"), 502, "model_refused_request"),
    (errors.DeadlineExceededError("sk-operator"), 504, "deadline_exceeded"),
    (errors.ModelUnavailableError("sk-operator"), 503, "model_unavailable"),
]


@pytest.mark.parametrize(("error", "status", "code"), FAILURES)
def test_failed_model_is_told_without_its_words(serve: Serve, error: Exception, status: int, code: str) -> None:
    response = serve(ScriptedModel(otherwise=error)).post(PATH, json={"article": ARTICLE})

    problem = problem_of(response)
    assert (problem["status"], problem["code"]) == (status, code)
    assert "sk-operator" not in response.text


@pytest.mark.parametrize(("asked_for", "told"), [(None, "5"), (2.1, "3"), (0.0, "1"), (40, "40")])
def test_unavailable_model_says_when_to_try_again(serve: Serve, asked_for: float | None, told: str) -> None:
    error = errors.ModelUnavailableError("down", retry_after=asked_for)

    response = serve(ScriptedModel(otherwise=error)).post(PATH, json={"article": ARTICLE})

    assert response.headers["Retry-After"] == told


def test_bug_is_500_without_a_word_of_it(serve: Serve) -> None:
    model = ScriptedModel(otherwise=RuntimeError("secret words of the article"))

    response = serve(model).post(PATH, json={"article": ARTICLE})

    problem = problem_of(response)
    assert (problem["status"], problem["code"]) == (500, "internal_error")
    assert "secret" not in response.text
    assert "Traceback" not in response.text
