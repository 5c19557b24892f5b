"""Programs that a benchmark starts on loopback and ends again."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

PATIENCE = 30.0
"""Seconds in which a program starts, or ends."""
DRAGOMAN = ("-c", "from service.cli import main; main()")


@contextmanager
def running(command: Sequence[str], **settings: str) -> Iterator[tuple[psutil.Process, int]]:
    """Run a Python program that prints its address in its first line; its process and port."""
    with subprocess.Popen(
        [sys.executable, *command], env=environment(settings), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline().decode()
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if found is None:
                raise SystemExit(f"{command} did not start: {line!r}")
            yield psutil.Process(process.pid), int(found[1])
        finally:
            process.terminate()
            process.wait(PATIENCE)


class Workers:
    """`dragoman worker`, several times, each with a log of its own below `logs`."""

    def __init__(self, settings: dict[str, str], logs: Path) -> None:
        self._settings = settings
        self._logs = logs
        self._running: list[tuple[subprocess.Popen[bytes], Path]] = []
        self._started = 0

    def start(self) -> None:
        self._started += 1
        path = self._logs / f"chaos-worker-{self._started}.log"
        with path.open("wb") as log:
            command = [sys.executable, *DRAGOMAN, "worker"]
            worker = subprocess.Popen(command, env=environment(self._settings), stdout=subprocess.DEVNULL, stderr=log)
        self._running.append((worker, path))

    def kill_one(self) -> bool:
        """Kill one that is at work; false where none has come to anything yet, for it would never."""
        for place, (worker, log) in enumerate(self._running):
            if b"job finished" in log.read_bytes():
                del self._running[place]
                worker.kill()
                worker.wait()
                return True
        return False

    def end(self) -> None:
        ending, self._running = self._running, []
        for worker, _ in ending:
            worker.terminate()
        for worker, _ in ending:
            try:
                worker.wait(20)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with these settings of Dragoman's and no others; jobs are kept below `out`."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("DRAGOMAN_", "OPENAI_"))}
    return {**outside, "XDG_DATA_HOME": str(Path("out").absolute()), **settings}


def until(true: Callable[[], bool], seconds: float, pause: float = 0.1) -> bool:
    """Whether something became true within so many seconds."""
    patience = time.monotonic() + seconds
    while not true():
        if time.monotonic() > patience:
            return False
        time.sleep(pause)
    return True
