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
