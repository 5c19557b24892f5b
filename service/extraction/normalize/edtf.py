"""EDTF dates (Library of Congress, levels 0 and 1) from the way articles write them.

Level 0 has days, months, years and ranges of them, `2024-05-03/2024-05-05`. Of level 1 there are decades, `199X`; what
is about right, `2025-02-20~`; seasons, `2022-21` (spring) to `2022-24` (winter), a winter by its first year; and what
began and goes on, `2014/..`. What words leave open has no value. Phrases of the language packs go before dateparser.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from prompts import on_change
from service.extraction.normalize.date_phrases import WEEKDAYS, date_phrases
from service.extraction.normalize.parsed_dates import (
    OPEN_END,
    decade_of,
    in_figures,
    parse,
    range_of,
    read,
    without_ending,
)
from service.extraction.text.language import subtag

_LONGEST = 100
"""Code points of a date. For a whole paragraph dateparser takes seconds."""
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_PERIODS = {"last": -1, "this": 0, "next": 1}
_SEASONS = {"spring": 21, "summer": 22, "autumn": 23, "winter": 24}
_MONTHS = 12
_SUNDAY = 6
_NAMED = r".*\d.*?|(?!day|week|month|year)(?!\w+day)[a-z]+"
"""A date or a month in English."""
_DIRECTED = re.compile(rf"(?:(?P<which>last|next|late) )?(?P<named>{_NAMED})(?: (?P<year>last|this|next) year)?")


@lru_cache(maxsize=4_096)  # each date is read several times an article, in seven languages where none is told
def edtf(words: str, *, published: date | None, future: bool = False, language: str | None = None) -> str | None:
    """The EDTF value of a date as written: `2025`, `2025-02`, `2025-02-27`, `2025-02-27/2025-02-28`, `2014/..`.

    A date that is about a week ends in `~`.

    Args:
        words: the date as the article writes it.
        published: the day that relative dates ("on Tuesday", "3 May") start from; without it they have no value.
        future: whether a date without a year or week lies ahead of `published`, not behind it.
        language: BCP 47 tag of the words; None tries those that have a pack.

    """
    if len(words) > _LONGEST:
        return None
    code = subtag(language)
    phrases = date_phrases(code)
    if phrases is None:
        return _parsed(words, published, future, code)
    words = without_ending(words, code) if not decade_of(words, code) else words
    if phrases.is_open(words):
        return None
    if english := phrases.read(words):
        # What has gone on since then began before the publication.
        future = future and not english.endswith(OPEN_END)
        values = [_read_english(part, published, future) for part in english.split("/")]
        return values[0] if len(values) == 1 else range_of(*values)
    if not phrases.alone:
        return _parsed(words, published, future, code)
    if figures := in_figures(words):
        return _parsed(figures, published, future, code)
    # What is no phrase is read only where it holds a whole date: dateparser takes "le mar" for a Tuesday.
    return _parsed(words, published, future, code) if _YEAR.search(words) else None


on_change(edtf.cache_clear)


def _parsed(words: str, published: date | None, future: bool, code: str | None) -> str | None:
    """Read a decade, or what dateparser reads."""
    return decade_of(words, code) or read(without_ending(words, code), published, future, code)


def _read_english(words: str, published: date | None, future: bool) -> str | None:
    """Read the English of a phrase: what `prompts.languages.dates` allows beside what dateparser reads."""
    if words == OPEN_END:
        return words
    for form, reading in _FORMS.items():
        if match := form.fullmatch(words):
            return reading(match, published, future)
    return _read_directed(words, published, future)


def _read_directed(words: str, published: date | None, future: bool) -> str | None:
    """Read English that tells where a month or date lies: "last 3 may", "next march", "march last year", "late may"."""
    directed = _DIRECTED.fullmatch(words)
    if published is None or directed is None or not (directed["which"] or directed["year"]):
        return _parsed(words, published, future, "en")
    which, named = directed["which"] or directed["year"], directed["named"]
    if which != "late" and _YEAR.search(named):
        return _parsed(named, published, future, "en")
    if directed["year"]:
        return _parsed(f"{named} {published.year + _PERIODS[which]}", published, future, "en")
    found = parse(named, datetime.combine(published, time()), "future" if which == "next" else "past", "en")
    value = found.edtf() if found else None
    if value and published.isoformat().startswith(value):
        # The month or day of publication is neither the last nor the next one; its end may lie ahead.
        return value if which == "late" and future else None
    return _parsed(named, published, future, "en") if which == "late" else value


def _season(match: re.Match[str], published: date | None, _: bool) -> str | None:
    """A season of a year, or the last one: none that ended in the year of publication, which may be meant or not."""
    number = _SEASONS[match["season"]]
    if match["year"]:
        return f"{match['year']}-{number}"
    if published is None or not match["last"]:
        return None
    last_month = _MONTHS // len(_SEASONS) * (number - 20) + 2
    year = published.year - (last_month >= published.month)
    if last_month > _MONTHS:
        return f"{published.year - 1 - (last_month - _MONTHS >= published.month)}-{number}"
    return f"{year}-{number}" if year < published.year else None


def _day_of_month(match: re.Match[str], published: date | None, future: bool) -> str | None:
    """The day of a month that is not told: the last such day, or the next one."""
    if published is None:
        return None
    day, months = int(match[0]), published.year * _MONTHS + published.month - 1
    if future:
        months += day < published.day
    else:
        months -= day > published.day
    year, month = months // _MONTHS, months % _MONTHS + 1
    return date(year, month, day).isoformat() if 0 < day <= monthrange(year, month)[1] else None


def _weekday_of_week(match: re.Match[str], published: date | None, _: bool) -> str | None:
    """The weekday of another week; none of a Sunday, which may begin a week or end it."""
    weekday = WEEKDAYS.index(match["weekday"])
    if published is None or _SUNDAY in (weekday, published.weekday()):
        return None
    days = weekday - published.weekday() + 7 * _PERIODS[match["which"]]
    return (published + timedelta(days)).isoformat()


def _eve(match: re.Match[str], published: date | None, future: bool) -> str | None:
    """The day before another one."""
    value = _read_english(match["day"], published, future)
    try:
        return (date.fromisoformat(value or "") - timedelta(1)).isoformat()
    except ValueError:
        return None


def _planned(match: re.Match[str], published: date | None, future: bool) -> str | None:
    """What is a date only of what is still to come: "in ten days", which elsewhere is how long something took."""
    return _read_english(match["date"], published, future) if future else None


_FORMS: dict[re.Pattern[str], Callable[[re.Match[str], date | None, bool], str | None]] = {
    re.compile(rf"(?P<last>last )?(?P<season>{'|'.join(_SEASONS)})(?: (?P<year>\d{{4}}))?"): _season,
    re.compile(r"\d{1,2}"): _day_of_month,
    re.compile(rf"(?P<weekday>{'|'.join(WEEKDAYS)}) (?P<which>last|this|next) week"): _weekday_of_week,
    re.compile(r"eve of (?P<day>.+)"): _eve,
    re.compile(r"planned (?P<date>.+)"): _planned,
}
"""Forms of English that dateparser does not know, or reads without regard for what is open."""
