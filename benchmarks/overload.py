"""Ten times the callers that the service has room for.

    python -m benchmarks.overload                    8 articles at a time, 80 callers, about half a minute
    python -m benchmarks.overload --articles 16

First as many callers as there is room for, as the measure of the others. Then ten times as many, who wait for as long
as `Retry-After` says before they ask again, and then the same who do not wait. Each request has a connection of its
own. Exits with 1 where an answer is missing, or is neither 200 nor 503 with `Retry-After`.

The service, the model server and the callers share this machine, so times are worth little by themselves. Beside them
stand those of `/healthz` on the idle service, and how busy the machine was.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import psutil

from benchmarks.fleet import running
from benchmarks.overhead import service

OVER = 10
"""Callers for each article that there is room for."""
WANTED_SECONDS = 0.05
"""In which 99 of 100 refusals should come."""
PATIENCE = 30.0
ARTICLE = json.dumps({"article": {"text": "The envoys met in Doha."}, "kinds": ["negotiations"]}).encode()
COLUMNS = (
    *("callers", "answers", "status", "p50", "p99", "most", "p50 / usual", "p99 / usual"),
    *("service's CPU, ms per answer", "processors in use"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one request. `status` is 0 where no answer came; `seconds` count from when it was sent."""

    status: int
    seconds: float
    retry_after: int | None = None

    @property
    def is_fit(self) -> bool:
        """Whether it is one that a caller can go by."""
        return self.status == 200 or (self.status == 503 and self.retry_after is not None)


async def ask(port: int, request: bytes) -> Answer:
    """Send one request over a connection of its own."""
    sent = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            sent = time.monotonic()
            writer.write(request)
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
            seconds = time.monotonic() - sent
            writer.close()
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(first.split(" ")[1]) if len(body) == int(headers["content-length"]) else 0
    except (OSError, TimeoutError, ValueError, KeyError, IndexError):
        return Answer(0, time.monotonic() - sent)
    wait = headers.get("retry-after", "")
    return Answer(status, seconds, int(wait) if wait.isdecimal() else None)


def post(body: bytes = ARTICLE) -> bytes:
    head = f"POST /v1/extractions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
    return head.encode() + b"Content-Type: application/json\r\n\r\n" + body


async def offer(port: int, callers: int, seconds: float, *, waits: bool) -> list[Answer]:
    """Have so many callers ask again and again. One who `waits` does so for as long as he is told."""
    answers: list[Answer] = []
    end = time.monotonic() + seconds

    async def caller(number: int) -> None:
        # Callers in step would measure how long a queue of them is, and nothing of the service.
        await asyncio.sleep(number / callers if waits else 0)
        while time.monotonic() < end:
            answer = await ask(port, post())
            answers.append(answer)
            if waits and answer.retry_after is not None:
                await asyncio.sleep(answer.retry_after)

    await asyncio.gather(*(caller(number) for number in range(callers)))
    return answers


@dataclass(frozen=True, slots=True)
class Phase:
    """What a number of callers got, and what it took."""

    name: str
    answers: Sequence[Answer]
    megabytes: float
    cpu: float
    """Seconds of a processor that the service took for an answer."""
    busy: float
    """Share of the machine's processors that was in use."""


async def phase(name: str, worker: psutil.Process, port: int, callers: int, seconds: float, *, waits: bool) -> Phase:
    most = 0.0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, megabytes(worker))
            await asyncio.sleep(0.2)

    watching = asyncio.create_task(watch())
    psutil.cpu_percent()
    before = cpu(worker)
    answers = await offer(port, callers, seconds, waits=waits)
    watching.cancel()
    return Phase(name, answers, most, (cpu(worker) - before) / len(answers), psutil.cpu_percent() / 100)


def cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss / 1e6)


async def measure(options: argparse.Namespace) -> bool:
    """Go through the phases and print what they came to; whether all answers are fit."""
    articles: int = options.articles
    with (
        running(["-m", "tests.support.model_server", "--port", "0", "--delay", str(options.delay)]) as (_, model_port),
        service(f"http://127.0.0.1:{model_port}/v1", articles, articles) as (worker, port),
    ):
        idle = [
            await ask(port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            for _ in range(100)
        ]
        unit = quantile(idle, 0.5)
        before = megabytes(worker)
        phases = [
            await phase(f"{articles} callers", worker, port, articles, options.seconds / 4, waits=False),
            await phase(f"{articles * OVER}, who wait", worker, port, articles * OVER, options.seconds / 2, waits=True),
            await phase(
                f"{articles * OVER}, who do not", worker, port, articles * OVER, options.seconds / 4, waits=False
            ),
        ]
        await asyncio.sleep(1)
        after = megabytes(worker)
    print(f"/healthz of the idle service: {unit * 1e3:.1f} ms. Load before: {os.getloadavg()[0]:.1f}.")
    print(*report(phases, unit), sep="\n")
    print(
        f"memory: {before:.0f} MB before, {max(one.megabytes for one in phases):.0f} MB at most, {after:.0f} MB after"
    )
    refusals = [answer for answer in phases[1].answers if answer.status == 503]
    if refusals and quantile(refusals, 0.99) > WANTED_SECONDS:
        print(f"slower than wanted: 99 of 100 refusals within {WANTED_SECONDS * 1e3:.0f} ms")
    unfit = [answer for one in phases for answer in one.answers if not answer.is_fit]
    print(
        f"WRONG: {len(unfit)} answers, such as {unfit[0]}" if unfit else "every answer is 200, or 503 with Retry-After"
    )
    return not unfit


def report(phases: Sequence[Phase], unit: float) -> Iterator[str]:
    """A table: times in ms, and as multiples of what they are measured against."""
    yield f"| {' | '.join(COLUMNS)} |"
    yield "|" + " --- |" * len(COLUMNS)
    served = quantile((answer for answer in phases[0].answers if answer.status == 200), 0.5)
    for one in phases:
        for status in sorted({answer.status for answer in one.answers}):
            those = [answer for answer in one.answers if answer.status == status]
            p50, p99, most = (quantile(those, share) for share in (0.5, 0.99, 1.0))
            usual = served if status == 200 else unit
            cells = (one.name, len(those), status, *(f"{value * 1e3:.1f}" for value in (p50, p99, most)))
            yield (
                "| "
                + " | ".join(
                    map(
                        str,
                        (*cells, f"{p50 / usual:.1f}", f"{p99 / usual:.1f}", f"{one.cpu * 1e3:.1f}", f"{one.busy:.0%}"),
                    )
                )
                + " |"
            )


def quantile(answers: Iterable[Answer], share: float) -> float:
    """The time within which this share of the answers came; NaN where there are none."""
    times = sorted(answer.seconds for answer in answers)
    return times[min(len(times) - 1, int(share * len(times)))] if times else float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=8, help="that the service has room for")
    parser.add_argument("--delay", type=float, default=0.5, help="seconds that the model server takes")
    parser.add_argument("--seconds", type=float, default=24.0, help="for all of it")
    sys.exit(not asyncio.run(measure(parser.parse_args())))


if __name__ == "__main__":
    main()
