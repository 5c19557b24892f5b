"""What came of questions: put together, taken apart by kind, and compared."""

from typing import Any

import pytest

from schemas.fields import Evidence, Mention
from schemas.kinds.sanctions import Sanction, Target
from schemas.result import Failure, Rejection
from service.errors import AnswerTruncatedError
from service.extraction.questions.partial_results import (
    PartialResult,
    combine,
    holds_as_much,
    split_by_kind,
    without_answer,
)
from service.extraction.text.sentences import segment
from service.extraction.text.windows import Window

ERROR = AnswerTruncatedError("cut off")


def sanction(*targets: str) -> Sanction:
    values: dict[str, Any] = dict.fromkeys(("target_country", "program", "reason", "date_text", "date"))
    named = [Target(name=Mention(start=0, end=len(name), text=name), target_type="company") for name in targets]
    return Sanction(
        **values,
        evidence=[Evidence(start=0, end=4, text="One.", sentence=1)],
        action="imposed",
        authorities=[],
        targets=named,
        measures=[],
        status="active",
    )


def rejection(kind: str) -> Rejection:
    return Rejection(kind=kind, reason="it is wrong", draft=None)


def failure(kind: str) -> tuple[Failure, AnswerTruncatedError]:
    [failed] = without_answer([kind], [Window(tuple(segment("One.")))], ERROR).failures
    return failed[0], ERROR


def test_results_are_one_in_their_order() -> None:
    first = PartialResult(1, (sanction("A"),), (rejection("sanctions"),), (failure("sanctions"),))
    second = PartialResult(2, (sanction("B"),), (), (failure("negotiations"),))

    assert combine([first, PartialResult(), second]) == PartialResult(
        3, (sanction("A"), sanction("B")), first.rejections, (*first.failures, *second.failures)
    )
    assert combine([]) == PartialResult()


def test_result_is_split_into_what_is_told_of_some_kinds_and_the_rest() -> None:
    whole = PartialResult(1, (sanction("A"),), (rejection("sanctions"), rejection("negotiations")))

    theirs, others = split_by_kind(whole, ["sanctions"])

    assert (theirs.records, theirs.rejections) == (whole.records, (rejection("sanctions"),))
    assert (others.records, others.rejections) == ((), (rejection("negotiations"),))


@pytest.mark.parametrize(
    ("records", "others", "as_much"),
    [
        ([], [], True),
        ([["A"]], [["A"]], True),
        ([["A", "B"]], [["A"]], True),
        ([["A"], ["B"]], [["A"]], True),
        ([["A"]], [["A", "B"]], False),
        ([["A", "B"]], [["A"], ["B"]], False),
        ([], [["A"]], False),
    ],
)
def test_result_holds_as_much_with_no_fewer_records_and_items(
    records: list[list[str]], others: list[list[str]], *, as_much: bool
) -> None:
    one, other = (PartialResult(1, tuple(sanction(*names) for names in those)) for those in (records, others))

    assert holds_as_much(one, other) is as_much


def test_kinds_without_an_answer_have_a_failure_each_from_the_first_unit_to_the_last() -> None:
    sentences = segment("One. Two. Three. Four.")
    units = [Window((sentences[2],)), Window((sentences[0], sentences[1]))]

    result = without_answer(["negotiations", "sanctions"], units, ERROR)

    assert (result.answers, result.records, result.rejections) == (0, (), ())
    assert [failed.kind for failed, _ in result.failures] == ["negotiations", "sanctions"]
    for failed, error in result.failures:
        assert (failed.first_sentence, failed.last_sentence, failed.start, failed.end) == (
            1,
            3,
            0,
            len("One. Two. Three."),
        )
        assert (failed.code, failed.reason, error) == ("answer_truncated", "cut off", ERROR)


def test_reason_may_say_more_than_the_error() -> None:
    result = without_answer(["sanctions"], [Window(tuple(segment("One.")))], ERROR, reason="it was full: cut off")

    assert [failed.reason for failed, _ in result.failures] == ["it was full: cut off"]
