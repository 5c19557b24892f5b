"""One reader for each kind that has one: a module of the kind's name here, or `reader` in the kind's own package.

It defines `READER`, a `KindReader`. docs/adding-a-kind.md says how to write one.
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from schemas.fields import Record
from service.extraction.candidates.kind_reader import KindReader, ReaderError


@cache
def reader_of(record: type[Record]) -> KindReader | None:
    """The reader of a kind; None where it has none, so that it is searched for.

    Raises:
        ReaderError: the module is there and defines no reader of the kind.

    """
    for name in (f"{record.__module__}.reader", f"{__name__}.{record.kind}"):
        if _is_there(name):
            reader = getattr(import_module(name), "READER", None)
            if not isinstance(reader, KindReader) or reader.record is not record:
                raise ReaderError(f"{name}: it defines no READER that is a KindReader of {record.__name__}")
            return reader
    return None


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # the kind is declared in a plain module, which has no modules inside
        return False
