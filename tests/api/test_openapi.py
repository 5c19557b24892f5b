"""GET /openapi.json: the document is valid, whole and true."""

import json
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from openapi_pydantic import OpenAPI

from schemas import registry
from service.errors import ModelCallError, OverloadedError, RequestError
from service.http.auth import PUBLIC
from service.http.openapi import UndescribedRouteError, document
from service.http.problems import of_branches
from tests.api.conftest import KEY, Serve, problem_of

BY_FLASK = {"HEAD", "OPTIONS"}


@pytest.fixture
def told(client: FlaskClient) -> dict[str, Any]:
    response = client.get("/openapi.json")
    assert (response.status_code, response.content_type) == (200, "application/json")
    told: dict[str, Any] = response.get_json()
    return told


def operations(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in told["paths"].values():
        yield from path.values()


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from references(item)


def test_document_is_valid_openapi(told: dict[str, Any]) -> None:
    assert OpenAPI.model_validate(told).openapi.startswith("3.1.")
    schema = schemathesis.openapi.from_dict(told)
    assert not [one.err() for one in schema.get_all_operations() if not hasattr(one, "ok")]


def test_document_names_the_version(told: dict[str, Any]) -> None:
    assert told["info"]["version"] == metadata.version("dragoman")


def test_document_refers_to_nothing_that_it_lacks(told: dict[str, Any]) -> None:
    found = set(references(told))

    assert found
    for reference in found:
        value = told
        for part in reference.removeprefix("#/").split("/"):
            value = value[part]


def test_every_route_is_in_the_document_and_nothing_else(build: Callable[..., Flask]) -> None:
    app = build()
    told = json.loads(document(app))
    described = {
        (path, method.upper(), operation["operationId"])
        for path, by_method in told["paths"].items()
        for method, operation in by_method.items()
    }

    assert described == {
        (rule.rule.replace("<", "{").replace(">", "}"), method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - BY_FLASK
    }


def test_route_that_does_not_say_what_it_does_is_refused(build: Callable[..., Flask]) -> None:
    app = build()
    app.add_url_rule("/mute", view_func=lambda: "")

    with pytest.raises(UndescribedRouteError, match="/mute"):
        document(app)


def test_arguments_of_a_path_are_parameters(build: Callable[..., Flask]) -> None:
    told = json.loads(document(build()))

    for path, by_method in told["paths"].items():
        named = {part[1:-1] for part in path.split("/") if part.startswith("{")}
        for operation in by_method.values():
            inside = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
            assert inside == named


def test_document_needs_no_key(serve: Serve) -> None:
    assert serve(api_keys=KEY).get("/openapi.json").status_code == 200


def test_operations_ask_for_a_key_or_are_public(told: dict[str, Any]) -> None:
    for operation in operations(told):
        public = operation["operationId"] in PUBLIC
        assert operation["security"] == ([] if public else [{"key": []}])
        assert ("401" in operation["responses"]) == (not public)


def test_every_answer_has_its_request_id_and_every_refusal_is_a_problem(told: dict[str, Any]) -> None:
    for operation in operations(told):
        for status, answer in operation["responses"].items():
            assert "X-Request-Id" in answer["headers"]
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"]


def test_extraction_ends_with_the_problems_that_the_core_has(told: dict[str, Any]) -> None:
    responses = told["paths"]["/v1/extractions"]["post"]["responses"]

    for problem in of_branches(RequestError, ModelCallError, OverloadedError):
        assert problem.code in codes(responses[str(problem.status)])
    assert codes(responses["503"]) >= {"overloaded", "model_unavailable"}
    assert codes(responses["415"]) == {"unsupported_media_type", "unsupported_charset"}
    assert "Retry-After" in responses["503"]["headers"]
    assert "WWW-Authenticate" in responses["401"]["headers"]
    assert {"400", "401", "403", "413", "415", "422", "500", "502", "503", "504"} < set(responses)


def codes(answer: dict[str, Any]) -> set[str]:
    (media,) = answer["content"].values()
    return set(media["schema"]["allOf"][1]["properties"]["code"]["enum"])


def test_problem_has_the_members_that_are_described(told: dict[str, Any], client: FlaskClient) -> None:
    problem = problem_of(client.post("/v1/extractions", json={}))
    described = told["components"]["schemas"]["ProblemDocument"]

    assert set(described["required"]) < set(problem) <= set(described["properties"])


def test_request_is_described_with_the_limits_and_kinds_of_the_service(serve: Serve) -> None:
    told = serve(max_chars=777, max_deadline_seconds=55).get("/openapi.json").get_json()
    forms = told["components"]["schemas"]

    request = told["paths"]["/v1/extractions"]["post"]["requestBody"]
    assert request["required"]
    assert set(request["content"]) == {"application/json", "text/plain"}
    assert forms["Article"]["properties"]["text"]["maxLength"] == 777
    assert forms["ExtractionRequest"]["properties"]["deadline_seconds"]["anyOf"][0]["maximum"] == 55
    kinds = forms["ExtractionRequest"]["properties"]["kinds"]["anyOf"][0]
    assert kinds["items"]["enum"] == list(registry.built_in().names)
    assert kinds["maxItems"] == 100


def test_records_are_described_by_the_schema_of_their_kind(told: dict[str, Any]) -> None:
    forms = told["components"]["schemas"]
    records = forms["Records"]["properties"]

    assert list(records) == list(registry.built_in().names)
    for record in registry.built_in():
        own = record.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
        parts = own.pop("$defs", {})
        assert records[record.kind]["items"] == {"$ref": f"#/components/schemas/{record.__name__}"}
        assert forms[record.__name__] == bare(own)
        for name, part in parts.items():
            assert forms[name] == bare(part)


def bare(schema: Any) -> Any:
    """A schema without defaults that are null, which the document leaves out."""
    if isinstance(schema, dict):
        return {key: bare(value) for key, value in schema.items() if (key, value) != ("default", None)}
    return [bare(item) for item in schema] if isinstance(schema, list) else schema
