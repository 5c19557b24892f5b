"""The plan of an article: what is asked, what code knows without asking, what is left out."""

from datetime import UTC, date, datetime

import pytest

from schemas.article import Article
from schemas.fields import Mention
from schemas.registry import built_in
from service.extraction.candidates.candidate import Candidate
from service.extraction.planning import Plan, plan_article
from service.extraction.text.windows import Window

TALKS, SANCTIONS, CLAIMS, QUOTES = (built_in()[name] for name in built_in().names)
TEXT = (
    "Envoys of Vostria and Kalmere met in Sella. Schools stay closed.\n"
    "“We wait for flour every day,” said Mira Dolen, Vostria’s deputy minister. Rain fell.\n"
    "Vostria imposed sanctions on two banks. Envoys of Vostria and Lentia met in Tolmi."
)
"""Talks in sentences 1 and 6, words of somebody of whom all is told in 3, sanctions in 5."""
TOGETHER = [(TALKS, SANCTIONS)]
EACH = [(TALKS,), (SANCTIONS,)]


def plan(
    groups: list[tuple[type, ...]],
    *,
    text: str = TEXT,
    language: str | None = "en",
    by_candidates: bool = False,
    window_tokens: int = 6_000,
    max_questions: int = 100,
    published_at: date | datetime | None = None,
) -> Plan:
    article = Article(text=text, language=language, published_at=published_at)
    return plan_article(
        article,
        groups,
        by_candidates=by_candidates,
        window_tokens=window_tokens,
        max_questions=max_questions,
    )


def asked(plan: Plan) -> list[tuple[tuple[str, ...], list[int]]]:
    """The kinds of each question and the sentences that it shows."""
    return [(question.kinds, [s.number for s in question.unit.sentences]) for question in plan.questions]


def test_windows_are_asked_about_in_turn_each_for_every_group_of_kinds() -> None:
    joint, each = plan(TOGETHER, window_tokens=50), plan(EACH, window_tokens=50)

    assert asked(joint) == [(("negotiations", "sanctions"), window) for window in ([1, 2], [3, 4], [5, 6])]
    assert asked(each) == [((kind.kind,), window) for window in ([1, 2], [3, 4], [5, 6]) for (kind,) in EACH]
    assert all(isinstance(question.unit, Window) for question in [*joint.questions, *each.questions])


def test_candidates_are_asked_about_kind_by_kind() -> None:
    planned = plan(EACH, by_candidates=True)

    assert asked(planned) == [(("negotiations",), [1]), (("negotiations",), [6]), (("sanctions",), [5])]
    assert all(isinstance(question.unit, Candidate) for question in planned.questions)


def test_candidate_of_which_code_knows_all_is_not_asked_about() -> None:
    planned = plan([(QUOTES,)], by_candidates=True)

    [known] = planned.known
    assert (planned.questions, planned.unasked) == ([], [])
    assert [sentence.number for sentence in known.sentences] == [3]


def test_kind_without_a_reader_is_searched_for_in_windows_beside_candidates_of_others() -> None:
    class Omen(TALKS):  # type: ignore[misc, valid-type]  # a class known at run time alone
        kind = "omens"

    planned = plan([(TALKS,), (Omen,)], by_candidates=True, window_tokens=50)

    assert asked(planned) == [
        (("negotiations",), [1]),
        (("negotiations",), [6]),
        *((("omens",), window) for window in ([1, 2], [3, 4], [5, 6])),
    ]


@pytest.mark.parametrize("text", ["Maxamed ayaa yimid. Roob baa da’ay.", "التقى المبعوثون في الدوحة يوم الثلاثاء."])
def test_all_is_searched_in_a_language_of_which_nothing_is_known(text: str) -> None:
    planned = plan(EACH, text=text, language=None, by_candidates=True)

    assert [question.kinds for question in planned.questions] == [("negotiations",), ("sanctions",)]
    assert all(isinstance(question.unit, Window) for question in planned.questions)


def test_questions_beyond_the_limit_are_planned_and_not_asked() -> None:
    planned = plan(EACH, by_candidates=True, max_questions=2)

    assert asked(planned) == [(("negotiations",), [1]), (("sanctions",), [5])]
    assert [[s.number for s in question.unit.sentences] for question in planned.unasked] == [[6]]


def test_plan_counts_sentences_and_finds_passages() -> None:
    planned = plan(TOGETHER)

    assert planned.sentences == 6
    assert [TEXT[passage.start : passage.end] for passage in planned.passages] == ["We wait for flour every day,"]


@pytest.mark.parametrize(
    ("published", "day"),
    [(date(2025, 2, 27), "2025-02-25"), (datetime(2025, 2, 27, 23, 59, tzinfo=UTC), "2025-02-25"), (None, None)],
)
def test_relative_dates_start_from_the_day_of_publication(published: date | datetime | None, day: str | None) -> None:
    grounder = plan(TOGETHER, published_at=published).grounder

    told = {"date_text": Mention(start=0, end=7, text="Tuesday"), "status": "held", "location": None}
    assert grounder.derive(TALKS, told)["date"] == day
