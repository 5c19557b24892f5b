"""What a record says, what its JSON Schema says of it, and what is only told of it."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import pytest
from pydantic import Field

from schemas.answers import answer_of, joint_answer_of
from schemas.definitions import definition_of
from schemas.fields import Closed, Evidence, Mention, Record, inside, parts_of, values_of
from schemas.kinds.sanctions import Sanction
from schemas.registry import built_in

KINDS = list(built_in())
by_kind = pytest.mark.parametrize("record", KINDS, ids=lambda record: record.kind)


# What a record says


def sanction(**fields: Any) -> Sanction:
    base: dict[str, Any] = {
        "evidence": [Evidence(start=0, end=9, text="Sanctions", sentence=1)],
        "action": "imposed",
        "authorities": [],
        "targets": [],
        "target_country": None,
        "program": None,
        "measures": [],
        "reason": None,
        "status": "active",
        "date_text": None,
        "date": None,
    }
    return Sanction(**{**base, **fields})


def test_origins_are_no_part_of_what_a_record_says() -> None:
    untold, told = sanction(), sanction().with_origins({"action": "asked", "status": "read"})

    assert (untold.origins, told.origins) == ({}, {"action": "asked", "status": "read"})
    assert told == untold
    assert told.model_dump() == untold.model_dump()
    assert told.model_dump_json() == untold.model_dump_json()


def test_records_that_say_something_else_are_not_equal() -> None:
    words = Mention(start=0, end=9, text="Sanctions")

    assert sanction() == sanction()
    assert sanction() != sanction(program=words)
    assert sanction() != sanction().model_dump()
    assert words != Evidence(start=0, end=9, text="Sanctions", sentence=1)


def test_copy_of_a_record_has_its_origins_and_the_record_keeps_its_own() -> None:
    first = sanction().with_origins({"action": "asked"})

    assert first.model_copy(update={"status": "expired"}).origins == {"action": "asked"}
    assert first.with_origins({"action": "read"}).origins == {"action": "read"}
    assert first.origins == {"action": "asked"}


def test_record_cannot_be_hashed_as_its_lists_cannot() -> None:
    with pytest.raises(TypeError, match="list"):
        hash(sanction())


# What its JSON Schema says


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

    assert definition_of(Election) is None
    assert schema["description"] == "An election that is held or announced."
    assert schema["properties"]["body"]["description"] == "who is elected"
    assert schema["properties"]["evidence"]["description"] == "the sentences that state it"


def test_base_of_all_records_has_a_schema() -> None:
    assert list(Record.model_json_schema()["properties"]) == ["evidence"]


# Annotations


@pytest.mark.parametrize(
    ("annotation", "inner"),
    [
        (list[Mention], Mention),
        (Mention | None, Mention),
        (str, str),
        (Literal["a", "b"] | None, Literal["a", "b"]),
        (Annotated[str, "a mark"] | None, str),
        (list[Annotated[str, "a mark"]], str),
        (int | str, int | str),
    ],
)
def test_inside_of_a_list_or_an_optional_value(annotation: Any, inner: Any) -> None:
    assert inside(annotation) == inner


def test_vocabularies_have_values_and_nothing_else_has() -> None:
    assert values_of(Literal["a", "b"]) == values_of(list[Literal["a", "b"]]) == ("a", "b")
    assert values_of(Annotated[Literal["a"], "a mark"] | None) == ("a",)
    assert values_of(str) == values_of(Mention | None) == ()


def test_parts_are_those_of_models_inside_which_are_no_words() -> None:
    fields = built_in()["negotiations"].model_fields

    assert parts_of(fields["representatives"].annotation).__name__ == "Representative"  # type: ignore[union-attr]
    assert [name for name in fields if parts_of(fields[name].annotation)] == ["representatives"]
