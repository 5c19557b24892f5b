"""What this process has learnt about its model server: the request format that it accepts, and its token limits.

It is kept as long as the process runs, so that all later questions profit from what an earlier one has found out.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from schemas.result import Usage
from service.extraction.model import Question
from service.llm.error_response import ErrorResponse
from service.llm.profiles import Profile
from service.llm.request_format import (
    OPTIONAL_PARAMETERS,
    STREAM,
    FormatChange,
    RequestFormat,
    fallback_for,
    next_guess,
    other_limit,
    with_schema_in_prompt,
    without_stream,
)

logger = logging.getLogger(__name__)

THINKING_TOKENS = 32_768
"""Tokens added to the limit once a model turns out to be a reasoning model: several times what most need."""
PROBE_SECONDS = 3.0
"""How long other questions wait at most for what the first one finds out. Servers refuse a request at once; if there is
no refusal within this time, the request is being answered."""
PROBE_SHARE = 0.25
"""The same limit, as a share of the time that the waiting question has."""
UNEXPLAINED_ERRORS = 5
"""After this many unexplained refusals in a row the reason is searched again: the model may be another one by now."""
MIN_CONTEXT = 1_024
"""Tokens. No usable model has a smaller context: a smaller number in an error was parsed wrongly."""
MIN_ANSWER_TOKENS = 100
"""Tokens that an answer with one record may need."""
OLLAMA_FINGERPRINT = "fp_ollama"
"""The `system_fingerprint` of all responses of Ollama (its `openai/openai.go`)."""
_TEMPLATE_TOKENS = 32
_AMBIGUOUS_STATUSES = frozenset({400, 415, 422, 501})
"""Statuses with which a server may refuse any parameter, even if it does not name it."""
_MAX_REPEATS = 2


class ServerCapabilities:
    """The request format and token limits of one model server, updated with each response. Used on one event loop.

    Args:
        profile: the kind of server, which has the initial request format.
        context_tokens: size of the context, prompt and answer together, as far as is known.
        answer_tokens: lower bound for the token limit of answers, reasoning included; None finds it out.
    """

    def __init__(self, profile: Profile, *, context_tokens: int, answer_tokens: int | None = None) -> None:
        self.request_format = profile.request_format
        self.context_tokens = context_tokens
        self.context_reported = False
        """Whether the server has reported the size of its context."""
        self.changes: list[FormatChange] = []
        """The changes of the request format since the process started."""
        self.thinking_tokens = 0
        """Tokens that are added to the limit of an answer for reasoning."""
        self.max_answer_tokens: int | None = None
        """The model's own limit for answers, if the server has reported it."""
        self.answered = False
        """Whether any request was answered yet."""
        self._adapts = profile.adapts
        self._min_answer_tokens = answer_tokens or 0
        self._proven_tokens = 0
        """The largest prompt with its answer that was processed."""
        self._unexplained = 0
        self._before_guesses: tuple[RequestFormat, list[FormatChange]] | None = None
        self._guessed = False
        self._probe: asyncio.Event | None = None

    @asynccontextmanager
    async def probing(self, seconds: float) -> AsyncIterator[None]:
        """Ask a question inside. Until any is answered, one question probes the server while the others wait for it.

        Args:
            seconds: time that the question has; at most a part of it is spent waiting for the probe.
        """
        until = time.monotonic() + min(PROBE_SECONDS, PROBE_SHARE * seconds)
        while self._adapts and not self.answered and self._probe is not None and time.monotonic() < until:
            # If the probe ends without an answer, the next question becomes the probe.
            with suppress(TimeoutError):
                async with asyncio.timeout(until - time.monotonic()):
                    await self._probe.wait()
        if not self._adapts or self.answered or self._probe is not None:
            yield
            return
        self._probe = probe = asyncio.Event()
        try:
            yield
        finally:
            probe.set()
            if self._probe is probe:
                self._probe = None

    def token_limit(self, question: Question[Any], prompt_tokens: int) -> int:
        """The token limit for the answer to a question, reasoning included."""
        wanted = max(question.max_tokens, self._min_answer_tokens) + self.thinking_tokens
        # The estimate of the prompt may be a third too low (see `estimate_tokens`), and the chat template adds to it.
        left = self.context_tokens - prompt_tokens * 4 // 3 - _TEMPLATE_TOKENS
        # A reported context bounds the answer. If it leaves next to nothing, the prompt is too long, not the answer.
        useful = self.context_reported and left >= question.max_tokens // 4
        bounds = [question.most_tokens, self.max_answer_tokens, left if useful else max(question.max_tokens, left)]
        return min([wanted, *(bound for bound in bounds if bound)])

    def record_answer(self, usage: Usage) -> None:
        """Record a complete answer and its usage."""
        self._proven_tokens = max(self._proven_tokens, usage.prompt_tokens + usage.completion_tokens)
        self.record_accepted()

    def record_accepted(self) -> None:
        """Record that an answer has begun, so that the server accepts the current request format."""
        self.answered = True
        self._unexplained = 0
        self._before_guesses = None
        if self._probe is not None:
            self._probe.set()

    def record_thinking(self) -> None:
        """Record that reasoning used up the token limit, or nearly so: later questions have a higher one."""
        if not self.thinking_tokens:
            self.thinking_tokens = THINKING_TOKENS
            logger.warning("the model thinks: answers get %d tokens more from now on", self.thinking_tokens)

    def record_token_limit(self, max_tokens: int) -> None:
        """Record the model's own limit for answers: a request with this limit was accepted."""
        if self.max_answer_tokens is None or max_tokens < self.max_answer_tokens:
            logger.warning("the model writes at most %d tokens: no more are asked for", max_tokens)
            self.max_answer_tokens = max_tokens

    def record_context(self, size: int) -> None:
        """Record the size of the context, unless a larger prompt with its answer was processed before."""
        if max(MIN_CONTEXT, self._proven_tokens) <= size < self.context_tokens:
            logger.warning("the model's context has %d tokens", size)
            self.context_tokens = size
            self.context_reported = True

    def adapt_to(self, used_format: RequestFormat, error_response: ErrorResponse, sent: Mapping[str, Any]) -> bool:
        """Change the request format after a refusal. Returns whether a request in the new format may be accepted.

        Args:
            used_format: the format of the refused request.
            error_response: of the server.
            sent: the body of the request.
        """
        if used_format != self.request_format:
            return True  # another question has changed it meanwhile
        change = fallback_for(used_format, error_response, sent)
        if (
            change is not None
            and sum(change.description == taken.description for taken in self.changes) >= _MAX_REPEATS
        ):
            change = None  # the server refuses each of two names of a parameter and asks for the other one
        if (
            change is not None
            and not self._adapts
            and not (change.request_format.omitted - used_format.omitted) & OPTIONAL_PARAMETERS
        ):
            return False  # the format of a named profile is the operator's choice
        if change is None and STREAM not in sent:  # streaming itself may be refused: see RequestSettings.adapt_to
            change = self._next_guess(error_response)
        if change is None:
            return False
        logger.warning("the model server refused a request: it is asked %s from now on", change.description)
        self._adopt(change)
        return True

    def require_schema_in_prompt(self, used_format: RequestFormat) -> bool:
        """Put the schema into the prompt, because an answer shows that the server does not enforce it.

        Returns whether that is a change for a request in `used_format`.
        """
        change = with_schema_in_prompt(used_format)
        if change is None or not self._adapts:
            return False
        if used_format == self.request_format:
            logger.warning(
                "the model server does not hold to the schema: it is asked %s from now on", change.description
            )
            self._adopt(change)
        return True

    def recognize_server(self, fingerprint: str) -> None:
        """Recognize Ollama, which silently ignores the newer name of the token limit."""
        if (
            fingerprint == OLLAMA_FINGERPRINT
            and self._adapts
            and self.request_format.limit_name == "max_completion_tokens"
        ):
            self._adopt(other_limit(self.request_format))

    def rename_limit(self, used_format: RequestFormat) -> bool:
        """Use the older name of the token limit, as the server ignores the newer one. False if it was used before."""
        if used_format != self.request_format:
            return True
        if not self._adapts or used_format.limit_name != "max_completion_tokens":
            return False
        change = other_limit(used_format)
        logger.warning("the model server does not heed the limit: it is asked %s from now on", change.description)
        self._adopt(change)
        return True

    def stop_streaming(self, why: str) -> None:
        """Ask for unstreamed answers from now on."""
        change = without_stream(self.request_format)
        if change is not None:
            logger.warning("the model server is asked %s from now on: %s", change.description, why)
            self._adopt(change)

    def _next_guess(self, error_response: ErrorResponse) -> FormatChange | None:
        """The next change to try after a refusal without a reason.

        All changes are tried once before any request was answered, and again after some unexplained refusals in a row.
        """
        if not self._adapts or not (
            error_response.status in _AMBIGUOUS_STATUSES
            or (error_response.status == 404 and _mentions_parameter(error_response))
        ):
            return None
        if self._before_guesses is None:
            self._unexplained += 1
            if (self.answered or self._guessed) and self._unexplained < UNEXPLAINED_ERRORS:
                return None
            self._before_guesses = self.request_format, list(self.changes)
        change = next_guess(self.request_format)
        if change is None:
            # No change helped, so all of them are undone.
            (self.request_format, self.changes), self._before_guesses = self._before_guesses, None
            self._guessed, self._unexplained = True, 0
        return change

    def _adopt(self, change: FormatChange) -> None:
        self.request_format = change.request_format
        self.changes.append(change)


def _mentions_parameter(error_response: ErrorResponse) -> bool:
    return "parameter" in error_response.message
