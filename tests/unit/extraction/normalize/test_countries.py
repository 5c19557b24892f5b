"""Countries: the one that is named, or none."""

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import NoReturn

import pytest

from prompts.languages import Countries
from service.extraction.normalize import countries
from service.extraction.normalize.countries import code_of


@pytest.mark.parametrize(
    ("words", "language", "code"),
    [
        ("Ukraine", "en", "UA"),
        ("Ukraine’s Steppe operational command", "en", "UA"),
        ("Verkhnia Lypivka in eastern Ukraine", "en", "UA"),
        ("the Turkish capital", "en", "TR"),
        ("Türkiye", "en", "TR"),
        ("US", "en", "US"),
        ("U.S. Treasury", "en", "US"),
        ("us", "en", None),
        ("Democratic Republic of the Congo", "en", "CD"),
        ("Republic of the Congo", "en", "CG"),
        ("Congo", "en", None),
        ("North Korea", "en", "KP"),
        ("Korea", "en", None),
        ("Niger", "en", "NE"),
        ("Nigeria", "en", "NG"),
        ("Papua New Guinea", "en", "PG"),
        ("South Sudan", "en", "SS"),
        ("Port Sudan", "en", "SD"),
        ("Northern Ireland", "en", "GB"),
        ("New Mexico", "en", "US"),
        ("British Columbia", "en", "CA"),
        ("Baja California", "en", "MX"),
        ("London, Ontario", "en", "CA"),
        ("Paris, Texas", "en", "US"),
        ("the Russian embassy", "en", "RU"),
        ("Russian mission in Geneva", "en", "RU"),
        ("Panama City, Florida", "en", "US"),
        ("Tbilisi, Georgia", "en", "GE"),
        ("Gulf of Mexico", "en", None),
        ("South China Sea", "en", None),
        ("Indian Ocean", "en", None),
        ("the Black Sea coast of Turkey", "en", "TR"),
        ("Russian-occupied Ukraine", "en", "UA"),
        ("Israeli-occupied Golan Heights", "en", None),
        ("pro-Russian separatists", "en", None),
        ("London-based insurer", "en", "GB"),
        ("Russia and Ukraine", "en", None),
        ("Michael Jordan", "en", None),
        ("Jordan Bardella", "en", None),
        ("Amman, Jordan", "en", "JO"),
        ("Queen Victoria", "en", None),
        ("Stanley Li", "en", None),
        ("European Union", "en", None),
        ("Georgian prime minister", "en", "GE"),
        ("Georgian", "en", None),
        ("Palestinian president", "en", "PS"),
        ("Kosovo", "en", "XK"),
        ("Косово", "uk", "XK"),
        ("the White House", "en", "US"),
        ("Georgia Tech", "en", None),
        ("guinea pigs", "en", None),
        # a name needs its capital, an adjective in some languages does not
        ("roast turkey", "en", None),
        ("TURKEY", "en", "TR"),
        ("géorgienne", "fr", "GE"),
        ("nigériens", "fr", "NE"),
        ("armée sud-coréenne", "fr", "KR"),
        ("sud-américaine", "fr", None),
        ("un cochon d’Inde", "fr", None),
        ("Nouveau-Mexique", "fr", "US"),
        ("alemana", "es", "DE"),
        ("Nuevo México", "es", "US"),
        ("golfo de México", "es", None),
        ("Україна", "uk", "UA"),
        ("Україна та Молдова", "uk", None),
        ("США", "uk", "US"),
        ("Россия", "ru", "RU"),
        ("Somali hükûmeti", "tr", "SO"),
        ("Ankara’nın", "tr", "TR"),
        ("İran", "tr", "IR"),
        ("ABD", "tr", "US"),
        ("Türkei", "de", "TR"),
        ("جنوب السودان", "ar", "SS"),
        ("السودان", "ar", "SD"),
        ("中国", "zh", "CN"),
        ("俄罗斯和乌克兰", "zh", None),
        ("Corée du Nord", "fr", "KP"),
        ("France", "tlh", "FR"),
        ("", "en", None),
    ],
)
def test_country_is_the_one_that_is_named_or_none(words: str, language: str, code: str | None) -> None:
    assert code_of(words, language) == code


def _guess(*_: object, **__: object) -> NoReturn:
    raise AssertionError("countryinfo looked a name up by likeness")


@pytest.fixture
def guessing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """rapidfuzz beside countryinfo, which then guesses at what it does not know; nothing read before counts."""
    rapidfuzz, fuzz, process = (ModuleType(name) for name in ("rapidfuzz", "rapidfuzz.fuzz", "rapidfuzz.process"))
    for module, name in ((fuzz, "WRatio"), (process, "extractOne")):
        monkeypatch.setattr(module, name, _guess, raising=False)
    for name, module in (("fuzz", fuzz), ("process", process)):
        monkeypatch.setattr(rapidfuzz, name, module, raising=False)
    for module in (rapidfuzz, fuzz, process):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    tables = (countries._infos, countries._names, countries._capitals, countries._demonyms)
    for table in tables:
        table.cache_clear()
    yield
    for table in tables:
        table.cache_clear()


@pytest.mark.usefixtures("guessing")
@pytest.mark.parametrize(
    ("words", "code"), [("Korea", None), ("The Hague", None), ("Atlantis", None), ("Kosovo", "XK"), ("Paris", "FR")]
)
def test_no_country_is_guessed_where_names_can_be_compared(words: str, code: str | None) -> None:
    assert code_of(words, "en") == code
    assert not countries.is_capital("The Hague")
    assert countries.is_demonym("Georgian")


def test_name_of_a_pack_may_have_any_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    said = Countries(names={"AT": ("Österreich*", "österreichisch*")})
    monkeypatch.setattr(countries, "_packs", lambda _: [said])
    countries._names.cache_clear()

    assert [code_of(words, "de") for words in ("Österreichs", "ÖSTERREICHISCHE", "Osterreichs")] == ["AT", "AT", None]
    countries._names.cache_clear()
