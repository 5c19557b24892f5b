"""What the model is asked for, made from what the caller receives.

A draft differs from its record in three ways: evidence is a list of sentence numbers, a `Mention` is the plain
words, and derived fields are missing. Everything else (names, order, enums, descriptions) is the record's own.

A draft for a small model is `bounded`: its schema gives every list an end, for a small model may never end one by
itself. The end is the schema's alone, and the model is not told of it. So a longer list is taken all the same, and
`schemas.answers.full_lists` tells where there may be more than was said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    create_model,
    model_validator,
)
from pydantic.fields import FieldInfo

from schemas.fields import Closed, Derived, Mention, Record, Role
from schemas.strict import LeanModel, StrictModel

MOST_ITEMS = 8
"""Longest list inside one bounded draft."""
_TWO = 2
CITATIONS = "sentences"
"""Name that `evidence` has in a draft."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the surface fields of one draft may be, where that is known; any words otherwise.

    Args:
        values: by the path of a field (`parties`, `representatives/name`), in any order.
        at_least_two: paths of lists of which two items are asked for, where there are as many to choose from.

    """

    values: frozenset[tuple[str, tuple[str, ...]]] = frozenset()
    at_least_two: frozenset[str] = frozenset()

    def of(self, path: str) -> tuple[str, ...] | None:
        """The values of a field, or None for any words."""
        return next((values for name, values in self.values if name == path), None)


ANYTHING = Allowed()


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


def has_role(field: FieldInfo, name: str) -> bool:
    """Whether a field is marked with a role."""
    mark = marked(field, Role)
    return mark is not None and mark.name == name


@lru_cache(maxsize=1_024)
def draft_of(
    record: type[Closed],
    without: frozenset[str] = frozenset(),
    *,
    lean: bool = False,
    allowed: Allowed = ANYTHING,
    bounded: bool = True,
    described: bool = True,
    path: str = "",
) -> type[Draft] | type[LeanDraft]:
    """The draft of a record kind, or of a model inside one.

    Args:
        record: the kind.
        without: fields that are known already.
        lean: whether null and empty fields may be left out; those that name actors are asked for all the same.
        allowed: what fields may be; one that may be empty and has nothing to choose from is left out.
        bounded: whether lists have an end.
        described: whether its schema says what the fields are.
        path: of a model inside a record, its field's path and a slash.

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
        place = f"{path}{name}"
        annotation = _asked(field, place, allowed, lean=lean, bounded=bounded, described=described)
        if annotation is None:
            continue
        fewest, limits = _fewest(field, place, allowed), dict[str, Any]()
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


def _asked(field: FieldInfo, path: str, allowed: Allowed, **form: bool) -> Any:
    """The type of a field in a draft; None where there is nothing to choose from, so that it is not asked for."""
    values = allowed.of(path)
    if not least(field) and (_needs(field, path, allowed) or (values == () and _may_be_empty(field))):
        return None
    # `typing` keeps one union for literals that differ in their order alone, unless each is annotated with its own.
    words = Annotated[Literal[values], values] if values else str
    return _drafted(field.annotation, words, allowed=allowed, path=f"{path}/", **form)


def _fewest(field: FieldInfo, path: str, allowed: Allowed) -> int | None:
    """The fewest items of a list field that are asked for, or None."""
    two = path in allowed.at_least_two and len(allowed.of(path) or ()) >= _TWO
    return _TWO if two else least(field)


def _may_be_empty(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is list or NoneType in get_args(field.annotation)


def _needs(field: FieldInfo, path: str, allowed: Allowed) -> bool:
    """Whether a field holds models of which none can be made from what is allowed."""
    inner = next(iter(get_args(field.annotation)), None)
    if not (isinstance(inner, type) and issubclass(inner, Closed)):
        return False
    inside = inner.model_fields.items()
    return any(allowed.of(f"{path}/{name}") == () and not _may_be_empty(part) for name, part in inside)


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
