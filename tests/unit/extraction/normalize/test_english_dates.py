"""English dates: what everyday expressions of the news mean, and where they stand in a sentence.

All are said in an article of Monday, 23 November 2026.
"""

from datetime import date

import pytest

from service.extraction.normalize.dates import date_spans
from service.extraction.normalize.edtf import edtf

MONDAY = date(2026, 11, 23)
BEHIND, AHEAD = False, True


@pytest.mark.parametrize(
    ("words", "ahead", "value"),
    [
        ("the 10th", BEHIND, "2026-11-10"),
        ("the 23rd", BEHIND, "2026-11-23"),
        ("the 30th", BEHIND, "2026-10-30"),
        ("the 10th", AHEAD, "2026-12-10"),
        ("Feb. 24", AHEAD, "2027-02-24"),
        ("3 to 5 May 2024", BEHIND, "2024-05-03/2024-05-05"),
        ("between 3 and 5 May 2024", BEHIND, "2024-05-03/2024-05-05"),
        ("March 16 to 19, 2024", BEHIND, "2024-03-16/2024-03-19"),
        ("from Oct. 16 to 19", BEHIND, "2026-10-16/2026-10-19"),
        ("from 28 September to 2 October", BEHIND, "2026-09-28/2026-10-02"),
        ("1992-1995", BEHIND, "1992/1995"),
        ("between 1998 and 2000", BEHIND, "1998/2000"),
        ("from Thursday to Saturday", AHEAD, "2026-11-26/2026-11-28"),
        ("since 2014", BEHIND, "2014/.."),
        ("since May", BEHIND, "2026-05/.."),
        ("since December", BEHIND, "2025-12/.."),
        ("since November 2026", BEHIND, "2026-11/.."),
        ("since late October", BEHIND, "2026-10/.."),
        ("since Friday", BEHIND, "2026-11-20/.."),
        ("since Friday", AHEAD, "2026-11-20/.."),  # what goes on has begun, whatever is still to come
        ("since 3 October", BEHIND, "2026-10-03/.."),
        ("since last week", BEHIND, "2026-11-16~/.."),
        ("since last winter", BEHIND, "2025-24/.."),
        ("spring 2022", BEHIND, "2022-21"),
        ("the summer of 2022", BEHIND, "2022-22"),
        ("the winter of 2023-24", BEHIND, "2023-24"),
        ("the winter of 2023/2024", BEHIND, "2023-24"),
        ("last winter", BEHIND, "2025-24"),
        ("late last month", BEHIND, "2026-10"),
        ("earlier this week", BEHIND, "2026-11-23~"),
        ("mid-March", AHEAD, "2027-03"),
        ("the start of October", BEHIND, "2026-10"),
        ("the end of October", BEHIND, "2026-10"),
        ("late November", AHEAD, "2026-11"),
        ("3 September last year", BEHIND, "2025-09-03"),
        ("November last year", BEHIND, "2025-11"),
        ("early 2024", BEHIND, "2024"),
        ("the early 1980s", BEHIND, "198X"),
        ("the 1990’s", BEHIND, "199X"),
        ("Wednesday next week", AHEAD, "2026-12-02"),
        ("Friday last week", BEHIND, "2026-11-20"),
        ("early Friday", BEHIND, "2026-11-20"),
        ("last night", BEHIND, "2026-11-22/2026-11-23"),
        ("the night to Sunday", BEHIND, "2026-11-21/2026-11-22"),
        ("the night to 26 October", BEHIND, "2026-10-25/2026-10-26"),
        ("the weekend", BEHIND, "2026-11-21/2026-11-22"),
        ("this weekend", AHEAD, "2026-11-28/2026-11-29"),
    ],
)
def test_date_is_read_and_found(words: str, ahead: bool, value: str) -> None:
    sentence = f"It was signed on {words}." if words.startswith("the ") else f"It was signed {words}."

    assert edtf(words, published=MONDAY, future=ahead, language="en") == value
    assert [sentence[start:end] for start, end in date_spans(sentence, "en")] == [words]


@pytest.mark.parametrize(
    ("words", "ahead"),
    [
        ("next Tuesday", AHEAD),  # tomorrow, or in eight days
        ("Sunday next week", AHEAD),  # a week may begin with it
        ("last summer", BEHIND),  # this one is over, and may be meant
        ("the winter of 2022", BEHIND),  # of two winters
        ("the winter of 2022-24", BEHIND),
        ("late November", BEHIND),
        ("since the 1990s", BEHIND),
        ("since November", BEHIND),  # this one, or the last
        ("in ten days", BEHIND),  # how long something took
        ("in a week", BEHIND),
        ("two years later", BEHIND),  # than what the article tells
        ("the 32nd", BEHIND),
        ("from 5 to 3 May 2024", BEHIND),
        ("the night to spring", BEHIND),
        ("every Tuesday", BEHIND),
        ("Mondays", BEHIND),
    ],
)
def test_date_that_words_leave_open_has_no_value(words: str, ahead: bool) -> None:
    assert edtf(words, published=MONDAY, future=ahead, language="en") is None


@pytest.mark.parametrize(("words", "value"), [("in ten days", "2026-12-03"), ("in a week", "2026-11-30~")])
def test_length_of_time_ahead_is_a_date_of_what_is_planned(words: str, value: str) -> None:
    assert edtf(words, published=MONDAY, future=True, language="en") == value


@pytest.mark.parametrize(
    "sentence",
    [
        "The ferry sails every Tuesday, and on Mondays.",
        "Guests at Hotel 1914 were led out.",
        "April Novak, a nurse, was set free.",
        "Dr. April Novak was set free.",
        "Men of the 10th brigade, the 5th, the 7th and the 9th.",
        "They struck twice in nine days.",
    ],
)
def test_what_is_no_date_is_left(sentence: str) -> None:
    assert date_spans(sentence, "en") == []


@pytest.mark.parametrize("sentence", ["In April Novak was set free.", "In early April Novak was set free."])
def test_month_behind_its_preposition_is_a_date_before_a_name(sentence: str) -> None:
    assert len(date_spans(sentence, "en")) == 1


@pytest.mark.parametrize("words", ["the 10th", "last autumn", "Friday last week", "since Friday"])
def test_date_that_depends_on_the_day_of_publication_has_no_value_without_it(words: str) -> None:
    assert edtf(words, published=None, language="en") is None


@pytest.mark.parametrize(
    ("published", "value"),
    [
        (date(2026, 4, 30), "2025-23"),
        (date(2026, 10, 1), "2025-23"),
        (date(2027, 1, 2), "2026-23"),
    ],
)
def test_last_season_is_one_that_ended_before_the_year_began(published: date, value: str) -> None:
    assert edtf("last autumn", published=published, language="en") == value


def test_day_of_the_last_month_must_be_one_of_its_days() -> None:
    assert edtf("the 31st", published=date(2026, 4, 30), language="en") == "2026-03-31"
    assert edtf("the 31st", published=date(2026, 3, 30), language="en") is None
    assert edtf("the 3rd", published=date(2026, 12, 30), future=True, language="en") == "2027-01-03"
