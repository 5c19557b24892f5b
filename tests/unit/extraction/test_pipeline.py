"""The journey of one article: what is asked, what is refused before, what the result says."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import prompts
from schemas.answers import answer_of
from schemas.article import Article
from schemas.registry import Registry, built_in
from schemas.result import Usage
from service.deadline import Deadline
from service.errors import (
    AnswerRefusedError,
    AnswerTruncatedError,
    ArticleTooLongError,
    DeadlineExceededError,
    EmptyArticleError,
    ModelCredentialsError,
    ModelUnavailableError,
    UnknownKindError,
)
from service.extraction.model import Question, UsageMeter
from service.extraction.pipeline import Extractor
from service.strategy import Strategy
from tests.support.scripted_model import NOTHING, ScriptedModel
from tests.support.still_time import StillTime
from tests.unit.extraction.talks import (
    KINDS,
    ONE,
    PARAGRAPH,
    TEXT,
    TWO,
    answer,
    by_sentences,
    extract,
    extractor,
    shown,
    talks,
)

# What is asked


async def test_all_kinds_are_asked_about_in_one_question_for_each_window() -> None:
    model = ScriptedModel(otherwise=NOTHING)

    found = await extract(model, budget=PARAGRAPH, kinds=None)

    assert found.questions == 3
    assert found.sentences == 6
    asked = [(tuple(question.answer.model_fields), shown(question)) for question in model.questions]
    assert asked == [(KINDS, window) for window in ([1, 2], [3, 4], [5, 6])]
    assert tuple(found.records) == KINDS
    assert found.status == "complete"


async def test_kinds_that_are_searched_for_are_asked_about_one_by_one() -> None:
    model = ScriptedModel(otherwise=NOTHING)

    found = await extract(model, budget=PARAGRAPH, kinds=None, strategy=Strategy.SEARCH)

    assert found.questions == 12
    asked = [(question.answer, shown(question)) for question in model.questions]
    assert asked == [(answer_of(built_in()[k]), w) for w in ([1, 2], [3, 4], [5, 6]) for k in KINDS]
    assert tuple(found.records) == KINDS
    assert found.status == "complete"


async def test_kinds_that_are_wanted_are_asked_in_the_registrys_order() -> None:
    together, one_by_one = ScriptedModel(otherwise=NOTHING), ScriptedModel(otherwise=NOTHING)

    for model, strategy in ((together, Strategy.GUIDED), (one_by_one, Strategy.SEARCH)):
        found = await extract(model, kinds=[TWO, ONE, TWO], strategy=strategy)
        assert tuple(found.records) == (ONE, TWO)

    assert [tuple(question.answer.model_fields) for question in together.questions] == [(ONE, TWO)]
    assert [question.answer for question in one_by_one.questions] == [answer_of(built_in()[k]) for k in (ONE, TWO)]


async def test_static_part_is_the_same_for_every_window_and_article() -> None:
    model = ScriptedModel(otherwise=NOTHING)
    reader = extractor(model, budget=PARAGRAPH)

    for text in (TEXT, "Another article."):
        await reader.extract(Article(text=text), kinds=[ONE], deadline=Deadline.after(60))

    assert len({tuple(question.messages[:-1]) for question in model.questions}) == 1
    assert len({question.messages[-1] for question in model.questions}) == 4
    assert all(question.messages[-1].role == "user" for question in model.questions)


async def test_deadline_is_the_articles() -> None:
    model = ScriptedModel(otherwise=NOTHING)
    deadline = Deadline.after(7)

    await extractor(model).extract(Article(text=TEXT), kinds=[ONE], deadline=deadline)

    assert model.deadlines == [deadline]


# What becomes of the records


async def test_records_are_merged_over_windows() -> None:
    model = ScriptedModel(answer(talks(1, location="Port Adra")), NOTHING, answer(talks(5)))

    found = await extract(model, budget=PARAGRAPH)

    [record] = found.records["negotiations"]
    assert [evidence.sentence for evidence in record.evidence] == [1, 5]
    assert found.rejected == []


async def test_origins_stand_where_their_records_do() -> None:
    told = answer(talks(1, location="Port Adra"), talks(5, status="planned", location="Lentia", date_text="Tuesday"))
    model = ScriptedModel({**told, "sanctions": []})

    found = await extract(model, published_at=date(2025, 2, 27), kinds=("negotiations", "sanctions"))

    asked = dict.fromkeys(("parties", "format", "status", "stage", "location"), "asked")
    assert [record.origins for record in found.records["negotiations"]] == found.origins["negotiations"]
    assert found.origins == {
        "negotiations": [asked, {**asked, "date_text": "asked", "date": "derived"}],
        "sanctions": [],
    }


@pytest.mark.parametrize(
    ("published", "value"),
    [(date(2025, 2, 27), "2025-02-25"), (datetime(2025, 2, 27, 23, 59, tzinfo=UTC), "2025-02-25")],
)
async def test_relative_dates_start_from_the_publication(published: date, value: str) -> None:
    model = ScriptedModel(answer(talks(1, date_text="Tuesday")))

    found = await extract(model, published_at=published, language="en")

    assert found.records["negotiations"][0].model_dump()["date"] == value


@pytest.mark.parametrize("path", sorted(Path("tests/articles").glob("*.txt")), ids=lambda path: path.stem)
def test_any_sentence_of_an_article_can_be_grounded(path: Path) -> None:
    text = path.read_bytes().decode()

    def copy(question: Question[Any]) -> Mapping[str, Any]:
        lines = question.messages[-1].content.split("ARTICLE\n")[1].splitlines()[:-1]
        split = [line.partition("] ")[::2] for line in lines if " Q" not in line]
        drafts = [talks(int(n[1:]), parties=[said]) for n, said in split if any(map(str.isalnum, said))][:8]
        return answer(*drafts)

    found = asyncio.run(extract(ScriptedModel(otherwise=copy), text, budget=300))

    assert found.rejected == []
    assert found.records["negotiations"]
    for record in found.records["negotiations"]:
        for mention in (*record.evidence, *record.parties):  # type: ignore[attr-defined]  # a negotiation
            assert text[mention.start : mention.end] == mention.text


# What is refused before any call


@pytest.mark.parametrize(
    ("text", "kinds", "error"),
    [
        (" \r\n\t\u00a0", None, EmptyArticleError),
        ("x" * 10_001, None, ArticleTooLongError),
        (TEXT, ["negotiations", "horoscopes"], UnknownKindError),
    ],
)
async def test_request_that_cannot_be_served_costs_no_call(text: str, kinds: Any, error: type[Exception]) -> None:
    model = ScriptedModel()

    with pytest.raises(error) as raised:
        await extract(model, text, kinds=kinds)

    assert model.questions == []
    assert "xxx" not in str(raised.value)


def test_kind_without_a_prompt_is_refused_when_the_service_starts() -> None:
    class Horoscope(built_in()[ONE]):  # type: ignore[misc]  # a class known at run time alone
        kind = "horoscopes"

    with pytest.raises(prompts.PromptError, match=r"prompts/horoscopes\.toml"):
        Extractor(ScriptedModel(), Registry([Horoscope]), window_tokens=100, max_chars=100, strategy=Strategy.SEARCH)


# What comes of a failure


async def test_no_call_that_succeeds_is_an_error_and_no_answer() -> None:
    model = ScriptedModel(ModelCredentialsError("refused"), otherwise=ModelUnavailableError("down"))

    with pytest.raises(ModelCredentialsError):
        await extract(model, kinds=None)


async def test_one_empty_answer_among_failed_halves_is_still_an_answer() -> None:
    late = DeadlineExceededError("the time is over")
    model = ScriptedModel(AnswerTruncatedError("cut off"), NOTHING, late)

    found = await extract(model, "One. Two.", kinds=[ONE, TWO])

    assert (found.status, [failure.kind for failure in found.failures]) == ("partial", [TWO])


async def test_answers_that_cannot_be_used_are_failures_and_no_error() -> None:
    found = await extract(ScriptedModel(otherwise=AnswerRefusedError("the model refused")), kinds=None)

    assert found.status == "partial"
    assert [failure.kind for failure in found.failures] == list(KINDS)


def test_deadline_keeps_what_was_found_before_it() -> None:
    class Slow(ScriptedModel):
        async def fill(self, question: Question[Any], *, deadline: Deadline, usage: UsageMeter) -> Any:
            if 3 in shown(question):
                await asyncio.sleep(deadline.remaining())
                raise DeadlineExceededError("the time for the article was over")
            return await super().fill(question, deadline=deadline, usage=usage)

    model = Slow(otherwise=by_sentences(lambda s: answer(talks(s[0]))))

    with StillTime() as still:
        reading = extractor(model, budget=PARAGRAPH).extract(
            Article(text=TEXT), kinds=["negotiations"], deadline=Deadline.after(100)
        )
        found = still.run(reading)

    assert [failure.code for failure in found.failures] == ["deadline_exceeded"]
    assert found.status == "partial"
    assert len(found.records["negotiations"]) == 1


async def test_bug_is_raised_as_itself_and_stops_the_other_calls() -> None:
    cancelled: list[bool] = []

    async def wait(_: Question[Any]) -> Mapping[str, Any]:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
        return NOTHING

    with pytest.raises(ZeroDivisionError):
        await extract(ScriptedModel(wait, wait, ZeroDivisionError()), budget=PARAGRAPH)

    assert cancelled == [True, True]


# What the result says


async def test_usage_is_summed_over_every_call() -> None:
    model = ScriptedModel(otherwise=NOTHING)

    found = await extract(model, budget=PARAGRAPH, kinds=None)

    assert found.usage == Usage(calls=3, prompt_tokens=300, completion_tokens=30)


async def test_usage_of_calls_that_failed_counts() -> None:
    model = ScriptedModel(NOTHING, AnswerRefusedError("the model refused"), NOTHING)

    found = await extract(model, budget=PARAGRAPH)

    assert found.usage.calls == 3


async def test_versions_follow_what_was_asked() -> None:
    model = ScriptedModel(otherwise=NOTHING)
    first, again, other = [await extract(model, kinds=kinds) for kinds in ([ONE], [ONE], [ONE, TWO])]
    searched = await extract(model, kinds=[ONE], strategy=Strategy.SEARCH)

    assert first.prompt_version == again.prompt_version
    assert len({first.prompt_version, other.prompt_version, searched.prompt_version}) == 3
    assert first.schema_version == again.schema_version != other.schema_version
    assert first.id != again.id


async def test_result_names_the_article_and_the_model() -> None:
    found = await extract(ScriptedModel(otherwise=NOTHING, name="qwen"), id="wire-7")

    assert (found.article_id, found.model) == ("wire-7", "qwen")
    assert found.duration_seconds >= 0


async def test_text_without_sentences_of_words_is_served() -> None:
    found = await extract(ScriptedModel(otherwise=NOTHING), "🧇")

    assert (found.sentences, found.status) == (1, "complete")


# What decides what is found


def test_identity_is_the_same_for_the_same_and_differs_with_whatever_decides_what_is_found() -> None:
    options: dict[str, Any] = {"window_tokens": 100, "max_chars": 100}

    def identity(name: str = "scripted", kinds: Any = None, **other: Any) -> str:
        return Extractor(ScriptedModel(name=name), built_in(), **{**options, **other}).identity(kinds)

    same = [identity(), identity(kinds=list(KINDS)), identity(kinds=[]), identity(max_chars=200, max_questions=3)]
    others = [
        identity(name="another"),
        identity(kinds=[ONE]),
        identity(window_tokens=200),
        identity(strategy=Strategy.SEARCH),
        identity(field_guide=False),
        identity(lean=True),
        identity(bounded=False),
        identity(joint=False),
        identity(asked_with="high"),
    ]

    assert len(set(same)) == 1
    assert len({same[0], *others}) == 1 + len(others)


def test_identity_of_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(UnknownKindError, match="there is no kind 'horoscopes'; there are negotiations, "):
        extractor(ScriptedModel()).identity(["horoscopes"])
