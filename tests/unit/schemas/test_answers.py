"""Forms of whole answers: about one kind, about several at once, about one candidate."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from schemas.answers import (
    MOST_RECORDS,
    BrokenDraft,
    JointAnswer,
    answer_of,
    candidate_answer_of,
    full_lists,
    joint_answer_of,
)
from schemas.draft import CITATIONS, MOST_ITEMS, complete, draft_of
from schemas.fields import Record
from schemas.registry import built_in

KINDS = list(built_in())
by_kind = pytest.mark.parametrize("record", KINDS, ids=lambda record: record.kind)


def arrays(node: Any) -> list[dict[str, Any]]:
    """Every list in a schema."""
    if isinstance(node, list):
        return [found for item in node for found in arrays(item)]
    if not isinstance(node, dict):
        return []
    inner = [found for value in node.values() for found in arrays(value)]
    return [node, *inner] if node.get("type") == "array" else inner


@by_kind
def test_every_list_of_a_bounded_draft_has_an_end(record: type[Record]) -> None:
    answer, *inside = arrays(answer_of(record).model_json_schema())
    about_candidates = [
        array
        for lean in (False, True)
        for array in arrays(candidate_answer_of(record, frozenset(), lean=lean).model_json_schema())
    ]

    assert answer["maxItems"] == MOST_RECORDS
    assert inside
    assert about_candidates
    assert all(array["maxItems"] == MOST_ITEMS for array in [*inside, *about_candidates])


@by_kind
def test_list_without_an_end_differs_in_nothing_else(record: type[Record]) -> None:
    forms: list[Callable[..., type[BaseModel]]] = [
        partial(answer_of, record),
        *(partial(candidate_answer_of, record, frozenset({"evidence"}), lean=lean) for lean in (False, True)),
    ]
    for form in forms:
        bounded, endless = (form(bounded=bounded).model_json_schema() for bounded in (True, False))

        assert bounded != endless
        assert all("maxItems" not in array for array in arrays(endless))
        for array in arrays(bounded):
            del array["maxItems"]
        assert bounded == endless


@by_kind
def test_class_of_an_answer_tells_what_was_asked_for(record: type[Record]) -> None:
    assert answer_of(record) is answer_of(record, bounded=True)
    assert answer_of(record) is not answer_of(record, bounded=False)


@pytest.mark.parametrize("said", [{}, {"records": None}, {"records": [], "more": 1}, []])
def test_answer_of_another_form_is_no_answer(said: Any) -> None:
    with pytest.raises(ValidationError):
        answer_of(KINDS[0]).model_validate(said)


@by_kind
def test_broken_draft_is_kept_beside_the_others_without_its_values(record: type[Record]) -> None:
    answer: Any = answer_of(record).model_validate({"records": [{"secret": "value"}, 7]})

    first, second = answer.records
    assert isinstance(first, BrokenDraft)
    assert first.said == {"secret": "value"}
    assert "secret: extra_forbidden" in first.problems
    assert "value" not in " ".join(first.problems)
    assert isinstance(second, BrokenDraft)
    assert second.problems == ["record: model_type"]


# Lists that are full


SANCTION = built_in()["sanctions"]


def targets(count: int, different: int | None = None) -> list[dict[str, Any]]:
    return [{"name": f"Firm {number % (different or count)}", "target_type": "company"} for number in range(count)]


def sanction(**said: Any) -> dict[str, Any]:
    return complete(draft_of(SANCTION), {CITATIONS: [1], "action": "imposed", "status": "active", **said})


@pytest.mark.parametrize(
    ("records", "full"),
    [
        ([], (False, False)),
        ([sanction(targets=targets(7))], (False, False)),
        ([sanction(targets=targets(8))], (False, True)),
        ([sanction(targets=targets(11))], (False, True)),
        ([sanction(targets=targets(30, different=3))], (False, False)),
        ([sanction(targets=[]), sanction(sentences=list(range(1, 9)))], (False, True)),
        ([sanction(reason=f"reason {number}") for number in range(15)], (False, False)),
        ([sanction(reason=f"reason {number}") for number in range(16)], (True, False)),
        ([sanction(reason=f"reason {number}") for number in range(17)], (True, False)),
        ([sanction(reason=f"reason {number}", targets=targets(8)) for number in range(16)], (True, True)),
        ([sanction()] * 16, (False, False)),
        ([{"broken": 1}, "broken"] * 8, (False, False)),
        ([{"broken": number} for number in range(16)], (True, False)),
    ],
)
def test_longer_list_is_taken_and_a_full_one_is_noticed(records: list[Any], full: tuple[bool, bool]) -> None:
    answer: Any = answer_of(SANCTION).model_validate({"records": records})

    assert len(answer.records) == len(records)
    assert full_lists(answer) == tuple(frozenset({"records"} if one else ()) for one in full)


@pytest.mark.parametrize(
    ("record", "inside"), [(None, False), ({"broken": 1}, False), (sanction(targets=targets(8)), True)]
)
def test_full_list_in_the_answer_about_a_candidate_is_noticed(record: Any, *, inside: bool) -> None:
    answer = candidate_answer_of(SANCTION, frozenset()).model_validate({"record": record})

    assert full_lists(answer) == (frozenset(), frozenset({"record"} if inside else ()))


# About several kinds


def joint(*kinds: str) -> type[JointAnswer]:
    return joint_answer_of(tuple(built_in()[kind] for kind in kinds), bounded=False)


TALKS = {
    CITATIONS: [1],
    "parties": ["Norvia"],
    "mediators": [],
    "format": "visit",
    "status": "held",
    "stage": "ceasefire",
    "outcome": "they agreed",
}


def test_joint_answer_tells_which_lists_there_are_in_which_order() -> None:
    form = joint("negotiations", "sanctions", "military_claims")

    answer = form.model_validate_json('{"sanctions": [], "negotiations": []}')

    assert answer.order == ("sanctions", "negotiations")
    assert answer.model_fields_set == {"sanctions", "negotiations"}
    assert dict(answer) == {"negotiations": [], "sanctions": [], "military_claims": []}


def test_joint_answer_keeps_its_order_where_it_is_validated_again() -> None:
    form = joint("negotiations", "sanctions")
    answer = form.model_validate({"sanctions": [], "negotiations": []})

    assert form.model_validate(answer).order == ("sanctions", "negotiations")


def test_full_lists_of_a_joint_answer_have_their_kinds_names() -> None:
    full = [sanction(reason=f"reason {number}") for number in range(MOST_RECORDS)]
    talks = complete(
        draft_of(built_in()["negotiations"]), {**TALKS, "parties": [f"Land {n}" for n in range(MOST_ITEMS)]}
    )
    answer = joint("negotiations", "sanctions").model_validate({"negotiations": [talks], "sanctions": full})

    assert full_lists(answer) == ({"sanctions"}, {"negotiations"})


@pytest.mark.parametrize("broken", [{**sanction(), "unheard_of": 1}, {CITATIONS: "all"}])
def test_broken_draft_of_a_joint_answer_is_kept(broken: dict[str, Any]) -> None:
    answer: Any = joint("negotiations", "sanctions").model_validate({"negotiations": [], "sanctions": [broken]})

    [kept] = answer.sanctions
    assert isinstance(kept, BrokenDraft)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({}, "no_list"),
        ({"records": []}, "no_list"),
        ({"sanctions": [{"imposed_by": "Norvia"}]}, "unknown_form"),
        ({"sanctions": ["Norvia imposed sanctions"]}, "unknown_form"),
    ],
)
def test_joint_answer_of_a_model_that_does_not_know_its_form_is_none(said: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValidationError) as raised:
        joint("negotiations", "sanctions").model_validate(said)

    assert [error["type"] for error in raised.value.errors()] == [wrong]


def test_null_is_an_empty_list_and_what_a_model_adds_is_left_out() -> None:
    said = {"sanctions": [{**sanction(), "measures": None}], "negotiations": None, "notes": "none"}

    answer: Any = joint("negotiations", "sanctions").model_validate(said)

    assert (answer.negotiations, answer.order) == ([], ("sanctions", "negotiations"))
    assert answer.model_fields_set >= {"negotiations", "sanctions"}
    assert answer.sanctions[0].measures == []


def test_one_record_in_the_right_form_is_enough_to_keep_the_others() -> None:
    said = {"sanctions": [sanction(), {"imposed_by": "Norvia"}]}

    assert len(dict(joint("sanctions").model_validate(said))["sanctions"]) == 2


# About a candidate


@by_kind
@pytest.mark.parametrize("lean", [False, True])
def test_answer_about_a_candidate_is_a_draft_or_null(record: type[Record], *, lean: bool) -> None:
    form = candidate_answer_of(record, frozenset({"evidence"}), lean=lean)

    none: Any = form.model_validate({"record": None})
    broken: Any = form.model_validate({"record": {"secret": "value"}})

    assert none.record is None
    assert isinstance(broken.record, BrokenDraft)
    assert "value" not in " ".join(broken.record.problems)
    for wrong in ({}, {"records": None}, {"record": None, "L1": None}):
        with pytest.raises(ValidationError):
            form.model_validate(wrong)


@by_kind
def test_answer_that_certainly_has_a_record_is_not_null(record: type[Record]) -> None:
    form = candidate_answer_of(record, frozenset({"evidence"}), certain=True)

    answer: Any = form.model_validate({"record": None})

    assert isinstance(answer.record, BrokenDraft)
    assert form.model_json_schema()["properties"]["record"]["type"] == "object"
