"""Date expressions in a sentence: what a model may choose from instead of copying.

Names of months, days and units are dateparser's, the words around them those of the language packs. Times of day and
durations are no dates. `service.extraction.normalize.edtf` tells whether an expression has a value.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module

import regex
from dateparser.data.languages_info import language_order

from prompts import on_change
from prompts.languages import Dates, codes, pack
from service.extraction.normalize.amount_patterns import amount_patterns
from service.extraction.normalize.date_phrases import date_phrases
from service.extraction.text.language import subtag
from service.extraction.text.lexicon import Lexicon, lexicon_for

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNITS = ("year", "month", "week", "day", "decade")
_SHORTEST = 3
_LEAST_INFLECTED = 4
_MOST = 8
_NEAR = 60
"""Code points before a figure in which a noun has it for its name."""


def date_spans(sentence: str, language: str | None) -> list[tuple[int, int]]:
    """Where the date expressions of a sentence stand.

    Args:
        sentence: words of the article.
        language: BCP 47 tag; None, and one that is not known, looks for those of all languages that are.

    """
    code = subtag(language)
    every = _pattern(code if code in _languages() else None).finditer(sentence)
    named_before = amount_patterns(code).named_before
    found = [
        match
        for match in every
        if not match.groupdict().get("open")
        and not (match[0].isdigit() and named_before.search(sentence, max(0, match.start() - _NEAR), match.start()))
    ]
    return [(match.end() - len(match[0].lstrip(" ,")), match.start() + len(match[0].rstrip(" ,"))) for match in found]


def date_texts(sentence: str, places: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """The date expressions at some places of a sentence, in order and as they stand there, at most 8."""
    return tuple(dict.fromkeys(sentence[start:end] for start, end in places))[:_MOST]


@cache
def _languages() -> dict[str, Dates]:
    """The languages whose packs have words of dates and whose names of months and days dateparser has."""
    packs = {code: pack(code) for code in codes() if code in language_order}
    return {code: one.dates for code, one in packs.items() if one and one.dates != Dates()}


def _only_if_known(code: str) -> bool:
    found = pack(code)
    return found is not None and found.about.only_if_known


@cache
def _pattern(language: str | None) -> regex.Pattern[str]:
    numeric = r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
    words = lexicon_for("dates", language)
    # A phrase of a language that is not known to be the article's is no date: "hier" is "here" in German.
    chosen = [language] if language else [code for code in _languages() if not _only_if_known(code)]
    parts = [part for code in chosen for part in _of(code, words, known=language is not None)]
    return regex.compile(rf"(?<![\w.,/-])(?:{'|'.join([numeric, *parts])})(?![\w/-])", regex.IGNORECASE)


on_change(_languages.cache_clear)
on_change(_pattern.cache_clear)


def _of(language: str, words: Lexicon, *, known: bool) -> list[str]:
    """Expressions for the dates of a language, with the words around the names of its months and days."""
    phrases = date_phrases(language) if known else None
    if phrases and phrases.alone:
        return [phrases.expression]
    said = _languages()[language]
    info = import_module(f"dateparser.data.date_translation_data.{language}").info
    forms = {form.lower() for name in _MONTHS for form in info[name]}
    cut = {form for form in forms if any(other != form and other.startswith(form) for other in forms)}
    month = rf"(?:{_names(forms - cut, said, shortest=2)}|(?:{_names(cut, said, shortest=2)})\.?)"
    lookalikes = f"(?!{'|'.join(said.not_weekday_patterns)})" if said.not_weekday_patterns else ""
    weekday = f"{lookalikes}(?:{_names((form for name in _WEEKDAYS for form in info[name]), said)})"
    unit = _names((form for name in _UNITS for form in info.get(name, ())), said, shortest=2)
    relative = _names((form for forms in info["relative-type"].values() for form in forms), said, bare=True, shortest=2)
    day = rf"\d{{1,2}}{words.expression('ordinal_endings')}?"
    days = rf"{day}(?:\s?(?:[-–—]|\b{words.expression('range_words')}\b)\s?{day})?"
    year = rf"(?:1[89]|20)\d{{2}}(?:\s{words.expression('after_year')})?"
    this = words.expression("modifiers", "modifier_patterns")
    count = rf"(?:\d{{1,3}}|{words.expression('count_words')})\s(?:{unit})"
    passed = rf"{words.expression('before_count')}\s{count}|{count}\s{words.expression('after_count')}"
    # "may" and "march" are no months by themselves without the capital that some languages give them.
    capital = r"(?-i:(?=\p{Lu}))" if said.name_capitals == "always" else ""
    of = rf"(?:{words.expression('before_month')}\s)?"
    return [
        *([phrases.expression] if phrases else []),
        *([_person(capital, month, words)] if capital else []),
        rf"(?:{weekday})?,?\s?{days}\s{of}(?:{month})(?:,?\s{year})?",
        rf"(?:{weekday})?,?\s?(?:{month})\s{days}(?<!\.)(?:,?\s{year})?",
        rf"(?:{this}[\s-])?(?:{month}),?\s{of}{year}",
        rf"(?:{this}\s)?{capital}(?:{weekday})",
        rf"(?:{this}[\s-])?{capital}(?:{month})",
        rf"{this}\s(?:{unit})",
        relative,
        passed,
        rf"(?:{this}[\s-])?{year}",
    ]


def _person(capital: str, month: str, words: Lexicon) -> str:
    """What finds a month that is a given name: "April Novak" at the beginning of a sentence or behind a title."""
    before = words.expression("before_year", "before_date", "before_month", "modifiers")
    title = rf"(?<=\A\W{{0,3}}|(?-i:\p{{Lu}})[\w.]{{0,20}}\s)(?<!(?<!\w){before}\s)"
    return rf"(?P<open>{title}{capital}(?:{month})(?=\s(?-i:\p{{Lu}}\p{{Ll}})))"


def _names(forms: Iterable[str], said: Dates, *, bare: bool = False, shortest: int = _SHORTEST) -> str:
    """Forms that are long enough to be meant, with their endings where the language has more of them."""
    long = {form.lower() for form in forms if len(form) > shortest} - set(said.not_dates)
    long |= {form.replace("'", "’") for form in long}
    inflected = said.name_endings in ("added", "replaced") and not bare
    found: list[str] = []
    for form in sorted(long, key=len, reverse=True):
        words = r"\s".join(map(regex.escape, form.split()))
        if not inflected or len(form) < _LEAST_INFLECTED:
            # Abbreviations take no endings: "лип" with one would be "Липцях".
            found.append(words)
        elif said.name_endings == "replaced" and len(form) > _SHORTEST + 1:
            found.append(rf"{regex.escape(form[:-1])}\w{{1,3}}")
        else:
            found.append(rf"{words}['’]?\w{{0,3}}")
    return "|".join(found)
