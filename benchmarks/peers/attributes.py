"""A record's fields as LangExtract's attributes, and back.

An attribute is a word or a list of words. A list of objects (the targets of a sanction) becomes lists of the same
length: the object's name under the field's own name, every other member under `FIELD_MEMBER`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from benchmarks.peers.task import form_of, line, passage_field
from schemas.draft import marked
from schemas.fields import Derived, Mention, Record, inside

_CLASSES = {"quoted_officials": "quotation"}
"""Kinds whose class is not just their singular."""


def class_of(kind: str) -> str:
    """The extraction class of a kind."""
    return _CLASSES.get(kind, kind.removesuffix("s"))


def guide(record: type[Record]) -> Iterator[str]:
    """The attributes of a class and their vocabularies, a line each."""
    for name, field in form_of(record).model_fields.items():
        if name in ("evidence", passage_field(record)):
            continue
        yield line(name, field)
        for member in _members(record, name)[1:]:
            about = inside(field.annotation).model_fields[member]
            yield f"{line(_flat(name, member, 1), about)} (one for each of {name}, in the same order)"


def attributes(record: type[Record], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes which say what the fields of a form say."""
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        members = _members(record, name)
        if not members:
            flat[name] = value
        for position, member in enumerate(members):
            flat[_flat(name, member, position)] = [_word(item[member]) for item in value]
    return flat


def fields(record: type[Record], said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a form from the attributes of an extraction."""
    whole: dict[str, Any] = {}
    for name in record.model_fields:
        members = _members(record, name)
        if not members:
            whole[name] = said.get(name)
            continue
        columns = {member: _list(said.get(_flat(name, member, at))) for at, member in enumerate(members)}
        rows = range(len(columns[members[0]]))
        whole[name] = [
            {member: column[row] if row < len(column) else None for member, column in columns.items()} for row in rows
        ]
    return whole


def _members(record: type[Record], name: str) -> list[str]:
    """What the objects of a list hold, the naming member first; nothing where the field holds no objects."""
    inner = inside(record.model_fields[name].annotation)
    if name == "evidence" or inner is Mention or not (isinstance(inner, type) and issubclass(inner, BaseModel)):
        return []
    known = {member: field for member, field in inner.model_fields.items() if not marked(field, Derived)}
    naming = next(member for member, field in known.items() if field.annotation is Mention)
    return [naming, *(member for member in known if member != naming)]


def _flat(name: str, member: str, position: int) -> str:
    return f"{name}_{member}" if position else name


def _word(value: Any) -> str:
    """LangExtract's lists hold words alone."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
