"""The model server: llama.cpp's own, OpenAI-compatible, on loopback.

`serve` runs it in this process. `running_model` runs it in a child process that cannot outlive its parent: the
child ends when its standard input does, whatever became of the parent.
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import httpx2

from service.local.cache import cache_directory
from service.local.errors import LocalExtraMissingError, ModelServerError
from service.local.pull import pull_release
from service.local.release import BUILT_IN, Release

LOOPBACK = "127.0.0.1"
START_SECONDS = 120.0
STOP_SECONDS = 5.0
_MOST_THREADS = 8
_PROMPT_CACHE_MIB = 512
_LOG_ERRORS = 1


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """`n_ctx`, in tokens, is divided among `n_parallel` slots; port 0 is any free one."""

    weights: str
    port: int = 0
    threads: int | None = None
    n_ctx: int = 8192
    n_parallel: int = 1

    @property
    def model(self) -> str:
        return Path(self.weights).stem


def require_extra() -> None:
    """Raise LocalExtraMissingError where Dragoman was installed without the extra `local`."""
    if any(find_spec(module) is None for module in ("pip", "rich", "xllamacpp")):
        raise LocalExtraMissingError


def available_threads() -> int:
    """CPUs this process may use, up to a number beyond which a small model gains nothing."""
    cpus = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(cpus, _MOST_THREADS)


def serve(options: ServerOptions, announce: Callable[[str], None]) -> None:
    """Serve until the process is ended; `announce` is told the base URL once the model answers.

    Raises:
        ModelServerError: the server did not start; llama.cpp has said why on stderr.
    """
    import xllamacpp  # noqa: PLC0415 -- only the extra `local` has it

    params = xllamacpp.CommonParams()
    params.model.path = options.weights
    params.model_alias = {options.model}
    params.hostnames = [LOOPBACK]
    params.port = options.port
    params.n_ctx = options.n_ctx
    params.n_parallel = options.n_parallel
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads or available_threads()
    params.cache_ram_mib = _PROMPT_CACHE_MIB  # the default of 8 GiB is more than many machines have
    params.fit_params = False  # it loads the model twice to learn what fits a GPU
    params.verbosity = _LOG_ERRORS
    params.ui = False
    try:
        server = xllamacpp.Server(params)
    except RuntimeError as error:
        raise ModelServerError(f"The model server did not start with {options.weights}: {error}") from error
    announce(f"{server.listening_address}/v1")
    threading.Event().wait()


@contextmanager
def running_model(
    port: int = 0,
    weights: Path | None = None,
    *,
    release: Release = BUILT_IN,
    threads: int | None = None,
    n_ctx: int = 8192,
    n_parallel: int = 1,
) -> Iterator[str]:
    """Run a model server for the length of the block; the value is its base URL, ending in `/v1`.

    Args:
        port: on loopback; 0 is any free one.
        weights: GGUF file. None: the release's, fetched where it is absent.
        release: a built-in model.
        threads: CPU threads. None: as many as there are CPUs for us, within reason.
        n_ctx: context in tokens, divided among the slots.
        n_parallel: slots, which is to say calls answered at the same time.

    Raises:
        LocalModelError: in one line, what is in the way.
    """
    require_extra()
    weights = weights or pull_release(release, cache_directory()).path
    options = ServerOptions(str(weights), port, threads, n_ctx, n_parallel)
    owner = os.getpid()
    with tempfile.TemporaryFile() as log:
        child = _start(options, log)
        try:
            yield _wait_for_answer(child, log)
        finally:
            # A forked worker of a web server leaves this block too, on its own exit: the model is not its own.
            if os.getpid() == owner:
                _stop(child)


def _start(options: ServerOptions, log: IO[bytes]) -> subprocess.Popen[bytes]:
    # -P: a folder `service` in the user's working directory is not the package that is meant. Its own session:
    # Ctrl-C at the terminal is for the parent, which may have calls to finish before the model goes.
    return subprocess.Popen(  # noqa: S603 -- our own interpreter and module
        [sys.executable, "-P", "-m", "service.local.server", json.dumps(asdict(options))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,
    )


def _wait_for_answer(child: subprocess.Popen[bytes], log: IO[bytes]) -> str:
    """Wait for the URL that the child announces, and until that answers."""
    deadline = time.monotonic() + START_SECONDS
    assert child.stdout is not None  # noqa: S101 -- it was made a pipe above
    if not select.select([child.stdout], [], [], START_SECONDS)[0]:
        raise ModelServerError(f"The model server did not start within {START_SECONDS:.0f} s.")
    url = child.stdout.readline().decode().strip()
    while url and child.poll() is None and time.monotonic() < deadline:
        if _answers(url):
            return url
        time.sleep(0.05)
    raise ModelServerError(f"The model server did not start. It said: {_last_words(child, log)}")


def _answers(url: str) -> bool:
    health = url.removesuffix("/v1") + "/health"
    try:
        # Without trust_env=False a proxy of the user's environment would be asked for a loopback address.
        with httpx2.Client(trust_env=False, timeout=5.0) as client:
            return client.get(health).status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False


def _last_words(child: subprocess.Popen[bytes], log: IO[bytes]) -> str:
    _stop(child)
    log.seek(0)
    lines = log.read().decode(errors="replace").strip().splitlines()
    return " | ".join(lines[-3:]) or f"nothing (exit status {child.returncode})"


def _stop(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _end_with_stdin() -> None:
    while os.read(0, 1):
        pass
    os._exit(0)


def main(arguments: str) -> None:
    """Be the child process of `running_model`."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    # stdout is for the one line the parent waits for; whatever llama.cpp prints goes to the log.
    parent = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def announce(url: str) -> None:
        parent.write(f"{url}\n")
        parent.close()

    try:
        serve(ServerOptions(**json.loads(arguments)), announce)
    except ModelServerError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1])
