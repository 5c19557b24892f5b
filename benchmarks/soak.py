"""Thousands of articles through POST /v1/extractions with a model server that fails at random.

    python -m benchmarks.soak                    3,000 articles, 16 callers
    python -m benchmarks.soak --articles 300

Every answer is accounted for: 200 complete or partial, or a problem whose status and code are among those that a fault
of the model server leads to. Memory and file descriptors of the service are sampled all the time: after a first fifth,
in which caches fill, they must not grow. Exits with 1 where they do, or where an answer is missing or strange.
"""

import argparse
import http.client
import json
import statistics
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.fleet import DRAGOMAN, PATIENCE, running, until

TEXTS = Path(__file__).parent.parent / "tests" / "articles"
EXPECTED = frozenset(
    {
        *("complete", "partial", "model_unavailable", "deadline_exceeded", "overloaded", "answer_refused"),
        *("model_refused_credentials", "model_refused_request", "answer_malformed", "answer_truncated"),
        *("context_too_long", "answer_unusable"),
    }
)
MOST_GROWTH = 1.15
"""Memory at the end over memory after the first fifth."""
MOST_DESCRIPTORS = 16
"""More than after the first fifth."""


@dataclass
class Samples:
    """What the service took, with the number of answers at that moment."""

    answers: list[int] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)

    def take(self, process: Any, answered: int) -> None:
        self.answers.append(answered)
        self.megabytes.append(process.memory_info().rss / 1e6)
        self.descriptors.append(process.num_fds())

    def around(self, answered: float, values: list[Any]) -> float:
        """The middle of the values taken nearest to a number of answers."""
        near = sorted(range(len(values)), key=lambda place: abs(self.answers[place] - answered))[:9]
        return statistics.median(values[place] for place in near)


def soak(options: argparse.Namespace) -> tuple[Counter[str], Samples, dict[str, int], float]:
    """Post the articles: outcomes, samples, what the model server did, seconds."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(TEXTS.glob("*.txt"))]
    mix = ["-m", "tests.support.fault_mix", "--port", "0", "--seed", str(options.seed)]
    mix += ["--rate", str(options.faults), "--staying", "0.01", "--hanging", "0.002", "--delay", str(options.delay)]
    mix += ["--restarts", str(options.restarts)]
    outcomes: Counter[str] = Counter()
    samples = Samples()
    counting = threading.Lock()
    own = threading.local()
    with running(mix) as (_, model_port):
        settings = {
            "OPENAI_BASE_URL": f"http://127.0.0.1:{model_port}/v1",
            "DRAGOMAN_MODEL": "scripted",
            "OPENAI_API_KEY": "unused",
            "DRAGOMAN_DATABASE_URL": f"sqlite:///{options.out / 'soak.db'}",
            "DRAGOMAN_LOG_LEVEL": "ERROR",
            "DRAGOMAN_DEADLINE_SECONDS": "10",
            "DRAGOMAN_STRATEGY": options.strategy,
            "DRAGOMAN_PROFILE": options.profile,
        }
        with running([*DRAGOMAN, "serve", "--port", "0"], **settings) as (arbiter, port):
            until(lambda: bool(arbiter.children()), PATIENCE)
            [worker] = arbiter.children()

            def one(number: int) -> None:
                outcome = post(own, port, {"article": {"text": f"{texts[number % len(texts)]}\n\nReport {number}."}})
                with counting:
                    outcomes[outcome] += 1

            over = threading.Event()

            def watch() -> None:
                while not over.wait(0.5):
                    samples.take(worker, outcomes.total())

            watcher = threading.Thread(target=watch)
            watcher.start()
            started = time.monotonic()
            with ThreadPoolExecutor(options.callers) as callers:
                list(callers.map(one, range(options.articles), timeout=options.seconds))
            seconds = time.monotonic() - started
            over.set()
            watcher.join()
            samples.take(worker, outcomes.total())
        connection = http.client.HTTPConnection("127.0.0.1", model_port)
        connection.request("GET", "/counts")
        did = json.loads(connection.getresponse().read())
    return outcomes, samples, did, seconds


def post(own: threading.local, port: int, document: object) -> str:
    """What came of one article, in a word; who is asked to come later stays away for so long."""
    if not hasattr(own, "connection"):
        own.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        own.connection.request("POST", "/v1/extractions", json.dumps(document), {"Content-Type": "application/json"})
        response = own.connection.getresponse()
        body = json.loads(response.read())
    except (http.client.HTTPException, OSError, ValueError) as error:
        own.connection.close()
        return f"no answer: {type(error).__name__}"
    if response.status == http.client.SERVICE_UNAVAILABLE:
        time.sleep(float(response.headers["Retry-After"]))
    return str(body["status"] if response.status == http.client.OK else body["code"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=3_000)
    parser.add_argument("--callers", type=int, default=16)
    parser.add_argument("--faults", type=float, default=0.3, help="share of calls to the model server that fail")
    parser.add_argument("--restarts", type=float, default=0.001, help="share of calls at which that server restarts")
    parser.add_argument("--delay", type=float, default=0.02, help="seconds that the model server takes")
    parser.add_argument("--strategy", choices=("search", "candidates"), default="search")
    parser.add_argument(
        "--profile", choices=("openai", "ollama"), default="ollama", help="ollama notices prompts cut in silence"
    )
    parser.add_argument("--seconds", type=float, default=1_800.0, help="most that it may take")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    outcomes, samples, did, seconds = soak(options)
    print(f"{outcomes.total()} answers of {options.articles} in {seconds:.0f} s")
    print("outcomes:", ", ".join(f"{name}: {count}" for name, count in outcomes.most_common()))
    print("the model server:", ", ".join(f"{name}: {count}" for name, count in sorted(did.items())))
    print("| answers | memory, MB | file descriptors |\n| --- | --- | --- |")
    for tenth in range(1, 11):
        at = tenth * options.articles / 10
        memory, descriptors = (samples.around(at, values) for values in (samples.megabytes, samples.descriptors))
        print(f"| {at:.0f} | {memory:.0f} | {descriptors:.0f} |")
    wrong = list(judge(options.articles, outcomes, samples))
    print(*(f"WRONG: {one}" for one in wrong), "all accounted for" if not wrong else "", sep="\n")
    sys.exit(bool(wrong))


def judge(articles: int, outcomes: Counter[str], samples: Samples) -> Any:
    """What is not as it should be."""
    if outcomes.total() != articles:
        yield f"{articles - outcomes.total()} articles have no answer"
    for outcome in sorted(outcomes.keys() - EXPECTED):
        yield f"{outcomes[outcome]} answers are {outcome}"
    growth = samples.around(articles, samples.megabytes) / samples.around(articles / 5, samples.megabytes)
    if growth > MOST_GROWTH:
        yield f"memory has grown by a factor of {growth:.2f}"
    more = samples.around(articles, samples.descriptors) - samples.around(articles / 5, samples.descriptors)
    if more > MOST_DESCRIPTORS:
        yield f"{more:.0f} more file descriptors are open"


if __name__ == "__main__":
    main()
