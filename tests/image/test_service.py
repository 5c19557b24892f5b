"""The service in its container: an article over HTTP, keys, probes, signals."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.model_server import ModelServer, smallest_answer

from .conftest import KEY, Image, Service

pytestmark = pytest.mark.image

ARTICLE = Path(__file__).parents[1].joinpath("articles/talks-in-doha.txt").read_text(encoding="utf-8")
WITH_KEY = {"Authorization": f"Bearer {KEY}"}
Start = Callable[[ModelServer], Service]


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with ModelServer(otherwise=smallest_answer) as server:
        yield server


def test_article_posted_to_the_container_is_answered(start: Start, model: ModelServer) -> None:
    answer = start(model).http.post("/v1/extractions", json={"article": {"text": ARTICLE}}, headers=WITH_KEY)
    assert answer.status_code == 200, answer.text
    result = answer.json()
    assert result["status"] == "complete"
    assert result["failures"] == []
    assert set(result["records"]) == {"negotiations", "sanctions", "military_claims", "quoted_officials"}
    assert result["usage"]["calls"] == len(model.chats) > 0
    assert result["model"] == "scripted"
    assert any("Doha" in message["content"] for message in model.chats[0].body["messages"])


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer another-key"}], ids=["no key", "another key"])
def test_container_refuses_callers_without_its_key(start: Start, model: ModelServer, headers: dict[str, str]) -> None:
    answer = start(model).http.post("/v1/extractions", json={"article": {"text": ARTICLE}}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert model.chats == []


def test_health_check_of_the_image_passes_while_the_service_runs(start: Start, model: ModelServer) -> None:
    service = start(model)
    check = service.image.config["Healthcheck"]["Test"][1:]
    alive = service.image.run(*check, **service.settings)
    assert alive.returncode == 0, alive.stderr
    assert service.http.get("/readyz").status_code == 200


def test_health_check_of_the_image_fails_while_nothing_runs(image: Image, unused_tcp_port: int) -> None:
    check = image.config["Healthcheck"]["Test"][1:]
    assert image.run(*check, DRAGOMAN_PORT=str(unused_tcp_port)).returncode != 0


def test_sigterm_ends_the_container_with_exit_code_0(start: Start, model: ModelServer) -> None:
    service = start(model)
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(timeout=10) == 0


def test_container_without_keys_refuses_to_start_in_one_line(image: Image) -> None:
    ended = image.run(*image.config["Cmd"], OPENAI_API_KEY="unused")
    assert ended.returncode == 78
    assert "DRAGOMAN_API_KEYS" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("place", ["/", "/opt/dragoman", "/etc", "/var"])
def test_root_file_system_cannot_be_written(image: Image, place: str) -> None:
    ended = image.run("python3", "-c", f"open('{place}/written', 'w')")
    assert ended.returncode == 1
    assert "Read-only file system" in ended.stderr


def test_container_has_its_user_and_no_capability(image: Image) -> None:
    ended = image.run("python3", "-c", "import os; print(os.getuid(), os.getgid(), open('/proc/self/status').read())")
    assert ended.stdout.startswith("10001 10001 ")
    assert "CapEff:\t0000000000000000" in ended.stdout
    assert "NoNewPrivs:\t1" in ended.stdout


def test_built_in_model_is_an_extra_that_the_image_does_not_have(image: Image) -> None:
    ended = image.run("dragoman", "model", "pull")
    assert ended.returncode == 78
    assert ended.stderr == (
        "Error: The built-in model needs an extra. Install it with: pip install 'dragoman[local]'\n"
    )


def test_container_reads_jobs_and_keeps_them_in_its_volume(start: Start, model: ModelServer) -> None:
    service = start(model)
    assert list(service.image.config["Volumes"]) == ["/data"]
    posted = service.http.post("/v1/jobs", json={"article": {"text": ARTICLE}}, headers=WITH_KEY)
    assert posted.status_code == 202, posted.text
    patience = time.monotonic() + 30
    while "Retry-After" in (job := service.http.get(posted.headers["Location"], headers=WITH_KEY)).headers:
        assert time.monotonic() < patience, job.text
        time.sleep(0.1)
    assert job.json()["state"] == "complete"
