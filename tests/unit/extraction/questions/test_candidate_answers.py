"""What an answer about a candidate becomes, and what a failure costs."""

from collections.abc import Mapping
from typing import Any

import pytest

from service.errors import AnswerMalformedError, AnswerTruncatedError, ContextTooLongError, ModelUnavailableError
from service.extraction.model import Question
from tests.support.scripted_model import ScriptedModel
from tests.unit.extraction.questions.by_candidates import (
    BRANDT,
    DOLEN,
    REASONS,
    TALKS,
    asked,
    by_sentence,
    evidence,
    extract,
    quote,
    talks,
)


async def test_each_occurrence_of_a_candidate_is_a_record_with_its_own_sentences() -> None:
    model = ScriptedModel(otherwise=by_sentence({3: quote(**DOLEN), 5: quote(**BRANDT)}))

    found = await extract(model)

    records = {
        record["evidence"][0]["sentence"]: record for record in found.model_dump()["records"]["quoted_officials"]
    }
    assert set(records) == {3, 5, 6}
    assert all(len(record["evidence"]) == 1 for record in records.values())
    words = {number: [part["text"] for part in record["content"]] for number, record in records.items()}
    assert words == {
        3: ["We are closer than last week,"],
        5: ["the ferry was full"],
        6: ["Nobody left the room today,"],
    }
    assert {number: record["cue"]["text"] for number, record in records.items()} == {3: "said", 5: "said", 6: "added"}
    assert {number: record["quote_type"] for number, record in records.items()} == {
        3: "direct",
        5: "indirect",
        6: "direct",
    }
    assert found.rejected == []
    assert model.complaints == []


async def test_fault_is_put_to_the_model_and_the_second_answer_counts() -> None:
    wrong, right = talks("Vostria", "Kalmere", outcome="a truce"), talks("Vostria", "Kalmere", outcome="met")
    model = ScriptedModel(by_sentence({1: wrong}), by_sentence({1: right}), otherwise=by_sentence({}))

    found = await extract(model, TALKS, kinds=["negotiations"])

    [complaint] = model.complaints
    assert f"- record.outcome: {REASONS.not_found} (you wrote: 'a truce')" in complaint
    assert found.model_dump()["records"]["negotiations"][0]["outcome"]["text"] == "met"
    assert found.rejected == []


async def test_null_about_words_of_a_known_speaker_is_a_rejection() -> None:
    model = ScriptedModel(otherwise=by_sentence({3: quote(**DOLEN)}))

    found = await extract(model)

    assert evidence(found, "quoted_officials") == [[3], [6]]
    assert [(r.field, r.draft) for r in found.rejected] == [(None, None)]


@pytest.mark.parametrize("lean", [False, True])
async def test_null_is_no_record_and_no_rejection(lean: bool) -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    found = await extract(model, "“We wait for flour every day.” " + TALKS, kinds=None, lean=lean)

    assert found.questions > 1
    assert all(records == [] for records in found.records.values())
    assert (found.rejected, found.failures, found.status) == ([], [], "complete")
    assert model.complaints == []
    assert found.usage.reasks == 0


async def test_lean_answer_may_leave_out_what_is_null() -> None:
    model = ScriptedModel(otherwise=by_sentence({3: DOLEN, 5: BRANDT}))

    found = await extract(model, lean=True)

    assert evidence(found, "quoted_officials") == [[3], [5], [6]]
    assert found.rejected == []


async def test_draft_that_breaks_the_schema_is_rejected_beside_the_good_one() -> None:
    broken = {**quote(**DOLEN), "sector": "circus"}
    model = ScriptedModel(otherwise=by_sentence({3: broken, 5: quote(**BRANDT)}))

    found = await extract(model)

    assert evidence(found, "quoted_officials") == [[5]]
    assert found.rejected
    assert all("does not fit the schema" in r.reason and r.draft == broken for r in found.rejected)


@pytest.mark.parametrize("other", [{"content": ["Schools stay closed"]}, {"speaker": "Oke Brandt"}, {"cue": None}])
async def test_what_is_prefilled_cannot_be_said_otherwise(other: dict[str, Any]) -> None:
    model = ScriptedModel(otherwise=by_sentence({3: quote(**DOLEN), 5: {**quote(**BRANDT), **other}}))

    found = await extract(model)

    assert evidence(found, "quoted_officials") == [[3], [6]]
    assert [r.draft for r in found.rejected] == [{**quote(**BRANDT), **other}]


async def test_name_that_is_not_offered_is_no_answer_to_a_lean_question() -> None:
    broken = {"parties": ["Atlantis", "Lentia"], "format": "visit", "status": "held", "stage": "ceasefire"}
    model = ScriptedModel(otherwise=by_sentence({1: broken, 4: {**broken, "parties": ["Lentia", "Kalmere"]}}))

    found = await extract(model, TALKS, kinds=["negotiations"], lean=True)

    assert evidence(found, "negotiations") == [[4]]
    assert [r.draft for r in found.rejected] == [broken]


# What comes of a failure


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AnswerTruncatedError("the answer was cut off"), "answer_truncated"),
        (ContextTooLongError("the answer was cut off"), "context_too_long"),
        (AnswerMalformedError("the answer was cut off"), "answer_malformed"),
    ],
)
async def test_candidate_without_an_answer_is_a_failure_beside_what_was_found(error: Exception, code: str) -> None:
    def said(question: Question[Any]) -> Mapping[str, Any]:
        if asked(question) == 3:
            raise error
        return by_sentence({1: talks("Vostria", "Kalmere")})(question)

    model = ScriptedModel(otherwise=said)

    found = await extract(model, TALKS, kinds=["negotiations"])

    [failure] = found.failures
    start = TALKS.index("Envoys of Vostria and Lentia")
    assert failure.model_dump() == {
        "kind": "negotiations",
        "first_sentence": 3,
        "last_sentence": 3,
        "start": start,
        "end": start + len("Envoys of Vostria and Lentia will meet in Sella next week."),
        "code": code,
        "reason": "the answer was cut off",
    }
    assert evidence(found, "negotiations") == [[1]]
    assert sorted(asked(question) or 0 for question in model.questions) == [1, 3, 4]
    assert found.status == "partial"


async def test_prompt_that_does_not_fit_is_a_failure_with_a_reason_and_no_call() -> None:
    model = ScriptedModel(context_tokens=50)

    found = await extract(model)

    assert model.questions == []
    assert found.failures
    assert {failure.code for failure in found.failures} == {"context_too_long"}
    assert all(failure.reason for failure in found.failures)
    assert found.status == "partial"


async def test_no_call_that_succeeds_is_an_error_and_no_answer() -> None:
    with pytest.raises(ModelUnavailableError):
        await extract(ScriptedModel(otherwise=ModelUnavailableError("down")))
