"""The form of gold: what is right about an article's fields, and what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.gold import FOLDER, ids, load
from schemas.registry import built_in
from service.extraction.text.spans import Span
from service.jobs.gold import EMPTY, NEVER_NULL, NO_ITEM, NO_LIST, NO_WORDS, NOT_THERE, GoldText, fields_of, in_full
from tests.support.reviewed_article import AGAIN, NOBODY, SENTENCES, SHELLED, TEXT

KINDS = built_in()
CLAIM, TALKS, SANCTION, QUOTE = (
    KINDS[kind] for kind in ("military_claims", "negotiations", "sanctions", "quoted_officials")
)
ARTICLE = GoldText(TEXT)


def faults(record: Any, name: str, value: Any) -> list[tuple[tuple[str | int, ...], str]]:
    return [(fault.at, fault.problem) for fault in ARTICLE.faults(record, name, value)]


@pytest.mark.parametrize(
    ("record", "name", "value"),
    [
        (TALKS, "parties", [["Norvia", "Envoys of Norvia"], "Tellan"]),
        (TALKS, "parties", []),
        (TALKS, "location", "geneva"),
        (TALKS, "location", None),
        (TALKS, "outcome", ["met", None]),
        (TALKS, "status", "held"),
        (TALKS, "status", ["held", "concluded"]),
        (TALKS, "topics", ["other"]),
        (TALKS, "topics", []),
        (TALKS, "representatives", [{"name": "Ivo Marn", "position": ["delegate", None]}, {"organization": None}]),
        (CLAIM, "claimant", ["The Norvian army", None]),
        (CLAIM, "claimant", "Norvian army"),
        (CLAIM, "precision", None),
        (CLAIM, "contested_by", ["Tellan", ["Norvia"]]),
        (CLAIM, "quantities", [{"text": "12 soldiers", "metric": ["killed", "other"], "approximate": False}]),
        (SANCTION, "targets", [["Emmel Bank"]]),
        (QUOTE, "content", "We talk"),
        (QUOTE, "content", ["We talk", {"text": "We talk", "occurrence": 2}]),
        (QUOTE, "is_official", [True, False]),
    ],
)
def test_what_the_article_says_is_right(record: Any, name: str, value: Any) -> None:
    assert faults(record, name, value) == []


@pytest.mark.parametrize(
    ("record", "name", "value", "at", "problem"),
    [
        (TALKS, "parties", [["Norvia", "Vernia"], "Tellan"], (0, 1), NOT_THERE),
        (TALKS, "parties", "Norvia", (), NO_LIST),
        (TALKS, "parties", None, (), NEVER_NULL),
        (TALKS, "parties", [[]], (0,), EMPTY),
        (TALKS, "parties", [[["Norvia"]]], (0, 0), NO_WORDS),
        (TALKS, "location", "Gen", (), NOT_THERE),
        (TALKS, "location", " . ", (), NOT_THERE),
        (TALKS, "location", {"start": 1}, (), NO_WORDS),
        (TALKS, "location", [], (), EMPTY),
        (TALKS, "status", None, (), NEVER_NULL),
        (TALKS, "status", [], (), EMPTY),
        (TALKS, "topics", "other", (), NO_LIST),
        (TALKS, "representatives", [{"name": None}], (0, "name"), NEVER_NULL),
        (TALKS, "representatives", [{"position": "envoy"}], (0, "position"), NOT_THERE),
        (TALKS, "representatives", [{}], (0,), NO_ITEM),
        (TALKS, "representatives", ["Ivo Marn"], (0,), NO_ITEM),
        (CLAIM, "quantities", [{"value_min": 12}], (0,), "has other fields than metric, text, approximate"),
        (CLAIM, "quantities", [{"text": "2 soldiers"}], (0, "text"), NOT_THERE),
        (CLAIM, "quantities", [{"approximate": 0}], (0, "approximate"), "is not among True, False"),
        (SANCTION, "targets", [{"name": "Emmel Bank"}], (0,), NO_WORDS),
        (SANCTION, "status", ["active", "on"], (1,), "is not among active, suspended, expired, inactive, proposed"),
        (QUOTE, "content", [], (), EMPTY),
        (QUOTE, "content", [{"text": "We talk", "occurrence": 3}], (0,), NOT_THERE),
        (QUOTE, "content", [{"text": "We talk"}], (0,), NO_WORDS),
        (QUOTE, "is_official", 1, (), "is not among True, False"),
    ],
)
def test_what_it_does_not_say_is_told_with_its_place(
    record: Any, name: str, value: Any, at: tuple[str | int, ...], problem: str
) -> None:
    [(where, what)] = faults(record, name, value)

    assert where == at
    assert what.startswith(problem)


DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["Norvia", "", "\ud800", "held"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "occurrence", "name", "metric", "no"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(value=DOCUMENTS)
def test_whatever_json_holds_is_right_or_wrong(value: Any) -> None:
    for record in KINDS:
        for name in fields_of(record):
            if not faults(record, name, value):
                in_full(record, name, value)


def test_words_that_stand_there_once_are_cited_as_they_are() -> None:
    assert ARTICLE.cited(SENTENCES[SHELLED - 1].span) == SENTENCES[SHELLED - 1].text


def test_words_that_stand_there_again_are_cited_with_their_number() -> None:
    assert ARTICLE.cited(SENTENCES[NOBODY - 1].span) == {"text": "Nobody came.", "occurrence": 1}
    start = TEXT.index("We talk", SENTENCES[AGAIN - 1].start)
    assert ARTICLE.cited(Span(start, start + len("We talk"))) == {"text": "We talk", "occurrence": 2}


def test_what_cannot_be_found_again_is_not_cited() -> None:
    start = TEXT.index("orvia")

    assert ARTICLE.cited(Span(start, start + 5)) is None
    assert ARTICLE.cited(Span(len(TEXT) - 1, len(TEXT))) is None


def test_all_gold_of_the_repository_has_this_form() -> None:
    for article in ids():
        for layer in ("first", "second", ""):
            if (FOLDER / "gold" / layer / f"{article}.json").exists():
                load(article, layer)
