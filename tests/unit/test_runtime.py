"""The loop beside the requests' threads."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.deadline import Deadline
from service.errors import DeadlineExceededError, OverloadedError
from service.runtime import Runtime

SOON = 30.0


class Door:
    """Work that waits until it is let go, and tells how it ended."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.left = threading.Event()
        self.cancelled = False
        self._open = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def wait(self) -> str:
        self._loop = asyncio.get_running_loop()
        self.entered.set()
        try:
            await self._open.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        finally:
            self.left.set()
        return "done"

    def open(self) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._open.set)


def over_when(event: threading.Event) -> Deadline:
    """A deadline that has passed once something has happened."""

    class Awaited(Deadline):
        def remaining(self) -> float:
            event.wait()
            return 0.0

    return Awaited(0.0)


async def _immediately() -> str:
    return "done"


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    runtime = Runtime(max_articles=1, overrun_seconds=0.05)
    yield runtime
    runtime.close()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def _loops() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "dragoman-loop"]


def test_result_comes_back(runtime: Runtime) -> None:
    assert runtime.run_article(_immediately, Deadline.after(SOON)) == "done"


def test_error_comes_back(runtime: Runtime) -> None:
    async def fail() -> None:
        raise TimeoutError("the work's own")

    with pytest.raises(TimeoutError, match="the work's own"):
        runtime.run_article(fail, Deadline.after(SOON))


def test_thread_starts_with_the_first_work() -> None:
    runtime = Runtime(max_articles=1)
    before = len(_loops())

    runtime.run(_immediately, Deadline.after(SOON))
    assert len(_loops()) == before + 1
    runtime.close()
    assert len(_loops()) == before


def test_one_loop_serves_all_threads(threads: ThreadPoolExecutor) -> None:
    runtime = Runtime(max_articles=8)

    async def where() -> int:
        await asyncio.sleep(0)
        return id(asyncio.get_running_loop())

    found = threads.map(lambda _: runtime.run_article(where, Deadline.after(SOON)), range(8))
    assert len(set(found)) == 1
    runtime.close()


def test_work_past_its_deadline_is_cancelled(runtime: Runtime) -> None:
    door = Door()

    with pytest.raises(DeadlineExceededError):
        runtime.run_article(door.wait, over_when(door.entered))

    assert door.left.wait(SOON)
    assert door.cancelled


def test_work_that_comes_back_within_the_patience_is_kept() -> None:
    runtime = Runtime(max_articles=1, overrun_seconds=SOON)

    async def late() -> str:
        await asyncio.sleep(0.05)
        return "partial"

    assert runtime.run_article(late, Deadline.after(0)) == "partial"
    runtime.close()


def test_one_more_than_the_limit_is_refused_at_once(runtime: Runtime, threads: ThreadPoolExecutor) -> None:
    door = Door()
    first = threads.submit(runtime.run_article, door.wait, Deadline.after(SOON))
    assert door.entered.wait(SOON)

    with pytest.raises(OverloadedError):
        runtime.run_article(_immediately, Deadline.after(SOON))
    assert runtime.run(_immediately, Deadline.after(SOON)) == "done"

    door.open()
    assert first.result(SOON) == "done"
    assert runtime.run_article(_immediately, Deadline.after(SOON)) == "done"


def test_place_is_kept_until_cancelled_work_has_ended(runtime: Runtime) -> None:
    door = Door()
    stubborn = asyncio.Event()

    async def slow_to_end() -> None:
        try:
            await door.wait()
        except asyncio.CancelledError:
            await stubborn.wait()

    with pytest.raises(DeadlineExceededError):
        runtime.run_article(slow_to_end, over_when(door.entered))
    assert door.left.wait(SOON)
    with pytest.raises(OverloadedError):
        runtime.run_article(_immediately, Deadline.after(SOON))

    async def let_go() -> None:
        stubborn.set()

    runtime.run(let_go, Deadline.after(SOON))
    runtime.run(lambda: asyncio.sleep(0.01), Deadline.after(SOON))
    assert runtime.run_article(_immediately, Deadline.after(SOON)) == "done"


def test_drained_runtime_finishes_what_is_in_work(runtime: Runtime, threads: ThreadPoolExecutor) -> None:
    door = Door()
    article = threads.submit(runtime.run_article, door.wait, Deadline.after(SOON))
    assert door.entered.wait(SOON)

    runtime.drain(grace=SOON)
    with pytest.raises(OverloadedError, match="shutting down"):
        runtime.run_article(_immediately, Deadline.after(SOON))
    door.open()

    assert article.result(SOON) == "done"


def test_drained_runtime_cancels_after_the_grace(runtime: Runtime, threads: ThreadPoolExecutor) -> None:
    door = Door()
    article = threads.submit(runtime.run_article, door.wait, Deadline.after(SOON))
    assert door.entered.wait(SOON)

    runtime.drain(grace=0.01)

    with pytest.raises(OverloadedError, match="shutting down"):
        article.result(SOON)
    assert door.cancelled


def test_closed_runtime_has_cancelled_its_work_and_called_on_close(threads: ThreadPoolExecutor) -> None:
    closed_on: list[str] = []

    async def on_close() -> None:
        closed_on.append(threading.current_thread().name)

    runtime = Runtime(max_articles=1, on_close=on_close)
    door = Door()
    article = threads.submit(runtime.run_article, door.wait, Deadline.after(SOON))
    assert door.entered.wait(SOON)

    runtime.close()

    with pytest.raises(OverloadedError):
        article.result(SOON)
    assert door.cancelled
    assert closed_on == ["dragoman-loop"]


def test_runtime_that_never_worked_closes_and_calls_on_close_once() -> None:
    closed: list[str] = []

    async def on_close() -> None:
        closed.append(threading.current_thread().name)

    runtime = Runtime(max_articles=1, on_close=on_close)

    runtime.drain(0)
    runtime.close()
    runtime.close()

    assert runtime.draining
    assert closed == ["dragoman-loop"]
