"""Date expressions in a sentence: what a model may choose from instead of copying. The words are dateparser's.

Times of day and durations are no dates. `service.extraction.normalize.edtf` tells whether an expression has a value.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module

import regex

from service.extraction.text.language import subtag

_LANGUAGES = ("en", "uk", "ru", "tr", "de")
"""Those searched together where an article's language is not known."""
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNITS = ("year", "month", "week", "day", "decade")
_SHORTEST = 3
_INFLECTED = frozenset({"uk", "ru", "tr"})
"""Languages whose names of months and days take endings that dateparser does not list."""
_LEAST_INFLECTED = 4
_LOOKALIKES = r"(?!(?:среди|середин\w*|серед|середн\w*)\b)"
"""Words that begin as a day of the week does in Russian or Ukrainian: "among", "middle"."""
_NUMERALS = {
    "en": "a one two three four five six seven eight nine ten",
    "uk": "один одну два дві три чотири п’ять шість сім вісім дев’ять десять",
    "ru": "один одну два две три четыре пять шесть семь восемь девять десять",
    "tr": "bir iki üç dört beş altı yedi sekiz dokuz on",
    "de": "einem einer zwei drei vier fünf sechs sieben acht neun zehn",
}
_EARLIER = {
    "en": ("", "ago|earlier|before|later"),
    "uk": ("", "тому"),
    "ru": ("", "назад"),
    "tr": ("", "önce"),
    "de": ("vor|seit", ""),
}
"""What stands before and behind a count of days, weeks, months or years."""
_THIS = {
    "en": "last|next|this|past|previous|earlier|early|late|mid|mid-|the end of|the beginning of|the start of",
    "uk": "минул\\w+|наступн\\w+|ц\\w{1,3}|попередн\\w+",
    "ru": "прошл\\w+|следующ\\w+|эт\\w{1,3}|минувш\\w+",
    "tr": "geçen|gelecek|bu|önümüzdeki",
    "de": "letzte\\w*|nächste\\w*|diese\\w*|vergangene\\w*|kommende\\w*|Anfang|Ende|Mitte",
}
_NO_DATES = frozenset({"сейчас", "зараз", "jetzt", "şimdi", "this minute", "this hour"})
_MOST = 8


def spans(sentence: str, language: str | None) -> list[tuple[int, int]]:
    """Where the date expressions of a sentence stand.

    Args:
        sentence: words of the article.
        language: BCP 47 tag; None, and one that is not known, looks for those of all languages that are.

    """
    code = subtag(language)
    found = _pattern(code if code in _LANGUAGES else None).finditer(sentence)
    return [(match.end() - len(match[0].lstrip(" ,")), match.start() + len(match[0].rstrip(" ,"))) for match in found]


def dates(sentence: str, places: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """The date expressions at some places of a sentence, in order and as they stand there, at most 8."""
    return tuple(dict.fromkeys(sentence[start:end] for start, end in places))[:_MOST]


@cache
def _pattern(language: str | None) -> regex.Pattern[str]:
    parts = [_of(code) for code in ([language] if language else _LANGUAGES)]
    numeric = r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
    return regex.compile(rf"(?<![\w.,/-])(?:{'|'.join([numeric, *parts])})(?![\w/-])", regex.IGNORECASE)


def _of(language: str) -> str:
    info = import_module(f"dateparser.data.date_translation_data.{language}").info
    forms = {form.lower() for name in _MONTHS for form in info[name]}
    cut = {form for form in forms if any(other != form and other.startswith(form) for other in forms)}
    month = rf"(?:{_words(forms - cut, language, shortest=2)}|(?:{_words(cut, language, shortest=2)})\.?)"
    weekday = _LOOKALIKES + f"(?:{_words((form for name in _WEEKDAYS for form in info[name]), language)})"
    unit = _words((form for name in _UNITS for form in info.get(name, ())), language, shortest=2)
    relative = _words(
        (form for forms in info["relative-type"].values() for form in forms), language, bare=True, shortest=2
    )
    day = r"\d{1,2}\.?" if language == "de" else r"\d{1,2}(?:st|nd|rd|th|-?(?:го|е))?"
    days = rf"{day}(?:\s?(?:[-–—]|\b(?:to|and|und|bis|ve|ile|и|і|й|та|по)\b)\s?{day})?"
    year = r"(?:1[89]|20)\d{2}(?:\s(?:року|році|рік|года|году|год|г\.|р\.))?"
    this = _THIS[language]
    before, behind = _EARLIER[language]
    count = rf"(?:\d{{1,3}}|{_NUMERALS[language].replace(' ', '|')})\s(?:{unit})"
    passed = rf"(?:{before})\s{count}" if before else rf"{count}\s(?:{behind})"
    # "may" and "march" are no months by themselves without the capital that some languages give them.
    capital = r"(?-i:(?=\p{Lu}))" if language in ("en", "de") else ""
    return "|".join(
        [
            rf"(?:{weekday})?,?\s?{days}\s(?:of\s)?(?:{month})(?:,?\s{year})?",
            rf"(?:{weekday})?,?\s?(?:{month})\s{days}(?:,?\s{year})?",
            rf"(?:(?:{this})[\s-])?(?:{month}),?\s(?:of\s)?{year}",
            rf"(?:(?:{this})\s)?{capital}(?:{weekday})",
            rf"(?:(?:{this})[\s-])?{capital}(?:{month})",
            rf"(?:{this})\s(?:{unit})",
            relative,
            passed,
            rf"(?:(?:{this})[\s-])?{year}",
        ]
    )


def _words(forms: Iterable[str], language: str, *, bare: bool = False, shortest: int = _SHORTEST) -> str:
    """Forms that are long enough to be meant, with their endings where the language has more of them."""
    long = {form.lower() for form in forms if len(form) > shortest}
    long -= _NO_DATES
    inflected = language in _INFLECTED and not bare
    cut = language in ("uk", "ru") and not bare
    long |= {form.replace("'", "’") for form in long}
    found: list[str] = []
    for form in sorted(long, key=len, reverse=True):
        words = r"\s".join(map(regex.escape, form.split()))
        if not inflected or len(form) < _LEAST_INFLECTED:
            # Abbreviations take no endings: "лип" with one would be "Липцях".
            found.append(words)
        elif cut and len(form) > _SHORTEST + 1:
            found.append(rf"{regex.escape(form[:-1])}\w{{1,3}}")
        else:
            found.append(rf"{words}['’]?\w{{0,3}}")
    return "|".join(found)
