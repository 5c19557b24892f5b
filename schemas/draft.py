"""What the model is asked for, made from what the caller receives.

A draft differs from its record in three ways: evidence is a list of sentence numbers, a `Mention` is the plain
words, and derived fields are missing. Everything else (names, order, enums, descriptions) is the record's own.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    create_model,
)
from pydantic.fields import FieldInfo

from schemas.fields import Closed, Derived, Mention, Named, Record, Speech
from schemas.strict import LeanModel, StrictModel

MOST_ITEMS = 8
"""Longest list inside one draft: a small model may never end one by itself."""
MOST_RECORDS = 16
"""Most records in one answer, for the same reason."""
CITATIONS = "sentences"
"""Name that `evidence` has in a draft."""


class Draft(StrictModel):
    """Base of all drafts: closed, every field required."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LeanDraft(LeanModel):
    """Base of drafts in which null and empty fields are left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


class BrokenDraft:
    """An item of an answer that does not fit its schema: kept, so that the good ones beside it are not lost.

    `problems` names fields and error types, and holds nothing of the values.
    """

    def __init__(self, said: Any, problems: list[str]) -> None:
        self.said = said
        self.problems = problems


def derived(field: FieldInfo) -> Derived | None:
    """The mark of a derived field, or None."""
    return next((mark for mark in field.metadata if isinstance(mark, Derived)), None)


def speech(field: FieldInfo) -> Speech | None:
    """The mark of a field that code reads off an attribution, or None."""
    return next((mark for mark in field.metadata if isinstance(mark, Speech)), None)


@cache
def settled(record: type[Record]) -> frozenset[str]:
    """Fields of a kind which a lead settles, so that the model is not asked for them."""
    marks = {name: speech(field) for name, field in record.model_fields.items()}
    return frozenset(name for name, mark in marks.items() if mark and mark.part != "speaker") | {"evidence"}


@lru_cache(maxsize=1_024)
def draft_of(
    record: type[Closed],
    without: frozenset[str] = frozenset(),
    *,
    lean: bool = False,
    names: tuple[str, ...] = (),
) -> type[Draft] | type[LeanDraft]:
    """The draft of a record kind, or of a model inside one.

    Args:
        record: the kind.
        without: fields that are known already.
        lean: whether null and empty fields may be left out; those that name actors are asked for all the same.
        names: what fields marked as `Named` may be; anything if there are none.

    """
    actors = record.actors if issubclass(record, Record) else ()
    fields: dict[str, Any] = {}
    for name, field in record.model_fields.items():
        if derived(field) or name in without:
            continue
        if name == "evidence" and issubclass(record, Record):
            numbers = Field(min_length=1, max_length=MOST_ITEMS, description=field.description)
            fields[CITATIONS] = (list[int], numbers)
            continue
        least = next((mark.min_length for mark in field.metadata if hasattr(mark, "min_length")), None)
        limits: dict[str, Any] = (
            {"min_length": least, "max_length": MOST_ITEMS} if get_origin(field.annotation) is list else {}
        )
        named = names and any(isinstance(mark, Named) for mark in field.metadata)
        annotation = _drafted(field.annotation, Literal[names] if named else str, lean=lean)
        if not lean or name in actors:
            pass
        elif get_origin(annotation) is list and not least:
            limits["default_factory"] = list
        elif NoneType in get_args(annotation):
            limits["default"] = None
        fields[name] = (annotation, Field(description=field.description, **limits))
    if lean:
        # llama.cpp's grammar puts what is required first; the examples, written from this model, do so too.
        fields = dict(sorted(fields.items(), key=lambda item: not item[1][1].is_required()))
    base = LeanDraft if lean else Draft
    return create_model(record.__name__, __base__=base, __doc__=record.__doc__, **fields)


@cache
def answer_of(record: type[Record]) -> type[StrictModel]:
    """The whole answer of one call: `{"records": [draft, …]}`; each item is a draft or a `BrokenDraft`."""
    item: Any = Annotated[draft_of(record), WrapValidator(_keep_broken)]
    limits = Field(max_length=MOST_RECORDS, description="empty if the article states none")
    return create_model(f"{record.__name__}Answer", __base__=Draft, records=(list[item], limits))


@lru_cache(maxsize=1_024)
def led_answer_of(
    record: type[Record], leads: int, *, lean: bool = False, names: tuple[str, ...] = ()
) -> type[BaseModel]:
    """The answer about a number of leads: `{"L1": draft or null, …}`, each without what its lead settles.

    `lean` and `names` are `draft_of`'s.
    """
    draft = draft_of(record, settled(record), lean=lean, names=names)
    item: Any = Annotated[draft | None, WrapValidator(_keep_broken)]
    fields: dict[str, Any] = {f"L{number}": (item, ...) for number in range(1, leads + 1)}
    base = LeanDraft if lean else Draft
    return create_model(f"{record.__name__}Leads{leads}", __base__=base, **fields)


def _keep_broken(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    try:
        return validate(value)
    except ValidationError as exc:
        errors = exc.errors(include_url=False, include_context=False, include_input=False)
        problems = [f"{'.'.join(map(str, error['loc'])) or 'record'}: {error['type']}" for error in errors]
        return BrokenDraft(value, problems)


def _drafted(annotation: Any, words: Any, *, lean: bool) -> Any:
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        parts = tuple(_drafted(part, words, lean=lean) for part in get_args(annotation))
        return Union[parts]  # noqa: UP007 (built at run time)
    if origin is list:
        return list[_drafted(get_args(annotation)[0], words, lean=lean)]  # type: ignore[misc]  # built at run time
    if annotation is NoneType or not isinstance(annotation, type):
        return annotation
    if issubclass(annotation, Mention):
        return words
    if issubclass(annotation, Closed):
        return draft_of(annotation, lean=lean)
    return annotation
