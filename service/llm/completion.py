"""A chat completion, parsed leniently: servers differ in the form of what they send."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from schemas.result import Usage
from service.errors import AnswerRefusedError, ModelUnavailableError
from service.llm.bodies import arguments_of, parsed, text_of
from service.llm.error_response import ErrorResponse

CONTEXT_FULL_REASONS = frozenset({"model_length", "model_context_window_exceeded"})
"""Finish reasons of answers that were cut off because prompt and answer fill the context."""
CUT_REASONS = frozenset({"length", "max_tokens", "max_output_tokens"}) | CONTEXT_FULL_REASONS
"""Finish reasons of answers that were cut off at a limit. Compared in lower case, like all of them."""
FILTERED_REASONS = frozenset(
    {
        *("content_filter", "content_filtered", "safety", "prohibited_content", "blocklist", "recitation", "spii"),
        *("sensitive", "guardrail_intervened", "refusal", "model_armor", "image_safety", "eos_filtered"),
    }
)
"""Finish reasons of answers that a content filter or the model refused."""
FAILED_REASONS = frozenset({"error", "insufficient_system_resource", "network_error", "abort", "aborted"})
"""Finish reasons of answers during which the server failed; another attempt may succeed."""


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _object(value: object) -> object:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> object:
    return value if isinstance(value, list) else []


Count = Annotated[int | None, BeforeValidator(_count)]
Text = Annotated[str, BeforeValidator(text_of)]


class PromptDetails(BaseModel):
    cached_tokens: Count = None


class CompletionDetails(BaseModel):
    reasoning_tokens: Count = None


class TokenCounts(BaseModel):
    prompt_tokens: Count = None
    completion_tokens: Count = None
    total_tokens: Count = None
    reasoning_tokens: Count = None
    prompt_tokens_details: Annotated[PromptDetails, BeforeValidator(_object)] = PromptDetails()
    completion_tokens_details: Annotated[CompletionDetails, BeforeValidator(_object)] = CompletionDetails()


class FunctionCall(BaseModel):
    arguments: Annotated[str, BeforeValidator(arguments_of)] = ""


class ToolCall(BaseModel):
    function: Annotated[FunctionCall, BeforeValidator(_object)] = FunctionCall()


class ChoiceMessage(BaseModel):
    content: Text = ""
    refusal: Text = ""
    reasoning_content: Text = ""
    reasoning: Text = ""
    tool_calls: Annotated[list[Annotated[ToolCall, BeforeValidator(_object)]], BeforeValidator(_list)] = Field(
        default_factory=list
    )

    @property
    def answer_text(self) -> str:
        """The text of the answer: the arguments of the tool call, or else the content."""
        called = next((call.function.arguments for call in self.tool_calls if call.function.arguments), "")
        # SGLang and others may put the answer, even one that is cut off, into the reasoning.
        filed = self.reasoning_text if self.reasoning_text.lstrip().startswith("{") else ""
        return called or (self.content if self.content.strip() else filed)

    @property
    def reasoning_text(self) -> str:
        """The reasoning, into which some servers put the answer too."""
        return self.reasoning_content or self.reasoning


class Choice(BaseModel):
    message: Annotated[ChoiceMessage, BeforeValidator(_object)] = ChoiceMessage()
    finish_reason: Text = ""
    error: Any = None

    @property
    def finish_code(self) -> str:
        """The finish reason in lower case."""
        return self.finish_reason.lower()

    @property
    def cut(self) -> bool:
        """Whether the answer was cut off at a limit."""
        return self.finish_code in CUT_REASONS


class Completion(BaseModel):
    """One response of the server."""

    choices: Annotated[list[Annotated[Choice, BeforeValidator(_object)]], BeforeValidator(_list)] = Field(
        default_factory=list
    )
    tokens: Annotated[TokenCounts, BeforeValidator(_object)] = Field(default=TokenCounts(), alias="usage")
    error: Any = None
    system_fingerprint: Text = ""
    blocked: bool = False
    """Whether the prompt was blocked, as Gemini reports in `promptFeedback`."""

    @classmethod
    def read(cls, body: bytes) -> "Completion":
        """Parse a response body: JSON, or server-sent events that were not asked for.

        Raises:
            ModelUnavailableError: it is neither, for example a proxy's error page.
        """
        return cls.of(parsed(body))

    @classmethod
    def of(cls, document: Mapping[str, Any] | None) -> "Completion":
        """Parse the JSON of a completion; see `read`."""
        try:
            if document is not None:
                return cls.model_validate({**document, "blocked": _is_blocked(document)})
        except RecursionError:
            pass  # no completion is nested as deeply
        raise ModelUnavailableError("the model server's answer is not the JSON of a chat completion")

    @classmethod
    def of_text(cls, text: str) -> "Completion":
        """A completion of which only the text is known."""
        return cls.model_validate({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})

    @property
    def usage(self) -> Usage:
        """The usage that the server reports; zeros where it reports none."""
        tokens = self.tokens
        prompt, written = tokens.prompt_tokens or 0, tokens.completion_tokens or 0
        thought = tokens.completion_tokens_details.reasoning_tokens
        thought = tokens.reasoning_tokens if thought is None else thought  # SGLang
        # Gemini counts reasoning in the total, but not in the completion tokens. It is billed like these.
        apart = max(0, (tokens.total_tokens or 0) - prompt - written) if prompt and thought is None else 0
        return Usage(
            prompt_tokens=prompt,
            cached_tokens=tokens.prompt_tokens_details.cached_tokens or 0,
            completion_tokens=written + apart,
            reasoning_tokens=min(thought or apart, written + apart),
        )

    def embedded_error(self) -> ErrorResponse | None:
        """The error in a response with status 200, if there is one."""
        errors = [self.error, *(choice.error for choice in self.choices[:1])]
        document = next((error for error in errors if error), None)
        return None if document is None else ErrorResponse.from_embedded(document)

    def first_choice(self) -> Choice:
        """The first choice, which is the answer.

        Raises:
            UnansweredError: there is no choice.
            AnswerRefusedError: the model or a content filter refused.
            ModelUnavailableError: the server failed while the answer was written.
        """
        if not self.choices:
            if self.blocked:
                raise AnswerRefusedError("the model server blocked the prompt")
            raise UnansweredError("the model server answered without any choice, as some do when they block a prompt")
        choice = self.choices[0]
        if choice.message.refusal:
            raise AnswerRefusedError("the model refused to answer")
        if choice.finish_code in FILTERED_REASONS:
            raise AnswerRefusedError(f"the model server's content filter held the answer back ({choice.finish_code})")
        if choice.finish_code in FAILED_REASONS:
            raise ModelUnavailableError(f"the model server broke its answer off ({choice.finish_code})")
        return choice


class UnansweredError(AnswerRefusedError):
    """There is no choice and no reason. Mostly the prompt was blocked; sometimes another attempt is answered."""


def _is_blocked(document: Mapping[str, Any]) -> bool:
    feedback = document.get("promptFeedback") or document.get("prompt_feedback")
    return isinstance(feedback, dict) and bool(feedback.get("blockReason") or feedback.get("block_reason"))
