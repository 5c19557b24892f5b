"""All kinds in one question: each record lands under its kind, and what is left of one is asked for by itself."""

import json
from collections.abc import Callable
from typing import Any, get_args

import pytest

from schemas.draft import complete, draft_of
from schemas.kinds.negotiations import Topic
from schemas.registry import built_in
from schemas.result import Extraction
from service.errors import AnswerTruncatedError, ContextTooLongError
from service.extraction.model import Question
from service.strategy import Strategy
from tests.support.model_server import ModelServer, answer, smallest_answer
from tests.support.people import model_for
from tests.support.scripted_model import ScriptedModel
from tests.unit.extraction.questions.by_windows import (
    ALL,
    CLAIMS,
    CUT,
    EVERYTHING,
    FIRMS,
    KINDS,
    NO_LIST,
    QUOTES,
    SANCTIONS,
    TALKS,
    TEXT,
    TOWNS,
    Lists,
    asked,
    assert_everything_is_found,
    cited,
    cut_after,
    extract,
    failing,
    reading,
    sanction,
    shown,
    talks,
)

# What is asked


async def test_each_window_is_one_question_and_records_land_under_their_kinds() -> None:
    model = ScriptedModel(otherwise=reading)

    found = await extract(model, window_tokens=50)

    assert asked(model) == [(KINDS, 1, 3), (KINDS, 4, 6)]
    assert found.questions == found.usage.calls == 2
    assert_everything_is_found(found)


async def test_kinds_that_are_not_wanted_are_neither_shown_nor_asked_for() -> None:
    model = ScriptedModel(otherwise=reading)

    found = await extract(model, kinds=[QUOTES, SANCTIONS])

    assert asked(model) == [((SANCTIONS, QUOTES), 1, 6)]
    assert cited(found) == {SANCTIONS: EVERYTHING[SANCTIONS], QUOTES: []}
    headings = [line.partition(":")[0] for line in model.questions[0].messages[0].content.splitlines() if "##" in line]
    assert headings == [f"## {SANCTIONS}", f"## {QUOTES}"]


async def test_answer_without_an_end_has_more_room_than_one_with() -> None:
    rooms = []
    for bounded in (False, True):
        model = ScriptedModel(otherwise=reading)
        await extract(model, bounded=bounded)
        rooms.append(model.questions[0].max_tokens)

    assert rooms[0] > rooms[1] > 4 * 150


# An answer that was cut


async def test_cut_answer_keeps_its_lists_and_goes_on_in_the_last_of_them() -> None:
    model = ScriptedModel(cut_after({TALKS: ALL[TALKS], SANCTIONS: ALL[SANCTIONS][:2]}), otherwise=reading)

    found = await extract(model)

    assert asked(model) == [(KINDS, 1, 6), ((SANCTIONS,), 3, 6), ((CLAIMS, QUOTES), 1, 6)]
    assert_everything_is_found(found)


async def test_last_list_is_the_one_that_the_model_wrote_last() -> None:
    model = ScriptedModel(cut_after({SANCTIONS: ALL[SANCTIONS], TALKS: ALL[TALKS][:2]}), otherwise=reading)

    found = await extract(model)

    assert asked(model) == [(KINDS, 1, 6), ((TALKS,), 4, 6), ((CLAIMS, QUOTES), 1, 6)]
    assert_everything_is_found(found)


async def test_last_list_is_told_by_what_came_over_the_wire() -> None:
    said = json.dumps({SANCTIONS: ALL[SANCTIONS], TALKS: ALL[TALKS]}, ensure_ascii=False)
    cut = answer(said[: said.rindex('"sentences"')], finish_reason="length", usage=(2_000, len(said) // 4, 0))
    with ModelServer(cut, otherwise=smallest_answer) as server:
        model = model_for(server)
        found = await extract(model)
        await model.close()

    schemas = [chat.body["response_format"]["json_schema"]["schema"] for chat in server.chats]
    assert [schema["required"] for schema in schemas] == [list(KINDS), [TALKS], [CLAIMS, QUOTES]]
    assert cited(found) == {**EVERYTHING, TALKS: [[2], [4]]}
    assert found.status == "complete"


async def test_list_of_which_no_record_is_whole_is_asked_for_like_one_that_was_not_begun() -> None:
    model = ScriptedModel(cut_after({TALKS: ALL[TALKS]}), otherwise=reading)

    found = await extract(model)

    assert asked(model) == [(KINDS, 1, 6), ((TALKS,), 6, 6), ((SANCTIONS, CLAIMS, QUOTES), 1, 6)]
    assert_everything_is_found(found)


@pytest.mark.parametrize("whole", [None, {TALKS: [], SANCTIONS: []}])
async def test_cut_answer_without_a_whole_record_halves_the_kinds(whole: Lists | None) -> None:
    error = AnswerTruncatedError(CUT) if whole is None else cut_after(whole)
    model = ScriptedModel(error, otherwise=reading)

    found = await extract(model)

    assert asked(model) == [(KINDS, 1, 6), ((TALKS, SANCTIONS), 1, 6), ((CLAIMS, QUOTES), 1, 6)]
    assert_everything_is_found(found)


async def test_what_is_left_of_a_cut_answer_takes_from_the_budget() -> None:
    model = ScriptedModel(cut_after({TALKS: ALL[TALKS], SANCTIONS: ALL[SANCTIONS][:2]}), otherwise=reading)

    found = await extract(model, most_questions=2)

    assert asked(model) == [(KINDS, 1, 6), ((SANCTIONS,), 3, 6)]
    assert cited(found) == EVERYTHING
    assert {failure.kind: (failure.code, failure.first_sentence) for failure in found.failures} == {
        CLAIMS: ("too_many_questions", 1),
        QUOTES: ("too_many_questions", 1),
    }


async def test_answers_that_are_always_cut_come_to_an_end() -> None:
    def cut(question: Question[Any]) -> Lists:
        begun = next(({kind: of[:1]} for kind, of in reading(question).items() if of), None)
        raise AnswerTruncatedError(CUT, whole=question.answer.model_validate(begun) if begun else None)

    model = ScriptedModel(otherwise=cut)

    found = await extract(model, most_questions=1_000)

    assert cited(found) == EVERYTHING
    assert found.status == "partial"
    assert {failure.code for failure in found.failures} == {"answer_truncated"}
    assert len(model.questions) < 50


# A list that is left out


async def test_list_that_is_left_out_is_complained_of() -> None:
    model = ScriptedModel({kind: ALL.get(kind, []) for kind in (TALKS, CLAIMS, QUOTES)}, otherwise=reading)

    found = await extract(model)

    [complaint] = model.complaints
    assert f"- {SANCTIONS}: {NO_LIST}" in complaint
    assert_everything_is_found(found)


async def test_list_that_stays_left_out_is_a_failure_of_its_kind() -> None:
    model = ScriptedModel(otherwise={kind: ALL.get(kind, []) for kind in (TALKS, CLAIMS, QUOTES)})

    found = await extract(model)

    assert len(model.questions) == 1
    assert cited(found) == {**EVERYTHING, SANCTIONS: []}
    assert found.status == "partial"
    [failure] = found.failures
    assert (failure.kind, failure.code, failure.reason) == (SANCTIONS, "answer_malformed", NO_LIST)
    assert (failure.first_sentence, failure.last_sentence) == (1, 6)


# A prompt that is too long


async def test_kinds_that_do_not_fit_the_context_together_are_asked_about_in_halves() -> None:
    model = ScriptedModel(otherwise=reading, context_tokens=3_200)

    found = await extract(model)

    assert asked(model) == [((TALKS, SANCTIONS), 1, 6), ((CLAIMS, QUOTES), 1, 6)]
    assert_everything_is_found(found)


async def test_kinds_are_halved_before_the_window_is() -> None:
    too_long = ContextTooLongError("too long")
    model = ScriptedModel(otherwise=failing(too_long, lambda q: len(q.answer.model_fields) > 1 or len(shown(q)) > 3))

    found = await extract(model, kinds=[TALKS, SANCTIONS])

    one_by_one = [((kind,), *part) for kind in (TALKS, SANCTIONS) for part in ((1, 6), (1, 3), (4, 6))]
    assert asked(model) == [((TALKS, SANCTIONS), 1, 6), *one_by_one]
    assert cited(found) == {kind: EVERYTHING[kind] for kind in (TALKS, SANCTIONS)}
    assert found.status == "complete"


async def test_sentence_that_alone_is_too_long_is_a_failure_of_each_kind() -> None:
    model = ScriptedModel(otherwise=failing(ContextTooLongError("too long"), lambda q: 3 in shown(q)))

    found = await extract(model, kinds=[TALKS, SANCTIONS])

    assert cited(found) == {TALKS: EVERYTHING[TALKS], SANCTIONS: [[1], [5]]}
    assert [(failure.kind, failure.first_sentence, failure.last_sentence) for failure in found.failures] == [
        (TALKS, 3, 3),
        (SANCTIONS, 3, 3),
    ]


# Lists with an end

MANY = "\n".join([*(f"Norvia imposed sanctions on {firm}." for firm in FIRMS), TEXT.splitlines()[1]])


def listing(most: int) -> Callable[[Question[Any]], Lists]:
    """A model that ends each list at so many records."""

    def said(question: Question[Any]) -> Lists:
        numbers = shown(question)
        found = {
            TALKS: [talks(len(FIRMS) + 1, TOWNS[0])] if len(FIRMS) + 1 in numbers else [],
            SANCTIONS: [sanction(number, FIRMS[number - 1]) for number in numbers if number <= len(FIRMS)],
        }
        return {kind: found.get(kind, [])[:most] for kind in question.answer.model_fields}

    return said


async def test_full_list_is_asked_on_for_its_kind_alone() -> None:
    model = ScriptedModel(otherwise=listing(16))

    found = await extract(model, MANY, bounded=True)

    assert asked(model) == [(KINDS, 1, 25), ((SANCTIONS,), 16, 25)]
    assert cited(found) == {
        TALKS: [[25]],
        SANCTIONS: [[number] for number in range(1, 25)],
        CLAIMS: [],
        QUOTES: [],
    }
    assert found.status == "complete"


LONG = "\n".join([f"Norvia imposed sanctions on {', '.join(FIRMS[:11])}.", TEXT.splitlines()[1]])


def long_lists(firms: int) -> Lists:
    """An answer about the long text, of which one record names so many firms."""
    targets = [{"name": firm, "target_type": "company"} for firm in FIRMS[:firms]]
    sanctions = [{**sanction(1, FIRMS[0]), "targets": targets}]
    return {TALKS: [talks(2, TOWNS[0])], SANCTIONS: sanctions, CLAIMS: [], QUOTES: []}


def firms(found: Extraction) -> int:
    [record] = found.model_dump()["records"][SANCTIONS]
    return len(record["targets"])


async def test_full_list_in_a_record_is_asked_for_with_its_kind_alone() -> None:
    model = ScriptedModel(long_lists(8), {SANCTIONS: long_lists(11)[SANCTIONS]})

    found = await extract(model, LONG, bounded=True)

    assert asked(model) == [(KINDS, 1, 2), ((SANCTIONS,), 1, 2)]
    assert cited(found) == {TALKS: [[2]], SANCTIONS: [[1]], CLAIMS: [], QUOTES: []}
    assert firms(found) == 11
    assert (found.status, found.failures) == ("complete", [])


async def test_full_list_that_cannot_be_had_is_a_failure_of_its_kind_alone() -> None:
    model = ScriptedModel(long_lists(8), {SANCTIONS: []})

    found = await extract(model, LONG, bounded=True)

    assert cited(found) == {TALKS: [[2]], SANCTIONS: [[1]], CLAIMS: [], QUOTES: []}
    assert firms(found) == 8
    assert [failure.kind for failure in found.failures] == [SANCTIONS]


async def test_longer_answer_that_leaves_out_a_list_does_not_take_the_place_of_the_first() -> None:
    first = long_lists(8)
    first[TALKS] = [{**first[TALKS][0], "topics": list(get_args(Topic))[:8]}]
    model = ScriptedModel(first, otherwise={TALKS: first[TALKS]})

    found = await extract(model, LONG, bounded=True)

    assert asked(model) == [(KINDS, 1, 2), ((TALKS, SANCTIONS), 1, 2)]
    assert cited(found) == {TALKS: [[2]], SANCTIONS: [[1]], CLAIMS: [], QUOTES: []}
    assert [failure.kind for failure in found.failures] == [TALKS, SANCTIONS]
    assert all(NO_LIST in failure.reason for failure in found.failures)


# What is cited


@pytest.mark.parametrize(("strategy", "numbers"), [(Strategy.GUIDED, [3]), (Strategy.SEARCH, [1])])
async def test_sentences_that_are_cited_are_the_evidence_without_a_word_of_the_record(
    strategy: Strategy, numbers: list[int]
) -> None:
    text = f"Norvia weighs sanctions on {FIRMS[0]} and {FIRMS[1]}.\nSchools stay closed.\nThe latter may be exempt."
    said = [sanction(3, FIRMS[1])]
    model = ScriptedModel({SANCTIONS if strategy is Strategy.GUIDED else "records": said})

    found = await extract(model, text, kinds=[SANCTIONS], strategy=strategy)

    assert cited(found) == {SANCTIONS: [numbers]}
    assert found.rejected == []


async def test_list_that_nothing_was_wrong_with_is_not_lost_to_a_re_ask() -> None:
    nothing: Lists = {kind: [] for kind in KINDS}
    bad = {**talks(2, TOWNS[0]), "parties": ["Atlantis"]}
    first, second = {**nothing, TALKS: [bad], SANCTIONS: ALL[SANCTIONS]}, {**nothing, TALKS: [talks(2, TOWNS[0])]}

    found = await extract(ScriptedModel(first, second))

    assert {kind: len(records) for kind, records in found.records.items() if records} == {TALKS: 1, SANCTIONS: 3}
    assert found.rejected == []


async def test_list_that_a_re_ask_leaves_out_is_the_one_of_before() -> None:
    without: Lists = {kind: ALL.get(kind, []) for kind in KINDS if kind != SANCTIONS}

    found = await extract(ScriptedModel(without, {SANCTIONS: ALL[SANCTIONS]}))

    assert (found.status, found.failures) == ("complete", [])
    assert {kind: len(records) for kind, records in found.records.items() if records} == {TALKS: 3, SANCTIONS: 3}


async def test_words_of_two_are_those_of_the_sentence_that_is_cited() -> None:
    text = "Minister Varn said the truce would hold. Schools stay closed. General Bent said the truce would hold."
    quotes = [
        complete(
            draft_of(built_in()[QUOTES]),
            {
                "sentences": [number],
                "content": ["the truce would hold"],
                "speaker": speaker,
                "cue": "said",
                "speaker_type": "person",
                "is_official": True,
                "sector": "gov",
            },
        )
        for number, speaker in ((1, "Minister Varn"), (3, "General Bent"))
    ]

    found = await extract(ScriptedModel({**{kind: [] for kind in KINDS}, QUOTES: quotes}), text)

    records: list[Any] = found.records[QUOTES]
    assert [[one.sentence for one in record.evidence] for record in records] == [[1], [3]]
    assert [record.content[0].start < 50 for record in records] == [True, False]
    assert found.rejected == []


async def test_what_is_left_of_a_cut_answer_is_asked_with_the_names_before_it_in_sight() -> None:
    text = "Ilsa Varn met reporters. Schools stay closed. She said it would hold. She warned that it might not."
    form: dict[str, Any] = {"speaker_type": "person", "is_official": True, "sector": "gov", "speaker": "Ilsa Varn"}

    def quotation(number: int, cue: str, words: str) -> dict[str, Any]:
        return complete(draft_of(built_in()[QUOTES]), {**form, "sentences": [number], "content": [words], "cue": cue})

    first, second = quotation(3, "said", "it would hold"), quotation(4, "warned", "it might not")
    earlier = quotation(1, "met", "reporters")
    before = cut_after({TALKS: [], SANCTIONS: [], CLAIMS: [], QUOTES: [earlier, first]})
    model = ScriptedModel(before, {QUOTES: [earlier, first, second]})

    found = await extract(model, text)

    assert [(question[0], question[1]) for question in asked(model)] == [(KINDS, 1), ((QUOTES,), 3)]
    assert "[1] Ilsa Varn met reporters." in model.questions[1].messages[-1].content
    records: list[Any] = found.records[QUOTES]
    assert [(record.speaker.text, record.cue.text) for record in records] == [
        ("Ilsa Varn", cue) for cue in ("met", "said", "warned")
    ]
