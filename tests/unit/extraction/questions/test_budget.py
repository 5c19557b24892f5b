"""An article calls for more questions than are asked of one."""

import pytest

from schemas import registry
from schemas.article import Article
from schemas.events import Progress
from schemas.result import Extraction
from service.app import build_extractor
from service.deadline import Deadline
from service.errors import AnswerTruncatedError, ModelUnavailableError
from service.extraction.pipeline import Extractor
from service.extraction.questions.budget import within_budget
from service.extraction.questions.planned import PlannedQuestion
from service.extraction.text.sentences import segment
from service.extraction.text.windows import Window
from service.settings import Settings
from service.strategy import Strategy
from tests.support.scripted_model import NOTHING, ScriptedModel

KINDS = ("negotiations", "sanctions", "military_claims")
TALKS = "Iran and Oman held talks with Qatar.\n"
SANCTIONS = "Japan imposed sanctions on Iran.\n"
TEXT = TALKS * 6 + SANCTIONS * 2
NO_RECORD = {"record": None}


async def extract(
    model: ScriptedModel, most: int, *, strategy: Strategy = Strategy.CANDIDATES, window_tokens: int = 1_000
) -> Extraction:
    reader = Extractor(
        model,
        registry.built_in(),
        window_tokens=window_tokens,
        max_chars=10_000,
        max_questions=most,
        strategy=strategy,
    )
    article = Article(text=TEXT, language="en")
    return await reader.extract(article, kinds=KINDS[:2], deadline=Deadline.after(60))


def about(count: int, kind: str) -> list[PlannedQuestion]:
    return [PlannedQuestion((kind,), Window((sentence,))) for sentence in segment("One.\n" * count)]


@pytest.mark.parametrize(
    ("most", "of_each"), [(3, (1, 1, 1)), (4, (2, 1, 1)), (7, (3, 3, 1)), (10, (5, 4, 1)), (12, (7, 4, 1))]
)
def test_kinds_take_turns(most: int, of_each: tuple[int, int, int]) -> None:
    questions = [*about(9, KINDS[0]), *about(4, KINDS[1]), *about(1, KINDS[2])]

    asked, unasked = within_budget(most, questions)

    assert tuple(sum(question.kinds == (kind,) for question in asked) for kind in KINDS) == of_each
    assert asked == [question for question in questions if question in asked]
    assert unasked == [question for question in questions if question not in asked]
    for kind in KINDS:
        all_of_it = [question for question in [*asked, *unasked] if question.kinds == (kind,)]
        assert all_of_it == [question for question in questions if question.kinds == (kind,)]


async def test_what_is_beyond_the_limit_is_one_failure_of_each_kind() -> None:
    model = ScriptedModel(otherwise=NO_RECORD)

    found = await extract(model, 5)

    assert (len(model.questions), found.questions, found.status) == (5, 5, "partial")
    [failure] = found.failures
    assert failure.model_dump() == {
        "kind": "negotiations",
        "first_sentence": 4,
        "last_sentence": 6,
        "start": 3 * len(TALKS),
        "end": 6 * len(TALKS) - 1,
        "code": "too_many_questions",
        "reason": "at most 5 questions are asked about an article; 3 more were called for here",
    }


async def test_as_many_as_are_allowed_are_all_asked() -> None:
    found = await extract(ScriptedModel(otherwise=NO_RECORD), 8)

    assert (found.questions, found.status, found.failures) == (8, "complete", [])


async def test_progress_is_that_of_what_is_asked() -> None:
    told: list[tuple[int, int]] = []
    reader = Extractor(
        ScriptedModel(otherwise=NO_RECORD),
        registry.built_in(),
        window_tokens=1_000,
        max_chars=10_000,
        max_questions=2,
        strategy=Strategy.CANDIDATES,
    )

    await reader.extract(
        Article(text=TEXT, language="en"),
        kinds=KINDS[:2],
        deadline=Deadline.after(60),
        tell=lambda event: told.append((event.done, event.questions)) if isinstance(event, Progress) else None,
    )

    assert told == [(0, 2), (1, 2), (2, 2)]


async def test_halves_of_a_window_count() -> None:
    model = ScriptedModel(otherwise=AnswerTruncatedError("the answer was cut off"))

    found = await extract(model, 6, strategy=Strategy.SEARCH)

    assert len(model.questions) == 6
    assert {failure.code for failure in found.failures} == {"too_many_questions"}
    assert {failure.reason for failure in found.failures} == {
        "the answer was cut off, and no questions are left for less"
    }


async def test_failure_of_all_that_was_asked_is_an_error_all_the_same() -> None:
    with pytest.raises(ModelUnavailableError):
        await extract(ScriptedModel(otherwise=ModelUnavailableError("down")), 5)


async def test_setting_reaches_it() -> None:
    model = ScriptedModel(otherwise=NOTHING)

    found = await build_extractor(Settings(max_questions=1, window_tokens=64), model).extract(
        Article(text=TEXT), kinds=KINDS[:2], deadline=Deadline.after(60)
    )

    assert (len(model.questions), found.status) == (1, "partial")
    assert [failure.kind for failure in found.failures] == ["negotiations", "sanctions"]
    assert {failure.last_sentence for failure in found.failures} == {8}
