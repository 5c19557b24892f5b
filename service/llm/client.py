"""The model as the pipeline sees it: openai, instructor and tenacity behind `StructuredModel`."""

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
from service.llm.breaker import Breaker
from service.llm.chat import Chat
from service.llm.dialogue import Dialogue, Voice
from service.llm.learned import Learned
from service.llm.patience import Patience
from service.llm.pauses import Pauses
from service.llm.profiles import Profile
from service.llm.transport import ChatClient

logger = logging.getLogger(__name__)

# What these write down repeats requests and answers, articles included; what matters of it is in our own errors.
TALKATIVE = ("instructor", "openai", "httpx2", "httpcore2")
FAIR_SHARE = 0.1
"""Of a profile's longest wait for an answer: the time in which one may be expected."""


class InstructorModel:
    """A model on an OpenAI-compatible server. Making one calls nobody; it is used on one event loop.

    Args:
        profile: the kind of server.
        model: the model's name on that server.
        base_url: with its `/v1`; None is OpenAI's own.
        api_key: None sends no key.
        context_tokens: None is the profile's.
        max_calls: calls in flight; more wait for their turn.
        max_calls_per_prompt: of these, calls that begin with the same instructions; None sets no limit.
        max_attempts: most calls for one request while the transport fails.
        breaker_failures: failed calls in a row after which the server is left alone for a while.
        breaker_seconds: the longest of these pauses; an outage as long as that is waited out.
        reasks: how often an answer that cannot be used, or about which the review complains, is asked for again.
        pauses: how waits between calls are made.
        wrap: puts something between this model and the wire, such as a memory of answers.
        answer_tokens: least room for an answer, thinking included; None finds out.
        effort: how much the model is to think, in the server's words; None says nothing.
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
        pauses: Pauses | None = None,
        wrap: Callable[[Chat], Chat] | None = None,
        answer_tokens: int | None = None,
        effort: str | None = None,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> None:
        for name in TALKATIVE:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._voice = Voice(
            model, {**profile.extra_body, **(extra_body or {})}, effort, cuts_in_silence=profile.cuts_in_silence
        )
        self.learned = Learned(
            profile, context_tokens=context_tokens or profile.context_tokens, answer_tokens=answer_tokens
        )
        self._max_attempts = max_attempts
        self._reasks = reasks
        self._pauses = pauses or Pauses()
        self._breaker = Breaker(
            failures=breaker_failures,
            seconds=breaker_seconds,
            fair_seconds=FAIR_SHARE * profile.answer_seconds,
            pauses=self._pauses,
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
        return self._voice.model

    @property
    def context_tokens(self) -> int:
        return self.learned.context_tokens

    async def fill(self, question: Question[Answer], *, deadline: Deadline, usage: UsageMeter) -> Answer:
        """Ask, retry and re-ask until there is an answer that fits (see `StructuredModel`).

        An answer that fits the schema is never lost to what happens in a re-ask about it.
        """
        dialogue = Dialogue(
            question,
            voice=self._voice,
            learned=self.learned,
            chat=self._chat,
            patience=Patience(self._max_attempts, deadline, self._pauses, self._breaker),
            reasks=self._reasks,
            usage=usage,
        )
        error = await _held(dialogue, deadline)
        if isinstance(error, DeadlineExceededError):
            error = self._outage() or error
        if dialogue.answer is None:
            raise error or AssertionError("a dialogue ends with an answer or an error")
        if error is not None:
            logger.warning("a re-ask failed (%s); the answer before it stands", error)
        return dialogue.answer

    async def ready(self) -> bool:
        """Whether the server answers; never a billed call."""
        return await self._chat.ready()

    def check(self) -> None:
        """Pass if a call may be made now (see `StructuredModel`)."""
        self._breaker.check()

    def _outage(self) -> BreakerOpenError | None:
        """Why more time would not have helped, if it would not."""
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


async def _held(dialogue: Dialogue[Answer], deadline: Deadline) -> DragomanError | None:
    """Hold the dialogue until the deadline; what ended it early, if anything."""
    late = DeadlineExceededError("the time for the article was over before the model had answered")
    if deadline.passed():
        return late
    try:
        async with asyncio.timeout(deadline.remaining()):
            await dialogue.hold()
    except TimeoutError:
        return late
    except ModelUnavailableError as error:
        return late if deadline.passed() else error
    except (ModelCallError, AnswerError) as error:
        return error
    return None
