"""A text with talks and sanctions, and models that answer questions about its windows."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import prompts
from schemas.answers import joint_answer_of
from schemas.article import Article
from schemas.draft import complete, draft_of
from schemas.registry import built_in
from schemas.result import Extraction
from service.deadline import Deadline
from service.errors import AnswerTruncatedError
from service.extraction.model import Question
from service.extraction.pipeline import Extractor
from service.llm.client import InstructorModel
from service.strategy import Strategy
from tests.support.grounding import assert_grounded
from tests.support.scripted_model import ScriptedModel

KINDS = built_in().names
TALKS, SANCTIONS, CLAIMS, QUOTES = KINDS
FIRMS = tuple(f"Firm {chr(65 + number)}{chr(65 + number)}" for number in range(24))
TOWNS = ("Sella", "Lentia", "Tolmi")
TEXT = "\n".join(
    sentence
    for firm, town in zip(FIRMS[:3], TOWNS, strict=True)
    for sentence in (f"Norvia imposed sanctions on {firm}.", f"Envoys of Vostria and Norvia met in {town}.")
)
"""A sanction in each odd sentence, talks in each even one."""
CUT = "the answer was cut off"
NO_LIST = prompts.messages().reasons.no_list

Lists = dict[str, list[Any]]
Asked = list[tuple[tuple[str, ...], int, int]]


def sanction(sentence: int, firm: str) -> dict[str, Any]:
    said = {"sentences": [sentence], "action": "imposed", "authorities": ["Norvia"], "status": "active"}
    return complete(draft_of(built_in()[SANCTIONS]), {**said, "targets": [{"name": firm, "target_type": "company"}]})


def talks(sentence: int, town: str) -> dict[str, Any]:
    said = {"sentences": [sentence], "parties": ["Vostria", "Norvia"], "location": town}
    judged = {"format": "bilateral", "status": "held", "stage": "framework"}
    return complete(draft_of(built_in()[TALKS]), {**said, **judged})


def stated(*sentences: int) -> Lists:
    """What some sentences of the text state, under the names of the kinds that state something."""
    return {
        TALKS: [talks(number, TOWNS[number // 2 - 1]) for number in sentences if number % 2 == 0],
        SANCTIONS: [sanction(number, FIRMS[number // 2]) for number in sentences if number % 2],
    }


ALL = stated(*range(1, 7))


def shown(question: Question[Any]) -> list[int]:
    """The sentences that are asked about: of those shown, the ones from the number on that is named, if one is."""
    lines = question.messages[-1].content.splitlines()
    numbers = [int(line[1 : line.index("]")]) for line in lines if line.startswith("[")]
    begin = re.match(r"Report only what the sentences from \[(\d+)\]", lines[-1])
    return [number for number in numbers if number >= int(begin[1])] if begin else numbers


def asked(model: ScriptedModel) -> Asked:
    """The kinds, the first and the last sentence of each question."""
    return [(tuple(q.answer.model_fields), shown(q)[0], shown(q)[-1]) for q in model.questions]


def reading(question: Question[Any]) -> Lists:
    """The answer of a model that misses nothing."""
    found = stated(*shown(question))
    return {kind: found.get(kind, []) for kind in question.answer.model_fields}


def failing(error: Exception, when: Callable[[Question[Any]], bool]) -> Callable[[Question[Any]], Lists]:
    """The same, where it does not fail."""

    def said(question: Question[Any]) -> Lists:
        if when(question):
            raise error
        return reading(question)

    return said


def cut_after(lists: Mapping[str, Sequence[Any]]) -> AnswerTruncatedError:
    form = joint_answer_of(tuple(built_in()), bounded=False)
    return AnswerTruncatedError(CUT, whole=form.model_validate_json(json.dumps(lists)))


async def extract(
    model: ScriptedModel | InstructorModel,
    text: str = TEXT,
    *,
    kinds: Sequence[str] | None = None,
    bounded: bool = False,
    window_tokens: int = 20_000,
    most_questions: int = 100,
    strategy: Strategy = Strategy.GUIDED,
) -> Extraction:
    extractor = Extractor(
        model,
        built_in(),
        window_tokens=window_tokens,
        max_chars=60_000,
        max_questions=most_questions,
        strategy=strategy,
        bounded=bounded,
    )
    found = await extractor.extract(Article(text=text, language="en"), kinds=kinds, deadline=Deadline.after(60))
    assert_grounded(found.model_dump(), text)
    if isinstance(model, ScriptedModel):
        put = [(tuple(question.messages), question.answer) for question in model.questions]
        assert len(set(put)) == len(put), "a question was asked twice"
    return found


def cited(found: Extraction) -> dict[str, list[list[int]]]:
    """The sentences that each record cites, by kind."""
    return {kind: [[c.sentence for c in record.evidence] for record in of] for kind, of in found.records.items()}


EVERYTHING = {TALKS: [[2], [4], [6]], SANCTIONS: [[1], [3], [5]], CLAIMS: [], QUOTES: []}


def assert_everything_is_found(found: Extraction) -> None:
    """Nothing is lost and nothing is told twice."""
    assert cited(found) == EVERYTHING
    assert (found.status, found.failures, found.rejected) == ("complete", [], [])
