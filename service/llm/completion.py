"""A chat completion as servers really send it: lenient about form, exact about meaning."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from schemas.result import Usage
from service.errors import AnswerRefusedError, ModelUnavailableError
from service.llm.bodies import arguments_of, parsed, text_of
from service.llm.refusals import Refusal

CONTEXT_FULL = frozenset({"model_length", "model_context_window_exceeded"})
"""Finish reasons that mean: cut off because prompt and answer fill the context."""
CUT = frozenset({"length", "max_tokens", "max_output_tokens"}) | CONTEXT_FULL
"""Finish reasons that mean: cut off at a limit. Compared in lower case, as all of them."""
HELD_BACK = frozenset(
    {
        *("content_filter", "content_filtered", "safety", "prohibited_content", "blocklist", "recitation", "spii"),
        *("sensitive", "guardrail_intervened", "refusal", "model_armor", "image_safety", "eos_filtered"),
    }
)
"""Finish reasons that mean: a filter or the model refused."""
BROKEN_OFF = frozenset({"error", "insufficient_system_resource", "network_error", "abort", "aborted"})
"""Finish reasons that mean: something failed at the server, and another try may not."""


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
    def written(self) -> str:
        """What the model wrote as its answer: the arguments of its call, or else the content."""
        called = next((call.function.arguments for call in self.tool_calls if call.function.arguments), "")
        # SGLang and others may file the answer itself, even one that is cut off, under reasoning.
        filed = self.thought if self.thought.lstrip().startswith("{") else ""
        return called or (self.content if self.content.strip() else filed)

    @property
    def thought(self) -> str:
        """What a server filed as reasoning, where some put the answer as well."""
        return self.reasoning_content or self.reasoning


class Choice(BaseModel):
    message: Annotated[ChoiceMessage, BeforeValidator(_object)] = ChoiceMessage()
    finish_reason: Text = ""
    error: Any = None

    @property
    def ended(self) -> str:
        """The finish reason in lower case."""
        return self.finish_reason.lower()

    @property
    def cut(self) -> bool:
        """Whether the answer was broken off at a limit."""
        return self.ended in CUT


class Completion(BaseModel):
    """One answer of the server."""

    choices: Annotated[list[Annotated[Choice, BeforeValidator(_object)]], BeforeValidator(_list)] = Field(
        default_factory=list
    )
    tokens: Annotated[TokenCounts, BeforeValidator(_object)] = Field(default=TokenCounts(), alias="usage")
    error: Any = None
    system_fingerprint: Text = ""
    blocked: bool = False
    """Whether it says that the prompt was blocked, as Gemini does in `promptFeedback`."""

    @classmethod
    def read(cls, body: bytes) -> "Completion":
        """Read a response body: JSON, or the events of a stream that nobody asked for.

        Raises:
            ModelUnavailableError: it is neither; a proxy's page, for example.
        """
        return cls.of(parsed(body))

    @classmethod
    def of(cls, said: Mapping[str, Any] | None) -> "Completion":
        """Read a completion out of JSON; see `read`."""
        try:
            if said is not None:
                return cls.model_validate({**said, "blocked": _tells_of_a_block(said)})
        except RecursionError:
            pass  # nobody's answer is nested as deeply
        raise ModelUnavailableError("the model server's answer is not the JSON of a chat completion")

    @classmethod
    def written(cls, text: str) -> "Completion":
        """What a model has written, where the server tells nothing else of it."""
        return cls.model_validate({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})

    @property
    def usage(self) -> Usage:
        """What the server says this call cost; zeros where it does not say."""
        tokens = self.tokens
        prompt, written = tokens.prompt_tokens or 0, tokens.completion_tokens or 0
        thought = tokens.completion_tokens_details.reasoning_tokens
        thought = tokens.reasoning_tokens if thought is None else thought  # SGLang
        # Gemini's totals hold the thinking that its completion tokens leave out. It is billed like them.
        apart = max(0, (tokens.total_tokens or 0) - prompt - written) if prompt and thought is None else 0
        return Usage(
            prompt_tokens=prompt,
            cached_tokens=tokens.prompt_tokens_details.cached_tokens or 0,
            completion_tokens=written + apart,
            reasoning_tokens=min(thought or apart, written + apart),
        )

    def refused(self) -> Refusal | None:
        """The error that stands in the place of an answer although the status is 200, if one does."""
        errors = [self.error, *(choice.error for choice in self.choices[:1])]
        said = next((error for error in errors if error), None)
        return None if said is None else Refusal.inside(said)

    def chosen(self) -> Choice:
        """The answer itself.

        Raises:
            UnansweredError: there is none.
            AnswerRefusedError: the model or a filter refused.
            ModelUnavailableError: something failed while it was written.
        """
        if not self.choices:
            if self.blocked:
                raise AnswerRefusedError("the model server blocked the prompt")
            raise UnansweredError("the model server answered without any choice, as some do when they block a prompt")
        choice = self.choices[0]
        if choice.message.refusal:
            raise AnswerRefusedError("the model refused to answer")
        if choice.ended in HELD_BACK:
            raise AnswerRefusedError(f"the model server's content filter held the answer back ({choice.ended})")
        if choice.ended in BROKEN_OFF:
            raise ModelUnavailableError(f"the model server broke its answer off ({choice.ended})")
        return choice


class UnansweredError(AnswerRefusedError):
    """No choice, and no reason. Mostly the prompt was blocked; now and then another try has an answer."""


def _tells_of_a_block(said: Mapping[str, Any]) -> bool:
    feedback = said.get("promptFeedback") or said.get("prompt_feedback")
    return isinstance(feedback, dict) and bool(feedback.get("blockReason") or feedback.get("block_reason"))
