"""What is said of a kind is said of fields and values that there are, and callers read it in the JSON Schema."""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import pytest
from pydantic import Field

from schemas.answers import answer_of, joint_answer_of
from schemas.definitions import definition_of
from schemas.fields import Closed, Mention, Record, inside, parts_of, values_of
from schemas.registry import built_in

KINDS = list(built_in())
by_kind = pytest.mark.parametrize("record", KINDS, ids=lambda record: record.kind)


def fields(model: type[Closed]) -> Iterator[tuple[type[Closed], str]]:
    """Every field of a record and of the models inside it."""
    for name, field in model.model_fields.items():
        yield model, name
        if parts := parts_of(field.annotation):
            yield from fields(parts)


def schema_of(record: type[Record]) -> dict[str, Any]:
    return record.model_json_schema(mode="serialization")


def told(record: type[Record], model: type[Closed], name: str) -> str:
    """What a record's JSON Schema says of a field."""
    schema = schema_of(record)
    properties = (schema if model is record else schema["$defs"][model.__name__])["properties"]
    return str(properties[name].get("description", ""))


@by_kind
def test_definitions_name_fields_and_values_that_there_are(record: type[Record]) -> None:
    definition = definition_of(record)
    there = {name: values_of(model.model_fields[name].annotation) for model, name in fields(record)}

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


@by_kind
def test_schema_of_a_record_says_all_that_is_said_of_its_kind(record: type[Record]) -> None:
    definition, said = definition_of(record), schema_of(record)["description"]

    assert definition
    assert said.startswith(record.__doc__)
    assert definition.outside in said
    assert all(rule in said for rule in definition.one_record)


@by_kind
def test_schema_of_a_record_says_all_that_is_said_of_its_fields_and_values(record: type[Record]) -> None:
    definition = definition_of(record)
    assert definition

    for model, name in fields(record):
        said, field = told(record, model, name), model.model_fields[name]
        assert definition.found.get(name, definition.fields.get(name, "")) in said
        for value in definition.values.get(name, {}):
            assert definition.of_value(name, value) in said
        if name not in definition.fields and name not in definition.values and name != "evidence":
            assert said == (field.description or "")


def test_fields_of_models_inside_a_record_are_told_too() -> None:
    assert "munitions = missiles" in told(built_in()["military_claims"], inside_of("quantities"), "metric")


def inside_of(name: str) -> type[Closed]:
    model: type[Closed] = inside(built_in()["military_claims"].model_fields[name].annotation)
    return model


def test_words_of_the_article_keep_a_schema_of_their_own() -> None:
    for record in KINDS:
        assert schema_of(record)["$defs"]["Mention"] == {**Mention.model_json_schema(), "title": "Mention"}


@by_kind
def test_drafts_are_described_by_the_fields_alone(record: type[Record]) -> None:
    definition = definition_of(record)
    assert definition

    for answer in (answer_of(record), joint_answer_of((record,), bounded=False)):
        assert definition.outside not in str(answer.model_json_schema())


class Election(Record):
    """An election that is held or announced."""

    kind: ClassVar[str] = "elections"
    body: Literal["parliament", "president"] = Field(description="who is elected")


def test_kind_without_definitions_has_its_docstring_and_descriptions() -> None:
    schema = schema_of(Election)

    assert definition_of("elections") is None
    assert schema["description"] == "An election that is held or announced."
    assert schema["properties"]["body"]["description"] == "who is elected"
    assert schema["properties"]["evidence"]["description"] == "the sentences that state it"


def test_base_of_all_records_has_a_schema() -> None:
    assert list(Record.model_json_schema()["properties"]) == ["evidence"]
