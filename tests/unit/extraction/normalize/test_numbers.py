"""Figures: the values that the words allow, and where they stand in a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.extraction.normalize.numbers import amount_phrases, greatest, is_approximate, least


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
        ("half a million", "en", (500_000, 500_000)),
        ("tens of thousands", "en", (None, None)),
        ("millions of people", "en", (None, None)),
        ("one and a half million", "en", (1.5e6, 1.5e6)),
        ("¾ million", "en", (750_000, 750_000)),
        ("a dozen", "en", (12, 12)),
        ("two dozen", "en", (24, 24)),
        ("half a dozen", "en", (6, 6)),
        ("more than a dozen trucks", "en", (12, None)),
        ("a hundred and fifty", "en", (150, 150)),
        ("3 hundred thousand", "en", (300_000, 300_000)),
        ("a couple of hundred", "en", (None, None)),
        ("at least a couple of hundred", "en", (200, None)),
        ("as many as 70", "en", (None, 70)),
        ("one in three", "en", (None, None)),
        ("12 of them at 7:30", "en", (12, 12)),
        ("two thirds", "en", (None, None)),
        ("two to three thousand", "en", (2_000, 3_000)),
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
        # not 1,000,000, whether a pack has the word or not
        ("dreizehneinhalb Millionen", "de", (None, None)),
        ("Millionen", "de", (None, None)),
        ("rund eine Million", "de", (1e6, 1e6)),
        ("un demi-million", "fr", (500_000, 500_000)),
        ("des millions d’euros", "fr", (None, None)),
        ("medio millón", "es", (500_000, 500_000)),
        ("1.234,5", "de", (1_234.5, 1_234.5)),
        ("jusqu’à 30", "fr", (None, 30)),
        ("٥٠ جنديا", "ar", (50, 50)),
        ("50 ألف", "ar", (50_000, 50_000)),
        ("约4万人", "zh", (40_000, 40_000)),
        ("3万5千", "zh", (35_000, 35_000)),
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
        ("20 to 30", True),
        ("an estimated 3,000", True),
        ("100 or so", True),
        ("a handful", True),
        ("millions", True),
        ("61 of 78 drones", False),
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
        ("En az 12 asker öldü.", "tr", ("En az 12 asker",)),
        ("About 40 people were wounded.", None, ("About 40 people",)),
        ("Half a million people and a dozen trucks.", "en", ("Half a million people", "a dozen trucks")),
        ("Jusqu'à 40 prisonniers.", "fr", ("Jusqu'à 40 prisonniers",)),
        ("In 2019 villages burnt, in 2019.", "en", ("2019 villages burnt",)),
        # nothing is counted
        ("One in three pupils left at 7:30 in a Boeing 737.", "en", ()),
        ("Un élève sur trois dort au hangar 12.", "fr", ()),
        ("Uno de cada tres alumnos duerme.", "es", ()),
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
