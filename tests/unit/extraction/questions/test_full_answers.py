"""What does not fit one answer is neither lost nor asked for twice, and where it cannot be had the result says so."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from schemas.answers import answer_of
from schemas.article import Article
from schemas.draft import complete, draft_of
from schemas.registry import built_in
from schemas.result import Extraction
from service.deadline import Deadline
from service.errors import AnswerTruncatedError, ModelUnavailableError
from service.extraction.model import Question
from service.extraction.pipeline import Extractor
from service.strategy import Strategy
from tests.support.grounding import assert_grounded
from tests.support.scripted_model import NOTHING, ScriptedModel

SANCTION = built_in()["sanctions"]
QUOTATION = built_in()["quoted_officials"]
FIRMS = tuple(f"Firm {chr(65 + number)}{chr(65 + number)}" for number in range(20))
EACH = "\n".join(f"Norvia imposed sanctions on {firm}." for firm in FIRMS)
"""One sanction in each of twenty sentences."""
ELEVEN = f"Norvia imposed sanctions on {', '.join(FIRMS[:11])}. Schools stay closed."
BEYOND = "a list in the answer was full, and what is beyond it could not be asked for"
CUT = "the answer was cut off"

bounded_or_not = pytest.mark.parametrize("bounded", [True, False])


def sanction(sentence: int, *firms: str) -> dict[str, Any]:
    targets = [{"name": firm, "target_type": "company"} for firm in firms or FIRMS[sentence - 1 : sentence]]
    said = {"sentences": [sentence], "action": "imposed", "authorities": ["Norvia"], "targets": targets}
    return complete(draft_of(SANCTION), {**said, "status": "active"})


def answer(*sentences: int) -> dict[str, Any]:
    return {"records": [sanction(sentence) for sentence in sentences]}


def cut_after(*sentences: int, bounded: bool = False) -> AnswerTruncatedError:
    whole = answer_of(SANCTION, bounded=bounded).model_validate(answer(*sentences))
    return AnswerTruncatedError(CUT, whole=whole)


def shown(question: Question[Any]) -> list[int]:
    lines = question.messages[-1].content.splitlines()
    return [int(line[1 : line.index("]")]) for line in lines if line.startswith("[")]


def asked(model: ScriptedModel) -> list[tuple[int, int]]:
    """The first and the last sentence of each question."""
    return [(shown(question)[0], shown(question)[-1]) for question in model.questions]


def as_asked(question: Question[Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """A record as the answer to a question about a window or about a candidate."""
    for name in ("records", SANCTION.kind):
        if name in question.answer.model_fields:
            return {name: [said]}
    schema = question.answer.model_json_schema()["properties"]["record"]
    fields = schema.get("anyOf", [schema])[0]["properties"]
    return {"record": {name: value for name, value in said.items() if name in fields}}


def most(count: int) -> Callable[[Question[Any]], Mapping[str, Any]]:
    """A model that tells of every sentence, and of so many at most."""
    return lambda question: answer(*shown(question)[:count])


async def extract(
    model: ScriptedModel,
    text: str = EACH,
    *,
    bounded: bool = False,
    kind: str = SANCTION.kind,
    most_questions: int = 100,
    strategy: Strategy = Strategy.SEARCH,
) -> Extraction:
    extractor = Extractor(
        model,
        built_in(),
        window_tokens=20_000,
        max_chars=60_000,
        max_questions=most_questions,
        strategy=strategy,
        bounded=bounded,
    )
    found = await extractor.extract(Article(text=text, language="en"), kinds=[kind], deadline=Deadline.after(60))
    assert_grounded(found.model_dump(), text)
    put = [(tuple(question.messages), question.answer) for question in model.questions]
    assert len(set(put)) == len(put), "a question was asked twice"
    return found


def stated(found: Extraction) -> list[int]:
    return [cited.sentence for record in found.records[SANCTION.kind] for cited in record.evidence]


def targets(found: Extraction) -> list[list[str]]:
    records = found.model_dump()["records"][SANCTION.kind]
    return [[target["name"]["text"] for target in record["targets"]] for record in records]


# The list of records


async def test_all_records_of_a_window_are_in_one_answer() -> None:
    model = ScriptedModel(otherwise=most(99))

    found = await extract(model)

    assert stated(found) == list(range(1, 21))
    assert (found.status, len(model.questions)) == ("complete", 1)


@pytest.mark.parametrize("count", [16, 17])
async def test_full_list_of_records_is_kept_and_the_rest_is_asked_for(count: int) -> None:
    model = ScriptedModel(otherwise=most(count))

    found = await extract(model, bounded=True)

    assert stated(found) == list(range(1, 21))
    assert (found.status, found.failures) == ("complete", [])
    assert asked(model) == [(1, 20), (count, 20)]


async def test_list_that_repeats_itself_is_not_full() -> None:
    twice = {"records": [sanction(1), sanction(2)] * 8}
    model = ScriptedModel(twice)

    found = await extract(model, bounded=True)

    assert (stated(found), found.status) == ([1, 2], "complete")


async def test_one_sentence_with_a_full_list_of_records_is_a_failure_of_its_own() -> None:
    text = f"Norvia imposed sanctions on {', '.join(FIRMS)}."
    said = {"records": [sanction(1, firm) for firm in FIRMS[:16]]}
    model = ScriptedModel(said)

    found = await extract(model, text, bounded=True)

    assert targets(found) == [[firm] for firm in FIRMS[:16]]
    [failure] = found.failures
    assert (failure.code, failure.reason) == (
        "answer_truncated",
        "the list of records was full, and there may be more",
    )


# A list inside a record


@pytest.mark.parametrize("strategy", list(Strategy))
@pytest.mark.parametrize("returned", [8, 11])
async def test_full_list_in_a_record_is_asked_for_without_an_end(strategy: Strategy, returned: int) -> None:
    def said(question: Question[Any]) -> Mapping[str, Any]:
        ends = "maxItems" in str(question.answer.model_json_schema())
        return as_asked(question, sanction(1, *FIRMS[: returned if ends else 11]))

    model = ScriptedModel(otherwise=said)

    found = await extract(model, ELEVEN, bounded=True, strategy=strategy)

    assert targets(found) == [list(FIRMS[:11])]
    assert (found.status, found.failures) == ("complete", [])
    first, second = model.questions
    assert first.messages == second.messages
    assert "maxItems" in str(first.answer.model_json_schema())
    assert "maxItems" not in str(second.answer.model_json_schema())
    assert first.max_tokens < second.max_tokens <= second.most_tokens == first.most_tokens


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_list_without_an_end_is_asked_for_once(strategy: Strategy) -> None:
    model = ScriptedModel(lambda question: as_asked(question, sanction(1, *FIRMS[:11])))

    found = await extract(model, ELEVEN, strategy=strategy)

    assert targets(found) == [list(FIRMS[:11])]
    assert (found.status, len(model.questions)) == ("complete", 1)


async def test_quotation_in_ten_paragraphs_is_one_record() -> None:
    paragraphs = [f"“We spoke of harvest number {number} today.”" for number in range(1, 11)]
    text = "\n".join(["Mira Dolen told the council everything.", *paragraphs])
    said = {
        "sentences": list(range(1, 12)),
        "content": [f"Q{number}" for number in range(1, 11)],
        "speaker": "Mira Dolen",
        "speaker_type": "person",
        "is_official": True,
        "sector": "gov",
    }
    model = ScriptedModel({"records": [complete(draft_of(QUOTATION), said)]})

    found = await extract(model, text, kind=QUOTATION.kind)

    [record] = found.model_dump()["records"][QUOTATION.kind]
    assert [part["text"] for part in record["content"]] == [paragraph[1:-1] for paragraph in paragraphs]
    assert found.status == "complete"


async def test_runaway_list_in_a_record_is_not_asked_for_again() -> None:
    model = ScriptedModel({"records": [sanction(1, *FIRMS[:2] * 4)]})

    found = await extract(model, ELEVEN, bounded=True)

    assert (targets(found), found.status) == ([list(FIRMS[:2])], "complete")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AnswerTruncatedError(CUT), "answer_truncated"),
        (ModelUnavailableError("the server is down"), "model_unavailable"),
    ],
)
async def test_full_list_that_cannot_be_asked_for_is_kept_with_a_failure(error: Exception, code: str) -> None:
    model = ScriptedModel({"records": [sanction(1, *FIRMS[:8])]}, error)

    found = await extract(model, ELEVEN, bounded=True)

    assert targets(found) == [list(FIRMS[:8])]
    [failure] = found.failures
    assert (failure.code, failure.reason) == (code, f"{BEYOND}: {error}")


@pytest.mark.parametrize("again", [{"records": []}, {"records": [sanction(1, *FIRMS[:3])]}])
async def test_answer_that_has_less_in_it_does_not_take_the_place_of_the_first(again: dict[str, Any]) -> None:
    model = ScriptedModel({"records": [sanction(1, *FIRMS[:8])]}, again)

    found = await extract(model, ELEVEN, bounded=True)

    assert targets(found) == [list(FIRMS[:8])]
    [failure] = found.failures
    assert failure.reason == f"{BEYOND}: the answer to that had less in it"


async def test_full_list_takes_from_the_budget() -> None:
    model = ScriptedModel({"records": [sanction(1, *FIRMS[:8])]})

    found = await extract(model, ELEVEN, bounded=True, most_questions=1)

    assert targets(found) == [list(FIRMS[:8])]
    [failure] = found.failures
    assert (failure.code, failure.reason) == ("too_many_questions", f"{BEYOND}: no questions are left")


async def test_full_lists_of_both_sorts_are_one_question_more() -> None:
    long = [sanction(1, *FIRMS[:8]), *(sanction(number) for number in range(2, 17))]
    model = ScriptedModel({"records": long}, otherwise=most(99))

    found = await extract(model, bounded=True)

    assert stated(found) == list(range(1, 21))
    assert asked(model) == [(1, 20), (1, 20)]


async def test_rest_is_asked_for_though_a_list_in_a_record_stays_full() -> None:
    long = [*(sanction(number) for number in range(1, 16)), sanction(16, *FIRMS[8:16])]
    model = ScriptedModel({"records": long}, AnswerTruncatedError(CUT), otherwise=most(99))

    found = await extract(model, bounded=True)

    assert sorted(set(stated(found))) == list(range(1, 21))
    assert asked(model) == [(1, 20), (1, 20), (16, 20)]
    assert [failure.reason for failure in found.failures] == [f"{BEYOND}: {CUT}"]


# An answer that was cut


@bounded_or_not
async def test_cut_answer_keeps_its_whole_records_and_the_rest_is_asked_for(*, bounded: bool) -> None:
    model = ScriptedModel(cut_after(1, 4, 6, bounded=bounded), cut_after(6, 7, 9), answer(*range(9, 21)))

    found = await extract(model, bounded=bounded)

    assert asked(model) == [(1, 20), (6, 20), (9, 20)]
    assert stated(found) == [1, 4, 6, 7, *range(9, 21)]
    assert (found.status, found.failures, found.rejected) == ("complete", [], [])


async def test_rest_begins_with_the_first_sentence_of_the_last_record_that_grounds() -> None:
    several = {**sanction(3), "sentences": [3, 5]}
    broken = {**sanction(8), "unheard_of": 1}
    whole = answer_of(SANCTION, bounded=False).model_validate({"records": [sanction(2), several, broken]})
    model = ScriptedModel(AnswerTruncatedError(CUT, whole=whole), NOTHING)

    await extract(model)

    assert asked(model) == [(1, 20), (3, 20)]


@pytest.mark.parametrize("sentences", [(7, 2), (1,), (1, 1)])
async def test_window_is_halved_where_it_cannot_be_told_what_is_left(sentences: Sequence[int]) -> None:
    model = ScriptedModel(cut_after(*sentences), otherwise=NOTHING)

    found = await extract(model)

    assert asked(model) == [(1, 20), (1, 10), (11, 20)]
    assert stated(found) == sorted(set(sentences))
    assert found.status == "complete"


@pytest.mark.parametrize("whole", [None, answer_of(SANCTION).model_validate(NOTHING)])
async def test_cut_answer_without_a_whole_record_halves_the_window(whole: object) -> None:
    model = ScriptedModel(AnswerTruncatedError(CUT, whole=whole), otherwise=most(99))

    found = await extract(model)

    assert asked(model) == [(1, 20), (1, 10), (11, 20)]
    assert stated(found) == list(range(1, 21))


async def test_cut_answer_about_one_sentence_is_kept_with_a_failure() -> None:
    model = ScriptedModel(cut_after(1))

    found = await extract(model, EACH.splitlines()[0])

    assert stated(found) == [1]
    assert [(failure.code, failure.reason) for failure in found.failures] == [("answer_truncated", CUT)]


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_model_that_thought_all_its_room_away_is_not_asked_about_less(strategy: Strategy) -> None:
    model = ScriptedModel(AnswerTruncatedError("it thought to the end", starved=True))

    found = await extract(model, ELEVEN, strategy=strategy)

    assert len(model.questions) == 1
    assert [(failure.code, failure.reason) for failure in found.failures] == [
        ("answer_truncated", "it thought to the end")
    ]


async def test_rest_takes_from_the_budget_and_what_is_whole_is_kept() -> None:
    model = ScriptedModel(cut_after(1, 4), cut_after(4, 6))

    found = await extract(model, most_questions=2)

    assert stated(found) == [1, 4, 6]
    [failure] = found.failures
    assert (failure.code, failure.first_sentence, failure.last_sentence) == ("too_many_questions", 6, 20)
    assert failure.reason == f"{CUT}, and no questions are left for less"


async def test_answers_that_are_cut_at_every_sentence_come_to_an_end() -> None:
    text = "\n".join(f"Norvia imposed sanctions on {FIRMS[0]} again." for _ in range(600))

    def cut(question: Question[Any]) -> Mapping[str, Any]:
        said = {"records": [sanction(number, FIRMS[0]) for number in shown(question)[:2]]}
        raise AnswerTruncatedError(CUT, whole=question.answer.model_validate(said))

    model = ScriptedModel(otherwise=cut, context_tokens=50_000)

    found = await extract(model, text, most_questions=1_000)

    assert len(model.questions) == 600
    assert [(failure.first_sentence, failure.code) for failure in found.failures] == [(600, "answer_truncated")]


# What is asked


async def test_answer_without_an_end_has_more_room() -> None:
    short, long = ScriptedModel(otherwise=NOTHING), ScriptedModel(otherwise=NOTHING, context_tokens=50_000)

    await extract(short, ELEVEN)
    await extract(long, EACH * 20)

    assert short.questions[0].max_tokens == 2_000
    assert 2_000 < long.questions[0].max_tokens < long.questions[0].most_tokens < 50_000


async def test_room_is_within_the_context() -> None:
    roomy = ScriptedModel(NOTHING)
    await extract(roomy, ELEVEN)
    model = ScriptedModel(NOTHING, context_tokens=8_192 - roomy.questions[0].most_tokens + 700)

    await extract(model, ELEVEN)

    assert (model.questions[0].max_tokens, model.questions[0].most_tokens) == (700, 700)


@bounded_or_not
async def test_single_record_before_a_cut_does_not_tell_that_there_is_none_before_it(bounded: bool) -> None:
    def answering(question: Question[Any]) -> Mapping[str, Any]:
        if len(shown(question)) == len(FIRMS):
            raise cut_after(12, bounded=bounded)
        return answer(*shown(question))

    found = await extract(ScriptedModel(otherwise=answering), EACH, bounded=bounded)

    assert {record.evidence[0].sentence for record in found.records["sanctions"]} == set(range(1, len(FIRMS) + 1))
    assert found.status == "complete"
