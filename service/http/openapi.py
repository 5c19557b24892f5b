"""GET /openapi.json: describes every route in OpenAPI 3.1, generated from the routes themselves.

Each view has a decorator `@described` with its request body, its responses and its problem responses. Path, method and
name come from Flask, the schemas from pydantic; status, code and headers of a problem come from the `Problem` itself.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from http import HTTPStatus
from importlib import metadata
from typing import TypeVar

from flask import Blueprint, Flask, Response, current_app
from openapi_pydantic import (
    Components,
    Header,
    Info,
    License,
    MediaType,
    OpenAPI,
    Operation,
    Parameter,
    PathItem,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)
from openapi_pydantic import Response as Answer
from openapi_pydantic.util import PydanticSchema, construct_open_api_with_schema_class
from pydantic import BaseModel
from werkzeug.routing import Rule

from service.http import access_log, auth, cross_site, problems
from service.http.body import CHARSETS, JSON, TEXT
from service.http.problems import Problem

Content = Mapping[str, type[BaseModel] | Schema]
"""Media type → model. Bodies that are not JSON have a `Schema`."""

_KEY = "key"
_ABOUT_KEYS = "Where the service has no keys, it serves its own machine alone and asks for none."
_DESCRIPTION = "openapi"
"""Name of the attribute of a view that has its `Operation`."""
_FLASK_METHODS = frozenset({"HEAD", "OPTIONS"})
"""Methods that Flask answers by itself."""
_ARGUMENT = re.compile(r"<(?:[^:<>]+:)?(\w+)>")
_HEADERS: Mapping[str, tuple[str, Schema]] = {
    "Location": ("Address of what was made.", Schema(type="string", schema_format="uri-reference")),
    "Retry-After": ("Seconds after which another try makes sense.", Schema(type="integer", minimum=1)),
    "WWW-Authenticate": ("How a key is sent.", Schema(type="string")),
    access_log.HEADER: (
        "What the service's logs call the request: the name that was sent in this header, or a new one.",
        Schema(type="string", pattern=f"^{access_log.VALID_REQUEST_ID.pattern}$"),
    ),
}

View = TypeVar("View", bound=Callable[..., Response])


class UndescribedRouteError(Exception):
    """A route has no `@described`. The message names it."""


def described(
    summary: str,
    *,
    answers: Mapping[int, Answer],
    problem_responses: Iterable[Problem] = (),
    request_body: RequestBody | None = None,
    parameters: Iterable[Parameter] = (),
) -> Callable[[View], View]:
    """Describe a view. The decorator goes between the route and the function.

    Args:
        summary: one line.
        answers: the successful responses by status; see `answer`.
        problem_responses: the problems of this view. Those of authentication and of bugs are added to every view.
        request_body: see `body`.
        parameters: of query and headers; those of the path are taken from the route.

    """
    described_as = Operation(
        summary=summary,
        parameters=list(parameters) or None,
        requestBody=request_body,
        responses={str(status): one for status, one in answers.items()} | _refusals(problem_responses),
    )

    def describe(view: View) -> View:
        view.__dict__[_DESCRIPTION] = described_as
        return view

    return describe


def body(content: Content, description: str | None = None) -> RequestBody:
    """A required request body, in one of several media types."""
    return RequestBody(content=_content(content), description=description, required=True)


def article_body(form: type[BaseModel], more: Content | None = None) -> RequestBody:
    """A request body with an article, as JSON or as bare text, or in further media types."""
    text = Schema(type="string", minLength=1, description="The article's text alone.")
    about = f"Text is UTF-8 unless its `charset` is one of: {', '.join(sorted(CHARSETS))}."
    return body({JSON: form, TEXT: text, **(more or {})}, about)


def answer(description: str, content: Content, headers: Iterable[str] = ()) -> Answer:
    """A response in one of several media types. `headers` are those that it has besides those of every response."""
    return Answer(description=description, content=_content(content), headers=_headers(dict.fromkeys(headers, True)))


def blueprint() -> Blueprint:
    """Make the route. The document is made when it is first asked for, and is the same from then on."""
    routes = Blueprint("openapi", __name__)
    rendered = cache(lambda: document(current_app))

    @routes.get("/openapi.json")
    @described("This document", answers={200: answer("The document.", {JSON: Schema(type="object")})})
    def index() -> Response:
        return Response(rendered(), mimetype=JSON)

    return routes


def document(app: Flask) -> str:
    """Describe all routes of an application.

    Raises:
        UndescribedRouteError: a route has no `@described`.

    """
    paths: dict[str, dict[str, Operation]] = {}
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - _FLASK_METHODS:
            paths.setdefault(_ARGUMENT.sub(r"{\1}", rule.rule), {})[method.lower()] = _operation(app, rule)
    described_as = construct_open_api_with_schema_class(
        OpenAPI(
            info=Info(
                title="Dragoman",
                version=metadata.version("dragoman"),
                summary="Turns news articles into typed records, each tied to the exact characters that state it.",
                license=License(name="Apache-2.0", identifier="Apache-2.0"),
            ),
            paths={path: PathItem.model_validate(operations) for path, operations in sorted(paths.items())},
            components=Components(
                headers={name: _header(name) for name in _HEADERS},
                securitySchemes={_KEY: SecurityScheme(type="http", scheme="bearer", description=_ABOUT_KEYS)},
            ),
        )
    )
    return described_as.model_dump_json(by_alias=True, exclude_none=True)


def _operation(app: Flask, rule: Rule) -> Operation:
    own: Operation | None = getattr(app.view_functions[rule.endpoint], _DESCRIPTION, None)
    if own is None:
        raise UndescribedRouteError(f"{rule.rule} does not say what it does")
    public = rule.endpoint in auth.PUBLIC
    in_path = [
        Parameter.model_validate({"name": name, "in": "path", "required": True, "schema": Schema(type="string")})
        for name in _ARGUMENT.findall(rule.rule)
    ]
    of_keys = () if public else (auth.MISSING, auth.WRONG)
    common = _refusals([auth.NOT_LOCAL, cross_site.CROSS_SITE, cross_site.HOST_UNKNOWN, problems.INTERNAL, *of_keys])
    return own.model_copy(
        update={
            "operationId": rule.endpoint,
            "tags": [rule.endpoint.partition(".")[0]],
            "security": [] if public else [{_KEY: []}],
            "parameters": [*in_path, *(own.parameters or ())] or None,
            "responses": dict(sorted({**common, **(own.responses or {})}.items())),
        }
    )


def _refusals(ends: Iterable[Problem]) -> dict[str, Answer]:
    """One response for each status of the problems."""
    by_status: dict[int, list[Problem]] = {}
    for problem in ends:
        by_status.setdefault(problem.status, []).append(problem)
    return {str(status): _refusal(HTTPStatus(status), those) for status, those in by_status.items()}


def _refusal(status: HTTPStatus, those: list[Problem]) -> Answer:
    codes = list(dict.fromkeys(problem.code for problem in those))
    narrowed = Schema(properties={"code": Schema(enum=codes), "status": Schema(const=status.value)})
    form = Schema(allOf=[PydanticSchema(schema_class=problems.ProblemDocument), narrowed])
    names = dict.fromkeys(name for problem in those for name in problem.headers if name in _HEADERS)
    return Answer(
        description=f"{status.phrase}: {', '.join(codes)}",
        content=_content({problems.MEDIA_TYPE: form}),
        headers=_headers({name: all(name in problem.headers for problem in those) for name in names}),
    )


def _content(content: Content) -> dict[str, MediaType]:
    return {
        media_type: MediaType(
            media_type_schema=form if isinstance(form, Schema) else PydanticSchema(schema_class=form),
        )
        for media_type, form in content.items()
    }


def _headers(required: Mapping[str, bool]) -> dict[str, Header | Reference]:
    """Headers by name. Those that a response always has are references to the components."""
    always = {name for name, there in required.items() if there} | {access_log.HEADER}
    return {
        name: Reference.model_validate({"$ref": f"#/components/headers/{name}"})
        if name in always
        else _header(name, required=False)
        for name in {**required, access_log.HEADER: True}
    }


def _header(name: str, *, required: bool = True) -> Header:
    description, schema = _HEADERS[name]
    return Header(description=description, required=required, param_schema=schema)
