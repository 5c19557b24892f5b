"""What becomes of each answer and failure of a question, and how much room an answer has."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from schemas.answers import answer_of, joint_answer_of
from schemas.registry import built_in
from schemas.result import Usage
from service.errors import (
    AnswerMalformedError,
    AnswerRefusedError,
    AnswerTruncatedError,
    ContextTooLongError,
    DeadlineExceededError,
    ModelUnavailableError,
)
from service.extraction.model import Question
from service.extraction.text.windows import estimate_tokens
from service.strategy import Strategy
from tests.support.scripted_model import NOTHING, ScriptedModel
from tests.unit.extraction.talks import (
    NOT_FOUND,
    ONE,
    PARAGRAPH,
    TEXT,
    TWO,
    answer,
    by_sentences,
    extract,
    shown,
    talks,
)

# What comes of an answer


async def test_complaint_names_each_fault_and_the_model_is_asked_once_more() -> None:
    wrong = talks(1, parties=["Vostria", "Atlantis"], location="Geneva")
    lost = talks(1, parties=["Lemuria"], date_text="Tuesday", location="Port Adra")
    said = {"records": [talks(1), wrong, lost, {**talks(1), "format": "seance"}]}
    model = ScriptedModel(said, {"records": [talks(1)]})

    found = await extract(model, strategy=Strategy.SEARCH)

    [complaint] = model.complaints
    assert complaint == (
        "These parts of the answer cannot be used:\n"
        f"- records[1].parties.1: {NOT_FOUND} (you wrote: 'Atlantis')\n"
        f"- records[1].location: {NOT_FOUND} (you wrote: 'Geneva')\n"
        f"- records[2]: parties: {NOT_FOUND}\n"
        "- records[3]: does not fit the schema: format: literal_error\n"
        "Answer again, whole."
    )
    assert len(found.records["negotiations"]) == 1
    assert found.rejected == []
    assert found.usage == Usage(calls=2, reasks=1, prompt_tokens=200, completion_tokens=20)


async def test_complaint_about_all_kinds_names_records_that_are_lost_and_no_values() -> None:
    wrong, lost = talks(1, location="Geneva"), talks(1, parties=["Lemuria"])
    model = ScriptedModel(answer(wrong, lost, {**talks(1), "format": "seance"}), answer(wrong))

    found = await extract(model)

    [complaint] = model.complaints
    assert complaint == (
        "These parts of the answer cannot be used:\n"
        f"- negotiations[1]: parties: {NOT_FOUND}\n"
        "- negotiations[2]: does not fit the schema: format: literal_error\n"
        "Answer again, whole."
    )
    assert [(refused.field, refused.draft) for refused in found.rejected] == [("location", "Geneva")]
    assert len(found.records["negotiations"]) == 1


async def test_complaint_is_bounded() -> None:
    model = ScriptedModel(answer(*[talks(1, parties=["Atlantis"])] * 16), NOTHING)

    await extract(model)

    assert model.complaints[0].count("\n- negotiations[") == 6


async def test_second_miss_is_rejected_and_the_good_records_are_kept() -> None:
    twice = answer(
        talks(1, location="Geneva"), talks(1, parties=["Lemuria"], location="Port Adra", date_text="Tuesday")
    )
    model = ScriptedModel(twice, twice)

    found = await extract(model)

    [record] = found.records["negotiations"]
    assert record.model_dump()["location"] is None
    assert [(r.field, r.reason) for r in found.rejected] == [("location", NOT_FOUND), (None, f"parties: {NOT_FOUND}")]
    assert found.rejected[1].draft["parties"] == ["Lemuria"]
    assert found.status == "complete"


# What comes of a failure


@pytest.mark.parametrize("error", [AnswerTruncatedError("cut off"), ContextTooLongError("too long")])
async def test_window_that_is_too_long_is_halved_and_nothing_asked_twice(error: Exception) -> None:
    model = ScriptedModel(
        otherwise=by_sentences(lambda s: error if len(s) > 2 else answer(talks(s[0])) if 1 in s or 5 in s else NOTHING)
    )

    found = await extract(model)

    assert [shown(question) for question in model.questions] == [
        [1, 2, 3, 4, 5, 6],
        [1, 2, 3],
        [1],
        [2, 3],
        [4, 5, 6],
        [4],
        [5, 6],
    ]
    messages = [question.messages[-1].content for question in model.questions]
    assert len(set(messages)) == len(messages)
    [record] = found.records["negotiations"]
    assert [evidence.sentence for evidence in record.evidence] == [1, 5]
    assert (found.status, found.failures) == ("complete", [])


async def test_sentence_that_alone_is_too_long_is_a_failure_of_its_own() -> None:
    error = AnswerTruncatedError("the answer was cut off")
    model = ScriptedModel(
        otherwise=by_sentences(lambda s: error if 3 in s else answer(talks(1)) if 1 in s else NOTHING)
    )

    found = await extract(model)

    assert found.status == "partial"
    [failure] = found.failures
    start = TEXT.index("“We are")
    assert failure.model_dump() == {
        "kind": "negotiations",
        "first_sentence": 3,
        "last_sentence": 3,
        "start": start,
        "end": start + len("“We are closer than last week,” said Mira Dolen."),
        "code": "answer_truncated",
        "reason": "the answer was cut off",
    }
    assert len(found.records["negotiations"]) == 1
    messages = [question.messages[-1].content for question in model.questions]
    assert len(set(messages)) == len(messages)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AnswerRefusedError("the model refused"), "answer_refused"),
        (AnswerMalformedError("no JSON"), "answer_malformed"),
        (ModelUnavailableError("the server is down"), "model_unavailable"),
        (DeadlineExceededError("the time is over"), "deadline_exceeded"),
    ],
)
async def test_window_without_an_answer_is_a_failure_beside_what_was_found(error: Exception, code: str) -> None:
    model = ScriptedModel(otherwise=by_sentences(lambda s: error if 3 in s else answer(talks(s[0]))))

    found = await extract(model, budget=PARAGRAPH)

    assert found.status == "partial"
    assert [(f.code, f.first_sentence, f.last_sentence, f.reason) for f in found.failures] == [(code, 3, 4, str(error))]
    assert [e.sentence for record in found.records["negotiations"] for e in record.evidence] == [1, 5]
    assert len(model.questions) == 3


async def test_failure_of_one_kind_is_not_the_others() -> None:
    def said(question: Question[Any]) -> Mapping[str, Any]:
        if question.answer is answer_of(built_in()[TWO]):
            raise AnswerRefusedError("the model refused")
        return NOTHING

    found = await extract(ScriptedModel(otherwise=said), kinds=[ONE, TWO], strategy=Strategy.SEARCH)

    assert found.records == {ONE: [], TWO: []}
    assert [failure.kind for failure in found.failures] == [TWO]
    assert found.status == "partial"


# How much room there is


async def test_answer_may_be_longer_for_more_text() -> None:
    model = ScriptedModel(otherwise=NOTHING)
    await extract(model, "Short.")
    await extract(model, TEXT)

    short, long = (question.max_tokens for question in model.questions)
    assert 100 <= short < long


async def prompt_tokens(strategy: Strategy) -> int:
    """Tokens of the one question about the whole text, by the plan's own estimate."""
    model = ScriptedModel(otherwise=NOTHING)
    await extract(model, strategy=strategy)
    said = sum(estimate_tokens(message.content) for message in model.questions[0].messages)
    return said + (estimate_tokens(SCHEMA) if strategy is Strategy.GUIDED else 0)


SCHEMA = json.dumps(
    joint_answer_of((built_in()["negotiations"],), bounded=False).model_json_schema(), separators=(",", ":")
)
"""Of an answer about all kinds: long enough that it has to be counted as a part of the prompt."""
both = pytest.mark.parametrize("strategy", [Strategy.GUIDED, Strategy.SEARCH])


@both
async def test_answer_is_limited_to_the_room_in_the_context(strategy: Strategy) -> None:
    model = ScriptedModel(otherwise=NOTHING, context_tokens=await prompt_tokens(strategy) + 120)

    await extract(model, strategy=strategy)

    assert [question.max_tokens for question in model.questions] == [120]


@both
async def test_window_that_leaves_no_room_is_cut_before_it_is_asked(strategy: Strategy) -> None:
    model = ScriptedModel(otherwise=NOTHING, context_tokens=await prompt_tokens(strategy) + 80)

    found = await extract(model, strategy=strategy)

    assert [shown(question) for question in model.questions] == [[1, 2, 3], [4, 5, 6]]
    assert found.status == "complete"


async def test_context_without_room_for_a_sentence_is_a_failure_without_a_call() -> None:
    model = ScriptedModel(otherwise=NOTHING, context_tokens=200)

    found = await extract(model)

    assert model.questions == []
    assert {failure.code for failure in found.failures} == {"context_too_long"}
    assert len(found.failures) == 6
