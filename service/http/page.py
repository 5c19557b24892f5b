"""The reading page: one HTML shell for new articles and for stored results, and its assets.

GET /
GET /results/{id}
GET /assets/{name}

None of it contains data: the page's script fetches that from the API, with a key if the service has keys.
"""

from collections.abc import Iterable

from flask import Blueprint, Response, request
from openapi_pydantic import Schema
from werkzeug.exceptions import NotFound

from schemas.fields import Record
from service import page
from service.http.openapi import answer, described
from service.http.problems import ProblemError, of_http
from service.page import assets

HTML = "text/html"
UNKNOWN = of_http(NotFound())

_TEXT = Schema(type="string")
_FRESH = {"Cache-Control": "no-cache"}
"""Browsers cache these and revalidate them each time, so that an upgrade of the service takes effect at once."""
_PROTECTED = {"Content-Security-Policy": page.POLICY, "Cross-Origin-Opener-Policy": "same-origin"}


def blueprint(kinds: Iterable[type[Record]]) -> Blueprint:
    """Make the routes. The shell, which lists the kinds, is rendered once."""
    routes = Blueprint("page", __name__)
    shell = page.shell(kinds)
    tag = assets.digest(shell)
    of_shell = {200: answer("The page.", {HTML: _TEXT}), 304: answer("As it was.", {})}

    @routes.get("/")
    @described("The page on which articles are read", answers=of_shell)
    def index() -> Response:
        return _conditional(Response(shell, mimetype=HTML, headers={**_FRESH, **_PROTECTED}), tag)

    @routes.get("/results/<job_id>")
    @described("The page with a stored result, which it fetches itself", answers=of_shell)
    def result(job_id: str) -> Response:  # noqa: ARG001 -- the script reads it off the address
        return index()

    @routes.get("/assets/<name>")
    @described(
        "A file that the page is made of",
        answers={
            200: answer("The file.", dict.fromkeys(assets.MEDIA_TYPES.values(), _TEXT)),
            304: answer("As it was.", {}),
        },
        problem_responses=[UNKNOWN],
    )
    def asset(name: str) -> Response:
        found = assets.asset(name)
        if found is None:
            raise ProblemError(UNKNOWN)
        return _conditional(Response(found.text, mimetype=found.media_type, headers=_FRESH), found.tag)

    return routes


def _conditional(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    response.make_conditional(request)
    return response
