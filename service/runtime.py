"""Runs coroutines in a process that handles each request in a thread.

Flask is WSGI, and a model call is a long wait. So each process has one asyncio event loop in a thread of its own; the
thread of a request submits a coroutine to it and waits. All requests then share one connection pool, and an article
costs one waiting thread and one task.

The thread is started by `start` or with the first coroutine, and not by the constructor, so that a server may fork in
between.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Generic, Protocol, TypeVar

from service.deadline import Deadline
from service.errors import DeadlineExceededError, OverloadedError

T = TypeVar("T")
E = TypeVar("E")

CLOSING_SECONDS = 5.0
"""How long cancelled work and `on_close` may take. Without a limit, one that hangs would keep the process alive."""

Work = Callable[[], Coroutine[Any, Any, T]]


class BackgroundTask(Protocol):
    """A task that runs beside the requests, on the same event loop, until it is stopped."""

    async def run(self) -> None:
        """Run until `stop`, finish what has started, and return."""

    def stop(self) -> None:
        """Start nothing more."""

    def wake(self) -> None:
        """Look for new work now."""


class Runtime:
    """Runs articles, up to a limit, each until its deadline.

    Args:
        max_articles: most articles that run at the same time.
        on_close: awaited on the event loop once all work has ended.
        background: runs beside the articles, from `start` on.
        overrun_seconds: time after its deadline in which work may still return what it has.

    """

    def __init__(
        self,
        *,
        max_articles: int,
        on_close: Callable[[], Awaitable[None]] | None = None,
        background: BackgroundTask | None = None,
        overrun_seconds: float = 0.5,
    ) -> None:
        self._on_close = on_close
        self._background = background
        self._overrun_seconds = overrun_seconds
        self._slots = threading.BoundedSemaphore(max_articles)
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._draining = False
        self._closed = False
        self._cancel_at = 0.0

    def start(self) -> None:
        """Start the background task."""
        loop = self._started_loop()
        if self._background is not None:
            loop.call_soon_threadsafe(self._begin, self._background)

    def wake(self) -> None:
        """Wake the background task, if it was started."""
        loop = self._loop
        if loop is not None and self._background is not None:
            loop.call_soon_threadsafe(self._background.wake)

    def run_article(self, work: Work[T], deadline: Deadline) -> T:
        """Run one article if the limit allows it.

        Raises:
            OverloadedError: the limit is reached, or the process is shutting down.
            DeadlineExceededError: the work did not end in time and was cancelled.

        """
        self._admit()
        return self._run(work, deadline, self._slots.release)

    def stream_article(
        self,
        work: Callable[[Callable[[E], None]], Coroutine[Any, Any, T]],
        deadline: Deadline,
        *,
        heartbeat_seconds: float,
    ) -> "Stream[E, T]":
        """Run one article if the limit allows it, and stream its events.

        Args:
            work: called with a function that emits an event.
            deadline: of the article.
            heartbeat_seconds: after this long without an event the stream yields None.

        Raises:
            OverloadedError: the limit is reached, or the process is shutting down.

        """
        self._admit()
        events: SimpleQueue[E | None] = SimpleQueue()
        running = self._start(lambda: work(events.put), self._slots.release)
        running.outcome.add_done_callback(lambda _: events.put(None))
        return Stream(
            events, running, deadline, overrun_seconds=self._overrun_seconds, heartbeat_seconds=heartbeat_seconds
        )

    def run(self, work: Work[T], deadline: Deadline) -> T:
        """Run something short that does not count as an article."""
        return self._run(work, deadline, lambda: None)

    def drain(self, grace: float) -> None:
        """Accept no more articles, and cancel those that still run after `grace` seconds. Returns at once.

        Safe to call from a signal handler.
        """
        self._draining = True
        self._cancel_at = time.monotonic() + grace
        loop = self._loop
        if loop is not None:
            if self._background is not None:
                loop.call_soon_threadsafe(self._background.stop)
            loop.call_soon_threadsafe(loop.call_later, grace, self._cancel_all)

    @property
    def draining(self) -> bool:
        return self._draining

    def close(self) -> None:
        """End the thread, after the rest of the grace period of `drain`. Without one, running work is cancelled."""
        self._draining = True
        if self._closed:
            return
        self._closed = True
        loop = self._started_loop()  # started if need be: `on_close` has to run on it
        grace = max(0.0, self._cancel_at - time.monotonic())
        wait_for([asyncio.run_coroutine_threadsafe(self._finish(grace), loop)], timeout=grace + CLOSING_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        if self._thread is not None:
            self._thread.join()
        self._loop = self._thread = None

    def _admit(self) -> None:
        """Take one of the slots for articles."""
        if self._draining:
            raise OverloadedError("the service is shutting down", retry_after=5.0)
        if not self._slots.acquire(blocking=False):
            raise OverloadedError("the limit of articles of this process is reached")

    def _run(self, work: Work[T], deadline: Deadline, done: Callable[[], None]) -> T:
        running = self._start(work, done)
        wait_for([running.outcome], timeout=deadline.remaining() + self._overrun_seconds)
        return running.result()

    def _start(self, work: Work[T], done: Callable[[], None]) -> "_RunningWork[T]":
        outcome: Future[T] = Future()
        started: list[asyncio.Task[T]] = []

        def begin() -> None:
            task = loop.create_task(_await_work(work))
            started.append(task)
            self._tasks.add(task)
            task.add_done_callback(end)

        def end(task: asyncio.Task[T]) -> None:
            self._tasks.discard(task)
            done()
            if task.cancelled():
                outcome.set_exception(OverloadedError("the service is shutting down", retry_after=5.0))
            elif (error := task.exception()) is not None:
                outcome.set_exception(error)
            else:
                outcome.set_result(task.result())

        def give_up() -> None:
            for task in started:
                task.cancel()

        def cancel() -> None:
            with suppress(RuntimeError):  # the event loop has ended, with all its tasks
                loop.call_soon_threadsafe(give_up)

        loop = self._started_loop()
        loop.call_soon_threadsafe(begin)
        return _RunningWork(outcome, cancel)

    def _started_loop(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=_run_loop, args=(self._loop,), name="dragoman-loop", daemon=True)
                self._thread.start()
            return self._loop

    def _begin(self, background: BackgroundTask) -> None:
        task = asyncio.get_running_loop().create_task(background.run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _cancel_all(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _finish(self, grace: float) -> None:
        if self._tasks and grace:
            await asyncio.wait(self._tasks, timeout=grace)
        self._cancel_all()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._on_close is not None:
            await self._on_close()


@dataclass(frozen=True, slots=True)
class _RunningWork(Generic[T]):
    """A coroutine that runs on the event loop."""

    outcome: Future[T]
    cancel: Callable[[], None]

    def result(self) -> T:
        """The result; if there is none yet, the coroutine is cancelled.

        Raises:
            DeadlineExceededError: it did not end in time.

        """
        if not self.outcome.done():
            self.cancel()
            raise DeadlineExceededError("the article was not finished in time")
        return self.outcome.result()


class Stream(Generic[E, T]):
    """The events of a running article, with None as a heartbeat while there are none.

    Closing it before the end cancels the article.
    """

    def __init__(
        self,
        events: "SimpleQueue[E | None]",
        running: _RunningWork[T],
        deadline: Deadline,
        *,
        overrun_seconds: float,
        heartbeat_seconds: float,
    ) -> None:
        self._events = events
        self._running = running
        self._deadline_at = time.monotonic() + deadline.remaining() + overrun_seconds
        self._heartbeat_seconds = heartbeat_seconds

    def __iter__(self) -> Iterator[E | None]:
        while (left := self._deadline_at - time.monotonic()) > 0:
            try:
                event = self._events.get(timeout=min(self._heartbeat_seconds, left))
            except Empty:
                yield None
                continue
            if event is None:
                return
            yield event

    def result(self) -> T:
        """The result of the article, after its last event.

        Raises:
            DeadlineExceededError: it did not end in time and was cancelled.

        """
        return self._running.result()

    def close(self) -> None:
        """Cancel the article, unless it has ended."""
        if not self._running.outcome.done():
            self._running.cancel()


async def _await_work(work: Work[T]) -> T:
    return await work()


def _run_loop(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
