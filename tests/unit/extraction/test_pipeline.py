"""The journey of one article: what is asked, what becomes of each answer and failure, what the result says."""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import prompts
from schemas.answers import answer_of, joint_answer_of
from schemas.article import Article
from schemas.draft import complete, draft_of
from schemas.registry import Registry, built_in
from schemas.result import Extraction, Usage
from service.deadline import Deadline
from service.errors import (
    AnswerMalformedError,
    AnswerRefusedError,
    AnswerTruncatedError,
    ArticleTooLongError,
    ContextTooLongError,
    DeadlineExceededError,
    EmptyArticleError,
    ModelCredentialsError,
    ModelUnavailableError,
    UnknownKindError,
)
from service.extraction.model import Question, UsageMeter
from service.extraction.pipeline import Extractor
from service.strategy import Strategy
from service.extraction.text.windows import estimate_tokens
from tests.support.scripted_model import NOTHING, Line, ScriptedModel

KINDS = built_in().names
NOT_FOUND = prompts.messages().reasons.not_found
ONE, TWO = KINDS[:2]
TEXT = (
    "Envoys of Vostria and the Kalmere Union met in Port Adra on Tuesday. They spoke of grain.\n"
    "“We are closer than last week,” said Mira Dolen. Schools stay closed in the old town.\n"
    "Envoys of Vostria and the Kalmere Union met in Lentia too. Nobody else came to see them."
)
PARAGRAPH = 50
"""A budget of tokens that one paragraph of the text fits."""


def talks(*sentences: int, **said: Any) -> dict[str, Any]:
    base = {
        "sentences": list(sentences),
        "parties": ["Vostria", "the Kalmere Union"],
        "format": "bilateral",
        "status": "held",
        "stage": "ceasefire",
    }
    return complete(draft_of(built_in()["negotiations"]), {**base, **said})


def answer(*records: Any) -> dict[str, Any]:
    return {"negotiations": list(records)}


def extractor(
    model: ScriptedModel, *, budget: int = 6_000, max_chars: int = 10_000, strategy: Strategy = Strategy.GUIDED
) -> Extractor:
    return Extractor(model, built_in(), window_tokens=budget, max_chars=max_chars, strategy=strategy)


async def extract(
    model: ScriptedModel,
    text: str = TEXT,
    *,
    budget: int = 6_000,
    kinds: Any = ("negotiations",),
    strategy: Strategy = Strategy.GUIDED,
    **article: Any,
) -> Extraction:
    posted = Article(text=text, **article)
    reader = extractor(model, budget=budget, strategy=strategy)
    return await reader.extract(posted, kinds=kinds, deadline=Deadline.after(60))


def shown(question: Question[Any]) -> list[int]:
    """Numbers of the article's sentences in a question."""
    lines = question.messages[-1].content.split("ARTICLE\n")[1].splitlines()[:-1]
    return [int(line[1 : line.index("]")]) for line in lines]


def by_sentences(answers: Callable[[list[int]], Line]) -> Callable[[Question[Any]], Mapping[str, Any]]:
    """An answer, or an error, that depends on the sentences a question shows."""

    def said(question: Question[Any]) -> Mapping[str, Any]:
        line = answers(shown(question))
        if isinstance(line, Exception):
            raise line
        assert isinstance(line, Mapping)
        return line

    return said


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


async def test_answer_may_be_longer_for_more_text() -> None:
    model = ScriptedModel(otherwise=NOTHING)
    await extract(model, "Short.")
    await extract(model, TEXT)

    short, long = (question.max_tokens for question in model.questions)
    assert 100 <= short < long


async def test_deadline_is_the_articles() -> None:
    model = ScriptedModel(otherwise=NOTHING)
    deadline = Deadline.after(7)

    await extractor(model).extract(Article(text=TEXT), kinds=[ONE], deadline=deadline)

    assert model.deadlines == [deadline]


# What comes of an answer


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


async def test_deadline_keeps_what_was_found_before_it() -> None:
    class Slow(ScriptedModel):
        async def fill(self, question: Question[Any], *, deadline: Deadline, usage: UsageMeter) -> Any:
            if 3 in shown(question):
                await asyncio.sleep(deadline.remaining())
                raise DeadlineExceededError("the time for the article was over")
            return await super().fill(question, deadline=deadline, usage=usage)

    model = Slow(otherwise=by_sentences(lambda s: answer(talks(s[0]))))

    found = await extractor(model, budget=PARAGRAPH).extract(
        Article(text=TEXT), kinds=["negotiations"], deadline=Deadline.after(0.1)
    )

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

    told = [model.questions[0].messages[0].content, prompts.going_on()]
    assert first.prompt_version == again.prompt_version == prompts.version(told)
    assert searched.prompt_version == prompts.version([prompts.load(ONE).content])
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


def test_kind_without_a_prompt_is_refused_when_the_service_starts() -> None:
    class Horoscope(built_in()[ONE]):  # type: ignore[misc]  # a class known at run time alone
        kind = "horoscopes"

    with pytest.raises(prompts.PromptError, match=r"prompts/horoscopes\.toml"):
        Extractor(ScriptedModel(), Registry([Horoscope]), window_tokens=100, max_chars=100, strategy=Strategy.SEARCH)


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
