#!/usr/bin/env bash
# pydantic 2.14.3 on CPython 3.11, models made at run time with fields of the type `Literal[...] | None`.
# Guess: the `enum` in a model's JSON Schema stands in the order of its own `Literal`.
# Behaviour: in the order of whichever model of the process had these values first. Two literals with the same values are
# equal whatever their order, and `typing` keeps one Optional or Union for both. A `Literal` alone or in a list keeps its
# order, and so does one inside `Annotated[Literal[...], VALUES]`, as what is annotated with a tuple differs by its order. So
# the schema that a model server is sent, its prefix cache and the grammar made of it depend on what was asked before.
# Source: typing (`_tp_cache` and `_LiteralGenericAlias.__eq__`), run on 2026-11-30.
# Output seen: optional: ['a', 'b']; in a list: ['b', 'a']; alone: ['b', 'a']; annotated: ['b', 'a']
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pydantic==2.14.3
"$folder/venv/bin/python" - <<'PYTHON'
from typing import Annotated, Literal

from pydantic import create_model


def enum(annotation):
    schema = create_model("Asked", name=(annotation, ...)).model_json_schema()["properties"]["name"]
    while "enum" not in schema:
        schema = schema["anyOf"][0] if "anyOf" in schema else schema["items"]
    return schema["enum"]


first, second = Literal["a", "b"], Literal["b", "a"]
before = [enum(first | None), enum(list[first]), enum(first), enum(Annotated[first, ("a", "b")] | None)]
after = [enum(second | None), enum(list[second]), enum(second), enum(Annotated[second, ("b", "a")] | None)]
assert before == [["a", "b"]] * 4
print(*(f"{what}: {order}" for what, order in zip(("optional", "in a list", "alone", "annotated"), after)), sep="; ")
assert after == [["a", "b"], ["b", "a"], ["b", "a"], ["b", "a"]]
PYTHON
