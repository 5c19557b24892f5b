"""A chat completion as servers really send it: lenient about form, exact about meaning."""

import json
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from schemas.result import Usage
from service.extraction.errors import AnswerRefusedError, AnswerTruncatedError, ModelUnavailableError


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _object(value: object) -> object:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> object:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """Content is a string or, with some servers, a list of parts."""
    if isinstance(value, list):
        return "".join(_text(part.get("text")) for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""


_DECODER = json.JSONDecoder()

Count = Annotated[int | None, BeforeValidator(_count)]
Text = Annotated[str, BeforeValidator(_text)]


class PromptDetails(BaseModel):
    cached_tokens: Count = None


class TokenCounts(BaseModel):
    prompt_tokens: Count = None
    completion_tokens: Count = None
    prompt_tokens_details: Annotated[PromptDetails, BeforeValidator(_object)] = PromptDetails()


class ChoiceMessage(BaseModel):
    content: Text = ""
    refusal: Text = ""
    reasoning_content: Text = ""
    reasoning: Text = ""


class Choice(BaseModel):
    message: Annotated[ChoiceMessage, BeforeValidator(_object)] = ChoiceMessage()
    finish_reason: Text = ""


class Completion(BaseModel):
    """One answer of the server."""

    choices: Annotated[list[Annotated[Choice, BeforeValidator(_object)]], BeforeValidator(_list)] = Field(
        default_factory=list
    )
    tokens: Annotated[TokenCounts, BeforeValidator(_object)] = Field(default=TokenCounts(), alias="usage")

    @classmethod
    def read(cls, body: bytes) -> "Completion":
        """Read a response body.

        Raises:
            ModelUnavailableError: it is no JSON object; a proxy's page, for example.
        """
        try:
            return cls.model_validate_json(body)
        except ValidationError:
            unreadable = ModelUnavailableError("the model server's answer is not the JSON of a chat completion")
        raise unreadable

    @property
    def usage(self) -> Usage:
        """What the server says this call cost; zeros where it does not say."""
        return Usage(
            prompt_tokens=self.tokens.prompt_tokens or 0,
            cached_tokens=self.tokens.prompt_tokens_details.cached_tokens or 0,
            completion_tokens=self.tokens.completion_tokens or 0,
        )

    def chosen(self) -> Choice:
        """The answer itself.

        Raises:
            ModelUnavailableError: there is none, which servers under load are known to send.
        """
        if not self.choices:
            raise ModelUnavailableError("the model server answered without any choice")
        return self.choices[0]

    def text(self, *, reads_reasoning: bool) -> str:
        """The JSON that the model wrote, freed from reasoning, fences and prose around it; may be empty.

        Raises:
            ModelUnavailableError: there is no answer.
            AnswerRefusedError: the model or a filter refused.
            AnswerTruncatedError: cut off at the token limit.
        """
        choice = self.chosen()
        if choice.message.refusal:
            raise AnswerRefusedError("the model refused to answer")
        if choice.finish_reason == "content_filter":
            raise AnswerRefusedError("the model server's content filter held the answer back")
        if choice.finish_reason == "length":
            raise AnswerTruncatedError("the answer was cut off at the token limit")
        written = choice.message.content
        if not written.strip() and reads_reasoning:
            written = choice.message.reasoning_content or choice.message.reasoning
        return bare_json(written)


def bare_json(written: str) -> str:
    """The JSON object in what a model wrote, or all of it where no object can be found."""
    text = written.strip()
    if not text.startswith(("{", "```")):
        # A template may hold the opening tag, so that only the closing one is in the answer.
        _, closed, after = text.partition("</think>")
        text = after if closed else text
    start = text.find("{")
    if start < 0:
        return text.strip()
    try:
        _value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return text[start:]
    return text[start:end]
