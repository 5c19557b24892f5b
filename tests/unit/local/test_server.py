"""The child process and its life, with a stand-in for llama.cpp; the real one runs in tests/live."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from service.local import server
from service.local.errors import LocalExtraMissingError, ModelServerError
from service.local.server import available_threads, require_extra, running_model
from tests.support.patience import PATIENCE

STAND_IN = """
import http.server, json, os, sys, threading, time
from types import SimpleNamespace

class CommonParams(SimpleNamespace):
    def __init__(self):
        super().__init__(model=SimpleNamespace(), cpuparams=SimpleNamespace(), cpuparams_batch=SimpleNamespace())

class Server:
    def __init__(self, params):
        name = os.path.basename(params.model.path)
        print("llama.cpp talks on standard output")
        print("loading", name, file=sys.stderr, flush=True)
        if name == "broken.gguf":
            raise RuntimeError("Failed to init server")
        if name == "slow.gguf":
            time.sleep(60)
        told = {
            "pid": os.getpid(), "alias": sorted(params.model_alias), "hosts": params.hostnames, "n_ctx": params.n_ctx,
            "n_parallel": params.n_parallel, "threads": params.cpuparams.n_threads, "ui": params.ui,
        }
        class Answer(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(told).encode())
        self.http = http.server.ThreadingHTTPServer((params.hostnames[0], params.port), Answer)
        self.listening_address = "http://%s:%d" % self.http.server_address
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
"""


@pytest.fixture(autouse=True)
def _stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "xllamacpp.py").write_text(STAND_IN)
    monkeypatch.setenv("PYTHONPATH", str(modules))


def told_by(url: str) -> dict[str, object]:
    answer = httpx2.get(f"{url}/props", trust_env=False).json()
    assert isinstance(answer, dict)
    return answer


def wait_until_silent(url: str) -> None:
    patience = time.monotonic() + PATIENCE
    while time.monotonic() < patience:
        try:
            httpx2.get(url, trust_env=False)
        except httpx2.TransportError:
            return
        time.sleep(0.02)
    pytest.fail(f"{url} still answers")


def answers(url: str) -> bool:
    try:
        return httpx2.get(url, trust_env=False).is_success
    except httpx2.TransportError:
        return False


def test_running_model_answers_in_the_block_and_is_gone_after_it() -> None:
    with running_model(weights=Path("tiny.gguf")) as url:
        assert url.startswith("http://127.0.0.1:")
        assert url.endswith("/v1")
        told = told_by(url)
    assert not answers(url)
    assert told["alias"] == ["tiny"]
    assert told["hosts"] == ["127.0.0.1"]
    assert told["ui"] is False
    assert told["threads"] == available_threads()
    assert (told["n_ctx"], told["n_parallel"]) == (8192, 1)


def test_running_model_passes_its_options_on(unused_tcp_port: int) -> None:
    with running_model(unused_tcp_port, Path("tiny.gguf"), threads=3, n_ctx=2048, n_parallel=2) as url:
        assert url == f"http://127.0.0.1:{unused_tcp_port}/v1"
        told = told_by(url)
    assert (told["threads"], told["n_ctx"], told["n_parallel"]) == (3, 2048, 2)


def test_running_model_is_gone_after_an_exception() -> None:
    with pytest.raises(KeyboardInterrupt), running_model(weights=Path("tiny.gguf")) as url:
        raise KeyboardInterrupt
    assert not answers(url)


def test_running_model_ends_when_its_parent_is_killed() -> None:
    program = """
import sys, time
from pathlib import Path
from service.local.server import running_model
with running_model(weights=Path("tiny.gguf")) as url:
    print(url, flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        assert answers(url)
        parent.send_signal(signal.SIGKILL)
    wait_until_silent(url)


def test_forked_process_that_leaves_the_block_does_not_end_the_model() -> None:
    program = """
import os, sys
from pathlib import Path
from service.local.server import running_model, _answers
with running_model(weights=Path("tiny.gguf")) as url:
    if (worker := os.fork()) == 0:
        sys.exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == 7
    assert _answers(url)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_server_that_fails_to_start_is_quoted_in_one_line() -> None:
    with pytest.raises(ModelServerError, match=r"loading broken\.gguf \| .*Failed to init server") as raised:
        running_model(weights=Path("broken.gguf")).__enter__()
    assert "\n" not in str(raised.value)


def test_port_in_use_is_said() -> None:
    with (
        running_model(weights=Path("tiny.gguf")) as url,
        pytest.raises(ModelServerError, match="Address already in use"),
    ):
        running_model(int(url.split(":")[2].split("/")[0]), Path("tiny.gguf")).__enter__()


def test_server_that_never_answers_is_given_up_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "START_SECONDS", 0.3)
    children: list[subprocess.Popen[bytes]] = []
    start = server._start
    monkeypatch.setattr(server, "_start", lambda *args: children.append(start(*args)) or children[-1])
    with pytest.raises(ModelServerError, match="did not start within"):
        running_model(weights=Path("slow.gguf")).__enter__()
    assert children[0].returncode is not None


def test_server_ignores_a_service_package_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "service").mkdir()
    (tmp_path / "service" / "__init__.py").write_text("raise SystemExit('the wrong package')")
    monkeypatch.chdir(tmp_path)
    with running_model(weights=Path("tiny.gguf")) as url:
        assert answers(url)


def test_missing_extra_is_said_with_the_command_that_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "find_spec", lambda name: None if name == "xllamacpp" else object())
    with pytest.raises(LocalExtraMissingError, match=r"^[^\n]*pip install 'dragoman\[local\]'$"):
        require_extra()
