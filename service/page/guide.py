"""What a page has to know of the kinds: names in words, the order of fields, what those and their values mean.

All of it follows from the declarations in `schemas`; nothing here names a kind, so that a new one is shown at once.
"""

import inspect
import re
from collections.abc import Iterable
from dataclasses import dataclass
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from schemas.definitions import Definition, definition_of
from schemas.draft import least, marked
from schemas.fields import Closed, Derived, Evidence, Mention, Record, Role, inside, parts_of, values_of

Source = Literal["sentences", "words", "judged", "derived", "parts"]
"""Where a value comes from; `parts` are fields of their own, each with a source."""
Form = Literal["text", "choice", "boolean", "number", "parts"]
"""What a value is; `text` is a plain string or the article's words."""

_CODE = re.compile(r"`(\w+)`")
_UNSAID = Definition(outside="", one_record=())
"""Of a kind without definitions: its fields' own descriptions stand."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a vocabulary; `meaning` is empty where it explains itself."""

    value: str
    label: str
    meaning: str


@dataclass(frozen=True, slots=True)
class FieldGuide:
    """A field, or one inside another.

    `of` and `rule` are a derived field's, as in `schemas.fields.Derived`. `role` says what a field is in a sentence
    about the record: a part of speech, or `between` for who mediates.
    """

    name: str
    label: str
    about: str
    source: Source
    form: Form
    many: bool
    needed: bool
    role: str | None
    of: tuple[str, ...]
    rule: str | None
    values: tuple[Value, ...]
    parts: tuple["FieldGuide", ...]


@dataclass(frozen=True, slots=True)
class KindGuide:
    """A kind. `actors`, `require_any` and `identity` are those of `schemas.fields.Record`."""

    name: str
    label: str
    about: str
    outside: str
    one_record: tuple[str, ...]
    actors: tuple[str, ...]
    require_any: tuple[str, ...]
    identity: tuple[str, ...]
    fields: tuple[FieldGuide, ...]


def guide(kinds: Iterable[type[Record]]) -> tuple[KindGuide, ...]:
    """Describe kinds, in their order."""
    return tuple(map(_kind, kinds))


def in_words(name: str) -> str:
    """What a person calls a field or a value: `is_official` is "official", `date_text` the "date"."""
    return name.removeprefix("is_").removesuffix("_text").replace("_", " ")


def _kind(record: type[Record]) -> KindGuide:
    definition = definition_of(record) or _UNSAID
    return KindGuide(
        name=record.kind,
        label=_label(record.kind),
        about=_CODE.sub(lambda name: f"“{in_words(name[1])}”", " ".join((inspect.getdoc(record) or "").split())),
        outside=definition.outside,
        one_record=definition.one_record,
        actors=record.actors,
        require_any=record.require_any,
        identity=record.identity,
        fields=_fields(record, definition),
    )


def _fields(model: type[Closed], definition: Definition) -> tuple[FieldGuide, ...]:
    return tuple(_field(name, field, definition) for name, field in model.model_fields.items())


def _field(name: str, field: FieldInfo, definition: Definition) -> FieldGuide:
    inner = inside(field.annotation)
    derived = marked(field, Derived)
    many = get_origin(field.annotation) is list
    parts = parts_of(field.annotation)
    meanings = definition.values.get(name, {})
    return FieldGuide(
        name=name,
        label=_label(name),
        about=definition.told(name, inspect.getdoc(Evidence) if inner is Evidence else field.description),
        source=_source(field, inner),
        form=_form(inner),
        many=many,
        needed=bool(least(field)) if many else NoneType not in get_args(field.annotation),
        role=_role(field),
        of=derived.of if derived else (),
        rule=derived.rule if derived else None,
        values=tuple(Value(value, in_words(value), meanings.get(value, "")) for value in values_of(inner)),
        parts=_fields(parts, definition) if parts else (),
    )


def _source(field: FieldInfo, inner: Any) -> Source:
    if marked(field, Derived):
        return "derived"
    if inner is Evidence:
        return "sentences"
    if inner is Mention:
        return "words"
    return "parts" if parts_of(inner) else "judged"


def _form(inner: Any) -> Form:
    if values_of(inner):
        return "choice"
    if inner is bool:
        return "boolean"
    if inner in {int, float}:
        return "number"
    return "parts" if parts_of(inner) else "text"


def _role(field: FieldInfo) -> str | None:
    mark = marked(field, Role)
    return mark.name if mark else None


def _label(name: str) -> str:
    words = in_words(name)
    return words[:1].upper() + words[1:]
