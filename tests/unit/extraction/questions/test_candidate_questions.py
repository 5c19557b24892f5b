"""What a small model is asked about candidates, and what it is not."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from schemas.answers import answer_of, candidate_answer_of
from schemas.registry import built_in
from service.extraction.candidates import candidates
from service.extraction.model import Question
from service.extraction.text.lexicon import Lexicon
from tests.support.scripted_model import NOTHING, ScriptedModel
from tests.unit.extraction.questions.by_candidates import (
    OF_CLAIM,
    OF_TALKS,
    READ_OFF,
    TALKS,
    asked,
    by_sentence,
    evidence,
    extract,
    talks,
)


async def test_every_speaker_is_asked_about_once() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    found = await extract(model)

    assert sorted(asked(question) or 0 for question in model.questions) == [3, 5]
    assert found.questions == len(model.questions)


async def test_question_shows_one_candidate_with_what_is_known() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model)

    dolen, brandt = sorted(question.messages[-1].content.splitlines() for question in model.questions)
    assert dolen == [
        "[3] “We are closer than last week,” Dolen said.",
        'LEAD [3] "We are closer than last week," speaker=Mira Dolen',
    ]
    assert brandt == [
        "[5] Oke Brandt, the best skater of Tolmi, said that the ferry was full.",
        'LEAD [5] "the ferry was full" speaker=Oke Brandt',
    ]


async def test_model_is_not_asked_for_what_is_prefilled() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model)

    form = candidate_answer_of(built_in()["quoted_officials"], READ_OFF, certain=True)
    for question in model.questions:
        assert question.answer.model_json_schema() == form.model_json_schema()
        schema = json.dumps(question.answer.model_json_schema())
        assert not any(f'"{name}"' in schema for name in READ_OFF)


async def test_model_is_asked_who_speaks_where_it_is_not_known() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model, "“We wait for flour every day,” she said.")

    [question] = model.questions
    assert '"speaker"' in json.dumps(question.answer.model_json_schema())
    assert "speaker=" not in question.messages[-1].content


@pytest.mark.parametrize("lean", [False, True])
async def test_model_is_not_asked_where_and_when_it_was_and_what_is_counted(lean: bool) -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model, "Drones killed 12 soldiers near Sella on Sunday.", kinds=["military_claims"], lean=lean)

    [question] = model.questions
    schema = question.answer.model_json_schema()["properties"]["record"]["anyOf"][0]["properties"]
    assert "claim_type" in schema
    assert not (OF_CLAIM | {"affected"}) & set(schema)


async def test_speaker_whose_office_is_told_is_not_asked_about() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    found = await extract(model, "“We wait for flour every day,” said Mira Dolen, Vostria’s deputy foreign minister.")

    assert model.questions == []
    assert found.questions == 0
    assert found.status == "complete"
    [record] = found.model_dump()["records"]["quoted_officials"]
    assert (record["speaker_type"], record["is_official"], record["sector"]) == ("person", True, "gov")
    assert record["position"]["text"] == "deputy foreign minister"
    assert record["affiliation"]["text"] == "Vostria"
    assert record["country"] is None


async def test_static_part_is_the_same_for_every_question() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model, TALKS, kinds=["negotiations"])
    await extract(model, "Envoys of Sella and Tolmi met in Lentia.", kinds=["negotiations"])

    assert len({tuple(question.messages[:-1]) for question in model.questions}) == 1


# Lean questions


async def test_lean_question_offers_what_stands_there_and_asks_for_nothing_else() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model, "Envoys of Vostria and Kalmere met in Port Adra.", kinds=["negotiations"], lean=True)

    [question] = model.questions
    schema = question.answer.model_json_schema()["properties"]["record"]["anyOf"][0]["properties"]
    assert schema["parties"]["items"]["enum"] == ["Vostria", "Kalmere"]
    assert not OF_TALKS & set(schema)


async def test_lean_question_about_talks_that_no_name_places_offers_all_names() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model, "Envoys of Vostria and Kalmere left the Adra talks.", kinds=["negotiations"], lean=True)

    [question] = model.questions
    schema = question.answer.model_json_schema()["properties"]["record"]["anyOf"][0]["properties"]
    assert schema["location"]["anyOf"][0]["enum"] == ["Vostria", "Kalmere", "Adra"]
    assert "date_text" not in schema


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("Vostria imposed sanctions on two banks on Tuesday or on 3 May.", ["Tuesday", "3 May"]),
        ("Vostria imposed sanctions on two banks.", None),
    ],
)
async def test_lean_question_leaves_out_what_has_nothing_to_choose_from(text: str, offered: list[str] | None) -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model, text, kinds=["sanctions"], lean=True)

    [question] = model.questions
    schema = question.answer.model_json_schema()["properties"]["record"]["anyOf"][0]["properties"]
    assert ("date_text" in schema) == (offered is not None)
    if offered:
        assert schema["date_text"]["anyOf"][0]["enum"] == offered


async def test_question_that_is_not_lean_leaves_all_words_free() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model, TALKS, kinds=["negotiations"])

    form = candidate_answer_of(built_in()["negotiations"], OF_TALKS)
    assert all(q.answer.model_json_schema() == form.model_json_schema() for q in model.questions)


# Kinds and languages that are searched in windows instead


async def test_kind_whose_words_are_nowhere_is_not_asked_about() -> None:
    model = ScriptedModel()

    found = await extract(model, "Schools stay closed.", kinds=["negotiations", "sanctions"], language="en")

    assert found.records == {"negotiations": [], "sanctions": []}
    assert (found.status, found.questions, found.usage.calls) == ("complete", 0, 0)


async def test_kind_without_triggers_is_searched_for_in_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    known = candidates.lexicon_for
    monkeypatch.setattr(
        candidates, "lexicon_for", lambda kind, code: Lexicon() if kind == "sanctions" else known(kind, code)
    )

    def said(question: Question[Any]) -> Mapping[str, Any]:
        return NOTHING if question.answer is answer_of(built_in()["sanctions"]) else by_sentence({})(question)

    model = ScriptedModel(otherwise=said)

    found = await extract(model, TALKS, kinds=["negotiations", "sanctions"])

    windows = [question for question in model.questions if asked(question) is None]
    assert [question.answer for question in windows] == [answer_of(built_in()["sanctions"])]
    assert "[2] Schools stay closed." in windows[0].messages[-1].content
    assert found.questions == len(model.questions) > 1
    assert found.status == "complete"


@pytest.mark.parametrize(
    ("text", "language", "searched"),
    [
        ("التقى المبعوثون في الدوحة يوم الثلاثاء. وقال الوزير إن المحادثات انتهت.", None, True),
        ("De delegaties ontmoetten elkaar dinsdag in Tolmi.", "nl", True),
        ("The market opened at nine, and that was all there was to it on a day when nobody came by.", None, False),
        ("The market opened at nine.", "en", False),
    ],
)
async def test_language_without_a_pack_is_searched_in_windows(text: str, language: str | None, searched: bool) -> None:
    model = ScriptedModel(otherwise=NOTHING)

    found = await extract(model, text, kinds=["negotiations", "quoted_officials"], language=language)

    assert found.questions == (2 if searched else 0)
    assert all(question.answer.model_fields.keys() == {"records"} for question in model.questions)


async def test_record_found_in_a_window_is_grounded_beside_those_of_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "lexicon_for", lambda kind, code: Lexicon())
    told = {
        "mediators": [],
        "representatives": [],
        "topics": [],
        "location": "Port Adra",
        "date_text": "Tuesday",
        "sentences": [1],
    }
    draft = {**talks("Vostria", "Kalmere"), **told}
    model = ScriptedModel({"records": [draft]})

    found = await extract(model, TALKS, kinds=["negotiations"])

    assert evidence(found, "negotiations") == [[1]]
