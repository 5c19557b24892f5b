"""A model that invents values about candidates: none leaves, and none vanishes."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.extraction.model import Question
from tests.support.scripted_model import ScriptedModel
from tests.unit.extraction.grounding.inventions import MARK, _object, strings, words_of
from tests.unit.extraction.questions.by_candidates import (
    TALKS,
    TEXT,
    extract,
)

INVENTED_IN = {
    "speeches": (TEXT, None),
    "talks": (TALKS + " The army said its drones killed 12 soldiers. Vostria imposed sanctions on two banks.", "en"),
    "ukrainian": (
        "Ілса Варненко прибула в Толмі. «Печі сьогодні холодні», — сказала Варненко. Переговори тривають.",
        "uk",
    ),
}


@pytest.mark.parametrize("name", INVENTED_IN)
@pytest.mark.parametrize("lean", [False, True])
@settings(max_examples=8)
@given(data=st.data())
def test_invented_values_never_leave_and_none_vanishes(name: str, lean: bool, data: st.DataObject) -> None:
    text, language = INVENTED_IN[name]
    last: dict[int, dict[str, Any]] = {}

    def invent(question: Question[Any]) -> dict[str, Any]:
        answer = data.draw(_object(question.answer, words_of(text), [1]))
        said = answer["record"]
        broken = st.sampled_from([MARK, 7, [], {}, {**(said or {}), "invented_field": MARK}])
        answer = {"record": data.draw(st.one_of(st.just(said), st.just(said), broken))}
        last[id(question)] = answer
        return answer

    model = ScriptedModel(otherwise=invent)
    found = asyncio.run(extract(model, text, kinds=None, lean=lean, language=language))

    assert found.status == "complete"
    shown = json.dumps([r.model_dump() for records in found.records.values() for r in records], ensure_ascii=False)
    assert MARK.casefold() not in shown.casefold()
    assert all(rejection.reason and rejection.kind in found.records for rejection in found.rejected)
    refused = json.dumps([rejection.draft for rejection in found.rejected], ensure_ascii=False)
    for words in strings(list(last.values())):
        if MARK in words:
            assert json.dumps(words, ensure_ascii=False) in refused
