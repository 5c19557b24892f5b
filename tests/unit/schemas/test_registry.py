"""The registry finds the kinds; everything else works from it and names none."""

import ast
from pathlib import Path
from typing import Any

import pytest

from schemas.fields import Mention, Record
from schemas.registry import Registry, built_in

KINDS = ("negotiations", "sanctions", "military_claims", "quoted_officials")


def test_four_kinds_are_found_in_their_order() -> None:
    registry = built_in()

    assert registry.names == KINDS
    assert tuple(record.kind for record in registry) == KINDS
    assert all(name in registry and registry[name].kind == name for name in KINDS)
    assert "horoscopes" not in registry


def test_every_kind_says_what_it_is_and_what_makes_two_records_one() -> None:
    for record in built_in():
        assert record.__doc__
        assert record.identity
        assert set(record.identity) <= set(record.model_fields)
        assert record.actors
        assert set(record.actors) <= set(record.model_fields)


def test_version_is_of_the_kinds_that_are_asked_for() -> None:
    registry = built_in()

    versions = [registry.version(names) for names in (None, KINDS, KINDS[:1], KINDS[1:2], KINDS[:2])]

    assert all(len(version) == 12 and int(version, 16) >= 0 for version in versions)
    assert versions[0] == versions[1]
    assert len(set(versions)) == 4


def test_version_changes_with_a_field() -> None:
    def version(**fields: Any) -> str:
        namespace = {"__annotations__": dict.fromkeys(fields, Mention), "__doc__": "One.", "__module__": __name__}
        made = type(Record)("Omen", (Record,), {**namespace, "kind": "omens", "order": 9, "identity": (), "actors": ()})
        return Registry([made]).version()

    assert version(sign=1) == version(sign=1)
    assert version(sign=1) != version(sign=1, seer=1)


def test_order_is_the_kinds_own_and_not_the_modules() -> None:
    assert Registry(reversed(list(built_in()))).names == KINDS


@pytest.mark.parametrize("path", sorted(Path("service").rglob("*.py")), ids=str)
def test_no_module_of_the_service_names_a_kind(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    names = {*KINDS, *(record.__name__ for record in built_in())}
    names |= {kind.removesuffix("s") for kind in KINDS}

    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            assert not any(name in node.value for name in names), node.lineno
        if isinstance(node, ast.Name | ast.Attribute | ast.alias):
            said = (
                node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else node.name
            )
            assert not any(name in said for name in names), said
        if isinstance(node, ast.ImportFrom | ast.Import):
            assert "schemas.kinds" not in ast.unparse(node)
