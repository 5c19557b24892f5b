"""The settings of the requests for one question: the request format and the token limit of the answer.

They start from `ServerCapabilities` and change with the responses to this question. What is true of the server, and not
of this question alone, is recorded in the capabilities.
"""

from collections.abc import Mapping
from typing import Any

from service.errors import AnswerTruncatedError, DragomanError, ModelCredentialsError
from service.extraction.model import Question
from service.extraction.text.windows import estimate_tokens
from service.llm.completion import Completion
from service.llm.request_format import STREAM
from service.llm.server_capabilities import MIN_ANSWER_TOKENS, MIN_CONTEXT, OLLAMA_FINGERPRINT, ServerCapabilities
from service.llm.server_errors import LimitTooHighError, PromptTooLongError, RequestRefusedError, ThoughtTooLongError

MAX_HALVINGS = 3
"""How often the token limit is halved if a server says that it is too high and not how high it may be."""
# Text in every script that was measured has fewer characters per token. So if the server reports fewer prompt tokens
# than this implies, it has not read the whole prompt.
MAX_CHARACTERS_PER_TOKEN = 6

SettingsError = RequestRefusedError | LimitTooHighError | PromptTooLongError | ThoughtTooLongError


class RequestSettings:
    """The settings for one question. `refresh` is called before each request that is not a mere retry."""

    def __init__(self, question: Question[Any], capabilities: ServerCapabilities) -> None:
        self._capabilities = capabilities
        self._question = question
        self._prompt_tokens = sum(estimate_tokens(message.content) for message in question.messages)
        self._reported_limit: int | None = None
        """The limit for this answer that the server has reported."""
        self._is_model_limit = False
        self._halvings = 0
        self._raised_token_limit = False
        self._unstreamed = question.on_partial is None
        """Whether the answer is asked for without streaming."""
        self.refresh()

    def refresh(self) -> None:
        """Take over what is known of the server by now."""
        self.request_format = self._capabilities.request_format
        self.token_limit = self._current_token_limit()

    @property
    def streamed(self) -> bool:
        """Whether the answer is streamed."""
        return not self._unstreamed and STREAM not in self.request_format.omitted

    def record_answer(self, completion: Completion, *, streamed: bool = False) -> None:
        """Record that the server has answered a request with these settings."""
        self._capabilities.record_answer(completion.usage)
        if streamed and completion.tokens.completion_tokens is None:
            self._capabilities.stop_streaming("it does not say what streamed answers cost")
        elif self._unstreamed and self._question.on_partial is not None:
            self._capabilities.stop_streaming("it refused to stream an answer")
        if self._reported_limit is not None and self._is_model_limit:
            self._capabilities.record_token_limit(self._reported_limit)
        self._capabilities.recognize_server(completion.system_fingerprint)

    def adapt_to(self, error: SettingsError, body: Mapping[str, Any]) -> bool:
        """Change the settings after a refusal. Returns whether the next request differs from the refused one."""
        if isinstance(error, RequestRefusedError):
            if self._capabilities.adapt_to(self.request_format, error.error_response, body):
                return True
            # The unexplained reason may be that the server does not stream, at all or in this output mode.
            self._unstreamed, was_unstreamed = True, self._unstreamed
            return not was_unstreamed and STREAM in body
        if isinstance(error, ThoughtTooLongError):
            return self.raise_token_limit()
        if isinstance(error, LimitTooHighError):
            self._halvings += 1
            reported_limit = error.reported_limit or self.token_limit // 2
            if reported_limit >= MIN_ANSWER_TOKENS and self._halvings <= MAX_HALVINGS:
                self._reported_limit, self._is_model_limit = reported_limit, error.is_model_limit
        elif error.context_tokens is not None:
            # Prompt and token limit together may not fit the context: then a lower limit helps, and less text does not.
            self._capabilities.record_context(error.context_tokens)
        return self._current_token_limit() < self.token_limit

    def final_error(self, error: SettingsError) -> DragomanError:
        """The error to raise for a refusal after which nothing is left to change."""
        if isinstance(error, ThoughtTooLongError):
            return self.no_room_error()
        if isinstance(error, LimitTooHighError) and not error.is_model_limit:
            return ModelCredentialsError("our account at the model server affords no answer")
        if isinstance(error, LimitTooHighError) and self.token_limit <= (error.reported_limit or 0):
            # The limit is within the one that the server reports: the prompt takes up the context.
            return PromptTooLongError("prompt and answer do not fit the model's context together")
        return error

    def raise_token_limit(self) -> bool:
        """Raise the token limit, because reasoning used it up. Returns whether that was possible; it is done once."""
        self._capabilities.record_thinking()
        if self._raised_token_limit or self._current_token_limit() <= self.token_limit:
            return False
        self._raised_token_limit = True
        return True

    def record_thinking(self, thinking_tokens: int) -> None:
        """Record the reasoning tokens of an answer. If they took most of the limit, later answers get a higher one."""
        if 2 * thinking_tokens > self.token_limit:
            self._capabilities.record_thinking()

    def require_schema_in_prompt(self) -> bool:
        """Put the schema into the prompt, because an answer did not fit it. Returns whether that is a change."""
        return self._capabilities.require_schema_in_prompt(self.request_format)

    def adapt_to_cut(self, written_tokens: int) -> bool:
        """Change the settings after an answer was cut off early. Returns whether there was anything to change."""
        # Far before our limit: the server ignores that and has one of its own.
        return 0 < written_tokens < self.token_limit // 2 and self._capabilities.rename_limit(self.request_format)

    def no_room_error(self) -> AnswerTruncatedError:
        """The error for a response that has reasoning and no answer."""
        return AnswerTruncatedError(
            f"the model used up all {self.token_limit:,} tokens of its room before it had written an answer; it gets "
            "more with DRAGOMAN_ANSWER_TOKENS, and thinks less with a lower DRAGOMAN_REASONING_EFFORT",
            starved=True,
        )

    def check_prompt_was_read(self, texts: list[str], completion: Completion, *, truncates_silently: bool) -> None:
        """Pass if the server has read the whole prompt.

        Raises:
            PromptTooLongError: the server truncates prompts silently, and has read less than was sent.
        """
        read = completion.tokens.prompt_tokens
        if read is None or not (truncates_silently or completion.system_fingerprint == OLLAMA_FINGERPRINT):
            return
        sent, expected = sum(map(len, texts)), sum(map(estimate_tokens, texts))
        # Context sizes are multiples of it. Ollama truncates prompts so that they fill the context exactly.
        full = MIN_CONTEXT <= read < expected and read % MIN_CONTEXT == 0
        if full or read * MAX_CHARACTERS_PER_TOKEN < sent:
            raise PromptTooLongError(f"the model server read {read} tokens of {sent} characters: it cut the prompt")

    def _current_token_limit(self) -> int:
        token_limit = self._capabilities.token_limit(self._question, self._prompt_tokens)
        return token_limit if self._reported_limit is None else min(token_limit, self._reported_limit)
