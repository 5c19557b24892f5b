"""Time that stands still while anything is done, and leaps to what is due next when there is nothing to do.

What takes minutes on a clock is over at once, and comes out the same on a busy machine as on a quiet one.
"""

import asyncio
import inspect
import selectors
import time
from collections.abc import Callable, Coroutine
from concurrent import futures
from typing import Any, Self, TypeVar
from unittest.mock import patch

from service.llm.backoff import Backoff

T = TypeVar("T")

_REAL = time.monotonic
_STUCK = 60.0
"""Real seconds after which something is given up that should have come about at once."""


class StillTime:
    """The only time in the block: what `time.monotonic` tells, and event loops go by that are made there.

    It leaps when such a loop waits for nothing but time, and `others` have nothing to do either: servers on other
    threads, which have the real time. The loops' waits are in `waits` where they are made with `backoff`.
    """

    def __init__(self, *others: "WatchedLoop") -> None:
        self.now = 1_000.0
        self.waits: list[float] = []
        self.others = list(others)
        self._threads = 0

    @property
    def backoff(self) -> Backoff:
        """Backoff in this time, with the jitter at its most."""
        return Backoff(sleep=self.sleep, jitter=lambda most: most, clock=lambda: self.now)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(seconds)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What comes of some work in this time."""
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            return runner.run(work)

    def __enter__(self) -> Self:
        self._patches = [
            patch.object(time, "monotonic", lambda: self.now),
            patch.object(asyncio, "new_event_loop", lambda: _LeapingLoop(self)),
            # A thread that waits for a loop does so in real time, of which none passes here.
            patch("service.runtime.wait_for", lambda those, timeout: futures.wait(those, _STUCK)),
        ]
        for one in self._patches:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in reversed(self._patches):
            one.stop()


def in_still_time(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """A test that is given `still`, and runs on a loop in this time beside its `server`."""

    def run(**fixtures: Any) -> None:
        with StillTime(fixtures["server"].loop) as still:
            still.run(test(**fixtures, still=still))

    wanted = inspect.signature(test)
    run.__name__, run.__doc__ = test.__name__, test.__doc__
    run.__signature__ = wanted.replace(  # type: ignore[attr-defined]
        parameters=[one for name, one in wanted.parameters.items() if name != "still"], return_annotation=None
    )
    return run


class _LeapingLoop(asyncio.SelectorEventLoop):
    """A loop in time that stands still."""

    def __init__(self, still: StillTime) -> None:
        self._in_threads = 0
        super().__init__(_Leaping(still, self))

    def run_in_executor(self, *args: Any) -> Any:
        done = super().run_in_executor(*args)
        self._in_threads += 1
        done.add_done_callback(self._came_back)
        return done

    def _came_back(self, _: object) -> None:
        self._in_threads -= 1

    async def shutdown_default_executor(self, *args: Any) -> None:
        self._in_threads += 1
        await super().shutdown_default_executor(*args)
        self._in_threads -= 1


class _Leaping(selectors.DefaultSelector):
    def __init__(self, still: StillTime, loop: _LeapingLoop) -> None:
        super().__init__()
        self._still = still
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        idle = [other.idle_from_now() for other in self._still.others]
        while not (ready := super().select(0.001)):
            if not self._loop._in_threads and all(is_idle() for is_idle in idle):
                # What the others have sent before they had nothing to do is here by now.
                ready = super().select(0)
                self._still.now += 0 if ready else timeout
                break
        return ready


class WatchedLoop(asyncio.SelectorEventLoop):
    """A loop in real time of which another thread can know whether it has anything to do."""

    def __init__(self) -> None:
        self._watched = _Watched()
        super().__init__(self._watched)

    def time(self) -> float:
        return _REAL()

    def idle_from_now(self) -> Callable[[], bool]:
        """Tells whether the loop has had nothing to do at some moment since this call, nor anything within sight."""
        self._watched.asked = asked = self._watched.asked + 1
        self.call_soon_threadsafe(lambda: None)
        return lambda: self._watched.idle_at >= asked

    def busy(self, more: int) -> None:
        """Something is going to happen that nobody but the clock is the reason for; or it has happened."""
        self._watched.busy += more


class _Watched(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.asked = self.idle_at = self.busy = 0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is not None and timeout <= 0:
            return super().select(timeout)
        asked = self.asked
        if ready := super().select(0):
            return ready
        if not self.busy:
            self.idle_at = asked
        return super().select(timeout)
