"""Asks the model one question, from the first call to an answer that can be used.

instructor runs the loop: it builds the request for the output mode, calls `send`, parses and validates the answer with
the conversation as validation context, appends the validation errors to the messages and lets the retry policy call
`send` again (a re-ask). `send` does what instructor leaves to its caller or cannot do: see
docs/adr/0017-instructor-leads.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic

import instructor
from instructor.core.exceptions import InstructorRetryException
from instructor.core.hooks import HookName, Hooks
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ValidationError

from schemas.result import Usage
from service.errors import (
    AnswerMalformedError,
    AnswerTruncatedError,
    BreakerOpenError,
    ModelUnavailableError,
)
from service.extraction.model import Answer, Question, UsageMeter
from service.extraction.text.windows import estimate_tokens
from service.llm.bodies import OnText
from service.llm.chat import Chat
from service.llm.completion import CONTEXT_FULL_REASONS, Choice, Completion, UnansweredError
from service.llm.items import ItemScanner
from service.llm.json_extraction import complete_truncated, extract_answer, has_object, normalize
from service.llm.request import MODES, build_body, build_request, response_model_for
from service.llm.request_format import OutputMode, RequestFormat
from service.llm.request_settings import RequestSettings
from service.llm.retry_policy import RetryPolicy
from service.llm.server_capabilities import ServerCapabilities
from service.llm.server_errors import LimitTooHighError, PromptTooLongError, RequestRefusedError, ThoughtTooLongError
from service.llm.validation_messages import for_caller, for_model

MIN_UNSEEN_TOKENS = 200
"""If this many completion tokens are not accounted for by the text of an answer, the model was reasoning."""
MAX_ROUNDS = 16
"""Most times that a question is asked anew with other settings. There are fewer changes to make than this."""
RETRY = Usage(retries=1)
REASK = Usage(reasks=1)
# The `UsageMeter` counts the usage. Without any in the response, instructor would import other providers' SDKs.
_NO_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


class _AskDifferentlyError(Exception):
    """The question is to be asked with other settings. `repeats` says what the next call counts as."""

    def __init__(self, repeats: Usage = RETRY) -> None:
        super().__init__()
        self.repeats = repeats


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """The parts of a request that are the same for all questions of this process.

    Args:
        model: name of the model on the server.
        extra: members that go into every request.
        effort: the reasoning effort, if it is set.
        truncates_silently: whether the server may truncate a prompt without an error.
    """

    model: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    effort: str | None = None
    truncates_silently: bool = False


class Conversation(Generic[Answer]):
    """The exchange with the model about one question. Used once.

    Args:
        reasks: how often an answer that cannot be used may be asked for again.
    """

    def __init__(
        self,
        question: Question[Answer],
        *,
        options: ModelOptions,
        capabilities: ServerCapabilities,
        chat: Chat,
        retry_policy: RetryPolicy,
        reasks: int,
        usage: UsageMeter,
    ) -> None:
        self.answer: Answer | None = None
        """The latest answer that fits the schema."""
        self._question = question
        self._options = options
        self._capabilities = capabilities
        self._chat = chat
        self._retry_policy = retry_policy
        self._reasks_left = reasks
        self._usage = usage
        self._repeats = Usage()
        self._validation_summary: str | None = None
        """What is wrong with the current answer, in words for callers."""
        self._is_valid = False
        """Whether the current answer fits the schema."""
        self._settings = RequestSettings(question, capabilities)
        self._shows_schema_next = False
        """Whether the question is to be asked again from the start, with the schema in the prompt."""
        self._unanswered = 0

    def __bool__(self) -> bool:
        return False  # see AnswerListener

    async def run(self) -> None:
        """Ask until there is an `answer`, or raise the error that ended the conversation.

        Raises:
            ModelCallError, AnswerError: `answer` may hold an answer from before a failed re-ask all the same.
        """
        async with self._capabilities.probing(self._retry_policy.deadline.remaining()):
            for _ in range(MAX_ROUNDS):
                try:
                    return await self._ask()
                except _AskDifferentlyError as different:
                    self._repeats = different.repeats
                    cause = different.__cause__
        if isinstance(cause, ValidationError):
            raise self._malformed_error(cause)
        raise cause or AssertionError("there are fewer settings to change than rounds")

    async def _ask(self) -> None:
        self._settings.refresh()
        request_format = self._settings.request_format
        request = build_request(
            self._question,
            model=self._options.model,
            request_format=request_format,
            token_limit=self._settings.token_limit,
            effort=self._options.effort,
        )
        hooks = Hooks()
        hooks.on(HookName.PARSE_ERROR, self._on_parse_error)
        ask: Any = instructor.patch(create=self.send, mode=MODES[request_format.mode])  # typed as if it were not async
        try:
            await ask(
                response_model=response_model_for(self._question, request_format),
                context=self,
                max_retries=self._retry_policy.retrying(self._is_retryable),
                strict=False,  # as pydantic reads JSON by itself: "3" is a number
                hooks=hooks,
                **request,
            )
        except InstructorRetryException as wrapper:
            error = wrapper.__cause__ or wrapper
        else:
            return
        if self._shows_schema_next:
            self._shows_schema_next = False
            raise _AskDifferentlyError(REASK) from error
        raise self._malformed_error(error) if isinstance(error, ValidationError) else error

    async def send(self, **request: Any) -> ChatCompletion:
        """Make one call to the model server. instructor calls this."""
        on_text = self._item_reporter() if self._settings.streamed else None
        body = build_body(request, self._settings.request_format, self._options.extra, streamed=on_text is not None)
        self._validation_summary, self._is_valid = None, False
        try:
            completion = await self._chat.complete(body, usage=self._usage, repeats=self._repeats, on_text=on_text)
        except BreakerOpenError:
            raise  # no call was made
        except ModelUnavailableError:
            self._repeats = RETRY
            self._retry_policy.failures += 1
            raise
        except UnansweredError:
            self._repeats = RETRY
            self._unanswered += 1
            raise
        except (RequestRefusedError, LimitTooHighError, PromptTooLongError, ThoughtTooLongError) as refused:
            if self._can_ask_differently() and self._settings.adapt_to(refused, body):
                raise _AskDifferentlyError from refused
            raise self._settings.final_error(refused) from None
        self._retry_policy.failures = 0
        self._settings.record_answer(completion, streamed=on_text is not None)
        texts = [message["content"] or "" for message in body["messages"]]
        self._settings.check_prompt_was_read(texts, completion, truncates_silently=self._options.truncates_silently)
        return _for_instructor(self._answer_text(completion), self._settings.request_format, request)

    def accept(self, answer: BaseModel) -> str | None:
        """Take an answer that fits the schema. Returns feedback for a re-ask, unless no re-ask is left."""
        assert isinstance(answer, self._question.answer)  # noqa: S101 -- see `response_model`
        self.answer, self._is_valid = answer, True
        feedback = self._question.review(answer)
        return feedback if self._reasks_left > 0 else None

    def reject(self, broken: ValidationError) -> str:
        """Take note of an answer that does not fit the schema. Returns the feedback for the model."""
        self._validation_summary = for_caller(broken, self._question.answer.model_json_schema())
        return for_model(broken)

    def _on_parse_error(self, *_: Any, **_attempt: Any) -> None:
        """Called by instructor when an answer cannot be used and a re-ask would follow."""
        self._reasks_left -= 1
        self._repeats = REASK
        if not self._is_valid and self._can_ask_differently():
            # The schema is not in the re-ask's messages either, so the conversation starts again with it.
            self._shows_schema_next = self._settings.require_schema_in_prompt() and self._reasks_left >= 0

    def _is_retryable(self, error: BaseException) -> bool:
        if isinstance(error, UnansweredError):
            return self._unanswered == 1
        if isinstance(error, ValidationError):
            return self._reasks_left >= 0 and not self._shows_schema_next
        return isinstance(error, ModelUnavailableError)

    def _malformed_error(self, error: ValidationError) -> AnswerMalformedError:
        told = self._validation_summary or for_caller(error, self._question.answer.model_json_schema())
        return AnswerMalformedError(f"the answer breaks the schema: {told}")

    def _can_ask_differently(self) -> bool:
        """Whether the conversation may start again: not once there is an answer, which would be lost."""
        return self.answer is None

    def _item_reporter(self) -> OnText:
        """A listener for the text of one answer, which reports each list item that is complete and valid."""
        items, answer, on_partial = ItemScanner(), self._question.answer, self._question.on_partial

        def report(piece: str) -> None:
            self._capabilities.record_accepted()
            for item in items.feed(piece):
                try:
                    part = answer.model_validate_json(normalize(f'{{"{item.list_name}": [{item.text}]}}'))
                except ValidationError:
                    continue  # the complete answer will be validated too
                if on_partial is not None:
                    on_partial(part)

        return report

    def _answer_text(self, completion: Completion) -> str:
        """The JSON of the answer; empty if there is none.

        Raises:
            AnswerTruncatedError: the answer was cut off; `whole` has its complete records.
        """
        choice = completion.first_choice()
        if choice.cut:
            return self._recover_cut_answer(choice, completion)
        self._settings.record_thinking(_thinking_tokens(choice.message.answer_text, completion.usage))
        text = extract_answer(choice.message.answer_text, self._is_answer)
        if not text and choice.message.reasoning_text:
            filed = extract_answer(choice.message.reasoning_text, self._is_answer)
            return filed if self._is_answer(filed) else ""
        return text

    def _recover_cut_answer(self, choice: Choice, completion: Completion) -> str:
        answer_text, used = choice.message.answer_text, completion.usage
        whole = complete_truncated(answer_text, self._is_answer)
        text = extract_answer(answer_text, self._is_answer)
        if whole is None and answer_text.rstrip().endswith(("}", "```")) and self._is_answer(text):
            return text  # the limit was reached just with the last bracket
        if not answer_text.strip() and choice.finish_code in CONTEXT_FULL_REASONS:
            raise PromptTooLongError("the prompt leaves no room for an answer in the model's context")
        # Not every server reports reasoning tokens: those that the text does not account for were reasoning.
        if not has_object(answer_text) or 2 * _thinking_tokens(answer_text, used) > used.completion_tokens:
            if self._can_ask_differently() and self._settings.raise_token_limit():
                raise _AskDifferentlyError
            raise self._settings.no_room_error()
        if self._can_ask_differently() and self._settings.adapt_to_cut(used.completion_tokens):
            raise _AskDifferentlyError
        found = None if whole is None else self._question.answer.model_validate_json(whole)
        raise AnswerTruncatedError("the answer was cut off at the token limit", whole=found)

    def _is_answer(self, text: str) -> bool:
        """Whether some JSON is an answer to the question."""
        try:
            self._question.answer.model_validate_json(text)
        except ValidationError:
            return False
        return True


def _thinking_tokens(answer_text: str, used: Usage) -> int:
    """Reasoning tokens: as reported, or else those that the text of the answer does not account for."""
    unseen = used.completion_tokens - estimate_tokens(answer_text)
    return max(used.reasoning_tokens, unseen if unseen >= MIN_UNSEEN_TOKENS else 0)


def _for_instructor(text: str, request_format: RequestFormat, request: Mapping[str, Any]) -> ChatCompletion:
    """A complete and plain completion with this text, in the form that instructor parses."""
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if request_format.mode is OutputMode.TOOL:
        function = {"name": request["tools"][0]["function"]["name"], "arguments": text}
        message |= {"content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": function}]}
    choice = {"index": 0, "finish_reason": "stop", "message": message, "logprobs": None}
    return ChatCompletion.model_validate(
        {"id": "", "object": "chat.completion", "created": 0, "model": "", "choices": [choice], "usage": _NO_USAGE}
    )
