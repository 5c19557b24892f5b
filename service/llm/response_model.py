"""The `response_model` for instructor: the pydantic model of an answer, which also reports to the conversation.

instructor builds the request from it, parses the answer into it, validates that with the conversation as the context,
and sends validation errors to the model.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol

from instructor import ResponseSchema
from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError


class AnswerListener(Protocol):
    """The validation context, which hears the outcome of each validation.

    It must be falsy: with a truthy context, instructor 1.17 renders every message, and so the article, as a template
    (docs/adr/0017-instructor-leads.md).
    """

    def __bool__(self) -> bool: ...

    def accept(self, answer: BaseModel) -> str | None:
        """Take an answer that fits the schema. Returns feedback for the model, if there is any."""

    def reject(self, error: ValidationError) -> str:
        """Take the validation errors of an answer. Returns the feedback for the model."""


class _ResponseBase(ResponseSchema):
    model_config = ConfigDict(hide_input_in_errors=True)

    # instructor sets these on the answer.
    _raw_response: Any = PrivateAttr(default=None)
    _total_usage: Any = PrivateAttr(default=None)


@lru_cache(maxsize=1_024)
def response_model(
    answer: type[BaseModel], *, omitted_keywords: frozenset[str] = frozenset(), titled: bool = False
) -> type[BaseModel]:
    """The response model for an answer.

    Args:
        answer: the question's own model.
        omitted_keywords: keywords of its JSON Schema that are not sent.
        titled: whether the schema needs a title, from which instructor takes the name of the tool.
    """
    name = schema_name(answer)
    schema = without_keywords(answer.model_json_schema(), omitted_keywords)
    if titled:
        schema = {**schema, "title": name}

    class Response(_ResponseBase):
        @classmethod
        def model_json_schema(cls, *_: Any, **_options: Any) -> dict[str, Any]:
            return schema  # made once: instructor asks for it with every call

        @model_validator(mode="wrap")
        @classmethod
        def _report(cls, value: Any, validate: ModelWrapValidatorHandler[Any], info: ValidationInfo) -> Any:
            listener: AnswerListener | None = info.context
            if listener is None:
                return validate(value)
            try:
                found = validate(value)
            except ValidationError as error:
                feedback: str | None = listener.reject(error)
            else:
                fields = {field: getattr(found, field) for field in type(found).model_fields}
                feedback = listener.accept(answer.model_construct(found.model_fields_set, **fields))
            if feedback is not None:
                # Unlike other errors, this one has neither a copy of the answer nor a link to pydantic's documentation.
                raise PydanticCustomError("complaint", "{told}", {"told": feedback})
            return found

    return create_model(name, __base__=(Response, answer), __doc__=answer.__doc__)


def schema_name(answer: type[BaseModel]) -> str:
    """The name of an answer's schema. OpenAI allows at most 64 letters, digits, `_` and `-`."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", answer.__name__)[:64].strip("_") or "answer"


def without_keywords(schema: Mapping[str, Any], omitted_keywords: frozenset[str]) -> dict[str, Any]:
    """A JSON Schema without some keywords. Properties that are named like a keyword stay."""

    def strip(node: Any) -> Any:
        if isinstance(node, list):
            return [strip(item) for item in node]
        if not isinstance(node, dict):
            return node
        return {
            key: {name: strip(item) for name, item in value.items()} if key == "properties" else strip(value)
            for key, value in node.items()
            if key not in omitted_keywords
        }

    return dict(schema) if not omitted_keywords else dict(strip(schema))
