"""Values of dates: what the words settle, or none."""

from datetime import date, datetime

import pytest

from prompts.languages import codes
from service.extraction.normalize import parsed_dates
from service.extraction.normalize.edtf import edtf

THURSDAY = date(2025, 2, 27)


@pytest.mark.parametrize(
    ("words", "language", "value"),
    [
        ("Tuesday", "en", "2025-02-25"),
        ("early on Monday", "en", "2025-02-24"),
        ("Thursday", "en", "2025-02-27"),
        ("last Thursday", "en", "2025-02-20"),
        ("yesterday", "en", "2025-02-26"),
        ("last week", "en", "2025-02-20~"),
        ("last month", "en", "2025-01"),
        ("last year", "en", "2024"),
        ("three days ago", "en", "2025-02-24"),
        ("12 March 2024", "en", "2024-03-12"),
        ("Feb. 26", "en", "2025-02-26"),
        ("June 2024", "en", "2024-06"),
        ("in 2023", "en", "2023"),
        ("the 1990s", "en", "199X"),
        ("4–5 February", "en", "2025-02-04/2025-02-05"),
        ("May 4-5, 2024", "en", "2024-05-04/2024-05-05"),
        ("2025-02-27", "en", "2025-02-27"),
        ("03.02.2025", "en", "2025-02-03"),
        # open: the order of the figures, the year, the direction, the day
        ("02/03/2025", "en", None),
        ("28 February", "en", None),
        ("14 травня", "uk", None),
        ("60 days", "en", None),
        ("two months", "en", None),
        ("three years", "en", None),
        ("Q1 2024", "en", None),
        ("first half of 2024", "en", None),
        ("at midnight", "en", None),
        ("17", "en", None),
        ("the second round", "en", None),
        ("до Різдва", "uk", None),
        ("у середу", "uk", "2025-02-26"),
        ("минулого місяця", "uk", "2025-01"),
        ("27 лютого 2025 року", "uk", "2025-02-27"),
        ("во вторник", "ru", "2025-02-25"),
        ("в прошлом месяце", "ru", "2025-01"),
        ("22 Ocak", "tr", "2025-01-22"),
        ("17 Şubat’ta", "tr", "2025-02-17"),
        ("am Dienstag", "de", "2025-02-25"),
        ("27.02.2025", "de", "2025-02-27"),
        ("أمس", "ar", "2025-02-26"),
        ("2025年2月27日", "zh", "2025-02-27"),
        ("2024年", "zh", "2024"),
        ("2024", "tlh", "2024"),
        ("Tuesday", None, "2025-02-25"),
    ],
)
def test_date_is_what_the_words_settle_or_none(words: str, language: str | None, value: str | None) -> None:
    assert edtf(words, published=THURSDAY, language=language) == value


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("Friday", "2025-02-28"),
        ("March 12", "2025-03-12"),
        ("next month", "2025-03"),
        ("in ten days", "2025-03-09"),
        ("December 18", "2025-12-18"),
        ("17 February", None),
        ("60 days", None),
    ],
)
def test_date_of_what_is_planned_lies_ahead(words: str, value: str | None) -> None:
    assert edtf(words, published=THURSDAY, future=True, language="en") == value


@pytest.mark.parametrize(
    ("words", "value"),
    [("Tuesday", None), ("3 May", None), ("last year", None), ("3 May 2024", "2024-05-03"), ("2024", "2024")],
)
def test_date_without_publication_date_must_stand_alone(words: str, value: str | None) -> None:
    assert edtf(words, published=None, language="en") == value


@pytest.mark.parametrize(
    ("words", "language", "value"),
    [
        ("depuis la fin de 2014", "fr", "2014/.."),
        ("depuis deux ans", "fr", "2023/.."),
        ("depuis les années 1990", "fr", None),
        ("à l’été 2022", "fr", "2022-22"),
        ("au printemps 2022", "fr", "2022-21"),
        ("l’hiver 2023-2024", "fr", "2023-24"),
        ("l’hiver 2023", "fr", None),
        ("desde principios de 2014", "es", "2014/.."),
        ("desde hace dos años", "es", "2023/.."),
        ("la primavera de 2022", "es", "2022-21"),
        ("el invierno de 2023-24", "es", "2023-24"),
        ("el invierno de 2023", "es", None),
        ("1992–1995", "de", "1992/1995"),
        ("1992-1995", "fr", "1992/1995"),
    ],
)
def test_season_and_what_goes_on_in_other_languages(words: str, language: str, value: str | None) -> None:
    assert edtf(words, published=THURSDAY, language=language) == value


def test_date_without_a_language_is_tried_in_those_that_have_a_pack() -> None:
    parsed_dates._parser.cache_clear()
    parser = parsed_dates._parser(datetime(2025, 2, 27), "past", None, None)  # noqa: DTZ001

    assert set(parser.languages or ()) == set(codes())
    assert edtf("أمس", published=THURSDAY) is None
    assert edtf("вчера", published=THURSDAY) == "2025-02-26"
