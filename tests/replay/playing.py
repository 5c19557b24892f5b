"""Playing a cassette to the whole service: the article goes in over HTTP, the recorded model answers."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx2
from vcr.errors import CannotOverwriteExistingCassetteException

from service.app import create_app, runtime_of
from service.cli.built_in import served_at
from tests.replay.recorder import BASE_URL, DEFAULTS, KINDS, cassette_of, post, recorder


class StaleCassetteError(AssertionError):
    """The service asks what the cassette does not answer."""


class UnplayedInteractionsError(AssertionError):
    """The service no longer asks all that the cassette answers."""


@dataclass
class Played:
    """What came of playing: the service's status and answer, and every request it sent, headers included."""

    status: int
    answer: dict[str, Any]
    requests: list[httpx2.Request]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.requests]


@dataclass
class _Wire:
    """What crossed the wire, and what the cassette had no answer for."""

    requests: list[httpx2.Request] = field(default_factory=list)
    misses: list[CannotOverwriteExistingCassetteException] = field(default_factory=list)


def play(article: str, *, kinds: Sequence[str] = KINDS, cassette: Path | None = None) -> Played:
    """Post a test article to the service, with a cassette in the model's place.

    Args:
        article: its name.
        kinds: what is asked for.
        cassette: None for the article's own.

    Raises:
        StaleCassetteError, UnplayedInteractionsError: cassette and service do not belong together.
    """
    cassette = cassette or cassette_of(article)
    # A miss reaches the service as a broken connection: without the one attempt it would be repeated, with pauses.
    app = create_app(served_at(BASE_URL, DEFAULTS).model_copy(update={"max_attempts": 1}))
    try:
        with recorder.use_cassette(cassette, record_mode="none") as tape, _watched() as wire:
            response = post(app, article, kinds=kinds)
    finally:
        runtime_of(app).close()
    if wire.misses:
        raise StaleCassetteError(_staleness(cassette, wire))
    if not tape.all_played:
        raise UnplayedInteractionsError(
            f"cassettes/{cassette.name}: {len(tape) - len(tape.play_counts)} of {len(tape)} interactions were not "
            "played: the service no longer asks for them. If that is meant, run `make record`."
        )
    return Played(response.status_code, response.get_json(force=True), wire.requests)


@contextmanager
def _watched() -> Iterator[_Wire]:
    """Note what goes through the cassette; the service turns its exceptions into errors of its own."""
    wire = _Wire()
    through_cassette = httpx2.AsyncHTTPTransport.handle_async_request

    async def handle(self: httpx2.AsyncHTTPTransport, request: httpx2.Request) -> httpx2.Response:
        wire.requests.append(request)
        try:
            return await through_cassette(self, request)
        except CannotOverwriteExistingCassetteException as miss:
            wire.misses.append(miss)
            raise

    with patch.object(httpx2.AsyncHTTPTransport, "handle_async_request", handle):
        yield wire


def _staleness(cassette: Path, wire: _Wire) -> str:
    said = (
        f"cassettes/{cassette.name} has no answer to {len(wire.misses)} of the {len(wire.requests)} requests that "
        "the service sends now: a prompt, a schema, the way an article is cut or the request itself has changed. "
        "If that is meant, run `make record`, read what the model says now and pin it in the tests."
    )
    similar = wire.misses[0].similar_requests
    differences = [message for _name, message in similar[0][2]] if similar else []
    return "\n".join([said, *(f"The first of them differs from what was recorded:\n{text}" for text in differences)])
