"""A model that invents values: nothing that is not in the article leaves, and nothing it said vanishes in silence."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from schemas.answers import BrokenDraft
from schemas.article import Article
from schemas.fields import Evidence, Mention, Record
from schemas.registry import built_in
from schemas.result import Extraction
from service.deadline import Deadline
from service.extraction import pipeline
from service.extraction.grounding.merge import CONTESTED, NO_ACTOR, MergedRecord, merge
from service.extraction.pipeline import Extractor
from service.extraction.questions.asking import Asker
from service.extraction.text.matching import fold
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment
from service.strategy import Strategy
from tests.support.scripted_model import ScriptedModel
from tests.unit.extraction.grounding.inventions import MARK, answers, strings

TEXTS = {
    "english": Path("tests/articles/nested-attribution.txt").read_text(encoding="utf-8")[:900],
    "ukrainian": Path("tests/articles/border-talks-uk.txt").read_text(encoding="utf-8")[:800],
    "typography": Path("tests/articles/mixed-typography.txt").read_bytes().decode()[:800],
    "chinese": (
        "特使周三在多哈说：“我们今天同意了。”军队随后证实，四万人已经撤离。\r\n"
        "Talks go on in Doha. 中国外交部没有回应。"
    ),
}
KINDS = tuple(built_in())


def models_in(value: Any) -> Iterable[BaseModel]:
    if isinstance(value, list):
        for item in value:
            yield from models_in(item)
    elif isinstance(value, BaseModel):
        yield value
        for name in type(value).model_fields:
            yield from models_in(getattr(value, name))


def assert_grounded(text: str, found: Extraction) -> None:
    """Every mention and every sentence of evidence is the article's, character for character."""
    sentences = {sentence.number: sentence for sentence in segment(text)}
    for records in found.records.values():
        for record in records:
            for model in models_in(record):
                if isinstance(model, Mention):
                    assert text[model.start : model.end] == model.text != ""
                if isinstance(model, Evidence):
                    assert (model.start, model.end) == (sentences[model.sentence].start, sentences[model.sentence].end)
            shown = record.model_dump_json()
            assert MARK not in shown
            assert MARK.casefold() not in shown.casefold()


def as_said(draft: BaseModel | BrokenDraft) -> Any:
    return draft.said if isinstance(draft, BrokenDraft) else draft.model_dump()


@pytest.mark.parametrize("strategy", [Strategy.GUIDED, Strategy.SEARCH])
@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("reasks", [0, 1])
@settings(max_examples=10, phases=[Phase.explicit, Phase.generate, Phase.shrink])
@given(data=st.data())
def test_invented_values_never_leave_and_none_vanishes(
    name: str, reasks: int, strategy: Strategy, data: st.DataObject
) -> None:
    text = TEXTS[name]
    shown = [sentence.number for sentence in segment(text)]
    answered: list[BaseModel] = []
    grounded: list[Record] = []
    merged: list[MergedRecord] = []

    def invent(question: Any) -> dict[str, Any]:
        return data.draw(answers(question.answer, KINDS, text, shown))

    async def noted(asker: Asker, prepared: Any, hear: Any = None) -> BaseModel:
        answer: BaseModel = await ask(asker, prepared, hear)
        answered.append(answer)
        return answer

    ask = Asker._answer

    def counted(records: Iterable[Record], **how: Any) -> list[MergedRecord]:
        grounded.extend(records)
        merged.extend(merge(grounded, **how))
        return merged

    model = ScriptedModel(otherwise=invent, reasks=reasks)
    extractor = Extractor(model, built_in(), window_tokens=200, max_chars=10_000, strategy=strategy)
    with patch.object(pipeline, "merge", counted), patch.object(Asker, "_answer", noted):
        found = asyncio.run(extractor.extract(Article(text=text), deadline=Deadline.after(60)))

    assert_grounded(text, found)
    said = [as_said(draft) for answer in answered for _, drafts in answer for draft in drafts]
    dropped = [rejection for rejection in found.rejected if rejection.field is None]
    contested = [rejection for rejection in dropped if rejection.reason in (CONTESTED, NO_ACTOR)]
    assert len(said) == len(grounded) + len(dropped) - len(contested)
    assert len(merged) == sum(map(len, found.records.values())) + len(contested)
    assert all(rejection.reason and rejection.kind in found.records for rejection in found.rejected)
    assert found.status == "complete"

    # What is kept was said: the words of each mention, or the passage that a label names.
    folded = {fold(words) for words in strings(said)} | {
        fold(text[passage.start : passage.end]) for passage in find_passages(text)
    }
    for record in grounded:
        for model_ in models_in(record):
            if isinstance(model_, Mention) and not isinstance(model_, Evidence):
                assert fold(model_.text) in folded

    # What was invented and is not kept is in `rejected`, in the model's own words.
    refused = json.dumps([rejection.draft for rejection in found.rejected], ensure_ascii=False)
    for words in strings(said):
        if MARK in words:
            assert json.dumps(words, ensure_ascii=False) in refused
