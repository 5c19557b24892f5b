"""One question, from the first call to an answer that can be used.

instructor leads the conversation: it calls `send`, gives the text to `Reply`, and when that complains it adds the
complaint to the messages and lets the retry policy call `send` again.
"""

from contextvars import ContextVar
from typing import Any, Generic

import instructor
from instructor import Mode, ResponseSchema
from instructor.core.exceptions import InstructorRetryException
from openai.types.chat import ChatCompletion, ChatCompletionMessage
from openai.types.chat.chat_completion import Choice
from pydantic import ValidationError

from schemas.result import Usage
from service.extraction.errors import (
    AnswerMalformedError,
    BreakerOpenError,
    ContextTooLongError,
    ModelUnavailableError,
)
from service.extraction.model import Answer, Question, UsageMeter
from service.llm.chat import Chat
from service.llm.complaints import for_caller, for_model
from service.llm.completion import Completion
from service.llm.patience import Complaint, Patience
from service.llm.profiles import Profile
from service.llm.request import request_of, schema_of

# Prose and JSON in every script measured take fewer characters per token, so that fewer tokens than this allows
# mean that the server did not read everything.
MOST_CHARACTERS_PER_TOKEN = 8

_in_progress: ContextVar["Dialogue[Any]"] = ContextVar("dialogue")


class Reply(ResponseSchema):
    """What instructor takes for the model's answer: it hands the text to the dialogue in progress.

    instructor's own `context` is no way to hand it over: with a context, instructor runs every message, and so the
    article, through a template engine.
    """

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **_options: Any) -> "Reply":
        _in_progress.get().read(str(json_data))
        return cls()

    @classmethod
    def model_json_schema(cls, *_: Any, **_options: Any) -> dict[str, Any]:
        """Nothing: what is sent is `request_of` the question."""
        return {}


class Dialogue(Generic[Answer]):
    """Holds what has been answered so far. Made for one question, used once.

    Args:
        reasks: how often an answer that cannot be used may be asked for again.
    """

    def __init__(
        self,
        question: Question[Answer],
        *,
        model: str,
        profile: Profile,
        chat: Chat,
        patience: Patience,
        reasks: int,
        usage: UsageMeter,
    ) -> None:
        self.answer: Answer | None = None
        """The latest answer that fits the schema."""
        self._question = question
        self._request = request_of(question, model=model, profile=profile)
        self._profile = profile
        self._chat = chat
        self._patience = patience
        self._reasks_left = reasks
        self._usage = usage
        self._repeats = Usage()

    async def hold(self) -> None:
        """Ask until `answer` is there, or raise what came in between.

        Raises:
            ModelCallError, AnswerError: `answer` may hold an earlier answer all the same.
        """
        ask: Any = instructor.patch(create=self.send, mode=Mode.JSON_SCHEMA)  # typed as if nothing here were async
        token = _in_progress.set(self)
        try:
            await ask(response_model=Reply, messages=self._request["messages"], max_retries=self._patience.policy())
        except InstructorRetryException as wrapper:
            error = wrapper.__cause__ or wrapper
        else:
            return
        finally:
            _in_progress.reset(token)
        raise error

    async def send(self, *, messages: list[dict[str, Any]], **_: Any) -> ChatCompletion:
        """Make one call with the messages so far. The rest of the request is ours, not instructor's."""
        try:
            completion = await self._chat.complete(
                {**self._request, "messages": messages}, usage=self._usage, repeats=self._repeats
            )
            text = completion.text(reads_reasoning=self._profile.reads_reasoning)
        except BreakerOpenError:
            raise  # no call was made
        except ModelUnavailableError:
            self._repeats = Usage(retries=1)
            self._patience.failures += 1
            raise
        self._patience.failures = 0
        self._check_length(messages, completion)
        return _as_instructor_reads(text)

    def read(self, text: str) -> None:
        """Take an answer, or raise the complaint about it; the last answer that fits stands without one."""
        unfit: AnswerMalformedError | None = None
        try:
            self.answer = answer = self._question.answer.model_validate_json(text)
            complaint = self._question.review(answer)
        except ValidationError as broken:
            complaint, told = _faults(broken, text, schema_of(self._question.answer))
            unfit = AnswerMalformedError(f"the answer breaks the schema: {told}")
        if complaint is not None and self._reasks_left > 0:
            self._reasks_left -= 1
            self._repeats = Usage(reasks=1)
            raise Complaint(complaint)
        if unfit is not None:
            raise unfit

    def _check_length(self, messages: list[dict[str, Any]], completion: Completion) -> None:
        read = completion.tokens.prompt_tokens
        if not self._profile.cuts_in_silence or read is None:
            return
        sent = sum(len(message["content"]) for message in messages)
        if read * MOST_CHARACTERS_PER_TOKEN < sent:
            raise ContextTooLongError(f"the model server read {read} tokens of {sent} characters: it cut the prompt")


def _faults(broken: ValidationError, text: str, schema: dict[str, Any]) -> tuple[str, str]:
    """What is wrong, for the model and for the caller."""
    if not text:
        return "The answer was empty.", "it is empty"
    return for_model(broken), for_caller(broken, schema)


def _as_instructor_reads(text: str) -> ChatCompletion:
    """A completion that is whole and plain, whatever the server sent."""
    message = ChatCompletionMessage(role="assistant", content=text)
    choice = Choice(index=0, finish_reason="stop", message=message, logprobs=None)
    return ChatCompletion(id="", object="chat.completion", created=0, model="", choices=[choice])
