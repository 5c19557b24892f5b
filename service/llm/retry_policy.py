"""The retry policy: whether a failed call is repeated, and after which delay. Built on tenacity."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from service.deadline import Deadline
from service.errors import BreakerOpenError, ModelUnavailableError
from service.llm.backoff import Backoff
from service.llm.circuit_breaker import BreakerState, CircuitBreaker

logger = logging.getLogger(__name__)

FIRST_DELAY = 0.5
MAX_DELAY = 20.0


@dataclass(slots=True)
class RetryPolicy:
    """The retry policy of one question. It limits transport failures in a row; the conversation limits the re-asks.

    Args:
        max_attempts: most calls for the same request while other requests are answered. If none is, the circuit breaker
            decides how often the server is called and how long an outage is waited out.
        deadline: no delay goes beyond it.
    """

    max_attempts: int
    deadline: Deadline
    backoff: Backoff
    breaker: CircuitBreaker
    failures: int = 0

    def retrying(self, is_retryable: Callable[[BaseException], bool]) -> AsyncRetrying:
        """The policy for tenacity. A new object each time, since it holds state.

        Args:
            is_retryable: whether an error of a call is a reason for another call.
        """
        return AsyncRetrying(
            retry=retry_if_exception(is_retryable),
            wait=self._delay,
            stop=self._should_stop,
            sleep=self._sleep,
            before_sleep=self._log_retry,
            reraise=True,
        )

    def _delay(self, state: RetryCallState) -> float:
        failure = _transport_failure(state)
        if failure is None:
            return 0.0
        if failure.retry_after is not None:
            # Questions that failed more often wait longer, so that not always the same one becomes the breaker's probe.
            return failure.retry_after + self.backoff.jitter(FIRST_DELAY * max(1, self.failures))
        return self.backoff.jitter(min(MAX_DELAY, FIRST_DELAY * 2 ** (self.failures - 1)))

    def _should_stop(self, state: RetryCallState) -> bool:
        """Whether to raise the error. Tenacity has computed the delay before it calls this."""
        if _transport_failure(state) is None:
            return False
        if state.upcoming_sleep >= self.deadline.remaining():
            return True
        if self.breaker.state is BreakerState.CLOSED:
            return self.failures >= self.max_attempts
        return not self.breaker.worth_waiting(state.upcoming_sleep)

    async def _sleep(self, seconds: float) -> None:
        if seconds > 0:
            await self.backoff.sleep(seconds)

    def _log_retry(self, state: RetryCallState) -> None:
        failure = _transport_failure(state)
        if failure is not None and not isinstance(failure, BreakerOpenError):
            logger.warning("%s; attempt %d follows in %.1f s", failure, self.failures + 1, state.upcoming_sleep)


def _transport_failure(state: RetryCallState) -> ModelUnavailableError | None:
    error = state.outcome.exception() if state.outcome is not None else None
    return error if isinstance(error, ModelUnavailableError) else None
