"""EDTF dates (Library of Congress, levels 0 and 1) from the way articles write them; parsing is dateparser's."""

import re
from datetime import date, datetime, time
from functools import lru_cache

from dateparser.date import DateDataParser

_ANCHORS = (datetime(2001, 3, 7), datetime(2014, 10, 19))  # noqa: DTZ001 (two unlike days, only to compare)

_DECADE = re.compile(r"\b([12]\d\d)0s\b")
_TELLING = re.compile(r"[^\W\d_]{3}|\d{4}|[年月日]|\d[./-]\d")
"""Something that makes words a date: a bare number would be taken for a day of the month."""


def edtf(words: str, *, published: date | None, future: bool = False, language: str | None = None) -> str | None:
    """The EDTF value of a date as written: `2025`, `2025-02`, `2025-02-27`, or with `~` when it is about a week.

    Args:
        words: the date as the article writes it.
        published: the day that relative dates ("on Tuesday", "3 May") start from; without it they have no value.
        future: whether a date without a year or week lies ahead of `published`, not behind it.
        language: BCP 47 tag of the words; None lets the parser find out.

    """
    decade = _DECADE.search(words)
    if decade:
        return f"{decade[1]}X"
    if not _TELLING.search(words):
        return None
    if published is not None:
        return _parse(words, datetime.combine(published, time()), future, language)
    # A date that comes out the same from two different days does not depend on the day.
    first, second = (_parse(words, anchor, future, language) for anchor in _ANCHORS)
    return first if first == second else None


def _parse(words: str, base: datetime, future: bool, language: str | None) -> str | None:
    code = (language or "").replace("_", "-").split("-")[0].lower() or None
    try:
        parser = _parser(base, future, code)
    except ValueError:  # a language that dateparser does not have
        parser = _parser(base, future, None)
    found = parser.get_date_data(words)
    if found.date_obj is None:
        return None
    day: date = found.date_obj.date()
    match found.period:
        case "year":
            return f"{day.year:04d}"
        case "month":
            return f"{day.year:04d}-{day.month:02d}"
        case "week":
            return f"{day.isoformat()}~"
        case _:
            return day.isoformat()


@lru_cache(maxsize=256)
def _parser(base: datetime, future: bool, language: str | None) -> DateDataParser:
    settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "future" if future else "past"}
    return DateDataParser(languages=[language] if language else None, settings=settings)
