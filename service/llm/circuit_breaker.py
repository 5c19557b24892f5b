"""The circuit breaker: stops calls to a model server that fails again and again.

    closed       calls are made; after `failures` failed calls in a row the breaker opens
    open         no call is made until a pause is over
    half-open    one call is made, the probe: a response closes the breaker, a failure opens it for twice as long

Only errors that say that the server is down or overloaded are failures (`ModelUnavailableError`). Any other response
shows that the server is there, and closes the breaker, however long ago its call was started.

A call that is cancelled, for example by an article's deadline, may have had too little time, and so is not a failure by
itself. But if it had a fair time, and no other call was answered meanwhile, then the server does not respond: each fair
time without a response is a failure.
"""

import asyncio
import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from service.errors import BreakerOpenError, DragomanError, ModelUnavailableError
from service.llm.backoff import Backoff

logger = logging.getLogger(__name__)

FIRST_PAUSE = 1.0
MAX_DOUBLINGS = 30
"""Keeps the pause within the range of a float: an outage may last for days."""
PROBE_POLL_SECONDS = 1.0
"""How long to wait before checking again whether the probe has ended."""
FAIR_FACTOR = 2.0
"""A call had a fair time if it waited this many times longer than the slowest recent response took."""
SLOWEST_DECAY = 0.99
"""Factor by which the slowest time is forgotten with each further response: a server may be slow for an hour only."""


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitBreaker:
    """Decides whether a call may be made now. Used on one event loop; `check` and `state` on any thread.

    Args:
        failures: failed calls in a row after which it opens.
        seconds: longest pause. Also how long an outage may last before it is not worth waiting for its end.
        fair_seconds: time within which a response is expected, unless the server has taken longer before.
        backoff: clock, sleep and jitter.
    """

    def __init__(self, *, failures: int, seconds: float, fair_seconds: float, backoff: Backoff) -> None:
        self._max_failures = failures
        self._longest_pause = seconds
        self._fair_seconds = fair_seconds
        self._backoff = backoff
        self._failures = 0
        self._openings = 0
        self._opened_at: float | None = None
        """When the current outage began; None while the breaker is closed."""
        self._open_until = 0.0
        self._probe: object | None = None
        self._slowest = 0.0
        """Seconds that the slowest recent response took."""
        self._last_contact = -math.inf
        """When the last response or failure came."""

    @property
    def state(self) -> BreakerState:
        if self._opened_at is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._backoff.clock() < self._open_until else BreakerState.HALF_OPEN

    def remaining(self) -> float:
        """Seconds until a call may be made, as far as is known; 0.0 means now."""
        if self._opened_at is None:
            return 0.0
        return max(self._open_until - self._backoff.clock(), PROBE_POLL_SECONDS if self._probe else 0.0)

    def worth_waiting(self, seconds: float) -> bool:
        """Whether the outage, if it goes on for so many seconds, is still worth waiting out."""
        return self._opened_at is None or self._backoff.clock() + seconds - self._opened_at <= self._longest_pause

    def check(self) -> None:
        """Pass if a call may be made now.

        Raises:
            BreakerOpenError: no call may be made now.
        """
        seconds = self.remaining()
        if seconds > 0:
            raise BreakerOpenError("the model server keeps failing and is left alone for now", retry_after=seconds)

    async def available(self) -> None:
        """Wait until a call may be made."""
        while (seconds := self.remaining()) > 0:
            # The response to an older call may close the breaker before the pause is over.
            await self._backoff.sleep(min(seconds, PROBE_POLL_SECONDS))

    @contextmanager
    def call(self) -> Iterator[None]:
        """Make one call inside. Its end changes the state of the breaker.

        Raises:
            BreakerOpenError: no call may be made now.
        """
        self.check()
        probe = None if self._opened_at is None else object()
        self._probe = probe
        started = self._backoff.clock()
        try:
            yield
        except ModelUnavailableError as error:
            self._on_failure(error, is_probe=self._is_probe(probe))
            raise
        except DragomanError:
            self._on_answer(started)
            raise
        except asyncio.CancelledError:
            self._on_cancelled(started, probe)
            raise
        except BaseException:
            self._release_probe(probe)
            raise
        else:
            self._on_answer(started)

    def _is_probe(self, call: object | None) -> bool:
        return call is not None and call is self._probe

    def _release_probe(self, call: object | None) -> None:
        """If this call is the probe, let another call become it."""
        if self._is_probe(call):
            self._probe = None

    def _on_cancelled(self, started: float, probe: object | None) -> None:
        is_probe = self._is_probe(probe)
        # Calls that are cancelled together saw the same silence, which counts once; a probe's counts in full.
        silent = self._backoff.clock() - (started if is_probe else max(started, self._last_contact))
        times = int(silent / max(self._fair_seconds, FAIR_FACTOR * self._slowest))
        if times:
            silence = ModelUnavailableError(f"the model server answered nobody for {silent:.0f} s")
            self._on_failure(silence, is_probe=is_probe, times=times)
        else:
            self._release_probe(probe)

    def _on_failure(self, error: ModelUnavailableError, *, is_probe: bool, times: int = 1) -> None:
        self._last_contact = self._backoff.clock()
        self._failures += times
        if is_probe or (self._opened_at is None and self._failures >= self._max_failures):
            self._open(error)
        if self._opened_at is not None:
            error.retry_after = max(error.retry_after or 0.0, self.remaining())

    def _open(self, error: ModelUnavailableError) -> None:
        now = self._backoff.clock()
        if self._opened_at is None:
            self._opened_at = now
        most = min(self._longest_pause, FIRST_PAUSE * 2 ** min(self._openings, MAX_DOUBLINGS))
        asked = min(self._longest_pause, error.retry_after or 0.0)
        self._openings += 1
        self._probe = None
        self._open_until = now + max(asked, most / 2 + self._backoff.jitter(most / 2))
        logger.warning(
            "circuit breaker open after %d failures in a row (%s); the next call follows in %.1f s",
            self._failures,
            error,
            self.remaining(),
        )

    def _on_answer(self, started: float) -> None:
        self._last_contact = self._backoff.clock()
        self._slowest = max(self._last_contact - started, SLOWEST_DECAY * self._slowest)
        if self._opened_at is not None:
            logger.warning(
                "circuit breaker closed: the model server answers again, after %.1f s",
                self._backoff.clock() - self._opened_at,
            )
        self._failures = self._openings = 0
        self._opened_at = self._probe = None
