"""Whatever is posted gets an answer that is described, in time: never a 500."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import StopReason, events, from_schema

from service.jobs.database import upgrade
from tests.api.conftest import KEY, Serve, is_answered
from tests.support.bad_inputs import MANY, articles, bounded, documents, texts
from tests.support.scripted_model import ScriptedModel, answering

PATH = "/v1/extractions"


@pytest.fixture(params=["search", "candidates"])
def client(request: pytest.FixtureRequest, serve: Serve) -> FlaskClient:
    return serve(ScriptedModel(otherwise=answering), strategy=request.param)


def mentions(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if {"start", "end", "text"} <= value.keys():
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from mentions(item)


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
def test_every_answer_is_as_the_document_says(build: Callable[..., Flask], tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'jobs.db'}"
    upgrade(store)
    app = build(ScriptedModel(otherwise=answering), api_keys=KEY, max_chars=300, database_url=store)
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "workers": 1,
            "continue-on-failure": True,
            "headers": {"Authorization": f"Bearer {KEY}"},
            "generation": {"mode": "all", "max-examples": MANY or 8, "deterministic": not MANY, "database": "none"},
            "phases": {"stateful": {"enabled": False}},
            "checks": {
                "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", 502, 503, 504]},
                "negative_data_rejection": {"expected-statuses": [400, 404, 405, 406, 409, 413, 415, 422]},
                "ignored_auth": {"enabled": False},  # `test_auth` walks all routes
            },
            # A key that was used before, or a webhook of a service without a secret, is refused whatever its form; and
            # so is a review that does not fit its result.
            "operations": [
                {"include-operation-id": name, "checks": {"positive_data_acceptance": {"enabled": False}}}
                for name in ("intake.create", "reviews.save")
            ],
        }
    )
    faults: list[str] = []
    tried = 0

    for event in from_schema(schemathesis.openapi.from_wsgi("/openapi.json", app, config=config)).execute():
        match event:
            case events.ScenarioFinished():
                tried += len(event.recorder.cases)
                for checks in event.recorder.checks.values():
                    faults += [f"{one.name}: {one.failure_info.failure}" for one in checks if one.failure_info]
            case events.NonFatalError():
                faults.append(repr(event.value))
            case events.FatalError():
                faults.append(repr(event.exception))
            case events.EngineFinished():
                assert event.stop_reason is StopReason.COMPLETED

    assert not faults, "\n".join(dict.fromkeys(faults))
    assert tried > 100


@bounded
@given(article=articles)
def test_any_article_is_read_or_refused(client: FlaskClient, article: dict[str, Any]) -> None:
    posted = json.dumps({"article": article})
    text = json.loads(posted)["article"]["text"]  # two halves of a character that meet are one

    response = client.post(PATH, data=posted, content_type="application/json")

    assert is_answered(response)
    if response.status_code == 200:
        for mention in mentions(response.get_json()["records"]):
            assert text[mention["start"] : mention["end"]] == mention["text"]
    elif response.status_code == 422:
        assert response.get_json()["errors"]


@bounded
@given(
    article=articles.flatmap(lambda one: st.sampled_from(sorted(one)).map(lambda name: (one, name))), wrong=documents
)
def test_any_value_in_any_field_is_read_or_refused(client: FlaskClient, article: tuple[Any, str], wrong: Any) -> None:
    fields, name = article

    for document in ({"article": {**fields, name: wrong}}, {"article": fields, name: wrong}, {"article": wrong}, wrong):
        assert is_answered(client.post(PATH, data=json.dumps(document), content_type="application/json"))


@bounded
@given(
    data=st.one_of(st.binary(max_size=80), texts.map(lambda text: text.encode("utf-8", "surrogatepass"))),
    media_type=st.sampled_from(
        ["application/json", "text/plain", "text/plain;", "application/json; charset=utf-16", "*/*"]
    ),
    charset=st.one_of(
        st.none(), st.sampled_from(["utf-8", "UTF-16", "gb18030", "hz", "utf-7", "punycode", "\x00", "a b"])
    ),
    length=st.sampled_from([None, "0", "-1", "1", "99999999", "9" * 30, "1e3", "x", ""]),
)
def test_any_bytes_are_read_or_refused(
    client: FlaskClient, data: bytes, media_type: str, charset: str | None, length: str | None
) -> None:
    content_type = media_type if charset is None else f'{media_type}; charset="{charset}"'
    environ = {} if length is None else {"CONTENT_LENGTH": length}

    assert is_answered(client.post(PATH, data=data, content_type=content_type, environ_overrides=environ))


ARTICLE = '"article": {"text": "The envoys met."'


@pytest.mark.parametrize(
    "body",
    [
        f'{{{ARTICLE}, "published_at": 1e999}}}}',
        f'{{{ARTICLE}, "published_at": {"9" * 5000}}}}}',
        f'{{{ARTICLE}, "language": {"[" * 50_000}{"]" * 50_000}}}}}',
        f'{{{ARTICLE}, "title": "a", "title": "b"}}}}',
        f'{{{ARTICLE}}}, "deadline_seconds": 1e-999}}',
        f'{{{ARTICLE}}}, "deadline_seconds": {"0" * 400}1}}',
        f'{{{ARTICLE}}}, "deadline_seconds": 1{"0" * 400}}}',
        f'{{{ARTICLE}}}, "deadline_seconds": true}}',
        f'{{{ARTICLE}}}, "kinds": [{",".join(["null"] * 10_000)}]}}',
        f'{{{ARTICLE}}}, "kinds": ["\\ud800"]}}',
        f'{{{ARTICLE}}}, "\\ud800\\u0000": 1}}',
        '{"article": {"text": "\\ud800"}}',
        '{"article": {"text": "\\u0000"}}',
        '{"article": {"text": " \\u0085\\u3000"}}',
    ],
)
def test_bad_json_gets_a_reason(client: FlaskClient, body: str) -> None:
    response = client.post(PATH, data=body, content_type="application/json")

    assert is_answered(response)
    assert response.status_code in {400, 422} or '"text": "\\u' in body


LONGEST = 200_000
LONG = ["a", "a.", '"', "„“", "\n", "a\n", "1", "\u200f", "said “a b. E”, "]


@pytest.mark.parametrize("piece", LONG)
def test_longest_article_is_read(serve: Serve, piece: str) -> None:
    client = serve(ScriptedModel(otherwise=answering))
    text = (piece * LONGEST)[:LONGEST]

    response = client.post(PATH, data=json.dumps({"article": {"text": text}}), content_type="application/json")

    assert is_answered(response)
    assert (response.status_code == 200) == bool(text.strip())


@pytest.mark.parametrize("piece", LONG)
def test_long_article_is_read_by_candidates(serve: Serve, piece: str) -> None:
    client = serve(ScriptedModel(otherwise=answering), strategy="candidates")
    text = (piece * LONGEST)[: LONGEST if MANY else LONGEST // 10]

    response = client.post(PATH, data=json.dumps({"article": {"text": text}}), content_type="application/json")

    assert is_answered(response)
    assert (response.status_code == 200) == bool(text.strip())
