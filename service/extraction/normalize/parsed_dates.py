"""Dates as dateparser reads them, kept only where the words bear them out.

dateparser always finds something. A day's order, a year or a direction that the words leave open is not chosen for
them.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache

from dateparser.data.languages_info import language_order
from dateparser.date import DateDataParser

from prompts import on_change
from prompts.languages import codes
from service.extraction.text.lexicon import lexicon_for

_LANGUAGES = frozenset(language_order)
"""Those that dateparser has; of another it says so only once it parses."""
_ANCHORS = (datetime(2001, 3, 7), datetime(2014, 10, 19))  # noqa: DTZ001 (two unlike days, only to compare)

_TELLING = re.compile(r"[^\W\d_]{3}|\d{4}|[年月日]|\d[./-]\d")
"""Something that makes words a date: a bare number would be taken for a day of the month."""
_IN_FIGURES = re.compile(r"\D*\b(?P<date>(\d{1,2})([./-])(\d{1,2})\3\d{2,4})\b\D*")
_DAYS = re.compile(r"(?<![\d./-])(\d{1,2})\s?[-–—]\s?(\d{1,2})(?![\d./-])")
_WEEK = timedelta(days=7)
_FIRST_YEAR = 1000
_MONTHS = 12
_FARTHEST = {False: timedelta(days=183), True: timedelta(days=300)}
"""How far a date without a year may lie behind the publication, or ahead of it; farther, the year is in doubt."""
OPEN_END = ".."
"""The end of what goes on."""


@dataclass(frozen=True, slots=True)
class _DatePatterns:
    """The words of `dates.toml` of a language; `prompts.languages.dates` says what each list is for."""

    ending: re.Pattern[str]
    decade: re.Pattern[str]
    year: re.Pattern[str]
    not_a_day: re.Pattern[str]
    before_date: re.Pattern[str]
    past_modifier: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Found:
    """What the parser made of some words; `period` is how exact they are."""

    day: date
    period: str

    def edtf(self) -> str:
        """The day, month or year; of a week a day that is about right."""
        match self.period:
            case "year":
                return f"{self.day:%Y}"
            case "month":
                return f"{self.day:%Y-%m}"
            case "week":
                return f"{self.day.isoformat()}~"
            case _:
                return self.day.isoformat()

    def mirrors(self, other: "Found", base: date) -> bool:
        """Whether two readings lie as far behind a day as ahead of it: a bare length of time, such as "60 days"."""
        if self.period in ("year", "month"):
            return _months(self.day) + _months(other.day) == 2 * _months(base)
        return self.day - base == base - other.day

    def far(self, base: date, future: bool) -> bool:
        """Whether it lies so far from a day that its year is in doubt."""
        return abs(self.day - base) > _FARTHEST[future]


def without_ending(words: str, code: str | None) -> str:
    """A date without an ending that dateparser does not know: "Friday’s"."""
    return _patterns(code).ending.sub("", words).strip()


def decade_of(words: str, code: str | None) -> str | None:
    """The decade that words are about: "the 1990s"."""
    decade = _patterns(code).decade.search(words)
    return f"{decade[1]}X" if decade else None


def in_figures(words: str) -> str | None:
    """The date in words that have one in figures, "le 3/05/2026"."""
    found = _IN_FIGURES.fullmatch(words)
    return found["date"] if found else None


def range_of(first: str | None, last: str | None) -> str | None:
    """From one date to another, or on from the first; None where either is open or they stand the wrong way round."""
    return f"{first}/{last}" if first and last and (last == OPEN_END or first < last) else None


def read(words: str, published: date | None, future: bool, code: str | None) -> str | None:
    """The EDTF value of a date as dateparser reads it, of a year, or of days with a dash between them."""
    patterns = _patterns(code)
    if year := patterns.year.fullmatch(words):
        return year[1]
    if not _TELLING.search(words) or patterns.not_a_day.search(words):
        return None
    days = _DAYS.search(words)
    if not days:
        return _value(words, published, future, code)
    return range_of(
        *(_value(words[: days.start()] + day + words[days.end() :], published, future, code) for day in days.groups())
    )


def _value(words: str, published: date | None, future: bool, language: str | None) -> str | None:
    if published is not None:
        return _from(words, datetime.combine(published, time()), future, language)
    # A date that comes out the same from two different days does not depend on the day.
    first, second = (_from(words, anchor, future, language) for anchor in _ANCHORS)
    return first if first == second else None


def _from(words: str, base: datetime, future: bool, language: str | None) -> str | None:
    """Read a date from one day; None if what is found is a choice between two readings."""
    figures = _IN_FIGURES.fullmatch(words) if language in ("en", None) else None
    if figures and figures[3] != "." and figures[2] != figures[4] and max(int(figures[2]), int(figures[4])) <= _MONTHS:
        return None
    order = "DMY" if figures and figures[3] == "." else None
    found = parse(words, base, "future" if future else "past", language, order)
    if found is None or found.day.year < _FIRST_YEAR:
        return None
    if abs(found.day - base.date()) == _WEEK and not _patterns(language).past_modifier.search(words):
        # "Thursday" in Thursday's paper is today.
        today = parse(words, base, "current_period", language, order)
        if today and today.day == base.date():
            return today.edtf()
    other = parse(words, base, "past" if future else "future", language, order)
    if other and other.day != found.day and (found.mirrors(other, base.date()) or found.far(base.date(), future)):
        return None
    return found.edtf()


def parse(words: str, base: datetime, prefer: str, language: str | None, order: str | None = None) -> Found | None:
    """What dateparser makes of words.

    Args:
        words: the date.
        base: the day that relative dates start from.
        prefer: where a date lies that the words leave open: `past`, `future` or `current_period`.
        language: that of the words; None, and one that dateparser does not have, tries those of the language packs.
        order: of day, month and year in a date in figures.

    """
    parser = _parser(base, prefer, language if language in _LANGUAGES else None, order)
    found = parser.get_date_data(words)
    if found.date_obj is None and (preposition := _patterns(language).before_date.match(words)):
        found = parser.get_date_data(words[preposition.end() :])
    return Found(found.date_obj.date(), found.period or "day") if found.date_obj else None


@lru_cache(maxsize=256)
def _parser(base: datetime, prefer: str, language: str | None, order: str | None) -> DateDataParser:
    settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": prefer, **({"DATE_ORDER": order} if order else {})}
    # In all of its languages dateparser takes seconds for words that are no date, and finds dates that are none.
    languages = [language] if language else [code for code in codes() if code in _LANGUAGES]
    return DateDataParser(languages=languages or None, settings=settings)


@cache
def _patterns(language: str | None) -> _DatePatterns:
    words = lexicon_for("dates", language)

    def compiled(expression: str) -> re.Pattern[str]:
        return re.compile(expression, re.IGNORECASE)

    def either(name: str, patterns: str) -> str:
        return rf"(?<!\w){words.expression(name)}(?!\w)|{words.expression(patterns)}"

    return _DatePatterns(
        ending=compiled(words.expression("ending_patterns")),
        decade=compiled(rf"\b([12]\d\d)0{words.expression('decade_endings')}\b"),
        year=compiled(rf"(?:{words.expression('before_year')}\s)?([12]\d{{3}})\s?{words.expression('after_year')}?"),
        not_a_day=compiled(either("not_a_day", "not_a_day_patterns")),
        before_date=compiled(rf"{words.expression('before_date')}\s+"),
        past_modifier=compiled(either("past_modifiers", "past_modifier_patterns")),
    )


on_change(_parser.cache_clear)
on_change(_patterns.cache_clear)


def _months(day: date) -> int:
    return day.year * _MONTHS + day.month
