"""ISO 3166-1 codes from the names that articles use.

Names come from pycountry (ISO), Babel (CLDR, in the article's language) and countryinfo (capitals, demonyms), and from
the language packs what these lack, and which words only look like a country.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import pycountry
from babel import Locale, UnknownLocaleError
from countryinfo import CountryInfo

from prompts.languages import COMMON, pack
from prompts.languages.countries import Countries
from service.extraction.text.language import subtag
from service.extraction.text.matching import fold

_PROVINCES = ("US", "CA", "AU")
"""Countries whose provinces are written behind a town's name without the country: "Paris, Texas"."""


@dataclass(frozen=True, slots=True)
class _Phrases:
    """What words that look like a country are instead, as patterns of all language packs."""

    not_there: re.Pattern[str]
    given_name: re.Pattern[str]
    foreign_house: re.Pattern[str]
    case_sensitive: Mapping[str, re.Pattern[str]]


@cache
def _words(language: str) -> Countries:
    """What the packs say of countries: the common one, and the language's, which goes before it."""
    own, common = pack(language), _common()
    if own is None:
        return common
    return Countries(
        names={**common.names, **own.countries.names},
        ambiguous_names=tuple(dict.fromkeys((*common.ambiguous_names, *own.countries.ambiguous_names))),
    )


@cache
def _phrases() -> _Phrases:
    words = _common()
    return _Phrases(
        re.compile("|".join(words.not_there_patterns)),
        re.compile("|".join(words.given_name_patterns)),
        re.compile("|".join(words.foreign_house_patterns), re.IGNORECASE),
        {code: re.compile("|".join(patterns)) for code, patterns in words.case_sensitive.items()},
    )


def _common() -> Countries:
    found = pack(COMMON)
    return found.countries if found else Countries()


def _listed(language: str) -> Iterator[tuple[str | None, str]]:
    """Name and code of every country from every source, the most reliable first."""
    for code, names in _words(language).names.items():
        yield from ((name, code) for name in names)
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
    words = _words(language)
    settled = {fold(name): code for code, names in words.names.items() for name in names}
    found: dict[str, str] = {}
    doubtful: set[str] = set(words.ambiguous_names)
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
    return _phrases().foreign_house.sub(" ", words)


def code_of(words: str, language: str | None = None) -> str | None:
    """The ISO 3166-1 alpha-2 code of the one country that the words name, by name, demonym or capital.

    Words that name several countries name none, unless they are a place in the usual form "City, Country".
    """
    tag = subtag(language) or "en"
    phrases = _phrases()
    for part in (words, words.rsplit(",", 1)[-1]):
        if phrases.given_name.search(part):
            continue
        found = {_names(tag)[match] for match in _pattern(tag).findall(phrases.not_there.sub(" ", fold(part)))}
        found |= {code for code, names in phrases.case_sensitive.items() if names.search(part)}
        if len(found) == 1:
            return found.pop()
    return None
