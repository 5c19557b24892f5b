"""What a process has learnt of its model server: in which dialect it answers, and how much room its model needs.

It is kept for as long as the process runs, so that what one question has found out serves all that follow.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from schemas.result import Usage
from service.extraction.model import Question
from service.llm.dialect import OURS, STREAM, Dialect, Step, guess, lower, other_limit, showing_schema, without_stream
from service.llm.profiles import Profile
from service.llm.refusals import Refusal

logger = logging.getLogger(__name__)

THINKING_TOKENS = 32_768
"""Room for thinking, once a model turns out to think: several times what most need for a question of ours."""
LEARNING_SECONDS = 3.0
"""How long the others wait, at most, for what the first question finds out. Refusals come at once; a call that was not
refused in this time is being answered."""
LEARNING_SHARE = 0.25
"""The same, as a share of the time that such a question has."""
UNEXPLAINED = 5
"""Refusals in a row without a reason after which it is looked for again: the model may be another one by now."""
LEAST_CONTEXT = 1_024
"""No model for our questions has less; a smaller number was read wrongly."""
LEAST_ROOM = 100
"""Tokens that an answer with a single record may need."""
OLLAMA = "fp_ollama"
"""The fingerprint in all answers of Ollama (its `openai/openai.go`)."""
_TEMPLATE_TOKENS = 32
_DOUBTFUL = frozenset({400, 415, 422, 501})
"""With these a server may mean any parameter, even if it does not say so."""
_MOST_RENAMES = 2


class Learned:
    """Used on one event loop.

    Args:
        profile: the kind of server, which says where to begin.
        context_tokens: what prompt and answer have together, as far as is known.
        answer_tokens: least room for any answer, thinking included; None where it is to be found out.
    """

    def __init__(self, profile: Profile, *, context_tokens: int, answer_tokens: int | None = None) -> None:
        self.dialect = profile.dialect
        self.context_tokens = context_tokens
        self.context_told = False
        """Whether the server has told its context."""
        self.steps: list[Step] = []
        """What was given up since the process began."""
        self.thinking_tokens = 0
        """Room that the model needs besides its answer."""
        self.most_tokens: int | None = None
        """Most that the model writes, where it has told."""
        self.answered = False
        """Whether there was an answer."""
        self._adapts = profile.adapts
        self._least = answer_tokens or 0
        self._proven_tokens = 0
        """Most that a prompt and its answer have had together."""
        self._unexplained = 0
        self._before_guesses: tuple[Dialect, list[Step]] | None = None
        self._guessed = False
        self._first: asyncio.Event | None = None

    @asynccontextmanager
    async def finding_out(self, seconds: float) -> AsyncIterator[None]:
        """Ask a question inside. Until there has been an answer, one goes ahead and finds out for all.

        Args:
            seconds: that the question has; a part of them is spent on waiting for the first one, at most.
        """
        until = time.monotonic() + min(LEARNING_SECONDS, LEARNING_SHARE * seconds)
        while self._adapts and not self.answered and self._first is not None and time.monotonic() < until:
            # Where the first one ends without an answer, the next one goes ahead.
            with suppress(TimeoutError):
                async with asyncio.timeout(until - time.monotonic()):
                    await self._first.wait()
        if not self._adapts or self.answered or self._first is not None:
            yield
            return
        self._first = first = asyncio.Event()
        try:
            yield
        finally:
            first.set()
            if self._first is first:
                self._first = None

    def room(self, question: Question[Any], prompt_tokens: int) -> int:
        """The limit for an answer in tokens, thinking included."""
        wanted = max(question.max_tokens, self._least) + self.thinking_tokens
        # The estimate of the prompt may be a third too low (see `plan.tokens`), and a template comes on top.
        left = self.context_tokens - prompt_tokens * 4 // 3 - _TEMPLATE_TOKENS
        # A context that was told bounds the answer; where it leaves next to nothing, the prompt is what is too long.
        useful = self.context_told and left >= question.max_tokens // 4
        bounds = [question.most_tokens, self.most_tokens, left if useful else max(question.max_tokens, left)]
        return min([wanted, *(bound for bound in bounds if bound)])

    def took(self, usage: Usage) -> None:
        """There was an answer, which cost that."""
        self._proven_tokens = max(self._proven_tokens, usage.prompt_tokens + usage.completion_tokens)
        self.accepted()

    def accepted(self) -> None:
        """An answer has begun: whatever was refused is not refused in this dialect."""
        self.answered = True
        self._unexplained = 0
        self._before_guesses = None
        if self._first is not None:
            self._first.set()

    def think(self) -> None:
        """The model thought until its room was used up, or nearly: the next question has more."""
        if not self.thinking_tokens:
            self.thinking_tokens = THINKING_TOKENS
            logger.warning("the model thinks: answers get %d tokens more from now on", self.thinking_tokens)

    def bound(self, most: int) -> None:
        """The model writes at most so many tokens: a request with this limit was taken."""
        if self.most_tokens is None or most < self.most_tokens:
            logger.warning("the model writes at most %d tokens: no more are asked for", most)
            self.most_tokens = most

    def learn_context(self, size: int) -> None:
        """Prompt and answer have so many tokens together, unless more than that has been read and written before."""
        if max(LEAST_CONTEXT, self._proven_tokens) <= size < self.context_tokens:
            logger.warning("the model's context has %d tokens", size)
            self.context_tokens = size
            self.context_told = True

    def step_down(self, spoken: Dialect, refusal: Refusal, sent: Mapping[str, Any]) -> bool:
        """Give up what was refused. Whether a request in the dialect as it is now may be taken.

        Args:
            spoken: the dialect of the request that was refused.
            refusal: of the server.
            sent: the body of the request.
        """
        if spoken != self.dialect:
            return True  # another question has found out meanwhile
        step = lower(spoken, refusal, sent)
        if step is not None and sum(step.done == taken.done for taken in self.steps) >= _MOST_RENAMES:
            step = None  # two names of one parameter, each refused for the other
        if step is not None and not self._adapts and not (step.dialect.without - spoken.without) & OURS:
            return False  # a named profile is for those who know
        if step is None and STREAM not in sent:  # else it may be that: see Terms.change
            step = self._guess(refusal)
        if step is None:
            return False
        logger.warning("the model server refused a request: it is asked %s from now on", step.done)
        self._take(step)
        return True

    def show_schema(self, spoken: Dialect) -> bool:
        """An answer does not fit the schema that was sent: the server does not hold to it, so the model is shown it.

        Whether it was not shown it before.
        """
        step = showing_schema(spoken)
        if step is None or not self._adapts:
            return False
        if spoken == self.dialect:
            logger.warning("the model server does not hold to the schema: it is asked %s from now on", step.done)
            self._take(step)
        return True

    def recognize(self, fingerprint: str) -> None:
        """Ollama says who it is. It ignores the newer name of the limit in silence."""
        if fingerprint == OLLAMA and self._adapts and self.dialect.limit == "max_completion_tokens":
            self._take(other_limit(self.dialect))

    def ignore_limit(self, spoken: Dialect) -> bool:
        """An answer was cut off far before the limit that was sent. Whether the server may know it by another name."""
        if spoken != self.dialect:
            return True
        if not self._adapts or spoken.limit != "max_completion_tokens":
            return False
        step = other_limit(spoken)
        logger.warning("the model server does not heed the limit: it is asked %s from now on", step.done)
        self._take(step)
        return True

    def ask_whole(self, why: str) -> None:
        """Have answers sent in one piece from now on."""
        step = without_stream(self.dialect)
        if step is not None:
            logger.warning("the model server is asked %s from now on: %s", step.done, why)
            self._take(step)

    def _guess(self, refusal: Refusal) -> Step | None:
        """Where the server does not say what it refused: try one thing after the other.

        That is done before there was any answer, once; and again after some refusals in a row.
        """
        if not self._adapts or not (refusal.status in _DOUBTFUL or (refusal.status == 404 and _parameter(refusal))):
            return None
        if self._before_guesses is None:
            self._unexplained += 1
            if (self.answered or self._guessed) and self._unexplained < UNEXPLAINED:
                return None
            self._before_guesses = self.dialect, list(self.steps)
        step = guess(self.dialect)
        if step is None:
            # None of it helped, so none of it was the reason.
            (self.dialect, self.steps), self._before_guesses = self._before_guesses, None
            self._guessed, self._unexplained = True, 0
        return step

    def _take(self, step: Step) -> None:
        self.dialect = step.dialect
        self.steps.append(step)


def _parameter(refusal: Refusal) -> bool:
    return "parameter" in refusal.message
