"""The core as the settings make it."""

import pytest

from schemas.article import Article
from schemas.draft import answer_of, led_answer_of
from schemas.registry import built_in
from service.app import build_extractor
from service.extraction.deadline import Deadline
from service.settings import Settings
from tests.support.scripted_model import NOTHING, ScriptedModel

KIND = built_in().names[0]
TEXT = "Envoys of Norvia and Tellan held talks in Port Adra on Tuesday."


@pytest.mark.parametrize(
    ("strategy", "form", "answer"),
    [
        (None, answer_of(built_in()[KIND]), NOTHING),
        ("search", answer_of(built_in()[KIND]), NOTHING),
        ("leads", led_answer_of(built_in()[KIND], 1), {"L1": None}),
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
