"""What the service itself costs, beside the model.

    python -m benchmarks.overhead

1. Its own time per article: a model server that answers at once, one caller, articles one after the other.
2. How many articles one process holds at a time: a model server that takes 5 s per call, as many callers as
   articles; how many calls the model server had open at once, by its own count, and the service's most memory.

Everything runs on loopback: the service as `dragoman serve` starts it, and the scripted model server of the tests.
In the first, times include the model server's, which is told beside them. In the second, model server and callers
share this process and the machine with the service, so its times are no measure of the service alone.
"""

import argparse
import http.client
import json
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.fleet import DRAGOMAN, PATIENCE, running
from tests.support.model_server import ModelServer, smallest_answer

ARTICLE = Path("tests/articles/talks-in-doha.txt")
STACK_BYTES = 256 * 1024


@contextmanager
def service(model_url: str, articles: int, calls: int) -> Iterator[tuple[psutil.Process, int]]:
    """Run the service on a model server: its worker process, and its port."""
    with running(
        [*DRAGOMAN, "serve", "--port", "0"],
        OPENAI_BASE_URL=model_url,
        DRAGOMAN_MODEL="scripted",
        OPENAI_API_KEY="unused",
        DRAGOMAN_MAX_ARTICLES=str(articles),
        DRAGOMAN_MAX_CALLS=str(calls),
        DRAGOMAN_LOG_LEVEL="ERROR",
    ) as (arbiter, port):
        patience = time.monotonic() + PATIENCE
        while not _answers(port) and time.monotonic() < patience:
            time.sleep(0.05)
        [worker] = arbiter.children()
        yield worker, port


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", "/readyz")
    status = connection.getresponse().status
    connection.close()
    return status == http.client.OK


def post(connection: http.client.HTTPConnection, path: str, document: object) -> tuple[float, bytes]:
    """Seconds until the whole answer is there, and the answer."""
    started = time.perf_counter()
    connection.request("POST", path, json.dumps(document), {"Content-Type": "application/json"})
    response = connection.getresponse()
    body = response.read()
    if response.status != http.client.OK:
        raise SystemExit(f"answered {response.status}: {body[:200]!r}")
    return time.perf_counter() - started, body


def own_time(document: dict[str, object], articles: int) -> dict[str, float]:
    """Milliseconds per article with a model that answers at once."""
    with (
        running(["-m", "tests.support.model_server", "--port", "0"]) as (_, model_port),
        service(f"http://127.0.0.1:{model_port}/v1", articles=8, calls=32) as (worker, port),
    ):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        model = http.client.HTTPConnection("127.0.0.1", model_port, timeout=PATIENCE)
        calls = json.loads(post(connection, "/v1/extractions", document)[1])["usage"]["calls"]
        before = worker.cpu_times()
        times = [post(connection, "/v1/extractions", document)[0] for _ in range(articles)]
        after = worker.cpu_times()
        bare = [post(model, "/v1/chat/completions", {"messages": []})[0] for _ in range(articles)]
    cpu = (after.user + after.system - before.user - before.system) / articles
    return {
        "articles": articles,
        "calls_per_article": calls,
        "median_ms": 1000 * statistics.median(times),
        "p95_ms": 1000 * statistics.quantiles(times, n=20)[-1],
        "cpu_ms": 1000 * cpu,
        "bare_model_call_ms": 1000 * statistics.median(bare),
    }


def held(document: dict[str, object], articles: int, calls_per_article: int, delay: float) -> dict[str, float]:
    """How it goes when `articles` are posted at the same moment."""
    calls = articles * calls_per_article
    with (
        ModelServer(otherwise=smallest_answer, delay=delay) as model,
        service(model.base_url, articles, calls) as (worker, port),
    ):
        idle = worker.memory_info().rss
        most = [idle]
        over = threading.Event()

        def watch() -> None:
            while not over.wait(0.2):
                most.append(worker.memory_info().rss)

        def one(_number: int) -> tuple[float, int]:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
            seconds, body = post(connection, "/v1/extractions", document)
            connection.close()
            return seconds, json.loads(body)["usage"]["calls"]

        watcher = threading.Thread(target=watch)
        watcher.start()
        started = time.perf_counter()
        with ThreadPoolExecutor(articles) as callers:
            answers = list(callers.map(one, range(articles)))
        seconds = time.perf_counter() - started
        over.set()
        watcher.join()
    return {
        "articles": articles,
        "calls": sum(made for _, made in answers),
        "most_calls_at_once": model.most_at_once,
        "seconds_for_all": seconds,
        "slowest_seconds": max(taken for taken, _ in answers),
        "idle_rss_mb": idle / 1e6,
        "peak_rss_mb": max(most) / 1e6,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--articles", type=int, default=100, help="articles one after the other")
    parser.add_argument("--held", type=int, default=500, help="articles at the same time, one kind each")
    parser.add_argument("--delay", type=float, default=5.0, help="seconds per call while they are held")
    chosen = parser.parse_args()
    threading.stack_size(STACK_BYTES)
    article = {"text": ARTICLE.read_text(encoding="utf-8")}

    print(f"own time, {ARTICLE.name}, all kinds, model server answering at once")
    show(own_time({"article": article}, chosen.articles))
    print(f"held at the same time, one kind, {chosen.delay:g} s per call")
    show(held({"article": article, "kinds": [first_kind()]}, chosen.held, 1, chosen.delay))


def first_kind() -> str:
    from schemas import registry  # noqa: PLC0415 -- the rest of this program needs nothing of the service

    return registry.built_in().names[0]


def show(found: dict[str, float]) -> None:
    for name, value in found.items():
        print(f"  {name:20} {value:10.1f}" if isinstance(value, float) else f"  {name:20} {value:10}")


if __name__ == "__main__":
    main()
