"""The built image, and containers of it. `make image-test` builds it and sets IMAGE_ROOT and IMAGE_JSON."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.model_server import ModelServer

ENTER = Path(__file__).with_name("enter")
START_SECONDS = 30.0
KEY = "a-key-for-the-image-test"


@dataclass(frozen=True)
class Image:
    """Where its files are, and what it says about running it."""

    root: Path
    config: Mapping[str, Any]

    def command(self, command: list[str], settings: Mapping[str, str]) -> list[str]:
        environment = dict(pair.split("=", 1) for pair in self.config["Env"]) | settings
        given = [f"{name}={value}" for name, value in environment.items()]
        return [str(ENTER), str(self.root), self.config["User"], self.config["WorkingDir"], *given, "--", *command]

    def run(self, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a container of the image, to its end."""
        return subprocess.run(
            self.command(list(command), settings), check=False, capture_output=True, text=True, timeout=60
        )


@dataclass
class Service:
    """The image's own command, running."""

    process: subprocess.Popen[str]
    image: Image
    settings: Mapping[str, str]
    http: httpx2.Client


@pytest.fixture(scope="session")
def image() -> Image:
    inspected = json.loads(Path(os.environ["IMAGE_JSON"]).read_text())
    return Image(Path(os.environ["IMAGE_ROOT"]), inspected["Docker"]["config"])


@contextmanager
def _running(image: Image, model: ModelServer) -> Iterator[Service]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    settings = {
        "DRAGOMAN_PORT": port,
        "DRAGOMAN_API_KEYS": KEY,
        "OPENAI_BASE_URL": model.base_url,
        "OPENAI_API_KEY": "unused",
        "DRAGOMAN_MODEL": "scripted",
    }
    with (
        subprocess.Popen(image.command(image.config["Cmd"], settings), text=True) as process,
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as http,
    ):
        try:
            _wait_until_alive(process, http)
            yield Service(process, image, settings, http)
        finally:
            process.kill()


def _wait_until_alive(process: subprocess.Popen[str], http: httpx2.Client) -> None:
    patience = time.monotonic() + START_SECONDS
    while time.monotonic() < patience:
        assert process.poll() is None, f"the service ended with {process.returncode}"
        try:
            if http.get("/healthz").is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    pytest.fail(f"the service does not answer after {START_SECONDS} s")


@pytest.fixture
def start(image: Image) -> Iterator[Callable[[ModelServer], Service]]:
    """Start the service in a container on a model server; it is ended with the test."""
    running = []

    def begin(model: ModelServer) -> Service:
        running.append(_running(image, model))
        return running[-1].__enter__()

    yield begin
    for service in running:
        service.__exit__(None, None, None)
