"""The core as the settings make it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from schemas.answers import answer_of, candidate_answer_of, joint_answer_of
from schemas.article import Article
from schemas.registry import built_in
from service.app import build_extractor, build_model
from service.deadline import Deadline
from service.extraction.model import UsageMeter
from service.settings import ProfileName, Settings
from tests.support.model_server import ModelServer, answer
from tests.support.people import people, people_question
from tests.support.scripted_model import NOTHING, ScriptedModel

KIND = built_in().names[0]
TEXT = "Envoys of Norvia and Tellan held talks in Port Adra on Tuesday."


@pytest.mark.parametrize(
    ("strategy", "form", "answer"),
    [
        (None, joint_answer_of((built_in()[KIND],), bounded=False), NOTHING),
        ("guided", joint_answer_of((built_in()[KIND],), bounded=False), NOTHING),
        ("search", answer_of(built_in()[KIND]), NOTHING),
        ("candidates", candidate_answer_of(built_in()[KIND], frozenset({"evidence"})), {"record": None}),
    ],
)
async def test_records_are_looked_for_as_the_setting_says(
    monkeypatch: pytest.MonkeyPatch, strategy: str | None, form: type, answer: dict[str, object]
) -> None:
    if strategy:
        monkeypatch.setenv("DRAGOMAN_STRATEGY", strategy)
    model = ScriptedModel(answer)

    found = await build_extractor(Settings(), model).extract(
        Article(text=TEXT, language="en"), kinds=[KIND], deadline=Deadline.after(60)
    )

    [question] = model.questions
    assert set(question.answer.model_fields) == set(form.model_fields)
    assert (found.questions, found.status) == (1, "complete")


def test_unknown_strategy_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_STRATEGY", "guess")

    with pytest.raises(ValueError, match="strategy"):
        Settings()


@pytest.mark.parametrize(("limit", "at_once"), [(None, 3), ("1", 1)])
async def test_calls_with_the_same_instructions_are_as_many_as_the_setting_says(
    monkeypatch: pytest.MonkeyPatch, limit: str | None, at_once: int
) -> None:
    if limit:
        monkeypatch.setenv("DRAGOMAN_MAX_CALLS_PER_PROMPT", limit)
    with ModelServer(otherwise=replace(answer(people("first")), together=at_once)) as server:
        # The profile `auto` would let one go ahead.
        model = build_model(Settings(openai_base_url=server.base_url, model="scripted", profile=ProfileName.OPENAI))
        await asyncio.gather(
            *(model.fill(people_question(), deadline=Deadline.after(10), usage=UsageMeter()) for _ in range(3))
        )
        await model.close()

    assert server.most_at_once == at_once


@pytest.mark.parametrize("changed", [{"reasoning_effort": "high"}, {"extra_body": {"top_p": 0.5}}, {"model": "other"}])
def test_what_decides_an_answer_is_in_the_identity_of_a_result(changed: dict[str, Any]) -> None:
    def identity(**chosen: Any) -> str:
        settings = Settings(openai_base_url="http://127.0.0.1:9/v1", **{"model": "scripted", **chosen})
        return build_extractor(settings, build_model(settings)).identity()

    assert identity() == identity()
    assert identity(**changed) != identity()
