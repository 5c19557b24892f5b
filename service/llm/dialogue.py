"""One question, from the first call to an answer that can be used.

instructor leads the conversation: it builds the request for the form of the answer, calls `send`, parses and validates
what comes back with the dialogue as the context, adds what the validation complains of to the messages and lets the
retry policy call `send` again. `send` does what instructor leaves to its caller or does not do: see
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
from service.extraction.text.windows import tokens
from service.llm.bodies import Hear
from service.llm.chat import Chat
from service.llm.complaints import for_caller, for_model
from service.llm.completion import CONTEXT_FULL, Choice, Completion, UnansweredError
from service.llm.dialect import Dialect, Form
from service.llm.faults import LimitTooHighError, PromptTooLongError, RequestRefusedError, ThoughtTooLongError
from service.llm.items import Items
from service.llm.learned import Learned
from service.llm.patience import Patience
from service.llm.request import MODES, form_of, request_of, sent_body
from service.llm.terms import Terms
from service.llm.written import answer_in, readable, starts_in, whole_in

LEAST_THOUGHT = 200
"""Tokens that the text of an answer cannot account for and that are no mistake of our estimate."""
MOST_FORMS = 16
"""Requests of another form for one question. Each step of the dialect is one, and there are fewer."""
RETRY = Usage(retries=1)
REASK = Usage(reasks=1)
# What a call cost is counted by the meter. Without usage instructor looks for another provider's, on the disk.
_NO_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


class _AnotherFormError(Exception):
    """The question is to be asked in another form, or with more room. `repeats` says what that call counts as."""

    def __init__(self, repeats: Usage = RETRY) -> None:
        super().__init__()
        self.repeats = repeats


@dataclass(frozen=True, slots=True)
class Voice:
    """How this process speaks to its server: the same for all questions.

    Args:
        model: its name on the server.
        extra: members that go into every request.
        effort: how much the model is to think, if that is set.
        cuts_in_silence: whether the server may read less of a prompt than was sent.
    """

    model: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    effort: str | None = None
    cuts_in_silence: bool = False


class Dialogue(Generic[Answer]):
    """Holds what has been answered so far. Made for one question, used once.

    Args:
        reasks: how often an answer that cannot be used may be asked for again.
    """

    def __init__(
        self,
        question: Question[Answer],
        *,
        voice: Voice,
        learned: Learned,
        chat: Chat,
        patience: Patience,
        reasks: int,
        usage: UsageMeter,
    ) -> None:
        self.answer: Answer | None = None
        """The latest answer that fits the schema."""
        self._question = question
        self._voice = voice
        self._learned = learned
        self._chat = chat
        self._patience = patience
        self._reasks_left = reasks
        self._usage = usage
        self._repeats = Usage()
        self._unfit: str | None = None
        """What is wrong with the answer at hand, for callers."""
        self._fitted = False
        """Whether the answer at hand fits the schema."""
        self._terms = Terms(question, learned)
        self._shows_schema = False
        """Whether the question is to be asked anew, with the schema in the prompt."""
        self._unanswered = 0

    def __bool__(self) -> bool:
        return False  # see Listener

    async def hold(self) -> None:
        """Ask until `answer` is there, or raise what came in between.

        Raises:
            ModelCallError, AnswerError: `answer` may hold an earlier answer all the same.
        """
        async with self._learned.finding_out(self._patience.deadline.remaining()):
            for _ in range(MOST_FORMS):
                try:
                    return await self._converse()
                except _AnotherFormError as another:
                    self._repeats = another.repeats
                    cause = another.__cause__
        if isinstance(cause, ValidationError):
            raise self._malformed(cause)
        raise cause or AssertionError("the forms of a question come to an end")

    async def _converse(self) -> None:
        self._terms.renew()
        dialect = self._terms.dialect
        request = request_of(
            self._question,
            model=self._voice.model,
            dialect=dialect,
            room=self._terms.room,
            effort=self._voice.effort,
        )
        hooks = Hooks()
        hooks.on(HookName.PARSE_ERROR, self._complained)
        ask: Any = instructor.patch(create=self.send, mode=MODES[dialect.form])  # typed as if it were not async
        try:
            await ask(
                response_model=form_of(self._question, dialect),
                context=self,
                max_retries=self._patience.policy(self._worth_repeating),
                strict=False,  # as pydantic reads JSON by itself: "3" is a number
                hooks=hooks,
                **request,
            )
        except InstructorRetryException as wrapper:
            error = wrapper.__cause__ or wrapper
        else:
            return
        if self._shows_schema:
            self._shows_schema = False
            raise _AnotherFormError(REASK) from error
        raise self._malformed(error) if isinstance(error, ValidationError) else error

    async def send(self, **request: Any) -> ChatCompletion:
        """Make one call for instructor."""
        hear = self._heard() if self._terms.streamed else None
        body = sent_body(request, self._terms.dialect, self._voice.extra, streamed=hear is not None)
        self._unfit, self._fitted = None, False
        try:
            completion = await self._chat.complete(body, usage=self._usage, repeats=self._repeats, hear=hear)
        except BreakerOpenError:
            raise  # no call was made
        except ModelUnavailableError:
            self._repeats = RETRY
            self._patience.failures += 1
            raise
        except UnansweredError:
            self._repeats = RETRY
            self._unanswered += 1
            raise
        except (RequestRefusedError, LimitTooHighError, PromptTooLongError, ThoughtTooLongError) as refused:
            if self._may_change() and self._terms.change(refused, body):
                raise _AnotherFormError from refused
            raise self._terms.verdict(refused) from None
        self._patience.failures = 0
        self._terms.accepted(completion, streamed=hear is not None)
        texts = [message["content"] or "" for message in body["messages"]]
        self._terms.check_length(texts, completion, cuts_in_silence=self._voice.cuts_in_silence)
        return _as_instructor_reads(self._text(completion), self._terms.dialect, request)

    def fits(self, answer: BaseModel) -> str | None:
        """Take an answer that fits; the complaint about it, unless it is the last one, which stands without."""
        assert isinstance(answer, self._question.answer)  # noqa: S101 -- see `asked`
        self.answer, self._fitted = answer, True
        complaint = self._question.review(answer)
        return complaint if self._reasks_left > 0 else None

    def unfit(self, broken: ValidationError) -> str:
        """What the model is told about an answer that does not fit."""
        self._unfit = for_caller(broken, self._question.answer.model_json_schema())
        return for_model(broken)

    def _complained(self, *_: Any, **_attempt: Any) -> None:
        """Note that instructor found that an answer cannot be used."""
        self._reasks_left -= 1
        self._repeats = REASK
        if not self._fitted and self._may_change():
            # The re-ask would not hold the schema either, so it begins anew.
            self._shows_schema = self._terms.show_schema() and self._reasks_left >= 0

    def _worth_repeating(self, error: BaseException) -> bool:
        if isinstance(error, UnansweredError):
            return self._unanswered == 1
        if isinstance(error, ValidationError):
            return self._reasks_left >= 0 and not self._shows_schema
        return isinstance(error, ModelUnavailableError)

    def _malformed(self, error: ValidationError) -> AnswerMalformedError:
        told = self._unfit or for_caller(error, self._question.answer.model_json_schema())
        return AnswerMalformedError(f"the answer breaks the schema: {told}")

    def _may_change(self) -> bool:
        """Whether the question can be asked anew: what an answer before it is asked again for would be lost."""
        return self.answer is None

    def _heard(self) -> Hear:
        """What hears one answer: it tells of each item that is whole and fits."""
        items, answer, hear = Items(), self._question.answer, self._question.hear

        def heard(piece: str) -> None:
            self._learned.accepted()
            for item in items.feed(piece):
                try:
                    part = answer.model_validate_json(readable(f'{{"{item.of}": [{item.text}]}}'))
                except ValidationError:
                    continue  # what is wrong with it is said when the answer is whole
                if hear is not None:
                    hear(part)

        return heard

    def _text(self, completion: Completion) -> str:
        """The JSON of the answer; may be empty.

        Raises:
            AnswerTruncatedError: it was cut off; `whole` has the records that are complete.
        """
        choice = completion.chosen()
        if choice.cut:
            return self._cut(choice, completion)
        self._terms.thought(_thought(choice.message.written, completion.usage))
        text = answer_in(choice.message.written, self._reads)
        if not text and choice.message.thought:
            filed = answer_in(choice.message.thought, self._reads)
            return filed if self._reads(filed) else ""
        return text

    def _cut(self, choice: Choice, completion: Completion) -> str:
        written, used = choice.message.written, completion.usage
        whole = whole_in(written, self._reads)
        text = answer_in(written, self._reads)
        if whole is None and written.rstrip().endswith(("}", "```")) and self._reads(text):
            return text  # the limit was reached with the last bracket
        if not written.strip() and choice.ended in CONTEXT_FULL:
            raise PromptTooLongError("the prompt leaves no room for an answer in the model's context")
        # Not every server counts thinking apart: what the text cannot account for was thought.
        if not starts_in(written) or 2 * _thought(written, used) > used.completion_tokens:
            if self._may_change() and self._terms.give_more_room():
                raise _AnotherFormError
            raise self._terms.starved()
        if self._may_change() and self._terms.cut_short(used.completion_tokens):
            raise _AnotherFormError
        found = None if whole is None else self._question.answer.model_validate_json(whole)
        raise AnswerTruncatedError("the answer was cut off at the token limit", whole=found)

    def _reads(self, text: str) -> bool:
        """Whether some JSON is an answer to the question."""
        try:
            self._question.answer.model_validate_json(text)
        except ValidationError:
            return False
        return True


def _thought(written: str, used: Usage) -> int:
    """Tokens of thinking. Not every server counts them apart: what the text cannot account for was thought."""
    unseen = used.completion_tokens - tokens(written)
    return max(used.reasoning_tokens, unseen if unseen >= LEAST_THOUGHT else 0)


def _as_instructor_reads(text: str, dialect: Dialect, request: Mapping[str, Any]) -> ChatCompletion:
    """A completion that is whole and plain, whatever the server sent."""
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if dialect.form is Form.TOOL:
        function = {"name": request["tools"][0]["function"]["name"], "arguments": text}
        message |= {"content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": function}]}
    choice = {"index": 0, "finish_reason": "stop", "message": message, "logprobs": None}
    return ChatCompletion.model_validate(
        {"id": "", "object": "chat.completion", "created": 0, "model": "", "choices": [choice], "usage": _NO_USAGE}
    )
