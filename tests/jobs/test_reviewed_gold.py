"""Gold made of reviews: what becomes of each verdict, and that the evaluation can read it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from evals.gold import read_lines
from schemas.article import Article
from schemas.registry import built_in
from service.jobs.reviewed_gold import ArticleGold, gold, gold_of
from service.jobs.states import ReviewedResult, SavedReview, Verdict
from tests.support.reviewed_article import AGAIN, ARTICLE, FROZE, MET, NOBODY_AGAIN, SENTENCES, SHELLED, result

KINDS = built_in()
MADE = datetime(2026, 5, 7, tzinfo=UTC)


def review(kind: str, verdict: str, record: int | None = None, **more: Any) -> SavedReview:
    about = {"id": f"{kind}{record}", "job_id": "1f", "created_at": MADE, "updated_at": MADE}
    return SavedReview(kind=kind, verdict=Verdict(verdict), record=record, **about, **more)  # type: ignore[arg-type]


def reviewed(*reviews: SavedReview, article: Article = ARTICLE, job_id: str = "1f", **changes: Any) -> ReviewedResult:
    return ReviewedResult(job_id, article, result(job_id, **changes), reviews)


def made(*reviews: SavedReview, **changes: Any) -> ArticleGold:
    return gold_of(reviewed(*reviews, **changes), KINDS, "wire-17")


def test_right_record_is_gold_with_all_that_nobody_works_out() -> None:
    told = made(review("negotiations", "right", 0), review("military_claims", "right", 0, note="As in the lead."))

    assert told.records["negotiations"] == [
        {
            "evidence": [SENTENCES[MET - 1].text],
            "parties": [["Norvia"], ["Tellan"]],
            "mediators": [],
            "representatives": [{"name": "Ivo Marn", "position": None, "organization": None}],
            "format": "bilateral",
            "status": "held",
            "stage": "not_peace_process",
            "round": None,
            "topics": ["other"],
            "outcome": None,
            "location": "Geneva",
            "date_text": "Tuesday",
        }
    ]
    [claim] = told.records["military_claims"]
    assert claim["claimant"] == ["The Norvian army"]
    assert claim["quantities"] == [{"metric": "killed", "text": "12 soldiers", "approximate": False}]
    assert claim["why"] == "As in the lead."
    assert not {"country", "date", "optional"} & claim.keys()


def test_passage_that_stands_there_twice_is_told_apart() -> None:
    told = made(review("quoted_officials", "right", 1))

    assert told.records["quoted_officials"][1]["content"] == [{"text": "We talk", "occurrence": 2}]
    assert told.records["quoted_officials"][1]["evidence"] == [SENTENCES[AGAIN - 1].text]


def test_target_is_an_actor_by_its_name() -> None:
    [sanction] = made(review("sanctions", "right", 0)).records["sanctions"]

    assert sanction["targets"] == [["Emmel Bank"]]


def test_incomplete_record_is_gold_with_what_was_corrected() -> None:
    corrections = {
        "location": "Port Emmel",
        "claimant": "Norvian army",
        "contested_by": ["Tellan"],
        "claim_type": ["strike", "casualties"],
        "modality": {"unknown": True},
        "date_text": {"unknown": True},
    }
    [claim] = made(review("military_claims", "incomplete", 0, corrections=corrections)).records["military_claims"]

    assert claim["location"] == "Port Emmel"
    assert claim["claimant"] == ["Norvian army"]
    assert claim["contested_by"] == ["Tellan"]
    assert claim["claim_type"] == ["strike", "casualties"]
    assert (claim["attribution_status"], claim["actor"]) == ("claimed", None)
    assert not {"modality", "date_text"} & claim.keys()


def test_incomplete_record_of_which_nothing_more_is_said_is_gold_by_its_place() -> None:
    [claim] = made(review("military_claims", "incomplete", 0)).records["military_claims"]

    assert claim == {"evidence": [SENTENCES[SHELLED - 1].text]}


def test_corrected_actors_are_lists_of_names() -> None:
    corrections = {"parties": ["Tellan", ["Norvia", "Envoys of Norvia"]], "mediators": []}
    [talks] = made(review("negotiations", "incomplete", 0, corrections=corrections)).records["negotiations"]

    assert talks["parties"] == [["Tellan"], ["Norvia", "Envoys of Norvia"]]


def test_missed_record_is_gold_by_its_sentences_alone() -> None:
    told = made(review("sanctions", "missed", sentences=(NOBODY_AGAIN, FROZE, FROZE), note="The second package."))

    assert told.records["sanctions"][1] == {
        "evidence": [SENTENCES[FROZE - 1].text, {"text": "Nobody came.", "occurrence": 2}],
        "why": "The second package.",
    }


def test_wrong_record_is_not_among_the_right_ones() -> None:
    told = made(review("sanctions", "wrong", 0, note="No sanction."))

    assert told.records["sanctions"] == []
    assert list(told.wrong) == ["sanctions"]
    assert told.wrong["sanctions"][0]["targets"] == [["Emmel Bank"]]


def test_record_of_which_nobody_says_anything_is_optional() -> None:
    told = made(review("quoted_officials", "right", 0))

    assert [entry.get("optional") for entry in told.records["quoted_officials"]] == [None, True]
    assert [entry.get("optional") for entry in told.records["sanctions"]] == [True]


def test_what_was_not_looked_at_is_not_judged() -> None:
    asked = result()["records"]
    failure = {"kind": "sanctions", "code": "answer_truncated"}

    without = made(review("negotiations", "right", 0), records={kind: asked[kind] for kind in list(asked)[:2]})
    failed = made(review("negotiations", "right", 0), failures=[failure])
    seen = made(review("sanctions", "right", 0), failures=[failure])

    assert without.kinds == list(without.records) == ["negotiations", "sanctions"]
    assert failed.kinds == ["negotiations", "military_claims", "quoted_officials"]
    assert seen.kinds == list(KINDS.names)


def test_kind_whose_records_cannot_be_read_any_more_is_not_judged() -> None:
    strange = {**result()["records"], "sanctions": [{"evidence": [], "weight": 3}]}

    assert "sanctions" not in made(review("negotiations", "right", 0), records=strange).kinds


def test_article_is_told_with_what_is_known_about_it() -> None:
    told = made(review("negotiations", "right", 0)).model_dump(
        include={"id", "job", "title", "published_at", "language"}
    )

    assert told == {
        "id": "wire-17",
        "job": "1f",
        "title": "Talks",
        "published_at": "2026-05-06",
        "language": "en",
    }


def test_no_two_articles_have_the_same_id() -> None:
    right = review("negotiations", "right", 0)
    long = ARTICLE.model_copy(update={"id": "x" * 200})
    unnamed = ARTICLE.model_copy(update={"id": None})
    articles = [
        reviewed(right, job_id="1"),
        reviewed(right, job_id="2"),
        reviewed(right, article=unnamed, job_id="3"),
        reviewed(right, article=long, job_id="4"),
        reviewed(right, article=long, job_id="5"),
    ]

    names = [one.id for one in gold(articles, KINDS)]

    assert names[:3] == ["wire-17", "wire-17-2", "3"]
    assert len(set(names)) == 5
    assert all(Article(text="x", id=name) for name in names)


@pytest.mark.parametrize(
    "reviews",
    [
        [review("negotiations", "right", 0), review("quoted_officials", "right", 1)],
        [review("military_claims", "incomplete", 0, corrections={"precision": None, "actor": "Norvian army"})],
        [review("sanctions", "wrong", 0), review("sanctions", "missed", sentences=(FROZE, NOBODY_AGAIN))],
        [],
    ],
)
def test_evaluation_can_read_it(tmp_path: Path, reviews: list[SavedReview]) -> None:
    path = tmp_path / "reviews.jsonl"
    path.write_text(made(*reviews).model_dump_json() + "\n", encoding="utf-8")

    [article] = read_lines(path)

    assert (article.id, article.kinds) == ("wire-17", KINDS.names)
    assert len(article.records) >= 5
