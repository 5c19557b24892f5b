"""What the model is asked for is made from what the caller receives: one definition per field."""

from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError

from schemas.draft import CITATIONS, Allowed, complete, draft_of, has_role, least, marked
from schemas.fields import Closed, Derived, DisjointFrom, Mention, Record, Role
from schemas.registry import built_in

KINDS = list(built_in())
by_kind = pytest.mark.parametrize("record", KINDS, ids=lambda record: record.kind)


def nested(model: type[BaseModel]) -> list[type[Closed]]:
    """Models inside the lists of a model."""
    parts = [part for field in model.model_fields.values() for part in get_args(field.annotation)]
    return [part for part in parts if isinstance(part, type) and issubclass(part, Closed) and part is not Mention]


def own_schema(model: type[BaseModel], name: str) -> dict[str, Any]:
    schema: dict[str, Any] = model.model_json_schema()["properties"][name]
    return schema


@by_kind
def test_draft_has_the_records_fields_in_their_order_without_the_derived(record: type[Record]) -> None:
    for model in [record, *[part for part in nested(record) if part.__name__ != "Evidence"]]:
        expected = [name for name, field in model.model_fields.items() if not marked(field, Derived)]

        names = [CITATIONS if name == "evidence" else name for name in expected]
        assert list(draft_of(model).model_fields) == names


@by_kind
def test_draft_says_of_each_field_what_the_record_says(record: type[Record]) -> None:
    draft = draft_of(record)

    assert draft.__doc__ == record.__doc__
    for name, field in record.model_fields.items():
        if not marked(field, Derived):
            assert draft.model_fields[CITATIONS if name == "evidence" else name].description == field.description


@by_kind
def test_judged_fields_have_the_same_values_in_both(record: type[Record]) -> None:
    draft = draft_of(record)
    for name, field in record.model_fields.items():
        schema = own_schema(record, name)
        judged = schema.get("enum") or schema.get("items", {}).get("enum")
        if judged and not marked(field, Derived):
            asked = own_schema(draft, name)
            assert (asked.get("enum") or asked["items"]["enum"]) == judged


@by_kind
def test_surface_fields_are_plain_words_in_the_draft(record: type[Record]) -> None:
    for name, field in record.model_fields.items():
        if field.annotation is Mention:
            assert draft_of(record).model_fields[name].annotation is str
        elif get_origin(field.annotation) is list and get_args(field.annotation)[0] is Mention:
            assert draft_of(record).model_fields[name].annotation == list[str]
        elif Mention in get_args(field.annotation):
            assert draft_of(record).model_fields[name].annotation == str | None


@by_kind
def test_left_out_fields_are_completed_and_nothing_is_required_by_default(record: type[Record]) -> None:
    draft = draft_of(record)

    completed = complete(draft, {CITATIONS: [1]})

    assert list(completed) == list(draft.model_fields)
    assert all(value in (None, []) for name, value in completed.items() if name != CITATIONS)
    with pytest.raises(ValidationError):
        draft.model_validate({CITATIONS: [1]})


def test_nested_drafts_are_completed_too() -> None:
    draft = draft_of(built_in()["negotiations"])

    completed = complete(draft, {CITATIONS: [1], "representatives": [{"name": "Mira Dolen"}]})

    assert completed["representatives"] == [{"name": "Mira Dolen", "position": None, "organization": None}]


@by_kind
def test_lean_draft_says_of_what_is_left_out_that_there_is_none(record: type[Record]) -> None:
    whole, lean = draft_of(record), draft_of(record, lean=True)
    optional = {name for name, field in lean.model_fields.items() if not field.is_required()}

    assert set(lean.model_fields) == set(whole.model_fields)
    assert optional
    assert optional.isdisjoint(record.actors)
    for name in optional:
        assert lean.model_fields[name].get_default(call_default_factory=True) in (None, [])
        assert name not in lean.model_json_schema()["required"]


@by_kind
def test_draft_is_not_asked_for_what_is_known(record: type[Record]) -> None:
    known = frozenset({"evidence", record.identity[0]})

    draft = draft_of(record, known)

    assert set(draft.model_fields) == set(draft_of(record).model_fields) - {CITATIONS, record.identity[0]}


# What fields may be


def allowing(values: dict[str, tuple[str, ...]], *at_least_two: str) -> Allowed:
    return Allowed(frozenset(values.items()), frozenset(at_least_two))


NAMES = allowing(
    {
        "parties": ("Norvia",),
        "mediators": ("Norvia", "Tellan"),
        "representatives/name": ("Ana Rell",),
        "representatives/organization": ("Norvia", "Tellan"),
        "location": ("Tellan",),
    }
)


TALKS = {
    CITATIONS: [1],
    "parties": ["Norvia"],
    "mediators": [],
    "format": "visit",
    "status": "held",
    "stage": "ceasefire",
    "outcome": "they agreed",
}


@pytest.mark.parametrize(
    "other",
    [
        {"parties": ["Atlantis"]},
        {"parties": ["Tellan"]},
        {"mediators": ["Atlantis"]},
        {"location": "Atlantis"},
        {"representatives": [{"name": "Norvia"}]},
        {"representatives": [{"name": "Ana Rell", "organization": "Atlantis"}]},
    ],
)
def test_words_are_chosen_where_a_field_may_be_some_alone_and_free_elsewhere(other: dict[str, Any]) -> None:
    draft = draft_of(built_in()["negotiations"], lean=True, allowed=NAMES)

    assert draft.model_validate(TALKS).model_dump()["outcome"] == "they agreed"
    with pytest.raises(ValidationError):
        draft.model_validate({**TALKS, **other})


def test_fields_of_models_inside_are_chosen_by_their_paths() -> None:
    allowed = allowing({"date_text": ("Tuesday",), "quantities/text": ("about 40 people",)})
    draft = draft_of(built_in()["military_claims"], lean=True, allowed=allowed)
    schema = draft.model_json_schema()["properties"]

    assert schema["date_text"]["anyOf"][0]["enum"] == ["Tuesday"]
    assert schema["quantities"]["items"]["properties"]["text"]["enum"] == ["about 40 people"]
    assert "enum" not in schema["location"]["anyOf"][0]


def test_values_are_offered_in_their_own_order_whatever_was_offered_before() -> None:
    for values in (("Norvia", "Tellan"), ("Tellan", "Norvia")):
        draft = draft_of(built_in()["negotiations"], lean=True, allowed=allowing({"parties": values}))

        assert draft.model_json_schema()["properties"]["parties"]["items"]["enum"] == list(values)


@pytest.mark.parametrize(
    ("kind", "values", "left_out"),
    [
        ("negotiations", {"mediators": (), "location": ()}, {"mediators", "location"}),
        ("negotiations", {"representatives/name": ()}, {"representatives"}),
        ("negotiations", {"representatives/organization": ()}, set()),
        ("sanctions", {"authorities": (), "date_text": ()}, {"authorities", "date_text"}),
        ("military_claims", {"quantities/text": ()}, {"quantities"}),
        ("quoted_officials", {"affiliation": ()}, {"affiliation"}),
    ],
)
def test_field_that_may_be_empty_is_left_out_where_there_is_nothing_to_choose_from(
    kind: str, values: dict[str, tuple[str, ...]], left_out: set[str]
) -> None:
    record = built_in()[kind]

    draft = draft_of(record, lean=True, allowed=allowing(values))

    assert set(draft_of(record).model_fields) - set(draft.model_fields) == left_out


def test_field_of_a_model_inside_is_left_out_where_there_is_nothing_to_choose_from() -> None:
    draft = draft_of(built_in()["negotiations"], lean=True, allowed=allowing({"representatives/organization": ()}))
    fields = draft.model_json_schema()["properties"]["representatives"]["items"]["properties"]

    assert set(fields) == {"name", "position"}


def test_field_that_must_be_filled_is_free_where_there_is_nothing_to_choose_from() -> None:
    draft = draft_of(built_in()["negotiations"], lean=True, allowed=allowing({"parties": ()}))
    said = {name: value for name, value in TALKS.items() if name in draft.model_fields}

    assert draft.model_validate(said).model_dump()["parties"] == ["Norvia"]


@pytest.mark.parametrize(
    ("values", "fewest"), [(("Norvia", "Tellan"), 2), (("Norvia",), 1), ((), 1), (None, 1)], ids=["2", "1", "0", "any"]
)
def test_two_are_asked_for_where_there_are_as_many(values: tuple[str, ...] | None, fewest: int) -> None:
    allowed = allowing({} if values is None else {"parties": values}, "parties")

    schema = draft_of(built_in()["negotiations"], lean=True, allowed=allowed).model_json_schema()

    assert schema["properties"]["parties"]["minItems"] == fewest


# Marks


def test_marks_of_fields_are_found_and_only_those() -> None:
    fields = built_in()["quoted_officials"].model_fields

    assert marked(fields["quote_type"], Derived) == Derived("quote_type", of=("content",))
    assert marked(fields["affiliation"], DisjointFrom) == DisjointFrom("speaker", redundant=True)
    assert marked(fields["speaker"], Derived) is None
    assert marked(fields["cue"], Role) == Role("cue")


def test_roles_are_told_by_their_names() -> None:
    fields = built_in()["quoted_officials"].model_fields

    assert [name for name, field in fields.items() if has_role(field, "words")] == ["content"]
    assert not has_role(fields["speaker"], "cue")


def test_fewest_items_of_a_list() -> None:
    fields = built_in()["negotiations"].model_fields

    assert (least(fields["parties"]), least(fields["mediators"]), least(fields["outcome"])) == (1, None, None)
