"""Style and scripts of the page: as files for browsers to fetch, and joined for a file that fetches nothing."""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType

MEDIA_TYPES: Mapping[str, str] = MappingProxyType({"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"})
"""Media type by the end of a file's name."""

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w.-]+)";\n', re.MULTILINE)
"""The one form of import that our modules have: names as they are, from a module beside."""
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const)\b)", re.MULTILINE)
"""The one form of export: before a declaration."""
_UNJOINABLE = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)


class UnjoinableError(Exception):
    """A module has an import or export of another form than the two; the message shows it."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file to serve; `tag` changes with its content."""

    text: str
    media_type: str
    tag: str


@cache
def names() -> tuple[str, ...]:
    """Names of all assets, in alphabetical order."""
    folder = files(__package__) / "static"
    return tuple(sorted(one.name for one in folder.iterdir() if one.name.rpartition(".")[2] in MEDIA_TYPES))


@cache
def asset(name: str) -> Asset | None:
    """An asset by its name; None where there is none of that name."""
    if name not in names():
        return None
    text = source(name)
    return Asset(text, MEDIA_TYPES[name.rpartition(".")[2]], digest(text))


def source(name: str) -> str:
    return (files(__package__) / "static" / name).read_text(encoding="utf-8")


def digest(text: str) -> str:
    """SHA-256 in Base64, as content security policies have it."""
    return b64encode(sha256(text.encode()).digest()).decode()


def modules(main: str) -> tuple[str, ...]:
    """A module and all that it imports, each behind those that it needs."""
    return tuple(dict.fromkeys(_in_order(main)))


def bundle(main: str) -> str:
    """Join a module and all that it imports to one script.

    The modules share one scope then, so no two of them may declare the same name (a test sees to it).

    Raises:
        UnjoinableError: one of them imports or exports in a form that is not known here.

    """
    return "\n".join(map(_joinable, modules(main)))


def _in_order(name: str) -> Iterator[str]:
    """A module behind all that it imports; some are named more than once."""
    for imported in _IMPORT.findall(source(name)):
        yield from _in_order(imported)
    yield name


def _joinable(name: str) -> str:
    text = _EXPORT.sub("", _IMPORT.sub("", source(name)))
    if other := _UNJOINABLE.search(text):
        raise UnjoinableError(f"{name}: {other[0]}")
    return text
