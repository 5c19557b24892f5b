"""When a call that failed is repeated, and after which wait: the one retry policy, built on tenacity."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from instructor.core.exceptions import ResponseParsingError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from service.extraction.deadline import Deadline
from service.extraction.errors import ModelUnavailableError

logger = logging.getLogger(__name__)

FIRST_WAIT = 0.5
LONGEST_WAIT = 20.0


class Complaint(ResponseParsingError):
    """An answer that is asked for once more; the message tells the model why."""


def full_jitter(most: float) -> float:
    """A wait between nothing and `most` seconds, so that callers who failed together do not return together."""
    return random.uniform(0.0, most)  # noqa: S311 - spreads load, guards nothing


@dataclass(frozen=True, slots=True)
class Pauses:
    """How waits are made; tests put their own in.

    Args:
        sleep: waits the seconds it is given.
        jitter: chooses a wait, given the longest.
    """

    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[float], float] = full_jitter


@dataclass(slots=True)
class Patience:
    """Decides for one question. Transport failures in a row are counted here; re-asks are bounded by the dialogue.

    Args:
        max_attempts: most calls for the same request.
        deadline: no wait passes it.
    """

    max_attempts: int
    deadline: Deadline
    pauses: Pauses
    failures: int = 0

    def policy(self) -> AsyncRetrying:
        """A tenacity policy of its own: it holds the state of one question."""
        return AsyncRetrying(
            retry=retry_if_exception_type((ModelUnavailableError, Complaint)),
            wait=self._wait,
            stop=self._give_up,
            sleep=self._sleep,
            before_sleep=self._note,
            reraise=True,
        )

    def _wait(self, state: RetryCallState) -> float:
        failure = _transport_failure(state)
        if failure is None:
            return 0.0
        if failure.retry_after is not None:
            return failure.retry_after + self.pauses.jitter(FIRST_WAIT)
        return self.pauses.jitter(min(LONGEST_WAIT, FIRST_WAIT * 2 ** (self.failures - 1)))

    def _give_up(self, state: RetryCallState) -> bool:
        """Tenacity has worked out the wait when it asks this."""
        if _transport_failure(state) is None:
            return False
        return self.failures >= self.max_attempts or state.upcoming_sleep >= self.deadline.remaining()

    async def _sleep(self, seconds: float) -> None:
        if seconds > 0:
            await self.pauses.sleep(seconds)

    def _note(self, state: RetryCallState) -> None:
        failure = _transport_failure(state)
        if failure is not None:
            logger.warning("%s; try %d follows in %.1f s", failure, self.failures + 1, state.upcoming_sleep)


def _transport_failure(state: RetryCallState) -> ModelUnavailableError | None:
    error = state.outcome.exception() if state.outcome is not None else None
    return error if isinstance(error, ModelUnavailableError) else None
