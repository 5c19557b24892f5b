"""The terms on which one question is asked: in which dialect, and with how much room for its answer.

They begin as what the process has learnt and change with what the server makes of this question; what is true of the
server and not of the question alone goes back into what is learnt.
"""

from collections.abc import Mapping
from typing import Any

from service.errors import AnswerTruncatedError, DragomanError, ModelCredentialsError
from service.extraction.model import Question
from service.extraction.text.windows import tokens
from service.llm.completion import Completion
from service.llm.dialect import STREAM
from service.llm.faults import LimitTooHighError, PromptTooLongError, RequestRefusedError, ThoughtTooLongError
from service.llm.learned import LEAST_CONTEXT, LEAST_ROOM, OLLAMA, Learned

MOST_HALVINGS = 3
"""Of the room for an answer, where a server says that it is too much and not how much is not."""
# Prose and JSON in every script measured take fewer characters per token, so that fewer tokens than this allows
# mean that the server did not read everything.
MOST_CHARACTERS_PER_TOKEN = 6

Refused = RequestRefusedError | LimitTooHighError | PromptTooLongError | ThoughtTooLongError


class Terms:
    """Made for one question; `renew` before each request that is not a repetition."""

    def __init__(self, question: Question[Any], learned: Learned) -> None:
        self._learned = learned
        self._question = question
        self._prompt_tokens = sum(tokens(message.content) for message in question.messages)
        self._most: int | None = None
        """Most that this answer may have, as the server says."""
        self._most_lasts = False
        self._halvings = 0
        self._had_more_room = False
        self._whole = question.hear is None
        """Whether the answer is asked for whole, in one piece."""
        self.renew()

    def renew(self) -> None:
        """Go by what is known now."""
        self.dialect = self._learned.dialect
        self.room = self._room_now()

    @property
    def streamed(self) -> bool:
        """Whether the answer is asked for piece by piece."""
        return not self._whole and STREAM not in self.dialect.without

    def accepted(self, completion: Completion, *, streamed: bool = False) -> None:
        """Note that the server has answered on these terms."""
        self._learned.took(completion.usage)
        if streamed and completion.tokens.completion_tokens is None:
            self._learned.ask_whole("it does not say what streamed answers cost")
        elif self._whole and self._question.hear is not None:
            self._learned.ask_whole("it refused to stream an answer")
        if self._most is not None and self._most_lasts:
            self._learned.bound(self._most)
        self._learned.recognize(completion.system_fingerprint)

    def change(self, refused: Refused, body: Mapping[str, Any]) -> bool:
        """Learn from a refusal. Whether the request that follows from it is another one."""
        if isinstance(refused, RequestRefusedError):
            if self._learned.step_down(self.dialect, refused.refusal, body):
                return True
            # What the server does not say may be that it streams no answers of this form, or none at all.
            self._whole, before = True, self._whole
            return not before and STREAM in body
        if isinstance(refused, ThoughtTooLongError):
            return self.give_more_room()
        if isinstance(refused, LimitTooHighError):
            self._halvings += 1
            most = refused.most or self.room // 2
            if most >= LEAST_ROOM and self._halvings <= MOST_HALVINGS:
                self._most, self._most_lasts = most, refused.lasts
        elif refused.context_tokens is not None:
            # The limit may be what does not fit, not the prompt: then less room helps and less text does not.
            self._learned.learn_context(refused.context_tokens)
        return self._room_now() < self.room

    def verdict(self, refused: Refused) -> DragomanError:
        """What a refusal means where nothing is left to change."""
        if isinstance(refused, ThoughtTooLongError):
            return self.starved()
        if isinstance(refused, LimitTooHighError) and not refused.lasts:
            return ModelCredentialsError("our account at the model server affords no answer")
        if isinstance(refused, LimitTooHighError) and self.room <= (refused.most or 0):
            # The limit is not over the one that is told: it is the prompt that leaves it no place.
            return PromptTooLongError("prompt and answer do not fit the model's context together")
        return refused

    def give_more_room(self) -> bool:
        """The model thought until its room was used up. Whether it gets more, which it does once."""
        self._learned.think()
        if self._had_more_room or self._room_now() <= self.room:
            return False
        self._had_more_room = True
        return True

    def thought(self, thinking_tokens: int) -> None:
        """An answer took so many tokens of thinking, and had room for them: the next may not."""
        if 2 * thinking_tokens > self.room:
            self._learned.think()

    def show_schema(self) -> bool:
        """An answer did not fit. Whether the model may be shown the schema from now on, which it was not before."""
        return self._learned.show_schema(self.dialect)

    def cut_short(self, written_tokens: int) -> bool:
        """An answer was cut off after so many tokens. Whether the limit may be heeded by another name."""
        # Far before our limit: the server has one of its own and does not heed ours.
        return 0 < written_tokens < self.room // 2 and self._learned.ignore_limit(self.dialect)

    def starved(self) -> AnswerTruncatedError:
        """The error for an answer of which there was nothing but thinking."""
        return AnswerTruncatedError(
            f"the model used up all {self.room:,} tokens of its room before it had written an answer; it gets more "
            "with DRAGOMAN_ANSWER_TOKENS, and thinks less with a lower DRAGOMAN_REASONING_EFFORT",
            starved=True,
        )

    def check_length(self, texts: list[str], completion: Completion, *, cuts_in_silence: bool) -> None:
        """Pass if the server has read all that was sent.

        Raises:
            PromptTooLongError: it is one that cuts prompts in silence, and has read less.
        """
        read = completion.tokens.prompt_tokens
        if read is None or not (cuts_in_silence or completion.system_fingerprint == OLLAMA):
            return
        sent, expected = sum(map(len, texts)), sum(map(tokens, texts))
        # Contexts are multiples of it. A prompt that fills one to the token was cut to fit, as Ollama does.
        full = LEAST_CONTEXT <= read < expected and read % LEAST_CONTEXT == 0
        if full or read * MOST_CHARACTERS_PER_TOKEN < sent:
            raise PromptTooLongError(f"the model server read {read} tokens of {sent} characters: it cut the prompt")

    def _room_now(self) -> int:
        room = self._learned.room(self._question, self._prompt_tokens)
        return room if self._most is None else min(room, self._most)
