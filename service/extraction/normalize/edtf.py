"""EDTF dates (Library of Congress, levels 0 and 1) from the way articles write them; parsing is dateparser's.

dateparser always finds something. What it finds is kept only where the words bear it out: a day's order, a year or a
direction that they leave open is not chosen for them.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache

from dateparser.data.languages_info import language_order
from dateparser.date import DateDataParser

from prompts import on_change
from service.extraction.normalize.date_phrases import date_phrases
from service.extraction.text.language import subtag
from service.extraction.text.lexicon import lexicon_for

_LANGUAGES = frozenset(language_order)
"""Those that dateparser has; of another it says so only once it parses."""
_ANCHORS = (datetime(2001, 3, 7), datetime(2014, 10, 19))  # noqa: DTZ001 (two unlike days, only to compare)

_LONGEST = 100
"""Code points of a date. For a whole paragraph in all its languages dateparser takes seconds."""
_TELLING = re.compile(r"[^\W\d_]{3}|\d{4}|[年月日]|\d[./-]\d")
"""Something that makes words a date: a bare number would be taken for a day of the month."""
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_IN_FIGURES = re.compile(r"\D*\b(?P<date>(\d{1,2})([./-])(\d{1,2})\3\d{2,4})\b\D*")
_YEARS = {"last": -1, "this": 0, "next": 1}
_NAMED = r".*\d.*?|(?!day|week|month|year)(?!\w+day)[a-z]+"
"""A date or a month in English."""
_DIRECTED = re.compile(rf"(?:(?P<which>last|next|late) )?(?P<named>{_NAMED})(?: (?P<year>last|this|next) year)?")
_DAYS = re.compile(r"(?<![\d./-])(\d{1,2})\s?[-–—]\s?(\d{1,2})(?![\d./-])")
_WEEK = timedelta(days=7)
_FIRST_YEAR = 1000
_FARTHEST = {False: timedelta(days=183), True: timedelta(days=300)}
"""How far a date without a year may lie behind the publication, or ahead of it; farther, the year is in doubt."""


@dataclass(frozen=True, slots=True)
class _DatePatterns:
    """The words of `dates.toml` of a language; `prompts.languages.dates` says what each list is for."""

    ending: re.Pattern[str]
    decade: re.Pattern[str]
    year: re.Pattern[str]
    not_a_day: re.Pattern[str]
    before_date: re.Pattern[str]
    past_modifier: re.Pattern[str]


@lru_cache(maxsize=4_096)  # each date is read several times an article, in forty languages where none is told
def edtf(words: str, *, published: date | None, future: bool = False, language: str | None = None) -> str | None:
    """The EDTF value of a date as written: `2025`, `2025-02`, `2025-02-27`, `2025-02-27/2025-02-28`.

    A date that is about a week ends in `~`.

    Args:
        words: the date as the article writes it.
        published: the day that relative dates ("on Tuesday", "3 May") start from; without it they have no value.
        future: whether a date without a year or week lies ahead of `published`, not behind it.
        language: BCP 47 tag of the words; None lets the parser find out.

    """
    if len(words) > _LONGEST:
        return None
    code = subtag(language)
    phrases = date_phrases(code)
    if phrases is None:
        return _read(words, published, future, code)
    if phrases.is_open(words):
        return None
    if english := phrases.read(words):
        values = [_read_english(part, published, future) for part in english.split("/")]
        return values[0] if len(values) == 1 else _range(*values)
    if figures := _IN_FIGURES.fullmatch(words):
        return _read(figures["date"], published, future, code)
    # What is no phrase is read only where it holds a whole date: dateparser takes "le mar" for a Tuesday.
    return _read(words, published, future, code) if _YEAR.search(words) else None


def _read_english(words: str, published: date | None, future: bool) -> str | None:
    """Read English that tells where a month or date lies: "last 3 may", "next march", "march last year", "late may"."""
    directed = _DIRECTED.fullmatch(words)
    if published is None or directed is None or not (directed["which"] or directed["year"]):
        return _read(words, published, future, "en")
    which, named = directed["which"] or directed["year"], directed["named"]
    if directed["year"]:
        return _read(f"{named} {published.year + _YEARS[which]}", published, future, "en")
    found = _parse(named, datetime.combine(published, time()), "future" if which == "next" else "past", "en", None)
    value = found.edtf() if found else None
    if value and published.isoformat().startswith(value):
        # The month or day of publication is neither the last nor the next one; its end may lie ahead.
        return value if which == "late" and future else None
    return _read(named, published, future, "en") if which == "late" else value


def _range(first: str | None, last: str | None) -> str | None:
    return f"{first}/{last}" if first and last and first < last else None


def _read(words: str, published: date | None, future: bool, code: str | None) -> str | None:
    """Read a date as dateparser does, or a year, a decade, or days with a dash between them."""
    patterns = _patterns(code)
    words = patterns.ending.sub("", words).strip()
    if decade := patterns.decade.search(words):
        return f"{decade[1]}X"
    if year := patterns.year.fullmatch(words):
        return year[1]
    if not _TELLING.search(words) or patterns.not_a_day.search(words):
        return None
    days = _DAYS.search(words)
    if not days:
        return _value(words, published, future, code)
    return _range(
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
    if figures and figures[3] != "." and figures[2] != figures[4] and max(int(figures[2]), int(figures[4])) <= 12:
        return None
    order = "DMY" if figures and figures[3] == "." else None
    found = _parse(words, base, "future" if future else "past", language, order)
    if found is None or found.day.year < _FIRST_YEAR:
        return None
    if abs(found.day - base.date()) == _WEEK and not _patterns(language).past_modifier.search(words):
        # "Thursday" in Thursday's paper is today.
        today = _parse(words, base, "current_period", language, order)
        if today and today.day == base.date():
            return today.edtf()
    other = _parse(words, base, "past" if future else "future", language, order)
    if other and other.day != found.day and (found.mirrors(other, base.date()) or found.far(base.date(), future)):
        return None
    return found.edtf()


@dataclass(frozen=True, slots=True)
class _Found:
    """What the parser made of some words; `period` is how exact they are."""

    day: date
    period: str

    def edtf(self) -> str:
        match self.period:
            case "year":
                return f"{self.day:%Y}"
            case "month":
                return f"{self.day:%Y-%m}"
            case "week":
                return f"{self.day.isoformat()}~"
            case _:
                return self.day.isoformat()

    def mirrors(self, other: "_Found", base: date) -> bool:
        """Whether two readings lie as far behind a day as ahead of it: a bare length of time, such as "60 days"."""
        if self.period in ("year", "month"):
            return _months(self.day) + _months(other.day) == 2 * _months(base)
        return self.day - base == base - other.day

    def far(self, base: date, future: bool) -> bool:
        return abs(self.day - base) > _FARTHEST[future]


def _months(day: date) -> int:
    return day.year * 12 + day.month


def _parse(words: str, base: datetime, prefer: str, language: str | None, order: str | None) -> _Found | None:
    parser = _parser(base, prefer, language if language in _LANGUAGES else None, order)
    found = parser.get_date_data(words)
    if found.date_obj is None and (preposition := _patterns(language).before_date.match(words)):
        found = parser.get_date_data(words[preposition.end() :])
    return _Found(found.date_obj.date(), found.period or "day") if found.date_obj else None


@lru_cache(maxsize=256)
def _parser(base: datetime, prefer: str, language: str | None, order: str | None) -> DateDataParser:
    settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": prefer, **({"DATE_ORDER": order} if order else {})}
    return DateDataParser(languages=[language] if language else None, settings=settings)


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


on_change(edtf.cache_clear)
on_change(_patterns.cache_clear)
