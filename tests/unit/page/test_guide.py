"""What the page knows of the kinds follows from their declarations."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import Field

from schemas.definitions import definition_of
from schemas.fields import Closed, Country, Derived, Mention, Record, parts_of, values_of
from schemas.registry import built_in
from service.page.guide import FieldGuide, KindGuide, guide, in_words

by_kind = pytest.mark.parametrize("record", list(built_in()), ids=lambda record: record.kind)


class Seat(Closed):
    """Seats that somebody won."""

    party: Mention
    number: Annotated[float | None, Field(default=None), Derived("least", of=("party",))]
    majority: bool


class Vote(Record):
    """A vote; `is_final` tells the last one."""

    kind: ClassVar[str] = "votes"
    order: ClassVar[int] = 5
    identity: ClassVar[tuple[str, ...]] = ("held_by",)
    actors: ClassVar[tuple[str, ...]] = ("held_by",)

    held_by: Mention = Field(description="who votes")
    country: Annotated[Country, Derived("country", of=("held_by",))]
    sort: Literal["first_round", "other"]
    is_final: bool
    date_text: Mention | None
    seats: list[Seat] = Field(min_length=1)
    rivals: list[Mention]


def one(record: type[Record]) -> KindGuide:
    (kind,) = guide([record])
    return kind


def field(kind: KindGuide, name: str) -> FieldGuide:
    return next(one for one in kind.fields if one.name == name)


def everywhere(model: type[Closed], guides: tuple[FieldGuide, ...]) -> Iterator[tuple[type[Closed], FieldGuide]]:
    """Every field, with those inside, and the model that it is of."""
    for told in guides:
        yield model, told
        inner = parts_of(model.model_fields[told.name].annotation)
        assert bool(inner) == bool(told.parts)
        if inner:
            yield from everywhere(inner, told.parts)


def test_kinds_are_in_the_order_of_the_registry() -> None:
    assert [kind.name for kind in guide(built_in())] == list(built_in().names)


@by_kind
def test_fields_and_values_are_those_of_the_record_in_its_order(record: type[Record]) -> None:
    kind = one(record)

    assert [told.name for told in kind.fields] == list(record.model_fields)
    for model, told in everywhere(record, kind.fields):
        assert tuple(value.value for value in told.values) == values_of(model.model_fields[told.name].annotation)


@by_kind
def test_values_have_their_meanings(record: type[Record]) -> None:
    definition = definition_of(record)
    assert definition is not None
    meanings = {
        told.name: {value.value: value.meaning for value in told.values if value.meaning}
        for _, told in everywhere(record, one(record).fields)
        if told.values
    }

    assert {name: values for name, values in meanings.items() if values} == definition.values


def test_unknown_kind_is_told_by_its_declaration_alone() -> None:
    kind = one(Vote)

    assert (kind.label, kind.about, kind.outside, kind.one_record) == (
        "Votes",
        "A vote; “final” tells the last one.",
        "",
        (),
    )
    assert {told.name: (told.source, told.form, told.many, told.needed) for told in kind.fields} == {
        "evidence": ("sentences", "text", True, True),
        "held_by": ("words", "text", False, True),
        "country": ("derived", "text", False, False),
        "sort": ("judged", "choice", False, True),
        "is_final": ("judged", "boolean", False, True),
        "date_text": ("words", "text", False, False),
        "seats": ("parts", "parts", True, True),
        "rivals": ("words", "text", True, False),
    }
    assert [(part.name, part.source, part.form) for part in field(kind, "seats").parts] == [
        ("party", "words", "text"),
        ("number", "derived", "number"),
        ("majority", "judged", "boolean"),
    ]


def test_derived_field_says_what_it_comes_from() -> None:
    country = field(one(Vote), "country")

    assert (country.of, country.rule) == (("held_by",), "country")


def test_field_has_its_description_and_label() -> None:
    held_by = field(one(Vote), "held_by")

    assert (held_by.label, held_by.about) == ("Held by", "who votes")


@pytest.mark.parametrize(
    ("name", "said"),
    [("asset_freeze", "asset freeze"), ("is_official", "official"), ("date_text", "date"), ("text", "text")],
)
def test_names_are_put_in_words(name: str, said: str) -> None:
    assert in_words(name) == said


def test_parts_of_speech_and_who_mediates_have_roles() -> None:
    roles = {told.role for kind in guide(built_in()) for told in kind.fields}

    assert roles == {None, "words", "cue", "speaker", "mediator"}
