"""Which found record is which gold one, and what is counted."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from evals import scoring
from evals.costs import costs
from evals.gold import GoldArticle, GoldRecord
from evals.intervals import total
from evals.scoring import match
from evals.suites import Judgement
from schemas.registry import built_in

from .conftest import TEXT, at, cited, gold, said

Articles = Callable[..., GoldArticle]
KINDS = built_in()


def talks(*parties: str, beginning: str = "Envoys", **fields: Any) -> dict[str, Any]:
    return {"evidence": cited(beginning), "parties": [said(party) for party in parties], **fields}


def verdicts(kind: str, right: list[GoldRecord], found: list[dict[str, Any]]) -> list[str]:
    return [pair.verdict for pair in match(KINDS[kind], right, found)]


def counted(judged: Judgement) -> dict[str, float]:
    return {name: count for name, count in judged.tally.items() if count}


MET = gold("negotiations", "Envoys", parties=[["Republic of Norvia", "Norvia"], ["Tellan"]], status="held")


def test_record_is_found_where_place_and_an_actor_agree() -> None:
    assert verdicts("negotiations", [MET], [talks("Norvia")]) == ["hit"]


def test_actor_that_may_be_nobody_is_matched_by_its_names() -> None:
    right = gold("military_claims", "The Norvian army", claimant=[None, "The Norvian army"], claim_type="strike")

    def claim(claimant: str) -> dict[str, Any]:
        return {"evidence": cited("The Norvian army"), "claimant": said(claimant), "claim_type": "strike"}

    assert verdicts("military_claims", [right], [claim("Norvian army")]) == ["hit"]
    assert verdicts("military_claims", [right], [claim("Tellan")]) == ["miss", "alarm"]


def test_record_of_other_actors_is_a_miss_and_a_false_alarm() -> None:
    assert verdicts("negotiations", [MET], [talks("Geneva")]) == ["miss", "alarm"]


def test_record_elsewhere_is_a_miss_and_a_false_alarm() -> None:
    assert verdicts("negotiations", [MET], [talks("Tellan", beginning="Tellan denied")]) == ["miss", "alarm"]


def test_second_record_of_the_same_item_is_a_false_alarm() -> None:
    assert verdicts("negotiations", [MET], [talks("Norvia"), talks("Tellan")]) == ["hit", "alarm"]


def test_of_two_the_one_that_agrees_better_is_taken() -> None:
    wrong, right = talks("Norvia", status="planned"), talks("Norvia", status="held")

    pairs = match(KINDS["negotiations"], [MET], [wrong, right])

    assert pairs[0].found is right
    assert pairs[1].found is wrong


def test_pairing_finds_room_for_everybody() -> None:
    narrow = gold("negotiations", "Envoys", parties=[["Tellan"]], status="held")

    # The first could take either; only with the second in mind is there one for both.
    assert verdicts("negotiations", [MET, narrow], [talks("Tellan", status="held"), talks("Norvia")]) == ["hit", "hit"]


def test_optional_record_counts_neither_found_nor_missed() -> None:
    maybe = gold("negotiations", "Envoys", optional=True, parties=[["Norvia"]])

    assert verdicts("negotiations", [maybe], []) == ["optional"]
    assert verdicts("negotiations", [maybe], [talks("Norvia")]) == ["optional"]
    assert verdicts("negotiations", [maybe, MET], [talks("Norvia")]) == ["hit", "optional"] or verdicts(
        "negotiations", [MET, maybe], [talks("Norvia")]
    ) == ["hit", "optional"]


def test_gold_that_counts_goes_before_optional_gold_that_agrees_better() -> None:
    maybe = gold("negotiations", "Envoys", optional=True, parties=[["Norvia"]], status="planned")
    found = [talks("Norvia", status="planned")]

    assert sorted(verdicts("negotiations", [maybe, MET], found)) == ["hit", "optional"]


def test_gold_without_actors_is_found_by_its_place_alone() -> None:
    nobody = gold("military_claims", "The Norvian army", claimant=None, actor=None, affected=None)
    found = [{"evidence": cited("The Norvian army"), "claimant": said("Tellan"), "actor": None, "affected": None}]

    assert verdicts("military_claims", [nobody], found) == ["hit"]


MISSED = gold("negotiations", "Envoys")
WRONG = replace(gold("negotiations", "Envoys", parties=[["Norvia"]], status="planned"), wrong=True)


def test_record_of_which_only_the_place_is_known_is_any_record_there() -> None:
    assert verdicts("negotiations", [MISSED], [talks("Geneva")]) == ["hit"]
    assert verdicts("negotiations", [MISSED], [talks("Geneva"), talks("Tellan")]) == ["hit", "alarm"]
    assert verdicts("negotiations", [MISSED], [talks("Tellan", beginning="Tellan denied")]) == ["miss", "alarm"]
    assert verdicts("negotiations", [MISSED], []) == ["miss"]


def test_record_that_is_another_one_is_not_what_was_missed_there() -> None:
    maybe = gold("negotiations", "Envoys", optional=True, parties=[["Geneva"]])

    assert sorted(verdicts("negotiations", [MISSED, MET], [talks("Norvia")])) == ["hit", "miss"]
    assert sorted(verdicts("negotiations", [MISSED, maybe], [talks("Geneva")])) == ["miss", "optional"]
    assert verdicts("negotiations", [MISSED, MET], [talks("Norvia"), talks("Geneva")]) == ["hit", "hit"]


def test_record_that_is_known_to_be_wrong_is_a_false_alarm() -> None:
    again, other = talks("Norvia", status="planned"), talks("Norvia", status="held")

    assert sorted(verdicts("negotiations", [MISSED, WRONG], [again])) == ["alarm", "miss"]
    assert verdicts("negotiations", [MISSED, WRONG], [other]) == ["hit"]
    assert sorted(verdicts("negotiations", [MISSED, WRONG], [again, other])) == ["alarm", "hit"]
    assert verdicts("negotiations", [WRONG], []) == []


def test_record_that_says_what_is_known_to_be_wrong_is_no_right_one_with_faults() -> None:
    again, other = talks("Norvia", status="planned"), talks("Norvia", status="ongoing")

    assert sorted(verdicts("negotiations", [WRONG, MET], [again])) == ["alarm", "miss"]
    assert verdicts("negotiations", [WRONG, MET], [other]) == ["hit"]


def test_record_that_is_right_once_and_wrong_as_its_copy_is_one_of_each() -> None:
    copy = replace(MET, wrong=True)
    found = talks("Norvia", "Tellan", status="held")

    assert verdicts("negotiations", [copy, MET], [found]) == ["hit"]
    assert sorted(verdicts("negotiations", [copy, MET], [found, dict(found)])) == ["alarm", "hit"]


def test_quotation_is_known_to_be_wrong_whatever_mark_it_ends_with() -> None:
    wrong = replace(gold("quoted_officials", "“We talk", content=(at("We talk"),), speaker=["Ana Rell"]), wrong=True)
    missed = gold("quoted_officials", "“We talk")
    found = {"evidence": cited("“We talk"), "content": [said("We talk,")], "speaker": said("Ana Rell")}

    assert sorted(verdicts("quoted_officials", [missed, wrong], [found])) == ["alarm", "miss"]


def test_field_of_a_wrong_record_is_not_judged(article: Articles) -> None:
    judged = scoring.judge(article(WRONG), {"negotiations": [talks("Norvia", status="planned")]}, KINDS)

    assert counted(judged) == {"negotiations.alarm": 1}


def test_kind_that_nobody_has_looked_at_is_not_judged(article: Articles) -> None:
    text = replace(article(MET), kinds=("sanctions",))

    judged = scoring.judge(text, {"negotiations": [talks("Norvia")], "sanctions": [talks("Norvia")]}, KINDS)

    assert counted(judged) == {"sanctions.alarm": 1}
    assert len(judged.findings) == 1


def test_evidence_must_share_half_of_the_shorter_one() -> None:
    whole = at("Envoys of Norvia and Tellan met in Geneva on Tuesday. The Norvian army said it had shelled")
    longer = {"evidence": [{"start": whole.start, "end": whole.end, "text": ""}], "parties": [said("Norvia")]}
    edge = {"evidence": [said("Tuesday. The Norvian army said it had")], "parties": [said("Norvia")]}

    assert verdicts("negotiations", [MET], [longer]) == ["hit"]
    assert verdicts("negotiations", [MET], [edge]) == ["miss", "alarm"]


def test_tables_are_counted_from_the_sum_of_articles(article: Articles) -> None:
    claim = gold("military_claims", "The Norvian army", claimant=[["the Norvian army"][0]], claim_type="strike")
    text = article(MET, claim)
    first = scoring.judge(text, {"negotiations": [talks("Norvia", status="planned")]}, KINDS)
    second = scoring.judge(text, {"negotiations": [talks("Norvia", status="held"), talks("Geneva")]}, KINDS)

    tables = scoring.tables(total([first.tally, second.tally]), KINDS)

    row = tables["detection"]["negotiations"]
    assert (row["precision"], row["recall"], row["gold"], row["found"]) == (pytest.approx(2 / 3), 1.0, 2, 3)
    assert row["F1"] == pytest.approx(0.8)
    assert tables["detection"]["military_claims"]["recall"] == 0
    assert tables["detection"]["military_claims"]["precision"] is None
    assert tables["detection"]["sanctions"]["F1"] is None
    assert tables["detection"]["macro"]["F1"] == pytest.approx(0.4)
    assert tables["fields"]["negotiations status"] == {"accuracy": 0.5, "pairs": 2}
    assert "negotiations location" not in tables["fields"]


def test_findings_say_in_words_what_became_of_each_record(article: Articles) -> None:
    quote = gold("quoted_officials", "“We talk", content=(at("We talk"), at("because we must")), speaker=["Ana Rell"])
    found = {"evidence": cited("“We talk"), "content": [said("We talk")], "speaker": said("President Ana Rell")}

    judged = scoring.judge(article(quote), {"quoted_officials": [found]}, KINDS)

    (finding,) = judged.findings
    assert finding.verdict == "hit"
    assert finding.spans == (at("We talk"), at("because we must"), at("We talk"))
    lines = {line.field: line for line in finding.lines}
    assert (lines["content"].right, lines["content"].said) == ("We talk; because we must", "We talk")
    assert lines["content"].score == pytest.approx(14 / 29)
    assert lines["speaker"].score == 1


def test_layer_scored_against_itself_agrees_in_everything(article: Articles) -> None:
    quote = gold("quoted_officials", "“We talk", content=(at("We talk"),), speaker=["Ana Rell"], is_official=True)
    claim = gold(
        "military_claims",
        "The Norvian army",
        claimant=["The Norvian army", "the army"],
        claim_type=["strike", "casualties"],
        contested_by=[["Tellan"]],
        quantities=[{"text": "12 soldiers", "metric": "killed"}],
        location="Port Emmel",
        date_text=None,
    )
    maybe = gold("negotiations", "Tellan denied", optional=True, parties=[["Tellan"]])
    layer = article(MET, quote, claim)

    judged = scoring.judge(layer, scoring.as_found(article(MET, quote, claim, maybe), KINDS), KINDS)

    tables = scoring.tables(total([judged.tally]), KINDS)
    assert {row["F1"] for row in tables["detection"].values()} == {1.0, None}
    assert {row["accuracy"] for row in tables["fields"].values()} == {1.0}
    assert len(tables["fields"]) == 11


def test_values_that_are_not_where_they_say_are_counted() -> None:
    moved = {**said("Geneva"), "start": at("Geneva").start + 1}
    answer = {
        "records": {
            "negotiations": [{"parties": [said("Norvia"), {"start": -1, "end": -1, "text": "Vern"}], "x": moved}]
        },
        "rejected": [{"kind": "negotiations", "reason": "not there", "field": "location"}],
        "failures": [{"code": "answer_truncated"}],
        "usage": {"calls": 2, "completion_tokens": 50},
        "seconds": 3.5,
    }

    tally = costs(TEXT, answer)

    assert (tally["cost.values"], tally["cost.ungrounded"]) == (3, 2)
    assert (tally["cost.calls"], tally["cost.seconds"], tally["rejected.values.not there"]) == (2, 3.5, 1)
    assert tally["failed.answer_truncated"] == 1
