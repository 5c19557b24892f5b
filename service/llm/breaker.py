"""Leaves a model server alone that fails again and again.

    closed       calls are made; `failures` of them in a row that failed open it
    open         no call is made until a pause is over
    half-open    one call is made, the probe: an answer closes the breaker, a failure opens it for twice as long

Only what says that the server is down or overloaded is a failure (`ModelUnavailableError`). Whatever else the server
answers shows that it is there, and closes the breaker whenever its call was begun.

A call that was cancelled, as an article's deadline does, says nothing by itself: it may have had too little time. Where
it had a fair time and nobody was answered meanwhile, the server is silent, and each fair time of silence is a failure.
"""

import asyncio
import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from service.errors import BreakerOpenError, DragomanError, ModelUnavailableError
from service.llm.pauses import Pauses

logger = logging.getLogger(__name__)

FIRST_PAUSE = 1.0
MOST_DOUBLINGS = 30
"""A float holds no more than a thousand, and an outage may last for days."""
PROBING_SECONDS = 1.0
"""How long to wait before asking again whether the probe has come back."""
SLACK = 2.0
"""How many times longer than the slowest answer a call has to wait for its time to be fair."""
FORGETTING = 0.99
"""How much of the slowest answer's time is left with each further answer: a server may be slow for an hour only."""


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Breaker:
    """Decides whether a call may be made now. Used on one event loop; `check` and `state` on any thread.

    Args:
        failures: failed calls in a row that open it.
        seconds: longest pause; and how long an outage may last before it makes no sense to wait for its end.
        fair_seconds: time in which a call may expect an answer, of a server that was not seen to take longer.
        pauses: the clock, and how waits are made.
    """

    def __init__(self, *, failures: int, seconds: float, fair_seconds: float, pauses: Pauses) -> None:
        self._most_failures = failures
        self._longest = seconds
        self._fair = fair_seconds
        self._pauses = pauses
        self._failures = 0
        self._openings = 0
        self._opened: float | None = None
        """When it opened first, since it was closed."""
        self._until = 0.0
        self._probe: object | None = None
        self._slowest = 0.0
        """Seconds that an answer took lately, at most."""
        self._told = -math.inf
        """When something was last learnt of the server."""

    @property
    def state(self) -> BreakerState:
        if self._opened is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._pauses.clock() < self._until else BreakerState.HALF_OPEN

    def remaining(self) -> float:
        """Seconds until a call may be made, as far as is known; 0.0 is now."""
        if self._opened is None:
            return 0.0
        return max(self._until - self._pauses.clock(), PROBING_SECONDS if self._probe else 0.0)

    def worth_waiting(self, seconds: float) -> bool:
        """Whether an outage that goes on for so much longer is still one to be waited out."""
        return self._opened is None or self._pauses.clock() + seconds - self._opened <= self._longest

    def check(self) -> None:
        """Pass if a call may be made now.

        Raises:
            BreakerOpenError: not yet.
        """
        seconds = self.remaining()
        if seconds > 0:
            raise BreakerOpenError("the model server keeps failing and is left alone for now", retry_after=seconds)

    async def available(self) -> None:
        """Wait until a call may be made."""
        while (seconds := self.remaining()) > 0:
            # An answer to an older call may close it before the pause is over.
            await self._pauses.sleep(min(seconds, PROBING_SECONDS))

    @contextmanager
    def call(self) -> Iterator[None]:
        """Make one call inside; how it ends is what the breaker goes by.

        Raises:
            BreakerOpenError: no call may be made now.
        """
        self.check()
        probe = None if self._opened is None else object()
        self._probe = probe
        begun = self._pauses.clock()
        try:
            yield
        except ModelUnavailableError as error:
            self._failed(error, is_probe=self._is_probe(probe))
            raise
        except DragomanError:
            self._answered(begun)
            raise
        except asyncio.CancelledError:
            self._cut_off(begun, probe)
            raise
        except BaseException:
            self._end(probe)
            raise
        else:
            self._answered(begun)

    def _is_probe(self, call: object | None) -> bool:
        return call is not None and call is self._probe

    def _end(self, call: object | None) -> None:
        """Let another call be the probe."""
        if self._is_probe(call):
            self._probe = None

    def _cut_off(self, begun: float, probe: object | None) -> None:
        is_probe = self._is_probe(probe)
        # Calls that are cut off together tell of the same silence, and it counts once. A probe speaks for itself.
        silent = self._pauses.clock() - (begun if is_probe else max(begun, self._told))
        times = int(silent / max(self._fair, SLACK * self._slowest))
        if times:
            silence = ModelUnavailableError(f"the model server answered nobody for {silent:.0f} s")
            self._failed(silence, is_probe=is_probe, times=times)
        else:
            self._end(probe)

    def _failed(self, error: ModelUnavailableError, *, is_probe: bool, times: int = 1) -> None:
        self._told = self._pauses.clock()
        self._failures += times
        if is_probe or (self._opened is None and self._failures >= self._most_failures):
            self._open(error)
        if self._opened is not None:
            error.retry_after = max(error.retry_after or 0.0, self.remaining())

    def _open(self, error: ModelUnavailableError) -> None:
        now = self._pauses.clock()
        if self._opened is None:
            self._opened = now
        most = min(self._longest, FIRST_PAUSE * 2 ** min(self._openings, MOST_DOUBLINGS))
        asked = min(self._longest, error.retry_after or 0.0)
        self._openings += 1
        self._probe = None
        self._until = now + max(asked, most / 2 + self._pauses.jitter(most / 2))
        logger.warning(
            "%d failures in a row (%s); the next call follows in %.1f s", self._failures, error, self.remaining()
        )

    def _answered(self, begun: float) -> None:
        self._told = self._pauses.clock()
        self._slowest = max(self._told - begun, FORGETTING * self._slowest)
        if self._opened is not None:
            logger.warning("the model server answers again, after %.1f s", self._pauses.clock() - self._opened)
        self._failures = self._openings = 0
        self._opened = self._probe = None
