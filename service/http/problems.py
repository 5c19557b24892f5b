"""The problem details of every error that HTTP callers see (RFC 9457, `application/problem+json`).

The texts are constants of ours. They contain neither the model server's words nor what the caller sent, except for
names of fields.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from math import ceil

import structlog
from flask import Flask, Response, g
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema
from werkzeug.exceptions import HTTPException

from service import errors
from service.jobs.errors import IdempotencyConflictError, IdempotencyInProgressError, StoreUnavailableError
from service.telemetry.logs import trace

MEDIA_TYPE = "application/problem+json"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong with one field. `pointer` is a JSON Pointer (RFC 6901) as a URI fragment."""

    pointer: str
    detail: str


class ProblemDocument(BaseModel):
    """What went wrong, as RFC 9457 has it. Programs go by `code`."""

    model_config = ConfigDict(frozen=True)

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str | SkipJsonSchema[None] = Field(default=None, description="what the logs call the request")
    errors: Sequence[FieldFault] | SkipJsonSchema[None] = Field(default=None, description="the fields at fault")


@dataclass(frozen=True, slots=True)
class Problem:
    status: int
    code: str
    detail: str
    faults: Sequence[FieldFault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self, request_id: str | None = None) -> ProblemDocument:
        """The problem as callers see it; `request_id` is what the logs call the request."""
        return ProblemDocument(
            type=f"urn:dragoman:problem:{self.code}",
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            detail=self.detail,
            code=self.code,
            instance=request_id and f"urn:dragoman:request:{request_id}",
            errors=self.faults or None,
        )

    def body(self, request_id: str | None = None) -> str:
        """The same as JSON."""
        return self.document(request_id).model_dump_json(exclude_none=True)


class ProblemError(Exception):
    """Raised to answer a request with this problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def malformed(detail: str) -> ProblemError:
    return ProblemError(Problem(400, "malformed_body", detail))


def invalid(faults: Sequence[FieldFault]) -> ProblemError:
    return ProblemError(Problem(422, "invalid_fields", "Some fields of the request cannot be used.", faults))


STATUS_AND_DETAIL: dict[type[errors.DragomanError], tuple[int, str]] = {
    errors.EmptyArticleError: (422, "The article has no text."),
    errors.ArticleTooLongError: (
        413,
        "The article is longer than the {error.most:,} characters that are read. Post it in parts.",
    ),
    errors.UnknownKindError: (422, "A kind was asked for that this service does not know."),
    errors.RequestError: (422, "The request cannot be served as it is."),
    errors.DeadlineExceededError: (504, "The article was not finished within its deadline."),
    errors.ModelUnavailableError: (503, "The model server is down or overloaded."),
    errors.ModelCredentialsError: (502, "The model server refused this service. Its operator has to look into it."),
    errors.ModelRequestError: (502, "The model server refused what this service sent{error.hint}."),
    errors.ModelCallError: (502, "The model server could not be used."),
    errors.AnswerError: (502, "The model gave no answer that could be used."),
    errors.OverloadedError: (503, "The service accepts no more articles just now."),
    StoreUnavailableError: (503, "The job store is out of reach."),
    IdempotencyConflictError: (422, "This Idempotency-Key was sent with another request. Send a new one."),
    IdempotencyInProgressError: (409, "The first request with this Idempotency-Key is still in progress."),
    errors.DragomanError: (500, "Something went wrong inside the service."),
}
"""Status and detail by error class. A class that is not listed has those of its parent class."""

TRANSIENT_ERRORS = (
    errors.ModelUnavailableError,
    errors.OverloadedError,
    StoreUnavailableError,
    IdempotencyInProgressError,
)
"""Errors that may go away by themselves: their responses have `Retry-After`."""

FIELD_AT_FAULT: dict[type[errors.DragomanError], str] = {
    errors.EmptyArticleError: "#/article/text",
    errors.ArticleTooLongError: "#/article/text",
    errors.UnknownKindError: "#/kinds",
}
"""The field that causes an error, for errors that are caused by one."""

HTTP_FAULTS = {
    400: ("bad_request", "The request could not be read."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take that method."),
    413: ("body_too_large", "The body is larger than an article of the longest permitted length can be."),
    415: ("unsupported_media_type", "The body must be application/json or text/plain."),
}

INTERNAL = Problem(500, "internal_error", "Something went wrong inside the service. It has been logged.")

RETRY_SECONDS = 5.0
"""Value of `Retry-After` if the error has no delay of its own."""


def of_error(error: errors.DragomanError) -> Problem:
    """The problem for one of our own errors."""
    status, sentence = next(STATUS_AND_DETAIL[one] for one in type(error).__mro__ if one in STATUS_AND_DETAIL)
    detail = sentence.format(error=error)
    headers: dict[str, str] = {}
    if isinstance(error, TRANSIENT_ERRORS):
        asked: float | None = getattr(error, "retry_after", None)
        seconds = RETRY_SECONDS if asked is None else asked
        headers["Retry-After"] = str(max(1, ceil(seconds)))
    place = FIELD_AT_FAULT.get(type(error))
    faults = (FieldFault(place, detail),) if place else ()
    return Problem(status, error.code, detail, faults, headers)


def of_branches(*branches: type[errors.DragomanError]) -> list[Problem]:
    """The problems for some error classes and all their subclasses, for the OpenAPI document."""
    return [of_error(error("")) for branch in branches for error in _with_subclasses(branch)]


def _with_subclasses(branch: type[errors.DragomanError]) -> Iterable[type[errors.DragomanError]]:
    yield branch
    for error in branch.__subclasses__():
        yield from _with_subclasses(error)


def of_http(error: HTTPException) -> Problem:
    """The problem for an error of the web framework."""
    status = error.code or 500
    code, detail = HTTP_FAULTS.get(status, ("bad_request", "The request cannot be served."))
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    return Problem(status, code, detail, headers=headers)


def of_unexpected(error: Exception) -> Problem:
    """The problem for an unexpected exception, which is logged."""
    log.error("unexpected exception", trace=trace(error))
    return INTERNAL


def respond(problem: Problem) -> Response:
    g.log_fields["code"] = problem.code
    return Response(
        problem.body(g.request_id), status=problem.status, content_type=MEDIA_TYPE, headers=dict(problem.headers)
    )


def register(app: Flask) -> None:
    """Answer every exception that is raised while a request is served with a problem."""

    @app.errorhandler(ProblemError)
    def _(error: ProblemError) -> Response:
        return respond(error.problem)

    @app.errorhandler(errors.DragomanError)
    def _(error: errors.DragomanError) -> Response:
        return respond(of_error(error))

    @app.errorhandler(HTTPException)
    def _(error: HTTPException) -> Response:
        return respond(of_http(error))

    @app.errorhandler(Exception)
    def _(error: Exception) -> Response:
        return respond(of_unexpected(error))
