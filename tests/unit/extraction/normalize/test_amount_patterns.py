"""French and Spanish amounts: what everyday expressions of the news allow, and where they stand in a sentence."""

import pytest

from service.extraction.normalize.amount_patterns import amount_patterns
from service.extraction.normalize.numbers import amount_phrases, greatest, is_approximate, least

Bounds = tuple[float | None, float | None]

# words, least and greatest value, whether they leave it open, what is found in a sentence; ranges have two bounds
# and leave open which, and "un" is an article far more often than a number
FRENCH = [
    ("douze soldats", (12, 12), False, ["douze soldats"]),
    ("au moins 12 morts", (12, None), True, ["au moins 12 morts"]),
    ("au moins quarante-sept combattants", (47, None), True, ["au moins quarante-sept combattants"]),
    ("plus de 300 hommes", (300, None), True, ["plus de 300 hommes"]),
    ("plus d’une centaine de blessés", (100, None), True, ["plus d’une centaine de blessés"]),
    ("plus d'un millier de civils", (1_000, None), True, ["plus d'un millier de civils"]),
    ("près de 300 soldats", (None, 300), True, ["près de 300 soldats"]),
    ("près d’un millier de personnes", (None, 1_000), True, ["près d’un millier de personnes"]),
    ("presque 500", (None, 500), True, ["presque 500"]),
    ("moins de 50", (None, 50), True, ["moins de 50"]),
    ("moins d’une dizaine", (None, 10), True, ["moins d’une dizaine"]),
    ("jusqu’à 40 drones", (None, 40), True, ["jusqu’à 40 drones"]),
    ("au plus 20", (None, 20), True, ["au plus 20"]),
    ("au maximum vingt", (None, 20), True, ["au maximum vingt"]),
    ("quelque 40 véhicules", (40, 40), True, ["quelque 40 véhicules"]),
    ("environ 200", (200, 200), True, ["environ 200"]),
    ("une quarantaine de blindés", (40, 40), True, ["une quarantaine de blindés"]),
    ("une quinzaine de personnes", (15, 15), True, ["une quinzaine de personnes"]),
    ("une dizaine de roquettes", (10, 10), True, ["une dizaine de roquettes"]),
    ("une douzaine de missiles", (12, 12), True, ["une douzaine de missiles"]),
    ("une vingtaine d’hommes", (20, 20), True, ["une vingtaine d’hommes"]),
    ("une trentaine", (30, 30), True, ["une trentaine"]),
    ("une cinquantaine", (50, 50), True, ["une cinquantaine"]),
    ("une soixantaine", (60, 60), True, ["une soixantaine"]),
    ("une centaine de morts", (100, 100), True, ["une centaine de morts"]),
    ("un millier de soldats", (1_000, 1_000), True, ["un millier de soldats"]),
    ("deux cents", (200, 200), False, ["deux cents"]),
    ("deux centaines d’obus", (200, 200), True, ["deux centaines d’obus"]),
    ("deux mille hommes", (2_000, 2_000), False, ["deux mille hommes"]),
    ("trois milliers", (3_000, 3_000), True, ["trois milliers"]),
    ("plusieurs dizaines de morts", (None, None), True, ["plusieurs dizaines de morts"]),
    ("des dizaines de blessés", (None, None), True, ["dizaines de blessés"]),
    ("plusieurs centaines", (None, None), True, ["plusieurs centaines"]),
    ("des centaines de milliers", (None, None), True, ["centaines de milliers"]),
    ("des milliers de réfugiés", (None, None), True, ["milliers de réfugiés"]),
    ("quelques dizaines", (None, None), True, ["quelques dizaines"]),
    ("plusieurs villages", (None, None), True, ["plusieurs villages"]),
    ("quelques soldats", (None, None), True, ["quelques soldats"]),
    ("de nombreux blessés", (None, None), True, ["nombreux blessés"]),
    ("la moitié des chars", (None, None), True, ["moitié"]),
    ("un tiers du territoire", (None, None), True, ["tiers"]),
    ("1,2 million d’euros", (1_200_000, 1_200_000), False, ["1,2 million d’euros"]),
    ("3 millions de dollars", (3_000_000, 3_000_000), False, ["3 millions de dollars"]),
    ("1,5 milliard d’euros", (1_500_000_000, 1_500_000_000), False, ["1,5 milliard d’euros"]),
    ("2 milliards", (2_000_000_000, 2_000_000_000), False, ["2 milliards"]),
    ("un million d’obus", (1_000_000, 1_000_000), False, ["un million d’obus"]),
    ("deux millions et demi", (2_500_000, 2_500_000), False, ["deux millions et demi"]),
    ("2 millions et demi d’euros", (2_500_000, 2_500_000), False, ["2 millions et demi d’euros"]),
    ("un milliard et demi", (1_500_000_000, 1_500_000_000), False, ["milliard et demi"]),
    ("2 milliards 300 millions d’euros", (2_300_000_000, 2_300_000_000), False, ["2 milliards 300 millions d’euros"]),
    ("1 200 kilomètres carrés", (1_200, 1_200), False, ["1 200 kilomètres carrés"]),
    ("1\u202f200 kilomètres carrés", (1_200, 1_200), False, ["1\u202f200 kilomètres carrés"]),
    ("61\u00a0000 conteneurs", (61_000, 61_000), False, ["61\u00a0000 conteneurs"]),
    ("4.500 hommes", (4_500, 4_500), False, ["4.500 hommes"]),
    ("entre 20 et 30 hommes", (20, 30), True, ["entre 20 et 30 hommes"]),
    ("de 20 à 30 morts", (20, 30), True, ["de 20 à 30 morts"]),
    ("20 à 30 morts", (20, 30), True, ["20 à 30 morts"]),
    ("quinze à vingt hommes", (15, 20), True, ["quinze à vingt hommes"]),
    ("cent douze morts", (112, 112), False, ["cent douze morts"]),
    ("soixante-dix", (70, 70), False, ["soixante-dix"]),
    ("soixante et onze", (71, 71), False, ["soixante et onze"]),
    ("quatre-vingts", (80, 80), False, ["quatre-vingts"]),
    ("quatre-vingt-douze tués", (92, 92), False, ["quatre-vingt-douze tués"]),
    ("septante", (70, 70), False, ["septante"]),
    ("vingt et un", (21, 21), False, ["vingt et un"]),
    ("mille deux cents", (1_200, 1_200), False, ["mille deux cents"]),
    ("un soldat", (1, 1), False, []),
    ("une femme et deux enfants", (None, None), False, ["deux enfants"]),
    ("63 des 71 drones", (63, 63), False, ["63", "71 drones"]),
    ("douze drones sur quinze", (12, 12), False, ["douze drones", "quinze"]),
    ("14 %", (14, 14), False, ["14 %"]),
    ("14 pour cent", (14, 14), False, ["14 pour cent"]),
    ("le 1er bataillon", (None, None), False, []),
    ("la 3e brigade", (None, None), False, []),
    ("155 mm", (None, None), False, []),
    ("T-72", (None, None), False, []),
    ("zéro blessé", (0, 0), False, ["zéro blessé"]),
    ("la résolution 1701", (None, None), False, []),
    ("aucun mort", (None, None), False, []),
    ("au minimum 30", (30, None), True, ["au minimum 30"]),
    ("pas moins de 30", (30, None), True, ["pas moins de 30"]),
    ("pas plus de 30", (None, 30), True, ["pas plus de 30"]),
    ("une demi-douzaine de chars", (6, 6), True, ["une demi-douzaine de chars"]),
    ("une bonne centaine", (100, None), True, ["une bonne centaine"]),
    ("trente-deux ou trente-trois", (32, 33), True, ["trente-deux ou trente-trois"]),
    ("à peine 40", (None, 40), True, ["à peine 40"]),
    ("les deux tiers", (None, None), True, ["deux tiers"]),
    ("le double", (None, None), True, ["double"]),
]
SPANISH = [
    ("doce soldados", (12, 12), False, ["doce soldados"]),
    ("12 soldados", (12, 12), False, ["12 soldados"]),
    ("un soldado", (1, 1), False, []),
    ("una mujer", (1, 1), False, []),
    ("veintiún soldados", (21, 21), False, ["veintiún soldados"]),
    ("veintidós soldados", (22, 22), False, ["veintidós soldados"]),
    ("treinta y dos soldados", (32, 32), False, ["treinta y dos soldados"]),
    ("ciento veinte soldados", (120, 120), False, ["ciento veinte soldados"]),
    ("quinientos soldados", (500, 500), False, ["quinientos soldados"]),
    ("mil doscientos soldados", (1_200, 1_200), False, ["mil doscientos soldados"]),
    ("dos mil soldados", (2_000, 2_000), False, ["dos mil soldados"]),
    ("cinco mil trescientos desplazados", (5_300, 5_300), False, ["cinco mil trescientos desplazados"]),
    ("2.000 soldados", (2_000, 2_000), False, ["2.000 soldados"]),
    ("2 000 soldados", (2_000, 2_000), False, ["2 000 soldados"]),
    ("12 mil soldados", (12_000, 12_000), False, ["12 mil soldados"]),
    ("más de 2.000 soldados", (2_000, None), True, ["más de 2.000 soldados"]),
    ("más de dos mil soldados", (2_000, None), True, ["más de dos mil soldados"]),
    ("al menos 12 muertos", (12, None), True, ["al menos 12 muertos"]),
    ("al menos doce muertos", (12, None), True, ["al menos doce muertos"]),
    ("por lo menos 12 muertos", (12, None), True, ["por lo menos 12 muertos"]),
    ("como mínimo 12 muertos", (12, None), True, ["como mínimo 12 muertos"]),
    ("no menos de 12 muertos", (12, None), True, ["no menos de 12 muertos"]),
    ("un mínimo de 12 muertos", (12, None), True, ["un mínimo de 12 muertos"]),
    ("cerca de 300 drones", (300, 300), True, ["cerca de 300 drones"]),
    ("alrededor de 300 drones", (300, 300), True, ["alrededor de 300 drones"]),
    ("en torno a 300 drones", (300, 300), True, ["en torno a 300 drones"]),
    ("unos 40 tanques", (40, 40), True, ["unos 40 tanques"]),
    ("unas 40 casas", (40, 40), True, ["unas 40 casas"]),
    ("unos cuarenta tanques", (40, 40), True, ["unos cuarenta tanques"]),
    ("aproximadamente 40 tanques", (40, 40), True, ["aproximadamente 40 tanques"]),
    ("casi 300 drones", (None, 300), True, ["casi 300 drones"]),
    ("hasta 300 drones", (None, 300), True, ["hasta 300 drones"]),
    ("como máximo 300 drones", (None, 300), True, ["como máximo 300 drones"]),
    ("menos de 300 drones", (None, 300), True, ["menos de 300 drones"]),
    ("no más de 300 drones", (None, 300), True, ["no más de 300 drones"]),
    ("un máximo de 300 drones", (None, 300), True, ["un máximo de 300 drones"]),
    ("una docena de casas", (12, 12), True, ["una docena de casas"]),
    ("media docena de casas", (6, 6), True, ["media docena de casas"]),
    ("dos docenas de casas", (24, 24), True, ["dos docenas de casas"]),
    ("docenas de casas", (None, None), True, ["docenas de casas"]),
    ("una decena de heridos", (10, 10), True, ["una decena de heridos"]),
    ("una quincena de heridos", (15, 15), True, ["una quincena de heridos"]),
    ("una veintena de heridos", (20, 20), True, ["una veintena de heridos"]),
    ("una treintena de heridos", (30, 30), True, ["una treintena de heridos"]),
    ("medio centenar de heridos", (50, 50), True, ["medio centenar de heridos"]),
    ("un centenar de heridos", (100, 100), True, ["un centenar de heridos"]),
    ("más de un centenar de heridos", (100, None), True, ["más de un centenar de heridos"]),
    ("dos centenares de heridos", (200, 200), True, ["dos centenares de heridos"]),
    ("un millar de heridos", (1_000, 1_000), True, ["un millar de heridos"]),
    ("varias decenas de heridos", (None, None), True, ["varias decenas de heridos"]),
    ("decenas de heridos", (None, None), True, ["decenas de heridos"]),
    ("centenares de heridos", (None, None), True, ["centenares de heridos"]),
    ("cientos de heridos", (None, None), True, ["cientos de heridos"]),
    ("miles de desplazados", (None, None), True, ["miles de desplazados"]),
    ("decenas de miles de desplazados", (None, None), True, ["decenas de miles de desplazados"]),
    ("varios soldados", (None, None), True, ["varios soldados"]),
    ("algunos soldados", (None, None), True, ["algunos soldados"]),
    ("numerosos soldados", (None, None), True, ["numerosos soldados"]),
    ("una veintena larga de heridos", (20, None), True, ["una veintena larga"]),
    ("30 y tantos soldados", (30, None), True, ["30 y tantos soldados"]),
    ("1,2 millones de dólares", (1_200_000, 1_200_000), False, ["1,2 millones de dólares"]),
    ("dos millones de dólares", (2_000_000, 2_000_000), False, ["dos millones de dólares"]),
    ("1.500 millones de dólares", (1_500_000_000, 1_500_000_000), False, ["1.500 millones de dólares"]),
    ("mil millones de dólares", (1_000_000_000, 1_000_000_000), False, ["mil millones de dólares"]),
    ("3 mil 500 millones de pesos", (3_500_000_000, 3_500_000_000), False, ["3 mil 500 millones de pesos"]),
    ("2 millones 300 mil hectáreas", (2_300_000, 2_300_000), False, ["2 millones 300 mil hectáreas"]),
    ("dos millones y medio de euros", (2_500_000, 2_500_000), False, ["dos millones y medio de euros"]),
    ("tres toneladas y media", (3.5, 3.5), False, ["tres toneladas y media"]),
    ("cero muertos", (0, 0), False, ["cero muertos"]),
    ("un billón de pesos", (1_000_000_000_000, 1_000_000_000_000), False, ["un billón de pesos"]),
    ("medio millón de personas", (500_000, 500_000), True, ["medio millón de personas"]),
    ("de 12 a 15 muertos", (12, 15), True, ["de 12 a 15 muertos"]),
    ("entre 12 y 15 muertos", (12, 15), True, ["entre 12 y 15 muertos"]),
    ("entre doce y quince muertos", (12, 15), True, ["entre doce y quince muertos"]),
    ("12 o 13 muertos", (12, 13), True, ["12 o 13 muertos"]),
    ("11 de los 78 drones", (11, 11), False, ["11", "78 drones"]),
    ("una de cada tres casas", (None, None), False, []),
    ("un tercio de la flota", (None, None), True, ["tercio"]),
    ("la mitad de la flota", (None, None), True, ["mitad"]),
    ("el 30 por ciento del territorio", (30, 30), False, ["30 por ciento"]),
    ("el 30 % del territorio", (30, 30), False, ["30 %"]),
    ("sesenta kilómetros cuadrados", (60, 60), False, ["sesenta kilómetros cuadrados"]),
    ("tres kilómetros", (3, 3), False, ["tres kilómetros"]),
    ("una docena", (12, 12), True, ["una docena"]),
    ("ambos puentes", (None, None), False, []),
    ("un par de tanques", (2, 2), True, ["un par de tanques"]),
    ("el T-72", (None, None), False, []),
    ("la Brigada 47", (None, None), False, []),
    ("la resolución 1701 y 300 soldados", (300, 300), False, ["300 soldados"]),
    ("la 47.ª Brigada", (None, None), False, []),
]


@pytest.mark.parametrize(("words", "bounds", "approximate", "found"), FRENCH)
def test_french_amount_is_read_and_found_whole(words: str, bounds: Bounds, approximate: bool, found: list[str]) -> None:
    assert (least(words, "fr"), greatest(words, "fr")) == bounds
    assert is_approximate(words, "fr") is approximate
    assert list(amount_phrases(f"Selon l’armée, {words} ont été recensés.", "fr") or ()) == found


@pytest.mark.parametrize(("words", "bounds", "approximate", "found"), SPANISH)
def test_spanish_amount_is_read_and_found_whole(
    words: str, bounds: Bounds, approximate: bool, found: list[str]
) -> None:
    assert (least(words, "es"), greatest(words, "es")) == bounds
    assert is_approximate(words, "es") is approximate
    assert list(amount_phrases(f"Según el ejército, {words} fueron contados.", "es") or ()) == found


@pytest.mark.parametrize("language", [None, "tlh"])
def test_words_that_mean_something_else_elsewhere_count_in_their_language_only(language: str | None) -> None:
    assert least("500 miles", language) == 500
    assert least("500 miles", "es") is None
    assert not amount_patterns(language).vague.search("a double tap")


@pytest.mark.parametrize(
    ("language", "words", "value"),
    [
        ("en", "two and a half million dollars", 2_500_000),
        ("en", "two million and a half", 2_500_000),
        ("en", "one and a half hours", 1.5),
        ("en", "2½ million", 2_500_000),
        ("en", "3 million 500 thousand", 3_500_000),
        ("en", "zero casualties", 0),
        ("es", "3 mil 500", 3_500),
        ("fr", "une année et demie", 1.5),
        ("ru", "2 с половиной миллиона рублей", 2_500_000),
        ("uk", "2 з половиною мільйони гривень", 2_500_000),
        ("en", "two soldiers", 2),
        ("en", "one soldier", 1),
        ("en", "no one", 0),
        ("de", "zwei Soldaten", 2),
        ("de", "ein Soldat", 1),
        ("uk", "1 мільйон 200 тисяч осіб", 1_200_000),
        ("tr", "2 buçuk milyon lira", 2_500_000),
        ("zh", "3万5千", 35_000),
    ],
)
def test_number_in_parts_is_added_up(language: str, words: str, value: float) -> None:
    assert (least(words, language), greatest(words, language)) == (value, value)


@pytest.mark.parametrize(
    ("words", "bounds"),
    [
        ("60 to 75 million", (60_000_000, 75_000_000)),
        ("two to three thousand", (2_000, 3_000)),
        ("twelve to fifteen hundred", (1_200, 1_500)),
        ("between five and six million", (5_000_000, 6_000_000)),
        ("twenty to one hundred", (20, 100)),
        ("12 to 3,000", (12, 3_000)),
    ],
)
def test_lower_bound_of_a_range_has_the_scale_that_is_told_once(words: str, bounds: Bounds) -> None:
    assert (least(words, "en"), greatest(words, "en")) == bounds


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", "500 mil 3 mil"),  # parts that do not go on with each other
        ("en", "3 million 5,000,000"),
        ("fr", "l’année et demie"),  # no number that the half is added to
        ("fr", "deux mille et demi"),  # half of what?
        ("fr", "2 300 000 et demi"),
    ],
)
def test_number_in_parts_that_do_not_add_up_has_no_value(language: str, words: str) -> None:
    assert (least(words, language), greatest(words, language)) == (None, None)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Resolution 1701"),
        ("de", "Artikel 5"),
        ("ru", "резолюции 1701"),
        ("uk", "рейсу № 12"),
        ("es", "vuelo 370"),
    ],
)
def test_number_behind_its_noun_is_a_name(language: str, words: str) -> None:
    assert amount_phrases(words, language) in ((), None)
    assert (least(words, language), greatest(words, language)) == (None, None)


def test_odd_number_sets_a_lower_bound_only() -> None:
    assert (least("150-odd soldiers", "en"), greatest("150-odd soldiers", "en")) == (150, None)
    assert is_approximate("150-odd soldiers", "en")
