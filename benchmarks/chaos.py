"""Jobs through real RabbitMQ and PostgreSQL while everything around them fails: what becomes of each.

    python -m benchmarks.chaos                       500 jobs, three workers
    python -m benchmarks.chaos --jobs 60 --kill-every 3

A model server fails at random; workers are killed and replaced; once the broker is restarted (`--restart-broker no`
leaves it alone: that closes all connections to it, not only ours) and once all connections to the database are cut.
A listener hears every announcement. In the end each job must have ended, have one result or a reason, and whoever was
told of it twice must have been told the same. Exits with 1 where that is not so, or where it took too long.

Needs RabbitMQ (DRAGOMAN_TEST_RABBITMQ) and PostgreSQL (DRAGOMAN_TEST_POSTGRES) on this machine; its database and its
queues are its own, and are removed.
"""

import argparse
import asyncio
import json
import logging
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import aio_pika
import sqlalchemy
from sqlalchemy import URL, create_engine, make_url, text

from benchmarks.fleet import DRAGOMAN, environment, running, until
from service.jobs.states import ENDED

POSTGRES = os.environ.get("DRAGOMAN_TEST_POSTGRES", "postgresql://postgres@127.0.0.1/test")
RABBITMQ = os.environ.get("DRAGOMAN_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672/")
TEXTS = Path(__file__).parent.parent / "tests" / "articles"
NAME = f"chaos-{os.getpid()}"
STATES = [str(state) for state in sorted(ENDED)]


@dataclass
class Report:
    """How often what happened."""

    jobs: int
    killed: int = 0
    restarts: int = 0
    cut: int = 0
    seconds: float = 0.0
    states: Counter[str] = field(default_factory=Counter)
    attempts: Counter[int] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    told: Counter[int] = field(default_factory=Counter)
    model: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [
            f"{self.jobs} jobs in {self.seconds:.0f} s",
            f"workers killed: {self.killed}; broker restarts: {self.restarts}; database connections cut: {self.cut}",
            f"states: {_shown(self.states)}",
            f"attempts a job took: {_shown(self.attempts)}",
            f"reasons of failed jobs: {_shown(self.errors)}",
            f"times a job's end was announced: {_shown(self.told)}",
            f"the model server: {_shown(self.model)}",
            *(f"WRONG: {one}" for one in self.wrong),
            "every job ended once" if not self.wrong else "something was lost or doubled",
        ]
        return "\n".join(lines)


def _shown(counts: Any) -> str:
    return ", ".join(f"{name}: {count}" for name, count in sorted(counts.items(), key=str)) or "none"


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
            if b"job ended" in log.read_bytes():
                del self._running[place]
                worker.kill()
                worker.wait()
                return True
        return False

    def end(self) -> None:
        for worker, _ in self._running:
            worker.terminate()
        for worker, _ in self._running:
            try:
                worker.wait(20)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()


class Listener:
    """Hears what the exchange is told, on a connection that comes back."""

    def __init__(self) -> None:
        self.heard: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._over = threading.Event()
        self._listens = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._listen()))

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._listens.wait(30):
            raise SystemExit("the exchange could not be listened to")
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    async def _listen(self) -> None:
        connection = await aio_pika.connect_robust(RABBITMQ)
        async with connection:
            channel = await connection.channel()
            exchange = await channel.declare_exchange(f"{NAME}.extractions", "topic", durable=True)
            queue = await channel.declare_queue(f"{NAME}.listener", durable=True)
            await queue.bind(exchange, "#")
            await queue.consume(self._hear)
            self._listens.set()
            await asyncio.to_thread(self._over.wait)

    async def _hear(self, message: aio_pika.abc.AbstractIncomingMessage) -> None:
        said = json.loads(message.body)
        self.heard[said["id"]].append(said)
        await message.ack()


@contextmanager
def database() -> Iterator[str]:
    """A database of our own; its address."""
    url = make_url(POSTGRES)
    admin = create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    name = NAME.replace("-", "_")
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        admin.dispose()


def cut_connections(url: URL) -> int:
    """Cut all connections to a database but our own."""
    query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = :name"
    engine = create_engine(make_url(POSTGRES).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        cut = int(connection.execute(text(query), {"name": url.database}).scalar_one())
    engine.dispose()
    return cut


def restart_broker() -> None:
    for step in ("stop_app", "start_app"):
        subprocess.run(["rabbitmqctl", step], check=True, stdout=subprocess.DEVNULL, timeout=120)


def remove_queues() -> None:
    async def remove() -> None:
        connection = await aio_pika.connect(RABBITMQ)
        async with connection:
            names = ["articles", "dead", "listener", *(f"articles.retry.{seconds}" for seconds in (5, 30, 120, 600))]
            for name in names:
                channel = await connection.channel()
                await channel.queue_delete(f"{NAME}.{name}")
            channel = await connection.channel()
            await channel.exchange_delete(f"{NAME}.extractions")

    asyncio.run(remove())


def articles(count: int) -> bytes:
    """A batch; every article has a text of its own, so that no result is reused."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(TEXTS.glob("*.txt"))]
    lines = (
        {"article": {"text": f"{texts[number % len(texts)]}\n\nReport {number}.", "id": f"a{number}"}}
        for number in range(count)
    )
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def post(url: str, data: bytes, media_type: str) -> Any:
    request = urllib.request.Request(url, data, {"Content-Type": media_type})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)


def chaos(options: argparse.Namespace) -> Report:
    """Run it."""
    report = Report(options.jobs)
    options.out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.callback(remove_queues)
        url = stack.enter_context(database())
        mix = ["-m", "tests.support.fault_mix", "--port", "0", "--seed", str(options.seed)]
        mix += ["--rate", str(options.faults), "--delay", str(options.delay)]
        _, model_port = stack.enter_context(running(mix))
        settings = {
            "OPENAI_BASE_URL": f"http://127.0.0.1:{model_port}/v1",
            "OPENAI_API_KEY": "unused",
            "DRAGOMAN_DATABASE_URL": url,
            "DRAGOMAN_BROKER_URL": RABBITMQ,
            "DRAGOMAN_QUEUE_PREFIX": NAME,
            "DRAGOMAN_DEADLINE_SECONDS": "20",
            "DRAGOMAN_GRACE_SECONDS": "5",
        }
        _, port = stack.enter_context(running([*DRAGOMAN, "serve", "--port", "0"], **settings))
        listener = stack.enter_context(Listener())
        workers = Workers(settings, options.out)
        stack.callback(workers.end)
        for _ in range(options.workers):
            workers.start()
        base = f"http://127.0.0.1:{port}"
        until(lambda: _alive(base), 30)
        started = time.monotonic()
        batch = post(f"{base}/v1/jobs", articles(options.jobs), "application/x-ndjson")
        _disturb(options, report, workers, make_url(url), f"{base}/v1/batches/{batch['id']}", started)
        until(lambda: len(listener.heard) >= options.jobs, 60)
        report.seconds = time.monotonic() - started
        report.model = get(f"http://127.0.0.1:{model_port}/counts")
        _judge(report, url, listener)
    return report


def _alive(base: str) -> bool:
    try:
        return bool(get(f"{base}/healthz"))
    except OSError:
        return False


def _disturb(
    options: argparse.Namespace, report: Report, workers: Workers, url: URL, batch: str, started: float
) -> None:
    """Until all jobs have ended, or the time is over."""
    last_kill = started
    while time.monotonic() - started < options.seconds:
        time.sleep(0.5)
        try:
            counts = get(batch)["counts"]
        except OSError:
            continue  # the service too is allowed a moment without its database
        ended = sum(counts[state] for state in STATES)
        if sys.stdout.isatty():
            print(f"{time.monotonic() - started:5.0f} s  {ended} of {report.jobs} ended", end="\r", flush=True)
        if ended == report.jobs:
            return
        if not report.cut and ended > report.jobs / 5:
            report.cut = cut_connections(url)
        if not report.restarts and ended > report.jobs / 2 and options.restart_broker == "yes":
            restart_broker()
            report.restarts += 1
        if time.monotonic() - last_kill > options.kill_every and workers.kill_one():
            workers.start()
            report.killed += 1
            last_kill = time.monotonic()
    report.wrong.append(f"not all jobs ended within {options.seconds:.0f} s")


def _judge(report: Report, url: str, listener: Listener) -> None:
    """Hold what the store has against what was announced."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id, state, attempts, trouble_code FROM jobs")).all()
        stored = {
            row.job_id: json.loads(row.body) if isinstance(row.body, str) else row.body for row in results(connection)
        }
    engine.dispose()
    report.states.update(row.state for row in rows)
    report.attempts.update(row.attempts for row in rows)
    report.errors.update(row.trouble_code for row in rows if row.state == "failed")
    report.told.update(len(listener.heard.get(row.id, [])) for row in rows)
    if not report.killed or not report.cut:
        report.wrong.append("it ended before there was any chaos: take more jobs")
    if len(rows) != report.jobs:
        report.wrong.append(f"{len(rows)} jobs are stored")
    for row in rows:
        heard = listener.heard.get(row.id, [])
        if row.state not in STATES:
            report.wrong.append(f"{row.id} is {row.state}")
        if (row.state in ("complete", "partial")) != (row.id in stored):
            report.wrong.append(f"{row.id} is {row.state}, and {'has' if row.id in stored else 'has no'} result")
        if not heard:
            report.wrong.append(f"nobody was told of {row.id}")
        if any(said["result"] != stored.get(row.id) for said in heard):
            report.wrong.append(f"{row.id} was announced with another result than is stored")


def results(connection: sqlalchemy.Connection) -> Sequence[Any]:
    return connection.execute(text("SELECT job_id, body FROM results")).all()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--faults", type=float, default=0.3, help="share of calls to the model server that fail")
    parser.add_argument("--delay", type=float, default=0.05, help="seconds that the model server takes")
    parser.add_argument("--kill-every", type=float, default=5.0, help="seconds")
    parser.add_argument("--restart-broker", choices=("yes", "no"), default="yes")
    parser.add_argument("--seconds", type=float, default=900.0, help="most that it may take")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out"), help="where the workers' logs go")
    # The listener's connection breaks with the broker and comes back: no news.
    for name in ("aio_pika", "aiormq", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    report = chaos(parser.parse_args())
    print(f"\n{report}")
    sys.exit(bool(report.wrong))


if __name__ == "__main__":
    main()
