"""Records of a fifth kind are found, grounded and derived like those of the others, by each strategy."""

from collections.abc import Callable
from typing import Any

import pytest

from schemas.article import Article
from schemas.registry import Registry
from schemas.result import Extraction
from service.app import build_extractor
from service.deadline import Deadline
from service.extraction.candidates.readers import reader_of
from service.settings import ProfileName, Settings
from service.strategy import Strategy
from tests.support.grounding import assert_grounded
from tests.support.scripted_model import NOTHING, ScriptedModel
from tests.unit.extraction.candidates.finding import find, texts
from tests.unit.fifth_kind.protests import KIND, SAID, TEXT, judged

Make = Callable[..., Settings]
ANSWERS: dict[Strategy, Any] = {
    Strategy.GUIDED: {KIND: SAID},
    Strategy.SEARCH: {"records": SAID},
    Strategy.CANDIDATES: judged,
}
by_strategy = pytest.mark.parametrize("strategy", list(Strategy))


async def extract(settings: Settings, model: ScriptedModel, kinds: list[str] | None) -> Extraction:
    article = Article(text=TEXT, language="en", published_at="2026-05-08")
    found = await build_extractor(settings, model).extract(article, kinds=kinds, deadline=Deadline.after(60))
    assert_grounded(found.model_dump(), TEXT)
    return found


@by_strategy
async def test_records_are_grounded_with_what_follows_from_their_words(settings: Make, strategy: Strategy) -> None:
    found = await extract(settings(strategy=strategy), ScriptedModel(otherwise=ANSWERS[strategy]), [KIND])

    march, sit_in, blockade = found.model_dump()["records"][KIND]
    assert [record["form"] for record in (march, sit_in, blockade)] == ["march", "sit_in", "blockade"]
    assert (march["participants"]["text"], sit_in["participants"]["text"]) == ("dockers", "Students")
    [count] = march["turnout"]
    assert (count["text"]["text"], count["value_min"], count["value_max"]) == ("About 4,000 dockers", 4_000, 4_000)
    assert (sit_in["location"]["text"], sit_in["country"], blockade["country"]) == ("University of Orrel", None, "NO")
    assert (sit_in["date"], blockade["date"]) == ("2026-05-04", "2026-05-04")
    assert found.status == "complete"


@pytest.mark.parametrize("strategy", [Strategy.GUIDED, Strategy.SEARCH])
async def test_record_that_the_article_does_not_state_is_rejected(settings: Make, strategy: Strategy) -> None:
    found = await extract(settings(strategy=strategy), ScriptedModel(otherwise=ANSWERS[strategy]), [KIND])

    [(kind, draft)] = [(refused.kind, refused.draft) for refused in found.rejected if refused.field is None]
    assert (kind, draft["participants"]) in {(KIND, "Atlanteans"), (KIND, None)}
    assert all("Atlanteans" not in str(record.model_dump()) for record in found.records[KIND])


@pytest.mark.parametrize("strategy", [Strategy.GUIDED, Strategy.SEARCH])
async def test_kind_is_among_all(settings: Make, strategy: Strategy) -> None:
    found = await extract(settings(strategy=strategy), ScriptedModel(otherwise=NOTHING), None)

    assert list(found.records)[-1] == KIND
    assert len(found.records) == 5


async def test_guided_model_is_told_the_definition(settings: Make) -> None:
    model = ScriptedModel(otherwise=ANSWERS[Strategy.GUIDED])
    await extract(settings(), model, [KIND])

    system = model.questions[0].messages[0].content
    assert "## protests: A protest of people in public: a march, rally, sit-in, strike, blockade or riot.\n" in system
    assert "None of it: fairs, parades and matches" in system
    assert "- form: march; rally; sit_in; strike; blockade = a road, a port or a border is shut; riot = " in system
    assert '- participants: who they are, as named ("students"), without their number' in system


async def test_searching_model_is_shown_the_examples(settings: Make) -> None:
    model = ScriptedModel(otherwise=ANSWERS[Strategy.SEARCH])
    await extract(settings(strategy="search"), model, [KIND])

    _, *turns, last = model.questions[0].messages
    assert [turn.role for turn in turns] == ["user", "assistant"] * 2
    assert "Nurses in Brask will walk out" in turns[2].content
    assert '"demand":"the price of milk"' in turns[3].content
    assert last.content.startswith("Report protests: marches, rallies, sit-ins")


# Candidates


def test_candidates_are_found_with_where_and_when_and_what_may_be_chosen(registry: Registry) -> None:
    march, called, sit_in, blockade = find(registry[KIND], TEXT)

    assert [[s.number for s in candidate.sentences] for candidate in (march, called, sit_in, blockade)] == [
        [1],
        [3],
        [4],
        [7],
    ]
    assert texts(sit_in.prefilled) == {"location": "University of Orrel", "date_text": "Monday"}
    assert texts(blockade.prefilled) == {"location": "Norway", "date_text": "Monday"}
    assert (sit_in.hints["form"], blockade.hints) == ("sit_in", {"form": "blockade", "state": "held"})
    assert "location" not in march.prefilled  # "through Port Selm" does not say where in so many words
    assert {"dockers"} <= set(march.choices.actors or ())
    assert sit_in.choices.actors == ("Students",)
    assert not march.certain


def test_reader_is_that_of_the_kinds_package(registry: Registry) -> None:
    reader = reader_of(registry[KIND])

    assert reader
    assert reader.record is registry[KIND]
    assert set(reader.prefill) == {"location", "date_text"}


async def test_lean_question_offers_what_was_found_and_asks_for_nothing_that_code_knows(settings: Make) -> None:
    model = ScriptedModel(otherwise={"record": None})
    await extract(settings(strategy="candidates", profile=ProfileName.LLAMA_CPP), model, [KIND])

    march, _, sit_in, _ = model.questions
    asked = [q.answer.model_json_schema()["properties"]["record"]["anyOf"][0]["properties"] for q in (march, sit_in)]
    assert "dockers" in asked[0]["participants"]["anyOf"][0]["enum"]
    assert asked[0]["location"]["anyOf"][0]["enum"] == ["Port Selm"]
    assert asked[0]["turnout"]["items"]["properties"]["text"]["enum"][0].startswith("About 4,000 dockers")
    assert asked[1]["participants"]["anyOf"][0]["enum"] == ["Students"]
    assert not {"location", "date_text", "turnout"} & set(asked[1])


async def test_examples_of_candidates_are_found_by_the_kinds_own_words(settings: Make) -> None:
    model = ScriptedModel(otherwise=judged)
    await extract(settings(strategy="candidates"), model, [KIND])

    shown = [message.content for message in model.questions[0].messages[1:-1]]
    assert any("Farmers blocked the bridge at Tolm" in one and "form=blockade" in one for one in shown)


async def test_sentences_that_go_on_about_one_protest_are_one_record(settings: Make) -> None:
    found = await extract(settings(strategy="candidates"), ScriptedModel(otherwise=judged), [KIND])

    assert [[cited.sentence for cited in record.evidence] for record in found.records[KIND]] == [[1], [4], [7]]
    [origins, *_] = found.origins[KIND][1:]
    assert (origins["location"], origins["date_text"], origins["date"]) == ("read", "read", "derived")
