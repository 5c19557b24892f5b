"""Whether a kind is declared as it must be: checked when it is loaded, so that no article finds out."""

import re
from collections.abc import Iterator

from schemas.definitions import DefinitionError, definition_of
from schemas.draft import marked
from schemas.fields import Closed, Derived, DisjointFrom, Record, parts_of, values_of

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def problems(record: type[Record]) -> Iterator[str]:
    """What is wrong with the declaration of a kind, a sentence each; the first may be the cause of others."""
    yield from _of_itself(record)
    yield from _of_references(record)
    yield from _of_definition(record)


def _of_itself(record: type[Record]) -> Iterator[str]:
    if not _NAME.fullmatch(record.kind):
        yield f"the kind's name is {record.kind!r}; write it in small letters, digits and _"
    if not record.__doc__:
        yield f"{record.__name__} has no docstring, which is the one-sentence definition of the kind"
    for name in ("order", "identity", "actors"):
        if not hasattr(record, name):
            yield f"{record.__name__} has no `{name}`"


def _of_references(record: type[Record]) -> Iterator[str]:
    """Names of fields which there are not."""
    for name in ("identity", "actors", "require_any"):
        for field in getattr(record, name, ()):
            if field not in record.model_fields:
                yield f"`{name}` names a field {field!r}, which {record.__name__} does not have"
    for name, field in record.model_fields.items():
        derived, disjoint = marked(field, Derived), marked(field, DisjointFrom)
        others = [*(derived.of if derived else ()), *([disjoint.other] if disjoint else ())]
        for other in others:
            if other not in record.model_fields:
                yield f"the mark of `{name}` names a field {other!r}, which {record.__name__} does not have"


def _of_definition(record: type[Record]) -> Iterator[str]:
    try:
        definition = definition_of(record)
    except DefinitionError as exc:
        yield str(exc)
        return
    if definition is None:
        return
    known = dict(_vocabularies(record))
    for name in [*definition.fields, *definition.found, *definition.values]:
        if name not in known:
            yield f"definition.toml tells of a field {name!r}, which there is not"
    for name, meanings in definition.values.items():
        for value in meanings:
            if value not in known.get(name, ()):
                yield f"definition.toml tells of a value {value!r} of {name!r}, which there is not"


def _vocabularies(model: type[Closed]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every field of a record and of the models inside it, with its values if it has a vocabulary."""
    for name, field in model.model_fields.items():
        yield name, values_of(field.annotation)
        if parts := parts_of(field.annotation):
            yield from _vocabularies(parts)
