"""Articles read lead by lead: what is asked, what an answer becomes, what a failure costs."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.article import Article
from schemas.draft import answer_of, complete, draft_of, led_answer_of, settled
from schemas.registry import built_in
from schemas.result import Extraction
from service.extraction import leads, pipeline
from service.extraction.cues import Cues
from service.extraction.deadline import Deadline
from service.extraction.errors import (
    AnswerMalformedError,
    AnswerTruncatedError,
    ContextTooLongError,
    ModelUnavailableError,
)
from service.extraction.ground import NOT_FOUND
from service.extraction.model import Question
from service.extraction.pipeline import Extractor, Strategy
from service.extraction.plan import tokens
from service.extraction.segment import segment
from tests.support.grounding import assert_grounded
from tests.support.scripted_model import NOTHING, Line, ScriptedModel
from tests.unit.extraction.inventions import MARK, _object, strings, words_of

TEXT = (
    "Mira Dolen, Vostria’s deputy foreign minister, came to Port Adra on Tuesday. Schools stay closed.\n"
    "“We are closer than last week,” Dolen said. The weather was fine.\n"
    "Oke Brandt, the harbour master, said that the ferry was full. “Nobody left the room today,” Dolen added."
)
"""Dolen speaks in sentences 3 and 6, Brandt in 5."""
TALKS = (
    "Envoys of Vostria and Kalmere met in Port Adra on Tuesday. Schools stay closed. "
    "Envoys of Vostria and Lentia will meet in Sella next week. "
    "Envoys of Kalmere and Lentia held talks in Tolmi on Friday."
)
"""Talks in sentences 1, 3 and 4."""
DOLEN = {"speaker": "Mira Dolen", "speaker_type": "person", "is_official": True, "sector": "gov"}
BRANDT = {"speaker": "Oke Brandt", "speaker_type": "person", "is_official": False, "sector": "bus"}


def quote(**said: Any) -> dict[str, Any]:
    return complete(draft_of(built_in()["quoted_officials"], settled(built_in()["quoted_officials"])), said)


def talks(*parties: str, **said: Any) -> dict[str, Any]:
    base = {"parties": list(parties), "format": "bilateral", "status": "held", "stage": "ceasefire"}
    return complete(draft_of(built_in()["negotiations"], settled(built_in()["negotiations"])), {**base, **said})


def asked(question: Question[Any]) -> dict[str, int]:
    """The leads of a question, with the number of the sentence each is about."""
    found = re.findall(r"^(L\d+) \[(\d+)\]", question.messages[-1].content, re.MULTILINE)
    return {name: int(number) for name, number in found}


def by_sentence(drafts: Mapping[int, Any] | Callable[[int], Any]) -> Callable[[Question[Any]], dict[str, Any]]:
    """An answer with a draft for the leads of some sentences and null for the others."""
    choose = drafts if callable(drafts) else drafts.get
    return lambda question: {name: choose(number) for name, number in asked(question).items()}


async def extract(
    model: ScriptedModel,
    text: str = TEXT,
    *,
    kinds: Any = ("quoted_officials",),
    budget: int = 6_000,
    lean: bool = False,
    **article: Any,
) -> Extraction:
    reader = Extractor(model, built_in(), window_tokens=budget, max_chars=60_000, strategy=Strategy.LEADS, lean=lean)
    found = await reader.extract(Article(text=text, **article), kinds=kinds, deadline=Deadline.after(60))
    assert_grounded(found.model_dump(), text)
    return found


def evidence(found: Extraction, kind: str) -> list[list[int]]:
    return [[cited.sentence for cited in record.evidence] for record in found.records[kind]]


@pytest.fixture
def _together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four leads in one question."""
    monkeypatch.setattr(leads, "_MOST_LEADS", 4)


# What is asked


async def test_every_speaker_is_asked_about_once() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    found = await extract(model)

    assert sorted(number for question in model.questions for number in asked(question).values()) == [3, 5]
    assert found.questions == len(model.questions)


async def test_question_shows_the_leads_with_what_is_proposed() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model)

    shown = "\n".join(question.messages[-1].content for question in model.questions)
    assert "[3] “We are closer than last week,” Dolen said." in shown
    assert '"We are closer than last week,"' in shown
    assert "speaker=Mira Dolen" in shown
    assert "speaker=Oke Brandt" in shown


async def test_form_of_the_answer_has_a_place_for_each_lead_and_not_what_is_settled() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model)

    for question in model.questions:
        form = led_answer_of(built_in()["quoted_officials"], len(asked(question)), lean=False)
        assert list(question.answer.model_fields) == list(asked(question)) == list(form.model_fields)
        assert question.answer.model_json_schema() == form.model_json_schema()
        schema = json.dumps(question.answer.model_json_schema())
        assert '"speaker"' in schema
        assert '"content"' not in schema
        assert '"cue"' not in schema


@pytest.mark.usefixtures("_together")
async def test_leads_are_asked_about_together_as_far_as_the_budget_goes() -> None:
    wide, narrow = ScriptedModel(otherwise=by_sentence({})), ScriptedModel(otherwise=by_sentence({}))
    two = sum(tokens(sentence.text) for sentence in segment(TALKS) if sentence.number in (1, 3))

    await extract(wide, TALKS, kinds=["negotiations"])
    await extract(narrow, TALKS, kinds=["negotiations"], budget=two)

    assert [list(asked(question).values()) for question in wide.questions] == [[1, 3, 4]]
    assert [list(asked(question).values()) for question in narrow.questions] == [[1, 3], [4]]
    assert wide.questions[0].max_tokens > narrow.questions[0].max_tokens


async def test_static_part_is_the_same_for_every_question() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model, TALKS, kinds=["negotiations"])
    await extract(model, "Envoys of Sella and Tolmi met in Lentia.", kinds=["negotiations"])

    assert len({tuple(question.messages[:-1]) for question in model.questions}) == 1


async def test_kind_whose_words_are_nowhere_is_not_asked_about() -> None:
    model = ScriptedModel()

    found = await extract(model, "Schools stay closed.", kinds=["negotiations", "sanctions"])

    assert found.records == {"negotiations": [], "sanctions": []}
    assert (found.status, found.questions, found.usage.calls) == ("complete", 0, 0)


async def test_kind_without_cues_is_searched_for_in_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    known = pipeline.cues
    monkeypatch.setattr(pipeline, "cues", lambda kind, code: Cues() if kind == "sanctions" else known(kind, code))

    def said(question: Question[Any]) -> Mapping[str, Any]:
        return NOTHING if question.answer is answer_of(built_in()["sanctions"]) else by_sentence({})(question)

    model = ScriptedModel(otherwise=said)

    found = await extract(model, TALKS, kinds=["negotiations", "sanctions"])

    windows = [question for question in model.questions if not asked(question)]
    assert [question.answer for question in windows] == [answer_of(built_in()["sanctions"])]
    assert "[2] Schools stay closed." in windows[0].messages[-1].content
    assert found.questions == len(model.questions) > 1
    assert found.status == "complete"


async def test_record_found_in_a_window_is_grounded_beside_those_of_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "cues", lambda kind, code: Cues())
    draft = {**talks("Vostria", "Kalmere", location="Port Adra"), "sentences": [1]}
    model = ScriptedModel({"records": [draft]})

    found = await extract(model, TALKS, kinds=["negotiations"])

    assert evidence(found, "negotiations") == [[1]]


# What comes of an answer


async def test_each_place_of_a_lead_is_a_record_with_its_own_sentences() -> None:
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


async def test_proposed_speaker_is_accepted_wherever_it_stands() -> None:
    model = ScriptedModel(otherwise=by_sentence({3: quote(**DOLEN)}))

    found = await extract(model)

    speakers = [record["speaker"] for record in found.model_dump()["records"]["quoted_officials"]]
    assert speakers == [{"start": 0, "end": len("Mira Dolen"), "text": "Mira Dolen"}] * 2
    assert found.rejected == []


async def test_proposed_speaker_is_accepted_in_other_typography() -> None:
    model = ScriptedModel(otherwise=by_sentence({3: quote(**{**DOLEN, "speaker": " MIRA  DOLEN, "})}))

    found = await extract(model)

    assert [r["speaker"]["text"] for r in found.model_dump()["records"]["quoted_officials"]] == ["Mira Dolen"] * 2


async def test_speaker_may_be_bettered_with_words_of_the_leads_sentence() -> None:
    model = ScriptedModel(otherwise=by_sentence({5: quote(**{**BRANDT, "speaker": "the harbour master"})}))

    found = await extract(model)

    assert [r["speaker"]["text"] for r in found.model_dump()["records"]["quoted_officials"]] == ["the harbour master"]


@pytest.mark.usefixtures("_together")
@pytest.mark.parametrize("speaker", ["Oke Brandt", "Vostria", "Atlantis"])
async def test_speaker_from_elsewhere_who_was_not_proposed_drops_the_records(speaker: str) -> None:
    model = ScriptedModel(otherwise=by_sentence({3: quote(**{**DOLEN, "speaker": speaker})}))

    found = await extract(model)

    assert found.records == {"quoted_officials": []}
    assert {(r.field, r.reason) for r in found.rejected} == {(None, f"speaker: {NOT_FOUND}")}
    assert all(r.draft["speaker"] == speaker for r in found.rejected)
    assert found.status == "complete"


@pytest.mark.usefixtures("_together")
async def test_value_from_another_leads_sentence_is_refused() -> None:
    drafts = {1: talks("Vostria", "Kalmere", location="Tolmi"), 4: talks("Kalmere", "Lentia", location="Tolmi")}
    model = ScriptedModel(otherwise=by_sentence(drafts))

    found = await extract(model, TALKS, kinds=["negotiations"])

    first, last = found.model_dump()["records"]["negotiations"]
    assert (first["location"], last["location"]["text"]) == (None, "Tolmi")
    assert [(r.field, r.draft, r.reason) for r in found.rejected] == [("location", "Tolmi", NOT_FOUND)]
    assert evidence(found, "negotiations") == [[1], [4]]


@pytest.mark.usefixtures("_together")
async def test_record_with_only_another_leads_words_is_dropped() -> None:
    model = ScriptedModel(otherwise=by_sentence({1: talks("Lentia")}))

    found = await extract(model, TALKS, kinds=["negotiations"])

    assert found.records == {"negotiations": []}
    assert [(r.field, r.reason) for r in found.rejected] == [(None, f"parties: {NOT_FOUND}")]


async def test_fault_is_put_to_the_model_and_the_second_answer_counts() -> None:
    wrong, right = talks("Vostria", "Kalmere", location="Geneva"), talks("Vostria", "Kalmere", location="Port Adra")
    model = ScriptedModel(by_sentence({1: wrong}), by_sentence({1: right}), otherwise=by_sentence({}))

    found = await extract(model, TALKS, kinds=["negotiations"])

    [complaint] = model.complaints
    assert NOT_FOUND in complaint
    assert "'Geneva'" in complaint
    assert found.model_dump()["records"]["negotiations"][0]["location"]["text"] == "Port Adra"
    assert found.rejected == []


@pytest.mark.parametrize("lean", [False, True])
async def test_null_is_no_record_and_no_rejection(lean: bool) -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    found = await extract(model, TEXT + "\n" + TALKS, kinds=None, lean=lean)

    assert found.questions > 1
    assert all(records == [] for records in found.records.values())
    assert (found.rejected, found.failures, found.status) == ([], [], "complete")
    assert model.complaints == []
    assert found.usage.reasks == 0


async def test_lean_answer_may_leave_out_what_is_null() -> None:
    model = ScriptedModel(otherwise=by_sentence({3: DOLEN}))

    found = await extract(model, lean=True)

    assert evidence(found, "quoted_officials") == [[3], [6]]
    assert found.rejected == []


@pytest.mark.usefixtures("_together")
async def test_draft_that_breaks_the_schema_is_rejected_beside_the_good_one() -> None:
    broken = {**quote(**DOLEN), "sector": "circus"}
    model = ScriptedModel(otherwise=by_sentence({3: broken, 5: quote(**BRANDT)}))

    found = await extract(model)

    assert evidence(found, "quoted_officials") == [[5]]
    assert found.rejected
    assert all("does not fit the schema" in r.reason and r.draft == broken for r in found.rejected)


async def test_what_is_settled_cannot_be_said_otherwise() -> None:
    model = ScriptedModel(otherwise=by_sentence({5: {**quote(**BRANDT), "content": ["Schools stay closed"]}}))

    found = await extract(model)

    assert found.records == {"quoted_officials": []}
    assert found.rejected


async def test_claimant_who_is_proposed_from_another_sentence_is_kept() -> None:
    text = "Mira Dolen came on Tuesday. Dolen said that drones killed 12 soldiers near Sella."
    claim = {
        "claim_type": "casualties",
        "claimant": "Mira Dolen",
        "modality": "certain",
        "attribution_status": "claimed",
        "precision": "near",
        "location": "Sella",
    }
    record = built_in()["military_claims"]
    model = ScriptedModel(otherwise=by_sentence({2: complete(draft_of(record, settled(record)), claim)}))

    found = await extract(model, text, kinds=["military_claims"])

    [kept] = found.model_dump()["records"]["military_claims"]
    assert (kept["claimant"]["start"], kept["location"]["text"]) == (0, "Sella")
    assert evidence(found, "military_claims") == [[2]]
    assert found.rejected == []


# What comes of a failure


def cut_off_above(most: int, error: Exception, drafts: Mapping[int, Any]) -> Line:
    """An answer to questions of a few leads, and an error for longer ones."""

    def said(question: Question[Any]) -> Mapping[str, Any]:
        if len(asked(question)) > most:
            raise error
        return by_sentence(drafts)(question)

    return said


@pytest.mark.usefixtures("_together")
@pytest.mark.parametrize("error", [AnswerTruncatedError("cut off"), ContextTooLongError("too long")])
async def test_batch_that_is_too_long_is_halved_and_nothing_is_lost(error: Exception) -> None:
    drafts = {1: talks("Vostria", "Kalmere"), 3: talks("Vostria", "Lentia"), 4: talks("Kalmere", "Lentia")}
    model = ScriptedModel(otherwise=cut_off_above(1, error, drafts))

    found = await extract(model, TALKS, kinds=["negotiations"])

    assert [list(asked(question).values()) for question in model.questions] == [[1, 3, 4], [1], [3, 4], [3], [4]]
    assert evidence(found, "negotiations") == [[1], [3], [4]]
    assert (found.status, found.failures) == ("complete", [])


@pytest.mark.usefixtures("_together")
async def test_lead_that_alone_is_too_long_is_a_failure_of_its_own() -> None:
    def said(question: Question[Any]) -> Mapping[str, Any]:
        if 3 in asked(question).values():
            raise AnswerTruncatedError("the answer was cut off")
        return by_sentence({1: talks("Vostria", "Kalmere")})(question)

    found = await extract(ScriptedModel(otherwise=said), TALKS, kinds=["negotiations"])

    [failure] = found.failures
    start = TALKS.index("Envoys of Vostria and Lentia")
    assert failure.model_dump() == {
        "kind": "negotiations",
        "first_sentence": 3,
        "last_sentence": 3,
        "start": start,
        "end": start + len("Envoys of Vostria and Lentia will meet in Sella next week."),
        "code": "answer_truncated",
        "reason": "the answer was cut off",
    }
    assert evidence(found, "negotiations") == [[1]]
    assert found.status == "partial"


async def test_prompt_that_does_not_fit_is_a_failure_with_a_reason_and_no_call() -> None:
    model = ScriptedModel(context_tokens=50)

    found = await extract(model)

    assert model.questions == []
    assert found.failures
    assert {failure.code for failure in found.failures} == {"context_too_long"}
    assert all(failure.reason for failure in found.failures)
    assert found.status == "partial"


@pytest.mark.usefixtures("_together")
async def test_lead_without_an_answer_is_a_failure_beside_what_was_found() -> None:
    def said(question: Question[Any]) -> Mapping[str, Any]:
        if "Lentia" in question.messages[-1].content:
            raise AnswerMalformedError("no JSON")
        return by_sentence({1: talks("Vostria", "Kalmere")})(question)

    found = await extract(ScriptedModel(otherwise=said), TALKS, kinds=["negotiations"], budget=20)

    assert evidence(found, "negotiations") == [[1]]
    assert {failure.code for failure in found.failures} == {"answer_malformed"}
    assert {failure.first_sentence for failure in found.failures} <= {3, 4}
    assert found.status == "partial"


async def test_no_call_that_succeeds_is_an_error_and_no_answer() -> None:
    with pytest.raises(ModelUnavailableError):
        await extract(ScriptedModel(otherwise=ModelUnavailableError("down")))


# A model that invents

INVENTED_IN = {
    "speeches": (TEXT, None),
    "talks": (TALKS + " The army said its drones killed 12 soldiers. Vostria imposed sanctions on two banks.", "en"),
    "ukrainian": (
        "Ілса Варненко прибула в Толмі. «Печі сьогодні холодні», — сказала Варненко. Переговори тривають.",
        "uk",
    ),
}


@pytest.mark.parametrize("name", INVENTED_IN)
@pytest.mark.parametrize("together", [1, 4])
@pytest.mark.parametrize("lean", [False, True])
@settings(max_examples=8)
@given(data=st.data())
def test_invented_values_never_leave_and_none_vanishes(
    name: str, together: int, lean: bool, data: st.DataObject
) -> None:
    text, language = INVENTED_IN[name]
    last: dict[int, dict[str, Any]] = {}

    def invent(question: Question[Any]) -> dict[str, Any]:
        drafts = _object(question.answer, words_of(text), [1])
        answer = data.draw(drafts)
        for lead in answer:
            broken = st.sampled_from([MARK, 7, [], {}, {**(answer[lead] or {}), "invented_field": MARK}])
            answer[lead] = data.draw(st.one_of(st.just(answer[lead]), st.just(answer[lead]), broken))
        last[id(question)] = answer
        return answer

    model = ScriptedModel(otherwise=invent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leads, "_MOST_LEADS", together)
        found = asyncio.run(extract(model, text, kinds=None, lean=lean, language=language))

    assert found.status == "complete"
    shown = json.dumps([r.model_dump() for records in found.records.values() for r in records], ensure_ascii=False)
    assert MARK.casefold() not in shown.casefold()
    assert all(rejection.reason and rejection.kind in found.records for rejection in found.rejected)
    refused = json.dumps([rejection.draft for rejection in found.rejected], ensure_ascii=False)
    for words in strings(list(last.values())):
        if MARK in words:
            assert json.dumps(words, ensure_ascii=False) in refused
