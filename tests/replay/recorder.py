"""What is recorded, what of it is kept, and what two requests must have in common to be the same."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from vcr import VCR
from vcr.request import Request
from werkzeug.test import TestResponse

from service.settings import Settings
from tests.replay import readable

KINDS = ("negotiations", "sanctions", "military_claims", "quoted_officials")
"""Recorded for each article. Named here, so that a kind added later leaves the cassettes as they are."""

ARTICLES = ("talks-in-doha", "border-talks-uk", "harvest-festival", "injected-orders", "nested-attribution")
"""Names of files in `tests/articles`; each has a cassette of its name."""

DEFAULTS = Settings.model_construct()
"""No setting comes from the environment."""

TEXTS = Path(__file__).parents[1] / "articles"
CASSETTES = Path(__file__).parents[2] / "cassettes"

BASE_URL = "http://model.invalid/v1"
"""Where the model answers in every cassette, whichever port it had while it was recorded. No such host can exist."""

KEPT_HEADERS = frozenset({"content-type"})
"""Of requests and answers alike. The others name machines, clients, keys and times, and nobody reads them."""

NOISE = ("id", "created", "system_fingerprint", "timings")
"""Parts of an answer which differ from one recording to the next and which nobody reads."""


def text_of(article: str) -> str:
    """The article's text, line ends as they are in the file."""
    return (TEXTS / f"{article}.txt").read_bytes().decode()


def post(app: Flask, article: str, **members: Any) -> TestResponse:
    """Ask the service for the records of a test article; `members` are further ones of the request."""
    body = {"article": {"text": text_of(article)}, "kinds": KINDS, **members}
    return app.test_client().post("/v1/extractions", json=body)


def cassette_of(article: str) -> Path:
    return CASSETTES / f"{article}.yaml"


def _kept_of_request(request: Request) -> Request:
    sent, placeholder = urlsplit(request.uri), urlsplit(BASE_URL)
    request.uri = sent._replace(scheme=placeholder.scheme, netloc=placeholder.netloc).geturl()
    request.headers = _kept(request.headers)
    return request


def _kept_of_response(response: dict[str, Any]) -> dict[str, Any]:
    return {
        **response,
        "headers": _kept(response["headers"]),
        "body": {"string": _without_noise(response["body"]["string"])},
    }


def _kept(headers: Any) -> dict[str, Any]:
    return {name: value for name, value in headers.items() if name.lower() in KEPT_HEADERS}


def _without_noise(body: bytes) -> bytes:
    try:
        answer = json.loads(body)
    except ValueError:
        return body
    if not isinstance(answer, dict):
        return body
    kept = {name: value for name, value in answer.items() if name not in NOISE}
    return json.dumps(kept, ensure_ascii=False).encode()


recorder = VCR(
    match_on=("method", "scheme", "host", "port", "path", "query", "body"),
    decode_compressed_response=True,
    before_record_request=_kept_of_request,
    before_record_response=_kept_of_response,
    record_on_exception=False,
)
recorder.register_serializer("readable", readable)
recorder.serializer = "readable"
