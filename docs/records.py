"""Writes docs/records.md: what each kind of record is, and what its fields and their values mean.

python -m docs.records            write it
python -m docs.records --check    exit 1 if it is not current
"""

import inspect
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from types import NoneType
from typing import get_args, get_origin

from pydantic.fields import FieldInfo

from schemas.definitions import Definition, definition_of
from schemas.draft import marked
from schemas.fields import Closed, Derived, Evidence, Mention, Record, inside, parts_of, values_of
from schemas.registry import built_in

PAGE = Path(__file__).with_name("records.md")
INTRODUCTION = """\
# What the records say

What Dragoman looks for in an article, kind by kind and field by field. `GET /v1/kinds` has the same in JSON Schemas.

Made by `make docs` from the packages in `schemas/kinds`; a test checks that it is current.

Where a value comes from:

- **the article's words**: copied, with where they stand: `{"start": 12, "end": 18, "text": "Monday"}`. `start` and
  `end` count the characters (Unicode code points) of the article's text, `end` exclusive.
- **judged**: the model chooses one of the values, or, in a list, all that fit. With the strategy
  `candidates` code reads many of them off the words.
- **derived**: code works it out from other fields; the model is not asked.

What the article does not say is null, or an empty list where there may be several. The definitions are those that large
models are told. A model names sentences and quoted passages by number (`Q1`); a record has the words themselves.

What holds for all kinds, and how hard cases were decided in evaluation, stands in
[evals/GUIDELINES.md](../evals/GUIDELINES.md).
"""
_UNSAID = Definition(outside="", one_record=())
"""Of a kind without definitions: its fields' own descriptions stand."""
_WIDTH = 120


def page() -> str:
    """The text of docs/records.md."""
    return "\n".join([INTRODUCTION, *("\n".join(_kind(record)) for record in built_in())])


def _kind(record: type[Record]) -> Iterator[str]:
    definition = definition_of(record) or _UNSAID
    yield f"## {record.kind}\n\n{_wrapped(inspect.getdoc(record) or '')}\n"
    if definition.outside:
        yield _wrapped(f"**None of it:** {definition.outside}.") + "\n"
    if definition.one_record:
        yield "**What one record is:**\n"
        yield "\n".join(_wrapped(f"- {rule}", indent="  ") for rule in definition.one_record) + "\n"
    yield "| field | its value | meaning |\n| --- | --- | --- |"
    yield from _rows(record, definition)
    yield ""


def _rows(model: type[Closed], definition: Definition, inside_of: str = "") -> Iterator[str]:
    """A line for each field of a model, and for those of the models inside it."""
    for name, field in model.model_fields.items():
        meaning = "<br>".join(filter(None, _meaning(name, field, definition)))
        yield f"| `{inside_of}{name}` | {_source(field, inside_of)} | {meaning.replace('|', chr(92) + '|')} |"
        if parts := parts_of(field.annotation):
            yield from _rows(parts, definition, f"{inside_of}{name}.")


def _source(field: FieldInfo, inside_of: str) -> str:
    """Where the value of a field comes from, and whether there may be none or several."""
    inner, derived = inside(field.annotation), marked(field, Derived)
    if derived:
        source = f"derived from {', '.join(f'`{inside_of}{other}`' for other in derived.of)}"
    elif inner is Evidence:
        source = "the article's sentences"
    elif inner is Mention:
        source = "the article's words"
    elif parts_of(inner):
        source = "the fields below"
    else:
        source = "judged: true or false" if inner is bool else "judged"
    if get_origin(field.annotation) is list:
        return f"{source}; a list"
    return f"{source}; or null" if NoneType in get_args(field.annotation) else source


def _meaning(name: str, field: FieldInfo, definition: Definition) -> Iterator[str]:
    """What is said of a field, of its values, and of the items that it lists."""
    inner = inside(field.annotation)
    yield definition.told(name, inspect.getdoc(Evidence) if inner is Evidence else field.description)
    yield from _values(values_of(inner), definition.values.get(name, {}))
    if parts := parts_of(inner):
        yield " ".join((inspect.getdoc(parts) or "").split())


def _values(values: Iterable[str], meanings: Mapping[str, str]) -> Iterator[str]:
    """A line for each value that has a meaning, and one for those between them that explain themselves."""
    for meant, some in groupby(values, key=meanings.__contains__):
        if meant:
            yield from (f"`{value}`: {meanings[value]}" for value in some)
        else:
            yield ", ".join(f"`{value}`" for value in some)


def _wrapped(prose: str, indent: str = "") -> str:
    return textwrap.fill(prose, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def main() -> None:
    text = page()
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text(encoding="utf-8") != text)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
