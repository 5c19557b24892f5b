"""What is reported while an article is read: every record once, as soon as it is known, and what became of it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from schemas.article import Article
from schemas.events import Begun, Event, Failed, Found, Merged, Progress, Rejected, Withdrawn
from schemas.registry import built_in
from schemas.result import Extraction
from service.deadline import Deadline
from service.errors import AnswerMalformedError, AnswerTruncatedError, ModelUnavailableError
from service.extraction.grounding.merge import CONTESTED
from service.extraction.model import Question
from service.extraction.pipeline import Extractor
from service.extraction.questions.progress import GIVEN_ANEW
from service.strategy import Strategy
from tests.support.scripted_model import NOTHING, ScriptedModel
from tests.unit.extraction.questions.by_windows import FIRMS, SANCTIONS, TALKS, TEXT, reading, sanction, talks

MET = "Envoys of Vostria and Norvia met in Sella."


async def events_of(
    model: ScriptedModel, *, text: str = TEXT, live: bool = True, **options: Any
) -> tuple[list[Event], Extraction]:
    events: list[Event] = []
    options = {"window_tokens": 1_000, "max_chars": 10_000, "bounded": False, **options}
    extractor = Extractor(model, built_in(), **options)
    found = await extractor.extract(
        Article(text=text, language="en"),
        kinds=[TALKS, SANCTIONS],
        deadline=Deadline.after(60),
        tell=events.append,
        live=live,
    )
    assert_all_accounted_for(events, found)
    return events, found


def assert_all_accounted_for(events: Sequence[Event], found: Extraction) -> None:
    """Each record has one number; each number's record is in the answer, alone or with others, or withdrawn."""
    records = {event.number: event for event in events if isinstance(event, Found)}
    assert list(records) == list(range(1, len(records) + 1))
    [merged] = [event for event in events if isinstance(event, Merged)]
    assert events[-1] is merged
    withdrawn = [event.number for event in events if isinstance(event, Withdrawn)]
    kept = [number for made_of in merged.records.values() for numbers in made_of for number in numbers]
    assert sorted([*kept, *withdrawn]) == list(records)
    assert {kind: len(ones) for kind, ones in merged.records.items()} == {k: len(v) for k, v in found.records.items()}
    for kind, ones in merged.records.items():
        for record, origins, numbers in zip(found.records[kind], found.origins[kind], ones, strict=True):
            if len(numbers) == 1:
                assert records[numbers[0]].record == record
                assert dict(records[numbers[0]].origins) == origins
            known = {sentence.sentence for sentence in record.evidence}
            assert known == {s.sentence for number in numbers for s in records[number].record.evidence}
    assert sorted(map(repr, (e.rejection for e in events if isinstance(e, Rejected)))) == sorted(
        map(repr, found.rejected)
    )
    assert [event.failure for event in events if isinstance(event, Failed)] == found.failures


def outline(events: Sequence[Event]) -> list[str]:
    return [event.event for event in events]


async def test_records_are_reported_while_the_answer_is_written() -> None:
    events, found = await events_of(ScriptedModel(otherwise=reading))

    assert outline(events) == ["begun", "progress", *["record"] * 6, "progress", "merged"]
    assert isinstance(events[0], Begun)
    assert (events[0].kinds, events[0].sentences, events[0].questions) == ([TALKS, SANCTIONS], 6, 1)
    assert (events[0].prompt_version, events[0].schema_version) == (found.prompt_version, found.schema_version)


async def test_answer_is_the_same_whether_anybody_hears_of_it_or_not() -> None:
    answers = []
    for live in (True, False):
        _, found = await events_of(ScriptedModel(otherwise=reading), live=live)
        answers.append(found.model_dump(exclude={"id", "duration_seconds"}))
    assert answers[0] == answers[1]


async def test_without_a_stream_records_are_reported_with_each_answer() -> None:
    model = ScriptedModel(otherwise=reading)
    events, _ = await events_of(model, live=False, joint=False)
    assert {question.on_partial for question in model.questions} == {None}
    assert outline(events) == ["begun", "progress", *["record"] * 3, "progress", *["record"] * 3, "progress", "merged"]


async def test_progress_is_reported_by_kind() -> None:
    events, _ = await events_of(ScriptedModel(otherwise=reading), window_tokens=40, joint=False)
    first, *_, last = [event for event in events if isinstance(event, Progress)]
    assert first.done == 0
    assert first.questions == last.done == last.questions > 2
    assert {kind: steps.done for kind, steps in last.kinds.items()} == dict.fromkeys(
        (TALKS, SANCTIONS), last.questions // 2
    )


async def test_records_that_merge_are_said_to() -> None:
    text = f"{MET}\n{MET}\nEnvoys of Vostria and Tolmi met."

    def twice(question: Question[Any]) -> Mapping[str, Any]:
        other = {**talks(3, "Sella"), "parties": ["Vostria", "Tolmi"], "location": None}
        return {TALKS: [talks(1, "Sella"), other, talks(2, "Sella")], SANCTIONS: []}

    events, _ = await events_of(ScriptedModel(twice), text=text)

    assert isinstance(events[-1], Merged)
    assert events[-1].records == {TALKS: [[1, 3], [2]], SANCTIONS: []}


async def test_record_of_an_answer_given_anew_without_it_is_withdrawn() -> None:
    wrong = {**talks(2, "Atlantis"), "parties": ["Nobody at all"]}
    first: Mapping[str, Any] = {TALKS: [talks(2, "Sella"), wrong], SANCTIONS: [sanction(1, FIRMS[0])]}
    again = {TALKS: [talks(4, "Lentia"), talks(6, "Tolmi")], SANCTIONS: [sanction(1, FIRMS[0])]}

    events, found = await events_of(ScriptedModel(first, again))

    assert [len(records) for records in found.records.values()] == [2, 1]
    assert [(event.number, event.kind, event.reason) for event in events if isinstance(event, Withdrawn)] == [
        (1, TALKS, GIVEN_ANEW)
    ]


async def test_records_of_a_question_that_fails_in_the_end_are_withdrawn() -> None:
    def breaking(question: Question[Any]) -> Mapping[str, Any]:
        if TALKS not in question.answer.model_fields:
            return reading(question)
        assert question.on_partial
        question.on_partial(question.answer.model_validate({TALKS: [talks(2, "Sella")]}))
        raise AnswerMalformedError("it went wrong")

    events, found = await events_of(ScriptedModel(otherwise=breaking), joint=False)

    assert found.status == "partial"
    assert [event.reason for event in events if isinstance(event, Withdrawn)] == [GIVEN_ANEW]


async def test_records_of_a_cut_answer_stay_and_those_of_the_rest_follow() -> None:
    cut: list[bool] = []

    def cutting(question: Question[Any]) -> Mapping[str, Any]:
        said = reading(question)
        if cut:
            return said
        cut.append(True)
        part = {TALKS: said[TALKS], SANCTIONS: said[SANCTIONS][:2]}
        raise AnswerTruncatedError("cut", whole=question.answer.model_validate(part))

    events, found = await events_of(ScriptedModel(otherwise=cutting))

    assert [len(records) for records in found.records.values()] == [3, 3]
    assert not [event for event in events if isinstance(event, Withdrawn)]
    assert outline(events).count("record") in (6, 7)


async def test_contested_record_is_withdrawn_with_the_reason() -> None:
    said = 'Sorin Dolen of Norvia was in town. "We froze their assets," Rada Brandt said.'
    shared = {"sentences": [2], "content": ["Q1"], "speaker_type": "person", "is_official": True, "sector": "gov"}
    rest = {"position": None, "affiliation": None, "about": []}
    quotes = [
        {**shared, **rest, "cue": None, "sentences": [1], "speaker": "Sorin Dolen"},
        {**shared, **rest, "cue": "said", "speaker": "Rada Brandt"},
    ]
    events: list[Event] = []
    extractor = Extractor(ScriptedModel({"quoted_officials": quotes}), built_in(), window_tokens=500, max_chars=1_000)

    found = await extractor.extract(
        Article(text=said), kinds=["quoted_officials"], deadline=Deadline.after(60), tell=events.append, live=True
    )

    assert_all_accounted_for(events, found)
    assert [(event.number, event.reason) for event in events if isinstance(event, Withdrawn)] == [(1, CONTESTED)]


async def test_what_is_not_asked_is_reported_as_a_failure() -> None:
    events, _ = await events_of(ScriptedModel(otherwise=NOTHING), max_questions=1, joint=False)
    assert outline(events).count("failure") == 1


async def test_what_code_knows_is_reported_first() -> None:
    model = ScriptedModel(otherwise={"record": None})
    events, _ = await events_of(
        model, strategy=Strategy.CANDIDATES, text='"We agreed," said Minister Rada Brandt of Norvia.'
    )
    assert outline(events)[:2] == ["begun", "progress"]


async def test_error_reports_no_end() -> None:
    events: list[Event] = []
    extractor = Extractor(
        ScriptedModel(otherwise=ModelUnavailableError("down")), built_in(), window_tokens=500, max_chars=1_000
    )
    with pytest.raises(ModelUnavailableError):
        await extractor.extract(Article(text=MET), deadline=Deadline.after(60), tell=events.append)
    assert "merged" not in outline(events)


async def test_cancelled_article_asks_no_more() -> None:
    begun = asyncio.Event()

    async def slow(question: Question[Any]) -> Mapping[str, Any]:
        begun.set()
        await asyncio.sleep(3_600)
        return reading(question)

    model = ScriptedModel(otherwise=slow)
    extractor = Extractor(model, built_in(), window_tokens=500, max_chars=1_000)
    reading_it = asyncio.create_task(
        extractor.extract(Article(text=MET), deadline=Deadline.after(3_600), tell=lambda _: None, live=True)
    )
    await begun.wait()
    reading_it.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading_it
    assert len(model.questions) == 1
