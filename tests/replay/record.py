"""Record cassettes anew: the built-in model answers the service over HTTP, and what is said is kept.

`python -m tests.replay.record [ARTICLE...]`, or `make record`.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from service.app import create_app, runtime_of
from service.cli.built_in import configured_or_built_in
from service.errors import (
    DeadlineExceededError,
    ModelCredentialsError,
    ModelRequestError,
    ModelUnavailableError,
)
from service.settings import Settings
from service.telemetry import logs
from tests.replay.recorder import ARTICLES, DEFAULTS, cassette_of, post, recorder

SECONDS = 900.0
"""For one article: its questions are asked one after the other."""

TROUBLES = frozenset(
    error.code for error in (DeadlineExceededError, ModelCredentialsError, ModelRequestError, ModelUnavailableError)
)
"""Failures that tell about this machine and not about the model."""


class RecordingError(Exception):
    """The service's answer is not worth keeping; the message says why."""


def record(settings: Settings, article: str, cassette: Path) -> dict[str, Any]:
    """Record one article with the model that the settings name, in place of what `cassette` held before.

    Returns:
        The service's answer.

    Raises:
        RecordingError: the service has no answer, or less of one than the model could give. `cassette` is as before.
    """
    # One question at a time: the order of the recording, and what the server has cached, are the same every time.
    app = create_app(settings.model_copy(update={"max_calls": 1}))
    fresh = cassette.with_name(f"{cassette.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        with recorder.use_cassette(fresh, record_mode="once"):
            response = post(app, article, deadline_seconds=SECONDS)
            answer: dict[str, Any] = response.get_json(force=True)
            if response.status_code != 200:
                raise RecordingError(f"{article}: {response.status_code} {answer['detail']}")
            if troubles := [failure for failure in answer["failures"] if failure["code"] in TROUBLES]:
                raise RecordingError(f"{article}: {troubles[0]['reason']}")
    finally:
        runtime_of(app).close()
    fresh.replace(cassette)
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("articles", nargs="*", metavar="ARTICLE", help=f"default: {' '.join(ARTICLES)}")
    articles = parser.parse_args().articles or ARTICLES
    if unknown := sorted(set(articles) - set(ARTICLES)):
        parser.error(f"no such article: {', '.join(unknown)}")
    logs.configure("WARNING")
    for article in articles:
        started = time.monotonic()
        # A server of its own for each: an article's recording does not depend on which others were recorded before.
        with configured_or_built_in(DEFAULTS) as settings:
            try:
                answer = record(settings, article, cassette_of(article))
            except RecordingError as error:
                sys.exit(f"{error}. What was recorded before is kept.")
        records = ", ".join(f"{len(found)} {kind}" for kind, found in answer["records"].items())
        seconds = time.monotonic() - started
        print(f"{article}: {answer['usage']['calls']} calls, {seconds:.0f} s, {answer['status']}: {records}")  # noqa: T201 -- the program's report


if __name__ == "__main__":
    main()
