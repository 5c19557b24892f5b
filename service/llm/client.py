"""The model as the extraction pipeline sees it: `StructuredModel`, implemented with openai, instructor and tenacity."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from service.deadline import Deadline
from service.errors import (
    AnswerError,
    BreakerOpenError,
    DeadlineExceededError,
    DragomanError,
    ModelCallError,
    ModelUnavailableError,
)
from service.extraction.model import Answer, Question, UsageMeter
from service.llm.backoff import Backoff
from service.llm.chat import Chat
from service.llm.circuit_breaker import CircuitBreaker
from service.llm.conversation import Conversation, ModelOptions
from service.llm.profiles import Profile
from service.llm.retry_policy import RetryPolicy
from service.llm.server_capabilities import ServerCapabilities
from service.llm.transport import ChatClient

logger = logging.getLogger(__name__)

# The logs of these libraries contain requests and responses, and so articles. Our own errors say what matters.
VERBOSE_LOGGERS = ("instructor", "openai", "httpx2", "httpcore2")
FAIR_SHARE = 0.1
"""Share of a profile's longest wait for a response within which one is expected: see `CircuitBreaker`."""


class InstructorModel:
    """A model on an OpenAI-compatible server. Used on one event loop; connects with the first call.

    Args:
        profile: the kind of server.
        model: the model's name on that server.
        base_url: with its `/v1`; None for OpenAI's own.
        api_key: None if the server needs none.
        context_tokens: size of the context; None for the profile's.
        max_calls: most calls in flight; more of them wait.
        max_calls_per_prompt: of these, calls that begin with the same instructions; None sets no limit.
        max_attempts: most calls for one request while they fail.
        breaker_failures: failed calls in a row after which the circuit breaker opens.
        breaker_seconds: longest pause of the circuit breaker; outages of that length are waited out.
        reasks: how often a question is asked again after an answer that is invalid or that its review criticizes.
        backoff: clock, sleep and jitter of retries.
        wrap: wraps the client that makes the calls, for example in a cache.
        answer_tokens: lower bound for the token limit of answers, reasoning included; None finds it out.
        effort: the reasoning effort, in the server's words; None sends none.
        extra_body: members that go into every request.
        extra_headers: headers that go with every call.
    """

    def __init__(
        self,
        *,
        profile: Profile,
        model: str,
        base_url: str | None = None,
        api_key: str | None = None,
        context_tokens: int | None = None,
        max_calls: int = 32,
        max_calls_per_prompt: int | None = None,
        max_attempts: int = 5,
        reasks: int = 1,
        breaker_failures: int = 5,
        breaker_seconds: float = 30.0,
        backoff: Backoff | None = None,
        wrap: Callable[[Chat], Chat] | None = None,
        answer_tokens: int | None = None,
        effort: str | None = None,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> None:
        for name in VERBOSE_LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._options = ModelOptions(
            model, {**profile.extra_body, **(extra_body or {})}, effort, truncates_silently=profile.truncates_silently
        )
        self.capabilities = ServerCapabilities(
            profile, context_tokens=context_tokens or profile.context_tokens, answer_tokens=answer_tokens
        )
        self._max_attempts = max_attempts
        self._reasks = reasks
        self._backoff = backoff or Backoff()
        self._breaker = CircuitBreaker(
            failures=breaker_failures,
            seconds=breaker_seconds,
            fair_seconds=FAIR_SHARE * profile.answer_seconds,
            backoff=self._backoff,
        )
        chat = ChatClient(
            base_url=base_url,
            api_key=api_key,
            answer_seconds=profile.answer_seconds,
            max_calls=max_calls,
            max_calls_per_prompt=max_calls_per_prompt,
            breaker=self._breaker,
            headers=extra_headers,
        )
        self.listing = chat.listing
        self._chat: Chat = wrap(chat) if wrap else chat

    @property
    def name(self) -> str:
        return self._options.model

    @property
    def context_tokens(self) -> int:
        return self.capabilities.context_tokens

    async def fill(self, question: Question[Answer], *, deadline: Deadline, usage: UsageMeter) -> Answer:
        """Ask, retry and re-ask until there is a valid answer (see `StructuredModel`).

        An answer that fits the schema is not lost if a re-ask about it fails.
        """
        conversation = Conversation(
            question,
            options=self._options,
            capabilities=self.capabilities,
            chat=self._chat,
            retry_policy=RetryPolicy(self._max_attempts, deadline, self._backoff, self._breaker),
            reasks=self._reasks,
            usage=usage,
        )
        error = await _run_until(conversation, deadline)
        if isinstance(error, DeadlineExceededError):
            error = self._outage() or error
        if conversation.answer is None:
            raise error or AssertionError("a conversation ends with an answer or an error")
        if error is not None:
            logger.warning("a re-ask failed (%s); the answer before it is used", error)
        return conversation.answer

    async def ready(self) -> bool:
        """Whether the server answers. Never a billed call."""
        return await self._chat.ready()

    def check(self) -> None:
        """Pass if a call may be made now (see `StructuredModel`)."""
        self._breaker.check()

    def _outage(self) -> BreakerOpenError | None:
        """The error of an open circuit breaker, if it is open: then more time would not have helped."""
        try:
            self._breaker.check()
        except BreakerOpenError as error:
            return error
        return None

    async def available(self) -> None:
        """Wait until a call may be made."""
        await self._breaker.available()

    async def close(self) -> None:
        await self._chat.close()


async def _run_until(conversation: Conversation[Answer], deadline: Deadline) -> DragomanError | None:
    """Run the conversation until the deadline. Returns the error that ended it, if one did."""
    late = DeadlineExceededError("the time for the article was over before the model had answered")
    if deadline.passed():
        return late
    try:
        async with asyncio.timeout(deadline.remaining()):
            await conversation.run()
    except TimeoutError:
        return late
    except ModelUnavailableError as error:
        return late if deadline.passed() else error
    except (ModelCallError, AnswerError) as error:
        return error
    return None
