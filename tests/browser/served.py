"""The service as people start it, on a scripted model server."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.support.model_server import ModelServer
from tests.support.patience import PATIENCE

DRAGOMAN = "from service.cli import main; main()"
UNDETERRED = {"DRAGOMAN_MAX_ATTEMPTS": "1", "DRAGOMAN_BREAKER_FAILURES": "1000"}
"""Settings with which a failed call is not repeated, and the model server asked again with the next article."""


@dataclass
class Service:
    """A running `dragoman serve`, and its address."""

    process: subprocess.Popen[str]
    url: str

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        # The workers go first: a parent that is gone cannot tell which they were.
        for process in (*psutil.Process(self.process.pid).children(recursive=True), self.process):
            process.kill()
        self.process.wait(PATIENCE)


@contextmanager
def served(model: ModelServer, folder: Path, **settings: str) -> Iterator[Service]:
    """Serve until the end of the block; the store and the log are in the folder."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("DRAGOMAN_", "OPENAI_"))}
    named = {
        "OPENAI_BASE_URL": model.base_url,
        "OPENAI_API_KEY": "sk-operator",
        "DRAGOMAN_MODEL": "scripted",
        "DRAGOMAN_DATABASE_URL": f"sqlite:///{folder / 'jobs.db'}",
        **UNDETERRED,
    }
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-c", DRAGOMAN, "serve", "--port", "0"],
            env={**outside, **named, **settings},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        assert process.stdout
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found, (folder / "log").read_text()
        service = Service(process, found[0])
        try:
            yield service
        finally:
            if process.poll() is None:
                service.kill()
