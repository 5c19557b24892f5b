"""How long after their deadline the longest articles are answered, while the model server is silent.

    python -m benchmarks.deadline                        32 articles of 200,000 characters, twenty seconds each
    python -m benchmarks.deadline --strategy candidates

The model server is a port on which nobody answers. All articles are posted together, so that they are also cut and
planned together. Each must be told that its time is over, or that the model server keeps failing, at most a second
after its deadline. Exits with 1 where one is not.

It wants a core of its own. Where it has none, the service's processor time after the deadline says what it would be.
"""

import argparse
import http.client
import json
import socket
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from benchmarks.fleet import DRAGOMAN, running, until

TEXTS = Path(__file__).parent.parent / "tests" / "articles"
MOST_LATE = 1.0
"""Seconds."""
TOLD = frozenset({"deadline_exceeded", "model_unavailable"})


def article(number: int, length: int) -> str:
    """The test articles again and again, in another order for each number, up to a length."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(TEXTS.glob("*.txt"))]
    turned = "\n\n".join([*texts[number % len(texts) :], *texts[: number % len(texts)]])
    return (f"{turned}\n\n" * (length // len(turned) + 1))[:length]


def post(port: int, text: str, deadline_seconds: float) -> tuple[str, float]:
    """What came of one article, in a word, and by how many seconds it came after the deadline."""
    body = json.dumps({"article": {"text": text}, "deadline_seconds": deadline_seconds})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=deadline_seconds + 60)
    started = time.monotonic()
    connection.request("POST", "/v1/extractions", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    said = json.loads(response.read())
    late = time.monotonic() - started - deadline_seconds
    connection.close()
    return said["status"] if response.status == http.client.OK else said["code"], late


def answers(service: psutil.Process, port: int, options: argparse.Namespace) -> tuple[list[tuple[str, float]], float]:
    """What came of each article, and the processor time that the service took after their deadline."""
    texts = [article(number, options.length) for number in range(options.articles)]
    with ThreadPoolExecutor(options.articles) as callers:
        given = [callers.submit(post, port, text, options.deadline) for text in texts]
        time.sleep(options.deadline)
        before = spent(service)
        outcomes = [one.result() for one in given]
    return outcomes, spent(service) - before


def spent(service: psutil.Process) -> float:
    """Seconds of processor time so far, of all its processes."""
    times = [process.cpu_times() for process in (service, *service.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def is_up(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=32)
    parser.add_argument("--length", type=int, default=200_000, help="characters of each")
    parser.add_argument("--deadline", type=float, default=20.0, help="seconds")
    parser.add_argument("--strategy", choices=("search", "candidates"), default="search")
    parser.add_argument("--profile", default="openai")
    parser.add_argument("--out", type=Path, default=Path("out"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with socket.create_server(("127.0.0.1", 0), backlog=2_048) as silent:
        settings = {
            "OPENAI_BASE_URL": f"http://127.0.0.1:{silent.getsockname()[1]}/v1",
            "DRAGOMAN_MODEL": "scripted",
            "OPENAI_API_KEY": "unused",
            "DRAGOMAN_DATABASE_URL": f"sqlite:///{options.out / 'deadline.db'}",
            "DRAGOMAN_LOG_LEVEL": "ERROR",
            "DRAGOMAN_STRATEGY": options.strategy,
            "DRAGOMAN_PROFILE": options.profile,
        }
        with running([*DRAGOMAN, "serve", "--port", "0"], **settings) as (service, port):
            until(lambda: is_up(port), 30)
            given, processor = answers(service, port, options)
    lates = sorted(late for _, late in given)
    print(f"{len(given)} articles of {options.length:,} characters, {options.deadline:g} s each, {options.strategy}")
    print("answers:", ", ".join(f"{said}: {count}" for said, count in Counter(said for said, _ in given).items()))
    print(f"after the deadline: first {lates[0]:.2f} s, half {lates[len(lates) // 2]:.2f} s, last {lates[-1]:.2f} s")
    print(f"processor time of the service after the deadline: {processor:.2f} s")
    strange = sum(said not in TOLD for said, _ in given)
    if strange or lates[-1] > MOST_LATE:
        print(f"WRONG: {strange} answers are strange; the last may come {MOST_LATE:g} s late")
        sys.exit(1)


if __name__ == "__main__":
    main()
