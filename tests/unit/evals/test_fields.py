"""How far one field agrees with gold."""

from typing import Any

import pytest

from evals.fields import agreement, names_of, spans
from schemas.registry import built_in
from service.extraction.text.spans import Span


def word(text: str) -> dict[str, Any]:
    return {"start": 0, "end": len(text), "text": text}


def judge(kind: str, name: str, right: Any, said: Any) -> float:
    return agreement(built_in()[kind], name, right, said)


@pytest.mark.parametrize(
    ("right", "said", "score"),
    [
        ("held", "held", 1),
        (["held", "concluded"], "concluded", 1),
        ("held", "planned", 0),
        ("held", None, 0),
    ],
)
def test_judged_value_is_among_the_right_ones(right: Any, said: Any, score: float) -> None:
    assert judge("negotiations", "status", right, said) == score


@pytest.mark.parametrize(
    ("right", "said", "score"), [(None, None, 1), (None, "near", 0), ("near", None, 0), (["near"], "near", 1)]
)
def test_judged_value_may_be_null(right: Any, said: Any, score: float) -> None:
    assert judge("military_claims", "precision", right, said) == score


def test_judged_list_is_scored_by_f1() -> None:
    assert judge("sanctions", "measures", ["asset_freeze", "travel_ban"], ["asset_freeze"]) == pytest.approx(2 / 3)
    assert judge("sanctions", "measures", ["asset_freeze"], ["asset_freeze", "travel_ban"]) == pytest.approx(2 / 3)
    assert judge("sanctions", "measures", [], []) == 1
    assert judge("sanctions", "measures", ["asset_freeze"], []) == 0


def test_topics_are_scored_by_recall_alone() -> None:
    assert judge("negotiations", "topics", ["ceasefire", "prisoners"], ["ceasefire"]) == 0.5
    assert judge("negotiations", "topics", ["ceasefire"], ["military", "ceasefire", "other"]) == 1
    assert judge("negotiations", "topics", ["ceasefire"], ["military"]) == 0
    assert judge("negotiations", "topics", ["ceasefire"], None) == 0
    assert judge("negotiations", "topics", [], ["military"]) == 1


@pytest.mark.parametrize(
    ("right", "said", "score"),
    [
        (None, None, 1),
        (None, word("Geneva"), 0),
        ("Geneva", None, 0),
        ("Geneva", word("GENEVA"), 1),
        (["Geneva", "the Swiss city"], word("Swiss city"), 1),
        (["Geneva", None], None, 1),
        ("Geneva", word("Bern"), 0),
    ],
)
def test_surface_value_agrees_in_words_or_in_silence(right: Any, said: Any, score: float) -> None:
    assert judge("negotiations", "location", right, said) == score


def test_actor_is_known_by_any_of_its_names() -> None:
    names = ["Ministry of Defence of Norvia", "the ministry"]

    assert judge("military_claims", "claimant", names, word("Ministry of Defence")) == 1
    assert judge("military_claims", "claimant", names, word("Ministry of Trade")) == 0
    assert judge("military_claims", "claimant", None, None) == 1
    assert judge("military_claims", "claimant", names, None) == 0


def test_actor_that_may_be_nobody_is_known_by_its_names_too() -> None:
    names = [None, "the ministry"]

    assert judge("military_claims", "claimant", names, None) == 1
    assert judge("military_claims", "claimant", names, word("the ministry")) == 1
    assert judge("military_claims", "claimant", names, word("the army")) == 0
    assert judge("military_claims", "contested_by", [names], [word("the ministry")]) == 1


def test_list_of_actors_pairs_each_name_once() -> None:
    right = [["Norvia", "the Norvians"], ["Tellan"]]

    assert judge("negotiations", "parties", right, [word("Tellan"), word("Norvia")]) == 1
    assert judge("negotiations", "parties", right, [word("Norvia"), word("the Norvians")]) == 0.5


def test_actors_inside_items_go_by_their_names() -> None:
    said = [{"name": word("Orel Bank"), "target_type": "company"}]

    assert judge("sanctions", "targets", [["Orel Bank"]], said) == 1
    assert names_of(built_in()["sanctions"], {"targets": said, "authorities": [word("the EU")]}) == [
        "the EU",
        "Orel Bank",
    ]


def test_items_agree_in_words_first_and_then_in_values() -> None:
    right = [{"text": "12 soldiers", "metric": ["killed", "losses_total"]}]

    assert judge("military_claims", "quantities", right, [{"text": word("12 soldiers"), "metric": "killed"}]) == 1
    assert judge("military_claims", "quantities", right, [{"text": word("12 soldiers"), "metric": "wounded"}]) == 0.5
    assert judge("military_claims", "quantities", right, [{"text": word("nine tanks"), "metric": "killed"}]) == 0


def test_part_of_an_item_may_be_null() -> None:
    right = [{"name": "Ivo Marn", "position": None}]
    silent = {"name": word("Ivo Marn"), "position": None}

    assert judge("negotiations", "representatives", right, [silent]) == 1
    assert judge("negotiations", "representatives", right, [{**silent, "position": word("delegate")}]) == 0


def test_passage_agrees_by_characters_in_one_part_or_several() -> None:
    right = (Span(0, 10), Span(20, 30))
    whole, part = {"start": 0, "end": 10, "text": ""}, {"start": 20, "end": 30, "text": ""}

    assert judge("quoted_officials", "content", right, [whole, part]) == 1
    assert judge("quoted_officials", "content", right, whole) == pytest.approx(2 / 3)
    assert judge("quoted_officials", "content", right, None) == 0


def test_words_without_a_place_have_no_span() -> None:
    assert spans([{"start": -1, "end": -1, "text": "invented"}, {"start": 2, "end": 4, "text": "in"}]) == [Span(2, 4)]
