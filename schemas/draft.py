"""What the model is asked for, made from what the caller receives.

A draft differs from its record in three ways: evidence is a list of sentence numbers, a `Mention` is the plain
words, and derived fields are missing. Everything else (names, order, enums, descriptions) is the record's own.

A draft for a small model is `bounded`: its schema gives every list an end, for a small model may never end one by
itself. The end is the schema's alone, and the model is not told of it. So a longer list is taken all the same, and
`schemas.answers.full_lists` tells where there may be more than was said.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    create_model,
    model_validator,
)
from pydantic.fields import FieldInfo

from schemas.fields import ANYTHING, Choices, Chosen, Closed, Derived, Mention, Record, Speech
from schemas.strict import LeanModel, StrictModel

MOST_ITEMS = 8
"""Longest list inside one bounded draft."""
_SEVERAL = 2
CITATIONS = "sentences"
"""Name that `evidence` has in a draft."""


class Draft(StrictModel):
    """Base of all drafts: closed, every field required."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NullDraft(Draft):
    """Takes null for an empty list: who is not held to a schema writes either where there is nothing."""

    @model_validator(mode="before")
    @classmethod
    def _null_is_empty(cls, value: Any) -> Any:
        if not isinstance(value, dict) or None not in value.values():
            return value
        return {name: [] if said is None and _may_be_an_empty_list(cls, name) else said for name, said in value.items()}


class LeanDraft(LeanModel):
    """Base of drafts in which null and empty fields are left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _may_be_an_empty_list(model: type[BaseModel], name: str) -> bool:
    field = model.model_fields.get(name)
    return field is not None and get_origin(field.annotation) is list and not least(field)


def complete(draft: type[BaseModel], said: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in null and empty lists where a draft, as a prompt's example writes it, leaves fields out."""
    completed: dict[str, Any] = {}
    for name, field in draft.model_fields.items():
        if name not in said:
            completed[name] = [] if get_origin(field.annotation) is list else None
        elif get_origin(field.annotation) is list and isinstance(inner := get_args(field.annotation)[0], type):
            items = said[name]
            completed[name] = [complete(inner, item) for item in items] if issubclass(inner, BaseModel) else items
        else:
            completed[name] = said[name]
    return completed


Mark = TypeVar("Mark")


def marked(field: FieldInfo, mark: type[Mark]) -> Mark | None:
    """The mark of a sort that a field has, or None."""
    return next((found for found in field.metadata if isinstance(found, mark)), None)


def least(field: FieldInfo) -> int | None:
    """The fewest items of a list field, or None."""
    return next((mark.min_length for mark in field.metadata if hasattr(mark, "min_length")), None)


@cache
def spoken(record: type[Record]) -> bool:
    """Whether the records of a kind are somebody's words, which code can find."""
    marks = (marked(field, Speech) for field in record.model_fields.values())
    return any(mark and mark.part == "words" for mark in marks)


@lru_cache(maxsize=1_024)
def draft_of(
    record: type[Closed],
    without: frozenset[str] = frozenset(),
    *,
    lean: bool = False,
    choices: Choices = ANYTHING,
    bounded: bool = True,
    described: bool = True,
) -> type[Draft] | type[LeanDraft]:
    """The draft of a record kind, or of a model inside one.

    Args:
        record: the kind.
        without: fields that are known already.
        lean: whether null and empty fields may be left out; those that name actors are asked for all the same.
        choices: what fields may be; one that may be empty and has nothing to choose from is left out.
        bounded: whether lists have an end.
        described: whether its schema says what the fields are.

    """
    actors = record.actors if issubclass(record, Record) else ()
    fields: dict[str, Any] = {}
    for name, field in record.model_fields.items():
        if marked(field, Derived) or name in without:
            continue
        if name == "evidence" and issubclass(record, Record):
            told = field.description if described else None
            numbers = Field(description=told, min_length=1, **ending(MOST_ITEMS, bounded=bounded))
            fields[CITATIONS] = (list[int], numbers)
            continue
        annotation = _asked(field, lean=lean, choices=choices, bounded=bounded, described=described)
        if annotation is None:
            continue
        fewest, limits = _fewest(field, choices), dict[str, Any]()
        if get_origin(annotation) is list:
            limits = {"min_length": fewest, **ending(MOST_ITEMS, bounded=bounded)}
        if lean and name not in actors and get_origin(annotation) is list and not fewest:
            limits["default_factory"] = list
        elif lean and name not in actors and NoneType in get_args(annotation):
            limits["default"] = None
        fields[name] = (annotation, Field(description=field.description if described else None, **limits))
    if lean:
        # llama.cpp's grammar puts what is required first; the examples, written from this model, do so too.
        fields = dict(sorted(fields.items(), key=lambda item: not item[1][1].is_required()))
    base = LeanDraft if lean else NullDraft
    return create_model(record.__name__, __base__=base, __doc__=record.__doc__ if described else None, **fields)


def ending(most: int, *, bounded: bool) -> dict[str, Any]:
    """What gives a list field an end in the schema alone; pydantic's own `max_length` would refuse a longer list."""
    return {"json_schema_extra": {"maxItems": most}} if bounded else {}


def _asked(field: FieldInfo, *, choices: Choices, **form: bool) -> Any:
    """The type of a field in a draft; None where there is nothing to choose from, so that it is not asked for."""
    options = _options(field, choices)
    if not least(field) and (_needs(field, choices) or (options == () and _may_be_empty(field))):
        return None
    words = Literal[options] if options else str
    return _drafted(field.annotation, words, choices=choices, **form)


def _options(field: FieldInfo, choices: Choices) -> tuple[str, ...] | None:
    """What a field may be; None for anything."""
    mark = marked(field, Chosen)
    found: tuple[str, ...] | None = getattr(choices, mark.among) if mark else None
    return found


def _fewest(field: FieldInfo, choices: Choices) -> int | None:
    """The fewest items of a list field that are asked for, or None."""
    mark = marked(field, Chosen)
    several = mark and mark.several and not choices.together and len(_options(field, choices) or ()) >= _SEVERAL
    return _SEVERAL if several else least(field)


def _may_be_empty(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is list or NoneType in get_args(field.annotation)


def _needs(field: FieldInfo, choices: Choices) -> bool:
    """Whether a field holds models of which none can be made from what was found."""
    inner = next(iter(get_args(field.annotation)), None)
    if not (isinstance(inner, type) and issubclass(inner, Closed)):
        return False
    inside = inner.model_fields.values()
    return any(_options(part, choices) == () and not _may_be_empty(part) for part in inside)


def _drafted(annotation: Any, words: Any, **form: Any) -> Any:
    """A field's type as a draft has it; `form` is `draft_of`'s, for the models inside."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        parts = tuple(_drafted(part, words, **form) for part in get_args(annotation))
        return Union[parts]  # noqa: UP007 (built at run time)
    if origin is list:
        return list[_drafted(get_args(annotation)[0], words, **form)]  # type: ignore[misc]  # built at run time
    if annotation is NoneType or not isinstance(annotation, type):
        return annotation
    if issubclass(annotation, Mention):
        return words
    if issubclass(annotation, Closed):
        return draft_of(annotation, **form)
    return annotation
