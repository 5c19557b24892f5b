"""Derived values: right, or null. A wrong one is worse than none."""

from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from schemas.draft import marked
from schemas.fields import Derived, Mention
from schemas.kinds.sanctions import Sanction, Target
from schemas.registry import built_in
from service.extraction.normalize.countries import code_of
from service.extraction.normalize.edtf import edtf
from service.extraction.normalize.numbers import amount_phrases, greatest, is_approximate, least
from service.extraction.normalize.rules import ArticleContext, derive, rules

THURSDAY = date(2025, 2, 27)


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


@pytest.mark.parametrize(
    ("words", "place", "service"),
    [
        ("U.S. Consulate General in Istanbul", None, "US"),
        ("the French military base in Chad", "TD", None),
        ("Russian mission in Geneva", None, "RU"),
        ("Tarn, Chad", "TD", "TD"),
    ],
)
def test_house_of_a_country_is_where_it_stands_and_whose_it_is(
    words: str, place: str | None, service: str | None
) -> None:
    said = dict.fromkeys(("location", "affiliation"), Mention(start=0, end=len(words), text=words))
    around = ArticleContext((), None, "en")
    where = Derived("country", of=("location",), options={"of": "place"})

    assert derive(where, said, around) == place
    assert derive(Derived("country", of=("affiliation",)), said, around) == service


@pytest.mark.parametrize(
    ("words", "language", "value"),
    [
        ("Tuesday", "en", "2025-02-25"),
        ("early on Monday", "en", "2025-02-24"),
        ("Thursday", "en", "2025-02-27"),
        ("last Thursday", "en", "2025-02-20"),
        ("yesterday", "en", "2025-02-26"),
        ("last week", "en", "2025-02-20~"),
        ("last month", "en", "2025-01"),
        ("last year", "en", "2024"),
        ("three days ago", "en", "2025-02-24"),
        ("12 March 2024", "en", "2024-03-12"),
        ("Feb. 26", "en", "2025-02-26"),
        ("June 2024", "en", "2024-06"),
        ("in 2023", "en", "2023"),
        ("the 1990s", "en", "199X"),
        ("4–5 February", "en", "2025-02-04/2025-02-05"),
        ("May 4-5, 2024", "en", "2024-05-04/2024-05-05"),
        ("2025-02-27", "en", "2025-02-27"),
        ("03.02.2025", "en", "2025-02-03"),
        # open: the order of the figures, the year, the direction, the day
        ("02/03/2025", "en", None),
        ("28 February", "en", None),
        ("14 травня", "uk", None),
        ("60 days", "en", None),
        ("two months", "en", None),
        ("three years", "en", None),
        ("Q1 2024", "en", None),
        ("first half of 2024", "en", None),
        ("at midnight", "en", None),
        ("17", "en", None),
        ("the second round", "en", None),
        ("до Різдва", "uk", None),
        ("у середу", "uk", "2025-02-26"),
        ("минулого місяця", "uk", "2025-01"),
        ("27 лютого 2025 року", "uk", "2025-02-27"),
        ("во вторник", "ru", "2025-02-25"),
        ("в прошлом месяце", "ru", "2025-01"),
        ("22 Ocak", "tr", "2025-01-22"),
        ("17 Şubat’ta", "tr", "2025-02-17"),
        ("am Dienstag", "de", "2025-02-25"),
        ("27.02.2025", "de", "2025-02-27"),
        ("أمس", "ar", "2025-02-26"),
        ("2025年2月27日", "zh", "2025-02-27"),
        ("2024年", "zh", "2024"),
        ("2024", "tlh", "2024"),
        ("Tuesday", None, "2025-02-25"),
    ],
)
def test_date_is_what_the_words_settle_or_none(words: str, language: str | None, value: str | None) -> None:
    assert edtf(words, published=THURSDAY, language=language) == value


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("Friday", "2025-02-28"),
        ("March 12", "2025-03-12"),
        ("next month", "2025-03"),
        ("in ten days", "2025-03-09"),
        ("December 18", "2025-12-18"),
        ("17 February", None),
        ("60 days", None),
    ],
)
def test_date_of_what_is_planned_lies_ahead(words: str, value: str | None) -> None:
    assert edtf(words, published=THURSDAY, future=True, language="en") == value


@pytest.mark.parametrize(
    ("words", "value"),
    [("Tuesday", None), ("3 May", None), ("last year", None), ("3 May 2024", "2024-05-03"), ("2024", "2024")],
)
def test_date_without_publication_date_must_stand_alone(words: str, value: str | None) -> None:
    assert edtf(words, published=None, language="en") == value


@pytest.mark.parametrize(
    ("words", "language", "bounds"),
    [
        ("12 soldiers", "en", (12, 12)),
        ("up to 190 killed", "en", (None, 190)),
        ("over 16,000 deaths", "en", (16_000, None)),
        ("no fewer than 12", "en", (12, None)),
        ("no more than 12", "en", (None, 12)),
        ("ten or more", "en", (10, None)),
        ("Thirty-seven", "en", (37, 37)),
        ("40–50 officers", "en", (40, 50)),
        ("between 60 and 75 million dollars", "en", (60e6, 75e6)),
        ("3-4 thousand", "en", (3_000, 4_000)),
        ("61 of 78 drones", "en", (61, 61)),
        ("2.3 million", "en", (2.3e6, 2.3e6)),
        ("1.5bn", "en", (1.5e9, 1.5e9)),
        ("$3m", "en", (3e6, 3e6)),
        ("3m", "en", (None, None)),
        ("€12\u202f500\u00a0000", "en", (12_500_000, 12_500_000)),
        ("12 T-72 tanks", "en", (12, 12)),
        ("T-72", "en", (None, None)),
        ("5th brigade", "en", (None, None)),
        ("a 155mm shell", "en", (None, None)),
        ("dozens", "en", (None, None)),
        ("hundreds", "en", (None, None)),
        ("half a million", "en", (None, None)),
        ("tens of thousands", "en", (None, None)),
        ("two thirds", "en", (None, None)),
        ("two to three thousand", "en", (None, None)),
        ("1.2.3", "en", (None, None)),
        ("9" * 400, "en", (None, None)),
        ("41 тис. вантажівок", "uk", (41_000, 41_000)),
        ("понад 300", "uk", (300, None)),
        ("не менше 12", "uk", (12, None)),
        ("41-ша бригада", "uk", (None, None)),
        ("до 50 солдат", "ru", (None, 50)),
        ("пятьдесят", "ru", (None, None)),
        ("1,5 milyar dolar", "tr", (1.5e9, 1.5e9)),
        ("20'den fazla", "tr", (20, None)),
        ("2,5 Millionen", "de", (2.5e6, 2.5e6)),
        ("mehr als zwölf", "de", (12, None)),
        ("1.234,5", "de", (1_234.5, 1_234.5)),
        ("jusqu’à 30", "fr", (None, 30)),
        ("٥٠ جنديا", "ar", (50, 50)),
        ("50 ألف", "ar", (50_000, 50_000)),
        ("约4万人", "zh", (40_000, 40_000)),
        ("3万5千", "zh", (None, None)),
    ],
)
def test_figure_is_what_the_words_allow(words: str, language: str, bounds: tuple[float | None, float | None]) -> None:
    assert (least(words, language), greatest(words, language)) == bounds


@pytest.mark.parametrize(
    ("words", "approximate"),
    [
        ("12 soldiers", False),
        ("Thirty-seven", False),
        ("1,500 men", False),
        ("12 T-72 tanks", False),
        ("about 35", True),
        ("Around 40 people", True),
        ("some 4,000 people", True),
        ("roughly 20%", True),
        ("approximately three", True),
        ("at least three", True),
        ("more than 300 soldiers", True),
        ("no fewer than 12", True),
        ("300+", True),
        ("up to 190 killed", True),
        ("nearly 40", True),
        ("no more than 5", True),
        ("dozens", True),
        ("Hundreds of men", True),
        ("several tanks", True),
        ("half of 300", True),
        # a word within another says nothing
        ("12 handsome tanks", False),
        ("12 overcoats", False),
        ("12 військових", False),
        ("близько 40", True),
        ("приблизно 40", True),
        ("понад 300 військових", True),
        ("до 50 солдатів", True),
        ("десятки", True),
        ("12 солдат", False),
        ("около 40", True),
        ("примерно 40", True),
        ("не менее 12", True),
        ("12 asker", False),
        ("yaklaşık 12 asker", True),
        ("en az 12", True),
        ("12 Soldaten", False),
        ("rund 40", True),
        ("etwa zwölf", True),
        ("mindestens drei", True),
        ("", False),
    ],
)
def test_figure_is_approximate_where_words_leave_it_open(words: str, approximate: bool) -> None:
    assert is_approximate(words) is approximate


@pytest.mark.parametrize(
    ("sentence", "language", "amounts"),
    [
        ("Shells killed 12 people.", "en", ("12 people",)),
        ("Shells killed more than 300 soldiers.", "en", ("more than 300 soldiers",)),
        ("Shells hit up to 12 drones, at least three villages.", "en", ("up to 12 drones", "at least three villages")),
        ("About 40 people were wounded.", "en", ("About 40 people",)),
        ("No more than 5 men left.", "en", ("No more than 5 men left",)),
        ("Two tanks and dozens of vehicles burnt.", "en", ("Two tanks", "dozens of vehicles burnt")),
        ("It cost 12.5 million dollars or 20% of it.", "en", ("12.5 million dollars", "20%")),
        ("Twenty-five guns and 1,500 men in the town.", "en", ("Twenty-five guns", "1,500 men")),
        ("Der Angriff tötete mindestens drei Soldaten.", "de", ("mindestens drei Soldaten",)),
        ("Plus de 300 soldats.", "fr", ("Plus de 300 soldats",)),
        ("Понад 300 військових.", "uk", ("Понад 300 військових",)),
        ("En az 12 asker öldü.", "tr", ("En az 12 asker öldü",)),
        ("About 40 people were wounded.", None, ("About 40 people",)),
        # nothing is counted
        ("One of the bakers left, and so did the other one.", "en", ()),
        ("T-72 tanks and 155mm shells of the 5th brigade.", "en", ()),
        ("Nobody was killed.", "en", ()),
        ("Niemand sprach.", "de", ()),
        ("", "en", ()),
        # number words are not known, so that there may be some
        ("Загинули двоє військових.", "uk", None),
        ("Двое солдат погибли.", "ru", None),
        ("İki asker öldü.", "tr", None),
    ],
)
def test_amounts_stand_with_their_bounds_and_what_they_count(
    sentence: str, language: str | None, amounts: tuple[str, ...] | None
) -> None:
    assert amount_phrases(sentence, language) == amounts


def test_amounts_are_there_once_and_at_most_eight() -> None:
    sentence = ", ".join(f"{count} men" for count in (1, 1, *range(2, 12)))

    assert amount_phrases(sentence, "en") == tuple(f"{count} men" for count in range(1, 9))


PIECES = [
    *("12 ", "1,500 ", "12.5 ", "three ", "dozens ", "one ", "twenty-five ", "more than ", "about ", "up to ", "no "),
    *(
        "people ",
        "of ",
        "and ",
        "million ",
        "T-72 ",
        "5th ",
        "%",
        "$",
        ", ",
        ".",
        "\n",
        "\u00a0",
        "-",
        "\ud83d",
        "понад ",
    ),
]


@given(
    st.one_of(st.text(st.characters(), max_size=100), st.lists(st.sampled_from(PIECES), max_size=30).map("".join)),
    st.sampled_from(["en", "de", "uk", "tlh", None]),
)
def test_amounts_of_any_text_stand_in_it(text: str, language: str | None) -> None:
    for amount in amount_phrases(text, language) or ():
        assert amount == amount.strip() != ""
        assert amount in text


def test_every_derived_field_names_a_rule_and_fields_before_it() -> None:
    for record in built_in():
        for model in (record, *_nested(record)):
            names = list(model.model_fields)
            for name, field in model.model_fields.items():
                mark = marked(field, Derived)
                if mark:
                    assert mark.rule in rules()
                    assert all(names.index(source) < names.index(name) for source in mark.of)


def test_country_of_several_targets_is_given_when_they_agree() -> None:
    mark = marked(Sanction.model_fields["target_country"], Derived)
    assert mark is not None

    def country(*names: str) -> object:
        targets = [Target(name=Mention(start=0, end=len(name), text=name), target_type="company") for name in names]
        return derive(mark, {"targets": targets}, ArticleContext((), None, "en"))

    assert country("Russian banks", "Nordvarg Shipping", "Moscow") == "RU"
    assert country("Russian banks", "Iranian tankers") is None
    assert country() is None


def _nested(model: type[BaseModel]) -> list[type[BaseModel]]:
    parts = [part for field in model.model_fields.values() for part in get_args(field.annotation)]
    return [part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)]
