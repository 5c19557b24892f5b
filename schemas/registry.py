"""The one list of record kinds.

Every module in `schemas.kinds` that defines a `Record` with a `kind` is found by itself, so a new kind is a module
there, a prompt file of the same name in `prompts/` and one in `schemas/definitions/`, and nothing else.
"""

import hashlib
import json
import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import import_module

import schemas.kinds
from schemas.answers import answer_of
from schemas.fields import Record


class Registry:
    """Record kinds by name, in their order."""

    def __init__(self, records: Iterable[type[Record]]) -> None:
        ordered = sorted(records, key=lambda record: (record.order, record.kind))
        self._records = {record.kind: record for record in ordered}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._records)

    def __iter__(self) -> Iterator[type[Record]]:
        return iter(self._records.values())

    def __contains__(self, name: object) -> bool:
        return name in self._records

    def __getitem__(self, name: str) -> type[Record]:
        return self._records[name]

    def version(self, names: Sequence[str] | None = None) -> str:
        """Hash over the schemas of the named kinds, of draft and record alike: 12 hexadecimal digits."""
        chosen = names if names is not None else self.names
        return hashlib.sha256("".join(_described(self[name]) for name in chosen).encode()).hexdigest()[:12]


@cache
def _described(record: type[Record]) -> str:
    """Both schemas of a kind as text; making them takes longer than everything else about an article."""
    return json.dumps(
        [answer_of(record).model_json_schema(), record.model_json_schema(mode="serialization")], sort_keys=True
    )


@cache
def built_in() -> Registry:
    """All kinds that ship with Dragoman."""
    found: list[type[Record]] = []
    for module in pkgutil.iter_modules(schemas.kinds.__path__, f"{schemas.kinds.__name__}."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Record) and "kind" in vars(value):
                found.append(value)  # noqa: PERF401 (a comprehension of this depth reads worse)
    return Registry(found)
