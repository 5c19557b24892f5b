"""Jobs through real RabbitMQ and PostgreSQL while everything around them fails: what becomes of each.

    python -m benchmarks.chaos                       500 jobs, three workers
    python -m benchmarks.chaos --jobs 60 --kill-every 3

A model server fails at random; workers are killed and replaced; once the broker is restarted (`--restart-broker no`
leaves it alone: that closes all connections to it, not only ours) and once all connections to the database are cut.
A listener hears every announcement. In the end each job must have ended, have one result or a reason, and whoever was
told of it twice must have been told the same; no queue may hold a message, but for the dead letters of jobs that
failed. Exits with 1 where that is not so, or where it took too long.

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
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

import aio_pika
from sqlalchemy import URL, create_engine, make_url, text

from benchmarks.fleet import DRAGOMAN, Workers, running, until
from benchmarks.verdict import Report, judge
from service.jobs.broker import Broker
from service.jobs.connection import BrokerConnection
from service.jobs.dead_letters import DeadLetter, DeadLetters
from service.jobs.states import TERMINAL_STATES
from service.jobs.topology import Topology

POSTGRES = os.environ.get("DRAGOMAN_TEST_POSTGRES", "postgresql://postgres@127.0.0.1/test")
RABBITMQ = os.environ.get("DRAGOMAN_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672/")
TEXTS = Path(__file__).parent.parent / "tests" / "articles"
NAME = f"chaos-{os.getpid()}"
TOPOLOGY = Topology(NAME)
LISTENER = f"{NAME}.listener"


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
            exchange = await channel.declare_exchange(TOPOLOGY.extractions, "topic", durable=True)
            queue = await channel.declare_queue(LISTENER, durable=True)
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


async def remove_queues() -> None:
    connection = await aio_pika.connect(RABBITMQ)
    async with connection, connection.channel() as channel:
        for name in (*TOPOLOGY.queues(), LISTENER):
            await channel.queue_delete(name)
        await channel.exchange_delete(TOPOLOGY.extractions)


async def left_over() -> dict[str, int]:
    """How many messages wait in each queue but that of the dead letters, where there are any."""
    connection = await aio_pika.connect(RABBITMQ)
    async with connection, connection.channel() as channel:
        queues = [
            await channel.declare_queue(name, passive=True)
            for name in (*TOPOLOGY.queues(), LISTENER)
            if name != TOPOLOGY.dead_letters
        ]
    return {queue.name: count for queue in queues if (count := queue.declaration_result.message_count)}


async def dead_letters() -> list[DeadLetter]:
    connection = BrokerConnection(RABBITMQ, TOPOLOGY)
    try:
        return await DeadLetters(Broker(connection), lambda _: False).list_all()
    finally:
        await connection.close()


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
        stack.callback(lambda: asyncio.run(remove_queues()))
        url = stack.enter_context(database())
        mix = ["-m", "tests.support.fault_mix", "--port", "0", "--seed", str(options.seed)]
        mix += ["--rate", str(options.faults), "--delay", str(options.delay)]
        mix += ["--staying", str(options.staying), "--hanging", str(options.hanging)]
        mix += ["--restarts", str(options.restarts)]
        _, model_port = stack.enter_context(running(mix))
        settings = {
            "OPENAI_BASE_URL": f"http://127.0.0.1:{model_port}/v1",
            "DRAGOMAN_MODEL": "scripted",
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
        until(lambda: not asyncio.run(left_over()), options.drain_seconds, pause=1.0)
        workers.end()  # what they have in hand goes back to its queue
        report.left_over = asyncio.run(left_over())
        judge(report, url, listener.heard, asyncio.run(dead_letters()))
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
        ended = sum(counts[state] for state in TERMINAL_STATES)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--faults", type=float, default=0.3, help="share of calls to the model server that fail")
    parser.add_argument("--staying", type=float, default=0.01, help="share that is refused for good")
    parser.add_argument("--hanging", type=float, default=0.002, help="share that hangs for ever")
    parser.add_argument("--restarts", type=float, default=0.001, help="share of calls at which that server restarts")
    parser.add_argument("--delay", type=float, default=0.05, help="seconds that the model server takes")
    parser.add_argument("--kill-every", type=float, default=5.0, help="seconds")
    parser.add_argument("--restart-broker", choices=("yes", "no"), default="yes")
    parser.add_argument("--seconds", type=float, default=900.0, help="most that it may take")
    parser.add_argument("--drain-seconds", type=float, default=180.0, help="most that the queues may take after it")
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
