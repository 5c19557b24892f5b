"""Bootstrap intervals: repeatable, paired where two runs are compared, silent where there is nothing to say."""

import pytest

from evals.intervals import Tables, Total, difference_intervals, intervals, total

CELL = ("detection", "all", "recall")


def tables(whole: Total) -> Tables:
    recall = whole["hits"] / whole["gold"] if whole["gold"] else None
    return {"detection": {"all": {"recall": recall, "gold": int(whole["gold"])}}}


def articles(*hits: int) -> list[dict[str, float]]:
    return [{"hits": found, "gold": 4} for found in hits]


def test_interval_is_the_same_each_time_and_holds_the_value() -> None:
    tallies = articles(0, 1, 2, 2, 3, 4, 4, 1)

    first, second = intervals(tallies, tables), intervals(tallies, tables)

    low, high = first[CELL]
    value = tables(total(tallies))["detection"]["all"]["recall"]
    assert first == second
    assert value is not None
    assert 0 < low < value < high < 1


def test_interval_narrows_with_more_articles() -> None:
    few, many = (intervals(articles(*[0, 4] * times), tables)[CELL] for times in (3, 30))

    assert many[1] - many[0] < few[1] - few[0]


@pytest.mark.parametrize("tallies", [articles(2), articles(2, 2, 2), [{"hits": 0.0, "gold": 0.0}] * 3])
def test_nothing_varies_no_interval(tallies: list[dict[str, float]]) -> None:
    assert intervals(tallies, tables) == {}


def test_difference_is_paired() -> None:
    before, after = articles(0, 1, 2, 3, 0, 1), articles(1, 2, 3, 4, 1, 1)

    low, high = difference_intervals(before, after, tables)[CELL]

    # Each run alone varies far more than 0.25 from resample to resample; what one gains on the other does not.
    assert 0.1 < low < high < 0.26
