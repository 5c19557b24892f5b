"""ISO 3166-1 codes from the names that articles use.

Names come from pycountry (ISO), Babel (CLDR, in the article's language) and countryinfo (capitals, demonyms).
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import pycountry
from babel import Locale, UnknownLocaleError
from countryinfo import CountryInfo

from service.extraction.text.language import subtag
from service.extraction.text.matching import fold

_ALSO = {
    "US": ("U.S.", "US", "U.S.A.", "USA", "America", "American", "Washington", "New England", "США", "ABD", "EE.UU."),
    "GB": ("U.K.", "UK", "Britain", "British", "England", "Scotland", "Wales", "Northern Ireland"),
    "AE": ("UAE", "U.A.E.", "Emirati"),
    "TR": ("Turkey", "Turkish"),
    "RU": ("Russia", "Kremlin"),
    "KR": ("South Korea", "South Korean"),
    "KP": ("North Korea", "North Korean"),
    "CD": ("DR Congo", "DRC", "Democratic Republic of the Congo", "Democratic Republic of Congo"),
    "CZ": ("Czech Republic",),
    "UA": ("Kyiv", "Kiev"),
    "CN": ("Beijing", "Chinese", "Inner Mongolia"),
    "FR": ("French",),
    "IN": ("Indian",),
    "IR": ("Iran",),
    "MX": ("Baja California",),
    "SY": ("Syria",),
}
"""Names that the sources lack or share out among several countries, and places that are named like another one."""
_AMBIGUOUS = frozenset(
    (
        *("congo", "georgian", "congolese", "dominican", "guinean", "korean"),
        # Capitals and states which are persons' names, or other towns', more often than not.
        *("san jose", "kingston", "male", "victoria", "stanley", "hamilton", "douglas", "georgetown", "santiago"),
        *("santo domingo", "san juan", "virginia"),
    )
)
_PROVINCES = ("US", "CA", "AU")
"""Countries whose provinces are written behind a town's name without the country: "Paris, Texas"."""
_NOT_THERE = re.compile(
    r"\b(?:gulf|sea|bay|straits?) of (?:the )?\w+"
    r"|\b(?:(?:south|east|north|west) )?\w+ (?:sea|ocean|gulf|channel|straits?)\b"
    r"|(?<!\w)(?:pro|anti|non|ex)-\w+"
    r"|(?<!\w)[\w.]+-(?:(?!based)\w+ed|held|led|made|built|run)\b"
)
"""Phrases with a country's name that are not in it or not of it: seas, "anti-Russian", "Russian-occupied"."""
_GIVEN_NAMES = re.compile(r"\b[A-Z]\w+ (?:Jordan|Chad)\b|\b(?:Jordan|Chad) [A-Z]")
_ABROAD = re.compile(
    r"(?<!\w)\w[\w.]* (?:\w+ ){0,2}(?:embassy|consulate|high commission|mission|base)(?: general)?(?= (?:in|at|near) )",
    re.IGNORECASE,
)
"""A country's house in another one: "the U.S. Consulate General in Istanbul"."""
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
    for code in _PROVINCES:
        provinces = [place for place in pycountry.subdivisions if place.country_code == code]
        yield from ((province.name, code) for province in provinces if not pycountry.countries.get(name=province.name))
    for code, info in _infos():
        yield info.get("demonym"), code
        yield info.get("capital"), code


def _infos() -> Iterator[tuple[str, Any]]:
    for country in pycountry.countries:
        with suppress(KeyError):
            yield country.alpha_2, CountryInfo(country.alpha_2).info()


@cache
def _capitals() -> frozenset[str]:
    return frozenset(fold(info["capital"]) for _, info in _infos() if info.get("capital"))


@cache
def _demonyms() -> frozenset[str]:
    countries = {fold(country.name) for country in pycountry.countries}
    return frozenset(fold(info["demonym"]) for _, info in _infos() if info.get("demonym")) - countries


@cache
def _names(language: str) -> dict[str, str]:
    """Folded name → code, without the names that several countries have."""
    settled = {fold(name): code for code, names in _ALSO.items() for name in names}
    found: dict[str, str] = {}
    doubtful: set[str] = set(_AMBIGUOUS)
    for name, code in _listed(language):
        key = fold(name or "")
        # Two letters are a word of some language; two ideographs are a name.
        if (len(key) > 2 or not key.isascii()) and found.setdefault(key, settled.get(key, code)) != code:
            doubtful.add(key)
    doubtful -= settled.keys()
    return {name: code for name, code in found.items() if name not in doubtful}


@cache
def _pattern(language: str) -> re.Pattern[str]:
    names = sorted(_names(language), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")


def is_capital(words: str) -> bool:
    """Whether the words are the English name of a country's capital."""
    return fold(words) in _capitals()


def is_demonym(words: str) -> bool:
    """Whether the words are English for what comes from a country: "Georgian"."""
    return fold(words) in _demonyms()


def without_house(words: str) -> str:
    """A place without the words that tell whose house in it is meant: "the U.S. Consulate General in Istanbul"."""
    return _ABROAD.sub(" ", words)


def code_of(words: str, language: str | None = None) -> str | None:
    """The ISO 3166-1 alpha-2 code of the one country that the words name, by name, demonym or capital.

    Words that name several countries name none, unless they are a place in the usual form "City, Country".
    """
    tag = subtag(language) or "en"
    for part in (words, words.rsplit(",", 1)[-1]):
        if _GIVEN_NAMES.search(part):
            continue
        found = {_names(tag)[match] for match in _pattern(tag).findall(_NOT_THERE.sub(" ", fold(part)))}
        if _CASE_MATTERS.search(part):
            found.add("US")
        if len(found) == 1:
            return found.pop()
    return None
