"""`dragoman worker` and `dragoman dead` as somebody at a terminal has them."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.jobs.states import State
from service.jobs.store import JobStore
from service.jobs.topology import Topology
from tests.queue.conftest import Work
from tests.queue.wire import Sender, article, eventually, has
from tests.support.model_server import ModelServer, smallest_answer
from tests.support.patience import PATIENCE

DATABASES = ("sqlite",)
Start = Callable[..., AbstractAsyncContextManager[asyncio.subprocess.Process]]


@pytest.fixture
async def environment(sender: Sender, broker_url: str, database_url: str) -> AsyncIterator[dict[str, str]]:
    """Settings of the commands, which declare queues with the usual retry delays."""
    yield {
        "DRAGOMAN_BROKER_URL": broker_url,
        "DRAGOMAN_DATABASE_URL": database_url,
        "DRAGOMAN_QUEUE_PREFIX": sender.topology.prefix,
    }
    for queue in Topology(sender.topology.prefix).queues():
        await sender.channel.queue_delete(queue)


@pytest.fixture
def start(sender: Sender, environment: dict[str, str]) -> Start:
    """Start `dragoman worker` as a process; it has begun to take articles."""

    @asynccontextmanager
    async def begin(server: ModelServer, **settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "service.cli", "worker", "--concurrency", "2"),
            env={
                **os.environ,
                **environment,
                "OPENAI_BASE_URL": server.base_url,
                "DRAGOMAN_MODEL": "scripted",
                "OPENAI_API_KEY": "unused",
                **settings,
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            assert process.stdout is not None
            greeting = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
            assert f"takes articles from {sender.topology.articles}, 2 at a time" in greeting.decode()
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    return begin


async def test_worker_reads_an_article_and_ends_on_sigterm(sender: Sender, start: Start, store: JobStore) -> None:
    reader = await sender.listen()
    with ModelServer(otherwise=smallest_answer, delay=0.5) as server:
        async with start(server) as process:
            await sender.send(article(id="job-1"))
            await eventually(lambda: _is_running(store, "job-1"))
            process.send_signal(signal.SIGTERM)
            _, errors = await asyncio.wait_for(process.communicate(), PATIENCE)

    assert process.returncode == 0
    assert (await reader.read())["state"] == "complete"
    assert [json.loads(line)["event"] for line in errors.splitlines()] == ["job started", "job finished"]
    assert await sender.size(sender.topology.articles) == 0


@pytest.mark.parametrize(("order", "grace"), [(signal.SIGTERM, "0.3"), (signal.SIGINT, "300")])
async def test_worker_gives_back_what_it_cannot_finish(
    sender: Sender, start: Start, store: JobStore, order: signal.Signals, grace: str
) -> None:
    with ModelServer(otherwise=smallest_answer, delay=60) as server:
        async with start(server, DRAGOMAN_GRACE_SECONDS=grace) as process:
            await sender.send(article(id="job-1"))
            await eventually(lambda: _is_running(store, "job-1"))
            process.send_signal(order)
            await asyncio.wait_for(process.communicate(), PATIENCE)

    assert process.returncode == 0
    job = store.job("job-1")
    assert job is not None
    assert (job.state, job.attempts) == (State.QUEUED, 0)
    await eventually(lambda: has(sender, sender.topology.articles, 1))


async def test_webhook_that_cannot_be_signed_is_refused(sender: Sender, start: Start) -> None:
    with ModelServer(otherwise=smallest_answer) as server:
        async with start(server):
            await sender.send(article(callback_url="https://example.org/"))
            letter = await sender.dead_letter()

    assert letter.headers["x-dragoman-code"] == "callback_refused"


async def test_dead_letters_are_listed_without_their_articles(
    sender: Sender, work: Work, environment: dict[str, str]
) -> None:
    await work()
    await sender.send(article(kinds=["weather"]), message_id="m-1")
    await eventually(lambda: has(sender, sender.topology.dead_letters, 1))

    plain = await _run(environment, "dead", "list")
    as_json = await _run(environment, "dead", "list", "--json")

    assert plain.exit_code == 0
    assert plain.output.startswith("m-1  20")
    assert "unknown_kind" in plain.output
    assert json.loads(as_json.output)["code"] == "unknown_kind"
    assert "Estonia" not in plain.output + as_json.output


async def test_dead_letter_is_shown_whole(sender: Sender, environment: dict[str, str]) -> None:
    await sender.dead_letter_message(json.dumps(article()).encode(), message_id="m-1")
    await sender.dead_letter_message(b"\xff no JSON", message_id="m-2")

    shown = await _run(environment, "dead", "show", "m-1")
    unreadable = await _run(environment, "dead", "show", "m-2")
    missing = await _run(environment, "dead", "show", "m-3")

    assert json.loads(shown.output)["message"] == article()
    assert json.loads(unreadable.output)["message"] == "\ufffd no JSON"
    assert (missing.exit_code, missing.output.count("\n")) == (1, 1)


async def test_dead_letters_are_requeued(sender: Sender, environment: dict[str, str]) -> None:
    for name in ("m-1", "m-2", "m-3"):
        await sender.dead_letter_message(b"no JSON", message_id=name)

    some = await _run(environment, "dead", "requeue", "m-1", "m-9")
    rest = await _run(environment, "dead", "requeue", "--all")

    assert (some.exit_code, some.stdout) == (1, "m-1\n")
    assert "m-9" in some.stderr
    assert (rest.exit_code, rest.stdout) == (0, "m-2\nm-3\n")
    assert await sender.size(sender.topology.articles) == 3


@pytest.mark.parametrize("arguments", [("requeue",), ("requeue", "--all", "m-1"), ("show",)])
async def test_wrong_usage_is_told(environment: dict[str, str], arguments: tuple[str, ...]) -> None:
    assert (await _run(environment, "dead", *arguments)).exit_code == 2


@pytest.mark.parametrize("command", [("worker",), ("dead", "list")])
@pytest.mark.parametrize("url", ["", "http://user:secret@127.0.0.1/", "amqp:nowhere"])
def test_missing_or_wrong_broker_is_one_line(command: tuple[str, ...], url: str) -> None:
    result = CliRunner().invoke(main, command, env={"DRAGOMAN_BROKER_URL": url} if url else {})

    assert result.exit_code == 78
    assert "DRAGOMAN_BROKER_URL" in result.output
    assert result.output.count("\n") == 1
    assert "secret" not in result.output


@pytest.mark.parametrize("command", [["worker"], ["dead", "requeue", "--all"]])
def test_command_without_a_store_to_share_is_refused(command: list[str]) -> None:
    result = CliRunner().invoke(main, command, env={"DRAGOMAN_BROKER_URL": "amqp://127.0.0.1:1/"})

    assert result.exit_code == 78
    assert "DRAGOMAN_DATABASE_URL" in result.output
    assert "must share" in result.output
    assert result.output.count("\n") == 1


def test_broker_that_does_not_answer_is_one_line() -> None:
    result = CliRunner().invoke(main, ["dead", "list"], env={"DRAGOMAN_BROKER_URL": "amqp://u:secret@127.0.0.1:1/"})

    assert (result.exit_code, result.output.count("\n")) == (69, 1)
    assert "secret" not in result.output


async def _run(environment: dict[str, str], *arguments: str) -> Result:
    """Run a command in a thread: it has an event loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, main, arguments, env=environment)


async def _is_running(store: JobStore, job_id: str) -> bool:
    job = await asyncio.to_thread(store.job, job_id)
    return job is not None and job.state is State.RUNNING
