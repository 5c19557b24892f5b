"""`dragoman serve` as a process, on a scripted model server."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from service.wsgi import Worker
from tests.support.model_server import NEVER, ModelServer, Received, Scripted, answer, smallest, smallest_answer
from tests.support.patience import PATIENCE

WORDS = "The unspeakable envoys met in Doha."
DRAGOMAN = "from service.cli import main; main()"
SLOW_TO_BEGIN = f"""
import time
from service.wsgi import Worker
begin = Worker.init_process
Worker.init_process = lambda worker: (time.sleep(2), begin(worker))
{DRAGOMAN}
"""


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


class Service:
    """A running `dragoman serve`."""

    def __init__(self, model: ModelServer, program: str = DRAGOMAN, **settings: str) -> None:
        outside = {name: value for name, value in os.environ.items() if not name.startswith(("DRAGOMAN_", "OPENAI_"))}
        named = {"OPENAI_BASE_URL": model.base_url, "OPENAI_API_KEY": "sk-operator", "DRAGOMAN_MODEL": "m", **settings}
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, "serve", "--port", "0"],
            env={**outside, **named},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.announced = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", self.announced)
        assert found, self.process.communicate()
        self.port = int(found[1])
        self.children = psutil.Process(self.process.pid).children(recursive=True)

    def post(self, text: str = WORDS) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Content-Type": "application/json", "Connection": "close"}
        connection.request("POST", "/v1/extractions", json.dumps({"article": {"text": text}}), headers)
        response = connection.getresponse()
        reply = Reply(response.status, dict(response.getheaders()), response.read())
        connection.close()
        return reply

    def send(self, data: bytes) -> Reply:
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            connection.sendall(data)
            response = http.client.HTTPResponse(connection)
            response.begin()
            return Reply(response.status, dict(response.getheaders()), response.read())

    def stopped(self) -> tuple[int, list[dict[str, Any]]]:
        """Exit code and log lines; every child is gone."""
        _, logged = self.process.communicate(timeout=PATIENCE)
        assert not [child for child in self.children if child.is_running()]
        return self.process.returncode, [json.loads(line) for line in logged.splitlines()]


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with ModelServer(otherwise=smallest_answer, delay=0.4) as server:
        yield server


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture
def services(model: ModelServer) -> Iterator[Any]:
    started: list[Service] = []

    def start(**settings: str) -> Service:
        started.append(Service(model, **settings))
        return started[-1]

    yield start
    for service in started:
        if service.process.poll() is None:
            service.process.kill()
            service.process.communicate()


def _in_work(service: Service, model: ModelServer, pool: ThreadPoolExecutor) -> Future[Reply]:
    article = pool.submit(service.post)
    patience = time.monotonic() + PATIENCE
    while not model.chats and time.monotonic() < patience:
        time.sleep(0.01)
    assert model.chats
    return article


def test_sigterm_lets_articles_in_work_finish(services: Any, model: ModelServer, pool: ThreadPoolExecutor) -> None:
    service = services()
    assert "no keys" in service.announced
    article = _in_work(service, model, pool)

    service.process.send_signal(signal.SIGTERM)

    assert article.result().status == 200
    code, lines = service.stopped()
    assert code == 0
    assert [(line["event"], line["status"]) for line in lines] == [("request", 200)]
    with pytest.raises(ConnectionRefusedError):
        service.post()


def test_sigterm_answers_503_after_the_grace(services: Any, model: ModelServer, pool: ThreadPoolExecutor) -> None:
    model.then(answer({}, delay=NEVER))
    service = services(DRAGOMAN_GRACE_SECONDS="0")
    article = _in_work(service, model, pool)

    service.process.send_signal(signal.SIGTERM)

    assert article.result().status == 503
    assert service.stopped()[0] == 0


def test_ctrl_c_answers_503_at_once(services: Any, model: ModelServer, pool: ThreadPoolExecutor) -> None:
    model.then(answer({}, delay=NEVER))
    service = services()
    article = _in_work(service, model, pool)

    for process in (psutil.Process(service.process.pid), *service.children):  # as a terminal does
        process.send_signal(signal.SIGINT)

    assert article.result().status == 503
    assert service.stopped()[0] == 0


def _stream(service: Service) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
    headers = {"Content-Type": "text/plain", "Accept": "application/x-ndjson"}
    connection.request("POST", "/v1/extractions", WORDS, headers)
    return connection, connection.getresponse()


def _until(name: str, response: http.client.HTTPResponse) -> dict[str, Any]:
    """The next event of that name."""
    events = (json.loads(line) for line in response)
    return next(event for event in events if event["event"] == name)


def _writing(request: Received) -> Scripted:
    """The same quotation a hundred times, of which the second half never comes."""
    schema = request.body["response_format"]["json_schema"]["schema"]
    record = smallest(schema["properties"]["quoted_officials"]["items"])
    said = {**record, "sentences": [1], "content": ["unspeakable"], "speaker": "envoys"}
    return answer({**smallest(schema), "quoted_officials": [said] * 100}, breaks="stalled_body")


def test_caller_who_leaves_a_stream_stops_what_the_model_writes(services: Any, model: ModelServer) -> None:
    model.then(_writing)
    connection, response = _stream(services())
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert _until("record", response)["record"]["speaker"]["text"] == "envoys"

    response.close()
    connection.close()

    patience = time.monotonic() + PATIENCE
    while not model.left and time.monotonic() < patience:
        time.sleep(0.01)
    assert (model.left, len(model.chats)) == (1, 1)


def test_stream_that_the_service_ends_says_so(services: Any, model: ModelServer) -> None:
    model.then(_writing)
    service = services(DRAGOMAN_GRACE_SECONDS="0")
    connection, response = _stream(service)
    _until("record", response)

    service.process.send_signal(signal.SIGTERM)

    assert _until("problem", response)["problem"]["status"] == 503
    assert response.read() == b""
    connection.close()
    code, lines = service.stopped()
    assert code == 0
    assert [line["outcome"] for line in lines if line["event"] == "stream"] == ["problem"]


def test_order_to_end_reaches_a_worker_that_has_no_handlers_yet(services: Any) -> None:
    service = services(program=SLOW_TO_BEGIN)

    service.process.send_signal(signal.SIGTERM)

    assert service.stopped() == (0, [])


def test_closed_terminal_stops_an_idle_service(services: Any) -> None:
    service = services()

    service.process.send_signal(signal.SIGHUP)

    assert service.stopped() == (0, [])


BROKEN_CHUNK = (
    b"POST /v1/extractions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer k2\r\nContent-Type: text/plain\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\nunspeakable\r\n"
)
NO_HTTP = [
    (b"unspeakable\r\n\r\n", 400),
    (b"GET /healthz HTTP/1.1\r\nAuthorization : Bearer unspeakable\r\n\r\n", 400),
    (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", 414),
    (b"GET / HTTP/1.1\r\nX: " + b"x" * 70000 + b"\r\n\r\n", 431),
    (b"GET / HTTP/1.1\r\nTransfer-Encoding: unspeakable\r\n\r\n", 501),
    (BROKEN_CHUNK, 400),
]


def test_what_is_no_http_is_a_problem_too(services: Any) -> None:
    service = services(DRAGOMAN_API_KEYS="k1,k2")
    assert "need a key" in service.announced

    for sent, status in NO_HTTP:
        reply = service.send(sent)
        assert reply.status == status
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert json.loads(reply.body)["status"] == status
        assert b"unspeakable" not in reply.body

    service.process.send_signal(signal.SIGTERM)
    code, lines = service.stopped()
    assert code == 0
    assert [(line["status"], line["level"]) for line in lines[:-1]] == [
        (status, "warning") for _, status in NO_HTTP[:-1]
    ]
    assert (lines[-1]["status"], lines[-1]["code"]) == (400, "malformed_body")
    assert "unspeakable" not in json.dumps(lines)


def test_quit_takes_no_lock_of_the_thread_pool() -> None:
    worker = Worker.__new__(Worker)
    worker.alive = True
    worker.method_queue = SimpleNamespace(defer=lambda call: None)
    worker.tpool = ThreadPoolExecutor(1)
    quitting = threading.Thread(target=worker.handle_quit, args=(signal.SIGQUIT, None), daemon=True)

    # The signal may find the main thread inside submit(), which holds this lock.
    with worker.tpool._shutdown_lock:
        quitting.start()
        quitting.join(PATIENCE)
        assert not quitting.is_alive()

    assert worker.alive is False
    worker.tpool.shutdown()
