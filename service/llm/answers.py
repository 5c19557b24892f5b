"""The pydantic model of an answer, as instructor is given it: the question's own, which tells the dialogue what it got.

instructor builds the request from it, parses the answer into it, validates it with the dialogue as the context and puts
what the validation complains of to the model.
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


class Listener(Protocol):
    """What instructor hands to the validation as its context.

    It has to be false: with a context that is true, instructor 1.17 renders every message, and so the article, as a
    template (docs/adr/0017-instructor-leads.md).
    """

    def __bool__(self) -> bool: ...

    def fits(self, answer: BaseModel) -> str | None:
        """Hear an answer that fits the schema; what the model is to be told about it, if anything."""

    def unfit(self, broken: ValidationError) -> str:
        """Hear what is wrong with an answer; what the model is to be told about it."""


class _Asked(ResponseSchema):
    model_config = ConfigDict(hide_input_in_errors=True)

    # instructor notes the response on the answer.
    _raw_response: Any = PrivateAttr(default=None)
    _total_usage: Any = PrivateAttr(default=None)


@lru_cache(maxsize=1_024)
def asked(answer: type[BaseModel], *, keywords: frozenset[str] = frozenset(), named: bool = False) -> type[BaseModel]:
    """The model that instructor is given for an answer.

    Args:
        answer: the question's own model.
        keywords: those of its JSON Schema that are not sent.
        named: whether the schema needs a title, from which instructor takes the name of a tool.
    """
    name = schema_name(answer)
    schema = without_keywords(answer.model_json_schema(), keywords)
    if named:
        schema = {**schema, "title": name}

    class Asked(_Asked):
        @classmethod
        def model_json_schema(cls, *_: Any, **_options: Any) -> dict[str, Any]:
            return schema  # made once: instructor asks for it with every call

        @model_validator(mode="wrap")
        @classmethod
        def _told(cls, value: Any, validate: ModelWrapValidatorHandler[Any], info: ValidationInfo) -> Any:
            listener: Listener | None = info.context
            if listener is None:
                return validate(value)
            try:
                found = validate(value)
            except ValidationError as broken:
                complaint: str | None = listener.unfit(broken)
            else:
                fields = {field: getattr(found, field) for field in type(found).model_fields}
                complaint = listener.fits(answer.model_construct(found.model_fields_set, **fields))
            if complaint is not None:
                # Of all errors this one gets to instructor without a copy of the answer and an address behind it.
                raise PydanticCustomError("complaint", "{told}", {"told": complaint})
            return found

    return create_model(name, __base__=(Asked, answer), __doc__=answer.__doc__)


def schema_name(answer: type[BaseModel]) -> str:
    """OpenAI allows letters, digits, `_` and `-`, at most 64 of them."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", answer.__name__)[:64].strip("_") or "answer"


def without_keywords(schema: Mapping[str, Any], keywords: frozenset[str]) -> dict[str, Any]:
    """A JSON Schema without some keywords. Properties may have names like theirs."""

    def kept(node: Any) -> Any:
        if isinstance(node, list):
            return [kept(item) for item in node]
        if not isinstance(node, dict):
            return node
        return {
            key: {name: kept(item) for name, item in value.items()} if key == "properties" else kept(value)
            for key, value in node.items()
            if key not in keywords
        }

    return dict(schema) if not keywords else dict(kept(schema))
