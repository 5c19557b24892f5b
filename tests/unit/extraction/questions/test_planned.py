"""How a question is cut into smaller ones, and what is left of one after an answer that had no room for more."""

from typing import Any

import pytest

from schemas.fields import Evidence
from schemas.kinds.sanctions import Sanction
from service.extraction.questions.planned import PlannedQuestion
from service.extraction.text.sentences import segment
from service.extraction.text.windows import Window
from tests.unit.extraction.candidates.finding import find

SENTENCES = tuple(segment("One. Two. Three. Four. Five. Six."))
WHOLE = Window(SENTENCES)
KINDS = ("negotiations", "sanctions", "military_claims")


def stating(*sentences: int) -> list[Sanction]:
    """Records that begin in some sentences."""
    empty: dict[str, Any] = dict.fromkeys(("target_country", "program", "reason", "date_text", "date"))
    lists: dict[str, Any] = {"authorities": [], "targets": [], "measures": []}
    return [
        Sanction(
            **empty,
            **lists,
            evidence=[Evidence(start=0, end=4, text="One.", sentence=number)],
            action="imposed",
            status="active",
        )
        for number in sentences
    ]


def shown(questions: Any) -> list[tuple[tuple[str, ...], list[int]]]:
    return [(one.kinds, [sentence.number for sentence in one.unit.sentences]) for one in questions]


def test_kinds_are_halved_before_the_window() -> None:
    assert shown(PlannedQuestion(KINDS, WHOLE).halved()) == [
        (KINDS[:1], [1, 2, 3, 4, 5, 6]),
        (KINDS[1:], [1, 2, 3, 4, 5, 6]),
    ]
    assert shown(PlannedQuestion(KINDS[:1], WHOLE).halved()) == [(KINDS[:1], [1, 2, 3]), (KINDS[:1], [4, 5, 6])]


def test_one_kind_in_one_sentence_or_in_a_candidate_cannot_be_halved() -> None:
    [candidate] = find(Sanction, "Vostria imposed sanctions on two banks.")

    assert PlannedQuestion(KINDS[:1], Window(SENTENCES[:1])).halved() == []
    assert PlannedQuestion(("sanctions",), candidate).halved() == []


@pytest.mark.parametrize(
    ("begun", "left"),
    [
        ((1, 3), [[3, 4, 5, 6]]),
        ((2, 2, 5), [[5, 6]]),
        ((1, 6), [[6]]),
        ((3, 1), [[1, 2, 3], [4, 5, 6]]),  # in no order
        ((4,), [[1, 2, 3], [4, 5, 6]]),  # a single one tells no order
        ((1, 1), [[1, 2, 3], [4, 5, 6]]),  # no less would be left
        ((), [[1, 2, 3], [4, 5, 6]]),
    ],
)
def test_what_is_left_begins_with_the_last_record_of_a_model_that_goes_in_order(
    begun: tuple[int, ...], left: list[list[int]]
) -> None:
    assert shown(PlannedQuestion(("sanctions",), WHOLE).after(stating(*begun))) == [
        (("sanctions",), numbers) for numbers in left
    ]


def test_nothing_is_left_of_a_candidate() -> None:
    [candidate] = find(Sanction, "Vostria imposed sanctions on two banks.")

    assert list(PlannedQuestion(("sanctions",), candidate).after(stating(1, 1))) == []


def test_what_is_left_of_one_kind_is_asked_with_what_was_shown_in_sight() -> None:
    [left] = PlannedQuestion(KINDS, WHOLE).remaining("sanctions", stating(1, 3), in_sight=True)
    [later] = left.remaining("sanctions", stating(3, 5), in_sight=True)

    assert (left.kinds, left.unit.sentences[0].number, left.shown) == (("sanctions",), 3, WHOLE)
    assert (later.unit.sentences[0].number, later.shown) == (5, WHOLE)


@pytest.mark.parametrize(("begun", "in_sight"), [((1, 3), False), ((3, 1), True)])
def test_what_is_left_is_shown_alone_where_it_is_to_be_or_in_halves(begun: tuple[int, ...], *, in_sight: bool) -> None:
    left = PlannedQuestion(KINDS, WHOLE).remaining("sanctions", stating(*begun), in_sight=in_sight)

    assert {question.shown for question in left} == {None}
