"""The reading page: one shell for a new article and for stored results, and the files that it is made of.

GET /
GET /results/{id}
GET /assets/{name}

None of it holds data: the page's script fetches all of that from the API, with a key where there are keys.
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
"""Kept by browsers, and asked about each time: an upgrade of the service is seen at once."""
_PROTECTED = {"Content-Security-Policy": page.POLICY, "Cross-Origin-Opener-Policy": "same-origin"}


def blueprint(kinds: Iterable[type[Record]]) -> Blueprint:
    """Make the routes for the kinds that can be asked for. The shell is the same for as long as the process lives."""
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
        ends_with=[UNKNOWN],
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
