"""ISO 3166-1 codes from the names that articles use.

Names come from pycountry (ISO), Babel (CLDR, in the article's language) and countryinfo (capitals, demonyms), and from
the language packs what these lack, and which words only look like a country.
"""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from typing import Any
from unicodedata import normalize

import pycountry
from babel import Locale, UnknownLocaleError
from countryinfo import all_countries

from prompts import on_change
from prompts.languages import COMMON, pack
from prompts.languages.countries import Countries
from service.extraction.text.language import subtag
from service.extraction.text.matching import fold

_PROVINCES = ("US", "CA", "AU")
"""Countries whose provinces are written behind a town's name without the country: "Paris, Texas"."""
_WITHOUT_ISO_CODE = ("XK",)
"""Codes that CLDR has besides those of ISO, for Kosovo."""
_LETTER = r"[\w\u0300-\u036f]"
"""Letters, and the accents that folding parts from them."""
_WORD = re.compile(rf"{_LETTER}+")


@dataclass(frozen=True, slots=True)
class _Phrases:
    """What words that look like a country are instead."""

    not_there: re.Pattern[str]
    given_name: re.Pattern[str]
    foreign_house: re.Pattern[str]
    case_sensitive: Mapping[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of countries in one language, folded.

    Args:
        codes: name → code, without the names that several countries have.
        open_ended: the same for names with any ending, which go before.
        small: those that need no capital: adjectives in many languages.

    """

    codes: Mapping[str, str]
    open_ended: Mapping[re.Pattern[str], str]
    small: AbstractSet[str]
    pattern: re.Pattern[str]

    def code(self, name: str, capitals: AbstractSet[str]) -> str | None:
        """The code of a name that was found, None where it lacks its capital: "roast turkey"."""
        if name in self.codes:
            known = name in self.small or not capitals.isdisjoint(_WORD.findall(name))
            return self.codes[name] if known else None
        return next((code for stem, code in self.open_ended.items() if stem.fullmatch(name)), None)


def _packs(language: str) -> list[Countries]:
    """What the packs say of countries: the common one, and the language's, whose names go before."""
    return [found.countries for found in (pack(COMMON), pack(language)) if found]


@cache
def _phrases(language: str) -> _Phrases:
    packs = _packs(language)

    def any_of(name: str) -> str:
        # Folded text has accents parted from their letters.
        return normalize("NFD", "|".join(pattern for words in packs for pattern in getattr(words, name)) or "(?!)")

    return _Phrases(
        re.compile(any_of("not_there_patterns")),
        re.compile(any_of("given_name_patterns")),
        re.compile(any_of("foreign_house_patterns"), re.IGNORECASE),
        {code: re.compile("|".join(found)) for words in packs for code, found in words.case_sensitive.items()},
    )


def _said(language: str) -> dict[str, str]:
    """Name → code of what the packs say."""
    return {name: code for words in _packs(language) for code, names in words.names.items() for name in names}


def _listed(language: str) -> Iterator[tuple[str | None, str]]:
    """Name and code of every country from every other source, the most reliable first."""
    codes = [country.alpha_2 for country in pycountry.countries]
    for country in pycountry.countries:
        for attribute in ("name", "common_name", "official_name"):
            yield getattr(country, attribute, None), country.alpha_2
    for locale in ("en", language):
        try:
            territories = Locale.parse(locale).territories
        except (UnknownLocaleError, ValueError):
            continue
        yield from ((territories.get(code), code) for code in (*codes, *_WITHOUT_ISO_CODE))
    for code in _PROVINCES:
        provinces = [place for place in pycountry.subdivisions if place.country_code == code]
        yield from ((province.name, code) for province in provinces if not pycountry.countries.get(name=province.name))
    for code, info in _infos().items():
        yield info.get("demonym"), code
        yield info.get("capital"), code


@cache
def _infos() -> Mapping[str, Mapping[str, Any]]:
    """What countryinfo has of each country.

    None is looked up: with rapidfuzz beside it, countryinfo finds a country for whatever it does not know.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for country in all_countries():
        info: Any = country.info()
        if isinstance(info.get("capital"), str):  # where a country stands twice, one entry may have a list
            found.setdefault(info["ISO"]["alpha2"], info)
    return {country.alpha_2: found[country.alpha_2] for country in pycountry.countries if country.alpha_2 in found}


@cache
def _capitals() -> frozenset[str]:
    return frozenset(fold(info["capital"]) for info in _infos().values() if info.get("capital"))


@cache
def _demonyms() -> frozenset[str]:
    countries = {fold(country.name) for country in pycountry.countries}
    return frozenset(fold(info["demonym"]) for info in _infos().values() if info.get("demonym")) - countries


@cache
def _names(language: str) -> _Names:
    said = _said(language)
    settled = {fold(name): code for name, code in said.items() if "*" not in name}
    stems = {re.escape(fold(name)).replace(r"\*", f"{_LETTER}*"): code for name, code in said.items() if "*" in name}
    open_ended = {re.compile(stem): code for stem, code in stems.items()}
    found: dict[str, str] = {}
    doubtful = {fold(name) for words in _packs(language) for name in words.ambiguous_names}
    for name, code in (*settled.items(), *_listed(language)):
        key = fold(name or "")
        # Two letters are a word of some language; two ideographs are a name.
        if (len(key) > 2 or not key.isascii()) and found.setdefault(key, settled.get(key, code)) != code:
            doubtful.add(key)
    doubtful -= settled.keys()
    codes = {name: code for name, code in found.items() if name not in doubtful}
    names = [*map(re.escape, sorted(codes, key=len, reverse=True)), *stems]
    return _Names(
        codes,
        open_ended,
        frozenset(fold(name) for name in said if name == name.lower()),
        re.compile(rf"(?<!\w)(?:{'|'.join(names)})(?!\w)"),
    )


on_change(_phrases.cache_clear)
on_change(_names.cache_clear)


def is_capital(words: str) -> bool:
    """Whether the words are the English name of a country's capital."""
    return fold(words) in _capitals()


def is_demonym(words: str) -> bool:
    """Whether the words are English for what comes from a country: "Georgian"."""
    return fold(words) in _demonyms()


def without_house(words: str, language: str | None = None) -> str:
    """A place without the words that tell whose house in it is meant: "the U.S. Consulate General in Istanbul"."""
    return _phrases(subtag(language) or "en").foreign_house.sub(" ", words)


def code_of(words: str, language: str | None = None) -> str | None:
    """The ISO 3166-1 alpha-2 code of the one country that the words name, by name, demonym or capital.

    Words that name several countries name none, unless they are a place in the usual form "City, Country". Kosovo,
    which ISO does not have, is XK.
    """
    tag = subtag(language) or "en"
    phrases, names = _phrases(tag), _names(tag)
    for part in (words, words.rsplit(",", 1)[-1]):
        if phrases.given_name.search(part):
            continue
        capitals = {fold(word) for word in _WORD.findall(part) if not word[0].islower()}
        shown = phrases.not_there.sub(" ", fold(part))
        found = {names.code(match, capitals) for match in names.pattern.findall(shown)} - {None}
        found |= {code for code, pattern in phrases.case_sensitive.items() if pattern.search(part)}
        if len(found) == 1:
            return found.pop()
    return None
