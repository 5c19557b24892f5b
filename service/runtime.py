"""Where coroutines run in a process whose requests are threads.

Flask is WSGI and a model call is a long wait. So each process has one asyncio loop in a thread of its own; a
request's thread hands it a coroutine and waits. One connection pool then serves every request, and a waiting
article costs a parked thread and a task.

The thread is started by `start` or the first piece of work and not by the constructor, so that a server may fork in
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
"""How long cancelled work and `on_close` may take; an end that hangs would keep the whole process."""

Work = Callable[[], Coroutine[Any, Any, T]]


class Background(Protocol):
    """What goes on beside the requests, on the same loop."""

    async def run(self) -> None:
        """Go on until `stop`, finish what is begun, and return."""

    def stop(self) -> None:
        """Begin nothing more."""

    def wake(self) -> None:
        """There is something new to do."""


class Runtime:
    """Runs articles, up to a limit, each until its deadline.

    Args:
        max_articles: most articles in work at a time.
        on_close: awaited on the loop once all work is over.
        background: what goes on beside the articles, from `start` on.
        patience: seconds that work gets past its deadline to come back with what it has.

    """

    def __init__(
        self,
        *,
        max_articles: int,
        on_close: Callable[[], Awaitable[None]] | None = None,
        background: Background | None = None,
        patience: float = 0.5,
    ) -> None:
        self._on_close = on_close
        self._background = background
        self._patience = patience
        self._slots = threading.BoundedSemaphore(max_articles)
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._draining = False
        self._closed = False
        self._cancel_at = 0.0

    def start(self) -> None:
        """Begin what goes on in the background."""
        loop = self._started_loop()
        if self._background is not None:
            loop.call_soon_threadsafe(self._begin, self._background)

    def wake(self) -> None:
        """Tell the background, where it has begun, that there is something new to do."""
        loop = self._loop
        if loop is not None and self._background is not None:
            loop.call_soon_threadsafe(self._background.wake)

    def run_article(self, work: Work[T], deadline: Deadline) -> T:
        """Run one article if there is room for it.

        Raises:
            OverloadedError: there is no room, or the process is about to end.
            DeadlineExceededError: the work did not come back in time; it is cancelled.

        """
        self._admit()
        return self._run(work, deadline, self._slots.release)

    def stream_article(
        self, work: Callable[[Callable[[E], None]], Coroutine[Any, Any, T]], deadline: Deadline, *, beat: float
    ) -> "Stream[E, T]":
        """Run one article if there is room for it, and have what it tells at once.

        Args:
            work: given what it tells events with.
            deadline: of the article.
            beat: seconds without an event after which the stream says that there was none.

        Raises:
            OverloadedError: there is no room, or the process is about to end.

        """
        self._admit()
        events: SimpleQueue[E | None] = SimpleQueue()
        running = self._start(lambda: work(events.put), self._slots.release)
        running.outcome.add_done_callback(lambda _: events.put(None))
        return Stream(events, running, deadline, patience=self._patience, beat=beat)

    def run(self, work: Work[T], deadline: Deadline) -> T:
        """Run something short which is no article and takes nobody's place."""
        return self._run(work, deadline, lambda: None)

    def drain(self, grace: float) -> None:
        """Take no more articles; cancel what is still in work after `grace` seconds. Returns at once.

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
        """End the thread, after the grace period of `drain` for what is still in work; without one, cancel it."""
        self._draining = True
        if self._closed:
            return
        self._closed = True
        loop = self._started_loop()  # requests may have opened what is closed on it, even where it never ran
        grace = max(0.0, self._cancel_at - time.monotonic())
        wait_for([asyncio.run_coroutine_threadsafe(self._finish(grace), loop)], timeout=grace + CLOSING_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        if self._thread is not None:
            self._thread.join()
        self._loop = self._thread = None

    def _admit(self) -> None:
        """Take a place among the articles."""
        if self._draining:
            raise OverloadedError("the service is shutting down", retry_after=5.0)
        if not self._slots.acquire(blocking=False):
            raise OverloadedError("as many articles are in work as this process takes")

    def _run(self, work: Work[T], deadline: Deadline, done: Callable[[], None]) -> T:
        running = self._start(work, done)
        wait_for([running.outcome], timeout=deadline.remaining() + self._patience)
        return running.result()

    def _start(self, work: Work[T], done: Callable[[], None]) -> "_Running[T]":
        outcome: Future[T] = Future()
        started: list[asyncio.Task[T]] = []

        def begin() -> None:
            task = loop.create_task(_awaited(work))
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
            with suppress(RuntimeError):  # the loop has ended, and all that ran on it
                loop.call_soon_threadsafe(give_up)

        loop = self._started_loop()
        loop.call_soon_threadsafe(begin)
        return _Running(outcome, cancel)

    def _started_loop(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=_serve, args=(self._loop,), name="dragoman-loop", daemon=True)
                self._thread.start()
            return self._loop

    def _begin(self, background: Background) -> None:
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
class _Running(Generic[T]):
    """Work on the loop."""

    outcome: Future[T]
    cancel: Callable[[], None]

    def result(self) -> T:
        """What came of it; where that is nothing yet, it is cancelled.

        Raises:
            DeadlineExceededError: it did not come back in time.

        """
        if not self.outcome.done():
            self.cancel()
            raise DeadlineExceededError("the article was not finished in time")
        return self.outcome.result()


class Stream(Generic[E, T]):
    """What an article in work tells; None where it has told nothing for a while.

    Whoever has enough of it closes it. Then the article is given up.
    """

    def __init__(
        self, events: "SimpleQueue[E | None]", running: _Running[T], deadline: Deadline, *, patience: float, beat: float
    ) -> None:
        self._events = events
        self._running = running
        self._until = time.monotonic() + deadline.remaining() + patience
        self._beat = beat

    def __iter__(self) -> Iterator[E | None]:
        while (left := self._until - time.monotonic()) > 0:
            try:
                event = self._events.get(timeout=min(self._beat, left))
            except Empty:
                yield None
                continue
            if event is None:
                return
            yield event

    def result(self) -> T:
        """What came of the article, once it has told everything.

        Raises:
            DeadlineExceededError: it did not come back in time; it is cancelled.

        """
        return self._running.result()

    def close(self) -> None:
        """Cancel the article, unless it has ended."""
        if not self._running.outcome.done():
            self._running.cancel()


async def _awaited(work: Work[T]) -> T:
    return await work()


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
