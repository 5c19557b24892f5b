"""The kinds of records that there are, and the doors by which they come in.

A kind is a Python package: its `__init__.py` declares one `Record` subclass, `definition.toml` says what it is
(`schemas.definitions`). Three sources are read alike: the packages in `schemas.kinds`, those which installed
distributions name as entry points of the group `dragoman.kinds`, and those in a folder (`DRAGOMAN_KINDS_DIR`).
docs/adding-a-kind.md tells the whole.
"""

import hashlib
import json
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.resources.abc import Traversable
from pathlib import Path
from types import ModuleType

import schemas.kinds
from schemas.answers import answer_of
from schemas.declarations import problems
from schemas.definitions import package_of
from schemas.fields import Record

ENTRY_POINTS = "dragoman.kinds"
FOLDER_PACKAGE = "dragoman_kinds"
"""Name under which the packages of a folder are imported."""


class KindError(Exception):
    """A kind cannot be used. The message names its package and says what to change."""


class Registry:
    """Record kinds by name, in their order."""

    def __init__(self, records: Iterable[type[Record]]) -> None:
        """Order and check the kinds.

        Raises:
            KindError: two have the same name, or one is not declared as it must be.

        """
        ordered = sorted(records, key=lambda record: (record.order, record.kind))
        self._records: dict[str, type[Record]] = {}
        for record in ordered:
            if record.kind in self._records:
                others = self._records[record.kind].__module__
                raise KindError(f"{record.__module__}: there is a kind {record.kind!r} already, in {others}")
            self._records[record.kind] = record

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._records)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Registry) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

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

    def code_version(self, names: Sequence[str]) -> str:
        """Hash over the files in the packages of kinds that did not ship with Dragoman; empty if there are none."""
        contents = [_contents(self[name]) for name in names if not _ships(self[name])]
        return hashlib.sha256("".join(contents).encode()).hexdigest()[:12] if contents else ""

    def prompt_folders(self) -> list[Traversable]:
        """The `prompts` folders in the packages of kinds, laid out as Dragoman's own `prompts` is."""
        folders = (package / "prompts" for record in self if (package := package_of(record)) is not None)
        return [folder for folder in folders if folder.is_dir()]


@cache
def built_in() -> Registry:
    """All kinds that ship with Dragoman."""
    return Registry(_in_package(schemas.kinds))


def installed(folder: Path | None = None) -> Registry:
    """The kinds that ship with Dragoman, those of installed distributions, and those of a folder.

    Args:
        folder: has a package for each kind; None for no folder.

    Raises:
        KindError: the folder is not there, a package cannot be imported or does not declare a kind as it must.

    """
    found = list(built_in())
    points = sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name)
    found += [_kind(_imported(point.module, f"the entry point {point.name!r}")) for point in points]
    if folder is not None:
        if not folder.is_dir():
            raise KindError(f"{folder} is no folder: DRAGOMAN_KINDS_DIR names one with a package for each kind")
        found += _in_package(_as_package(folder.resolve()))
    return Registry(found)


def _as_package(folder: Path) -> ModuleType:
    """A folder as a package, so that those in it are imported like any other; of one folder at a time."""
    known = sys.modules.get(FOLDER_PACKAGE)
    if known is not None and list(known.__path__) == [str(folder)]:
        return known
    for name in [name for name in sys.modules if name.split(".")[0] == FOLDER_PACKAGE]:
        del sys.modules[name]
    package = ModuleType(FOLDER_PACKAGE)
    package.__path__ = [str(folder)]
    sys.modules[FOLDER_PACKAGE] = package
    return package


def _in_package(package: ModuleType) -> list[type[Record]]:
    names = (module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg)
    return [_kind(_imported(f"{package.__name__}.{name}", "a kind's package")) for name in sorted(names)]


def _imported(name: str, what: str) -> ModuleType:
    try:
        return import_module(name)
    except Exception as exc:
        raise KindError(f"{name}, {what}, cannot be imported: {type(exc).__name__}: {exc}") from exc


def _kind(module: ModuleType) -> type[Record]:
    """The one kind that a package declares."""
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Record)
        and "kind" in vars(value)
        and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise KindError(
            f"{module.__name__} declares {len(found)} kinds; one subclass of Record has a `kind` of its own"
        )
    problem = next(problems(found[0]), None)
    if problem:
        raise KindError(f"{module.__name__}: {problem}")
    return found[0]


@cache
def _described(record: type[Record]) -> str:
    """Both schemas of a kind as text; making them takes longer than everything else about an article."""
    return json.dumps(
        [answer_of(record).model_json_schema(), record.model_json_schema(mode="serialization")], sort_keys=True
    )


def _ships(record: type[Record]) -> bool:
    return record.__module__.startswith(f"{schemas.kinds.__name__}.")


@cache
def _contents(record: type[Record]) -> str:
    """What the files in a kind's package say."""
    package = package_of(record)
    return "\0".join(_files(package)) if package is not None else record.__module__


def _files(folder: Traversable) -> Iterator[str]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _files(entry) if entry.name != "__pycache__" else ()
        elif entry.name.endswith((".py", ".toml", ".txt")):
            yield f"{entry.name}\0{entry.read_text(encoding='utf-8')}"
