"""When a call that failed is repeated, and after which wait: the one retry policy, built on tenacity."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from service.deadline import Deadline
from service.errors import BreakerOpenError, ModelUnavailableError
from service.llm.breaker import Breaker, BreakerState
from service.llm.pauses import Pauses

logger = logging.getLogger(__name__)

FIRST_WAIT = 0.5
LONGEST_WAIT = 20.0


@dataclass(slots=True)
class Patience:
    """Decides for one question. Transport failures in a row are counted here; re-asks are bounded by the dialogue.

    Args:
        max_attempts: most calls for the same request, as long as others are answered. When nobody is, it is the
            breaker that says how often the server is called and how long it is waited for.
        deadline: no wait passes it.
    """

    max_attempts: int
    deadline: Deadline
    pauses: Pauses
    breaker: Breaker
    failures: int = 0

    def policy(self, worth_repeating: Callable[[BaseException], bool]) -> AsyncRetrying:
        """A tenacity policy of its own: it holds the state of one question.

        Args:
            worth_repeating: whether what a call ended with is a reason for another one.
        """
        return AsyncRetrying(
            retry=retry_if_exception(worth_repeating),
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
            # Who has failed more often comes later, so that a breaker's probe is not always the same hopeless question.
            return failure.retry_after + self.pauses.jitter(FIRST_WAIT * max(1, self.failures))
        return self.pauses.jitter(min(LONGEST_WAIT, FIRST_WAIT * 2 ** (self.failures - 1)))

    def _give_up(self, state: RetryCallState) -> bool:
        """Tenacity has worked out the wait when it asks this."""
        if _transport_failure(state) is None:
            return False
        if state.upcoming_sleep >= self.deadline.remaining():
            return True
        if self.breaker.state is BreakerState.CLOSED:
            return self.failures >= self.max_attempts
        return not self.breaker.worth_waiting(state.upcoming_sleep)

    async def _sleep(self, seconds: float) -> None:
        if seconds > 0:
            await self.pauses.sleep(seconds)

    def _note(self, state: RetryCallState) -> None:
        failure = _transport_failure(state)
        if failure is not None and not isinstance(failure, BreakerOpenError):
            logger.warning("%s; try %d follows in %.1f s", failure, self.failures + 1, state.upcoming_sleep)


def _transport_failure(state: RetryCallState) -> ModelUnavailableError | None:
    error = state.outcome.exception() if state.outcome is not None else None
    return error if isinstance(error, ModelUnavailableError) else None
