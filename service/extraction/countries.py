"""ISO 3166-1 codes from the names that articles use.

Names come from pycountry (ISO), Babel (CLDR, in the article's language) and countryinfo (capitals, demonyms).
"""

import re
from collections.abc import Iterator
from functools import cache

import pycountry
from babel import Locale, UnknownLocaleError
from countryinfo import CountryInfo

from service.extraction.locate import fold

_ALSO = {
    "US": ("U.S.", "US", "U.S.A.", "USA", "America", "American", "Washington"),
    "GB": ("U.K.", "UK", "Britain", "British", "England", "Scotland", "Wales"),
    "AE": ("UAE", "U.A.E.", "Emirati"),
    "TR": ("Turkey", "Turkish"),
    "RU": ("Russia", "Kremlin"),
    "KR": ("South Korea", "South Korean"),
    "KP": ("North Korea", "North Korean"),
    "CD": ("DR Congo", "DRC"),
    "CZ": ("Czech Republic",),
    "UA": ("Kyiv",),
    "CN": ("Beijing",),
    "IR": ("Iran",),
    "SY": ("Syria",),
}
_AMBIGUOUS = frozenset(
    {"congo", "georgian", "congolese", "dominican", "guinean", "korean", "san jose", "kingston", "male"}
)
_CASE_MATTERS = re.compile(r"\bUS\b|\bU\.S\.")


def _listed(language: str) -> Iterator[tuple[str | None, str]]:
    """Name and code of every country from every source, the most reliable first."""
    for code, aliases in _ALSO.items():
        yield from ((alias, code) for alias in aliases)
    codes = [country.alpha_2 for country in pycountry.countries]
    for country in pycountry.countries:
        for attribute in ("name", "common_name", "official_name"):
            yield getattr(country, attribute, None), country.alpha_2
    for locale in ("en", language):
        try:
            territories = Locale.parse(locale).territories
        except (UnknownLocaleError, ValueError):
            continue
        yield from ((territories.get(code), code) for code in codes)
    for code in codes:
        try:
            info = CountryInfo(code).info()
        except KeyError:
            continue
        yield info.get("demonym"), code
        yield info.get("capital"), code


@cache
def _names(language: str) -> dict[str, str]:
    """Folded name → code, without the names that several countries have."""
    found: dict[str, str] = {}
    doubtful: set[str] = set(_AMBIGUOUS)
    for name, code in _listed(language):
        key = fold(name or "")
        if len(key) > 2 and found.setdefault(key, code) != code:
            doubtful.add(key)
    return {name: code for name, code in found.items() if name not in doubtful}


@cache
def _pattern(language: str) -> re.Pattern[str]:
    names = sorted(_names(language), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")


def code_of(words: str, language: str | None = None) -> str | None:
    """The ISO 3166-1 alpha-2 code of the one country that the words name, by name, demonym or capital.

    Words that name several countries name none, unless they are a place in the usual form "City, Country".
    """
    tag = (language or "en").replace("_", "-").split("-")[0].lower()
    for part in (words, words.rsplit(",", 1)[-1]):
        found = {_names(tag)[match] for match in _pattern(tag).findall(fold(part))}
        if _CASE_MATTERS.search(part):
            found.add("US")
        if len(found) == 1:
            return found.pop()
    return None
