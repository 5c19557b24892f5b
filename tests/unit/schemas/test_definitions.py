"""What is said of a kind is said of fields and values that there are, in the `definition.toml` of its package."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from schemas.definitions import Definition, DefinitionError, definition_of, package_of
from schemas.fields import Closed, Record, parts_of, values_of
from schemas.registry import KindError, built_in, installed
from tests.support.kinds import forget_kinds, write_kind

KINDS = list(built_in())
by_kind = pytest.mark.parametrize("record", KINDS, ids=lambda record: record.kind)


def fields(model: type[Closed]) -> Iterator[tuple[str, FieldInfo]]:
    """Every field of a record and of the models inside it."""
    for name, field in model.model_fields.items():
        yield name, field
        if parts := parts_of(field.annotation):
            yield from fields(parts)


# Those that ship


@by_kind
def test_definitions_name_fields_and_values_that_there_are(record: type[Record]) -> None:
    definition = definition_of(record)
    there = {name: values_of(field.annotation) for name, field in fields(record)}

    assert definition
    assert {*definition.fields, *definition.found} <= set(there)
    for name, values in definition.values.items():
        assert set(values) <= set(there[name]), name


@by_kind
def test_nothing_that_is_said_of_a_kind_is_empty_or_more_than_a_line(record: type[Record]) -> None:
    definition = definition_of(record)
    assert definition

    meanings = [meant for values in definition.values.values() for meant in values.values()]
    fields_told = [*definition.fields.values(), *definition.found.values()]
    for line in [definition.outside, *definition.one_record, *fields_told, *meanings]:
        assert line == line.strip() != ""
        assert "\n" not in line


# How one is read


DEFINITION = """
outside = "dreams"
one_record = ["A flock is one omen.", "Each day's omens are of their own."]

[fields]
teller = "whoever says what it means"

[values.meaning]
harm = "war, drought, death"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    forget_kinds()


def omens(folder: Path, definition: str | None) -> type[Record]:
    """A kind with a definition that is not looked at before a test does."""
    package = write_kind(folder, "omens")
    record = installed(folder)["omens"]
    if definition is not None:
        (package / "definition.toml").write_text(definition, encoding="utf-8")
    definition_of.cache_clear()
    return record


def test_definition_stands_in_the_kinds_own_package(folder: Path) -> None:
    definition = definition_of(omens(folder, DEFINITION))

    assert definition == Definition(
        outside="dreams",
        one_record=("A flock is one omen.", "Each day's omens are of their own."),
        fields={"teller": "whoever says what it means"},
        values={"meaning": {"harm": "war, drought, death"}},
    )


def test_kind_may_be_without_a_definition(folder: Path) -> None:
    assert definition_of(omens(folder, None)) is None


def test_kind_of_a_plain_module_has_neither_files_nor_a_definition() -> None:
    class Omen(Record):
        """A sign of what is to come."""

        kind = "omens"

    assert (package_of(Omen), definition_of(Omen)) == (None, None)


@pytest.mark.parametrize(
    ("toml", "hint"),
    [
        ("outside =", "Invalid value"),
        ('outside = "dreams"', "one_record: Field required"),
        ('one_record = ["One."]', "outside: Field required"),
        (f'meaning = "?"\n{DEFINITION}', "meaning: Extra inputs are not permitted"),
        (DEFINITION.replace('"whoever says what it means"', "1"), "fields.teller: Input should be a valid string"),
    ],
)
def test_definition_that_is_not_one_is_refused(folder: Path, toml: str, hint: str) -> None:
    record = omens(folder, toml)

    with pytest.raises(DefinitionError, match=rf"^definition\.toml: {re.escape(hint)}"):
        definition_of(record)


def test_kind_with_a_definition_that_is_not_one_is_refused_by_name(folder: Path) -> None:
    (write_kind(folder, "omens") / "definition.toml").write_text('outside = "dreams"', encoding="utf-8")

    with pytest.raises(KindError, match=r"omens.*: definition\.toml: one_record: Field required"):
        installed(folder)


def test_model_is_told_a_fields_line_or_its_description_and_a_reader_both() -> None:
    definition = Definition(
        outside="", one_record=(), fields={"who": "as named"}, values={"how": {"a": "one way"}}, found={"at": "where"}
    )

    assert definition.asked("who", "the actor") == "as named"
    assert definition.asked("what", "the deed") == "the deed"
    assert definition.asked("how", "the way") == ""  # its values say it all
    assert definition.asked("what", None) == ""
    assert definition.told("who", "the actor") == "the actor; as named"
    assert definition.told("at", "the place") == "where"
    assert definition.told("what", None) == ""
    assert definition.of_value("how", "a") == "a = one way"
    assert definition.of_value("how", "b") == "b"
