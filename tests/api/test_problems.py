"""Every error has its status, and one shape."""

import json

import pytest
from flask.testing import FlaskClient

from service import errors
from service.http import problems
from service.jobs.errors import StoreError
from tests.api.conftest import problem_of


def _all_errors(error: type[errors.DragomanError] = errors.DragomanError) -> set[type[errors.DragomanError]]:
    return {error}.union(*(_all_errors(one) for one in error.__subclasses__() if one.__module__ == errors.__name__))


def test_every_error_of_the_core_has_a_status() -> None:
    found = {error.__name__: problems.of_error(error("secret")).status for error in _all_errors()}

    assert found == {
        "DragomanError": 500,
        "RequestError": 422,
        "EmptyArticleError": 422,
        "ArticleTooLongError": 413,
        "UnknownKindError": 422,
        "TooManyQuestionsError": 422,
        "ModelCallError": 502,
        "ModelUnavailableError": 503,
        "BreakerOpenError": 503,
        "ModelCredentialsError": 502,
        "ModelRequestError": 502,
        "DeadlineExceededError": 504,
        "AnswerError": 502,
        "AnswerTruncatedError": 502,
        "ContextTooLongError": 502,
        "AnswerRefusedError": 502,
        "AnswerMalformedError": 502,
        "OverloadedError": 503,
    }


def test_every_error_of_the_store_has_a_status_and_says_when_to_come_back() -> None:
    found = {error: problems.of_error(error("secret")) for error in _subclasses(StoreError)}

    assert {error.__name__: problem.status for error, problem in found.items()} == {
        "StoreUnavailableError": 503,
        "IdempotencyConflictError": 422,
        "IdempotencyInProgressError": 409,
    }
    assert [error.__name__ for error, problem in found.items() if "Retry-After" in problem.headers] == [
        "StoreUnavailableError",
        "IdempotencyInProgressError",
    ]


def _subclasses(error: type[StoreError]) -> list[type[StoreError]]:
    return list(error.__subclasses__())


def test_message_of_an_error_stays_inside() -> None:
    for error in _all_errors():
        assert "secret" not in problems.of_error(error("secret")).body("r")


@pytest.mark.parametrize("path", ["/v1", "/v1/extractions/", "/v2/kinds", "/static/x", "/%00", "/v1/kinds%2f"])
def test_unknown_route_is_404(client: FlaskClient, path: str) -> None:
    problem = problem_of(client.get(path))

    assert (problem["status"], problem["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/extractions", {"POST", "OPTIONS"}),
        ("DELETE", "/v1/extractions", {"POST", "OPTIONS"}),
        ("POST", "/v1/kinds", {"GET", "HEAD", "OPTIONS"}),
        ("PUT", "/healthz", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_wrong_method_is_405_and_names_the_right_ones(
    client: FlaskClient, method: str, path: str, allowed: set[str]
) -> None:
    response = client.open(path, method=method)

    assert problem_of(response)["code"] == "method_not_allowed"
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == allowed


def test_problem_without_faults_or_request_has_no_such_members() -> None:
    document = json.loads(problems.INTERNAL.body())

    assert list(document) == ["type", "title", "status", "detail", "code"]


def test_request_id_of_the_caller_is_kept(client: FlaskClient) -> None:
    response = client.get("/healthz", headers={"X-Request-Id": "wire_7.a-B"})

    assert response.headers["X-Request-Id"] == "wire_7.a-B"


@pytest.mark.parametrize("sent", ["", "a b", "x" * 65, 'a"b', "ünï", "<script>"])
def test_request_id_that_is_not_sane_is_replaced(client: FlaskClient, sent: str) -> None:
    response = client.get("/healthz", headers={"X-Request-Id": sent})

    assert len(response.headers["X-Request-Id"]) == 32
