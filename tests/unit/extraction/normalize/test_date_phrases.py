"""French and Spanish dates: what everyday expressions of the news mean, and where they stand in a sentence.

All are said in an article of Wednesday, 13 May 2026.
"""

from datetime import date

import pytest

from prompts.languages import Dates
from service.extraction.normalize.date_phrases import DatePhrases, date_phrases
from service.extraction.normalize.dates import date_spans
from service.extraction.normalize.edtf import edtf

WEDNESDAY = date(2026, 5, 13)
BEHIND, AHEAD = False, True

# words, whether what happens then is still to come, value, what is found in a sentence
FRENCH = [
    ("le 1er mars", BEHIND, "2026-03-01", "1er mars"),
    ("1er mars", BEHIND, "2026-03-01", "1er mars"),
    ("le 1er mars 2025", BEHIND, "2025-03-01", "1er mars 2025"),
    ("mardi", BEHIND, "2026-05-12", "mardi"),
    ("lundi", BEHIND, "2026-05-11", "lundi"),
    ("ce mercredi", BEHIND, "2026-05-13", "mercredi"),
    ("mercredi", BEHIND, "2026-05-13", "mercredi"),
    ("jeudi", AHEAD, "2026-05-14", "jeudi"),
    ("vendredi prochain", AHEAD, "2026-05-15", "vendredi prochain"),
    ("ce vendredi", AHEAD, "2026-05-15", "vendredi"),
    ("mardi dernier", BEHIND, "2026-05-12", "mardi dernier"),
    ("dimanche dernier", BEHIND, "2026-05-10", "dimanche dernier"),
    ("mardi prochain", AHEAD, "2026-05-19", "mardi prochain"),
    ("lundi matin", BEHIND, "2026-05-11", "lundi matin"),
    ("dimanche soir", BEHIND, "2026-05-10", "dimanche soir"),
    ("samedi 9 mai", BEHIND, "2026-05-09", "samedi 9 mai"),
    ("samedi 9 mai 2026", BEHIND, "2026-05-09", "samedi 9 mai 2026"),
    ("le lundi 4 mai", BEHIND, "2026-05-04", "lundi 4 mai"),
    ("hier", BEHIND, "2026-05-12", "hier"),
    ("hier soir", BEHIND, "2026-05-12", "hier soir"),
    ("hier matin", BEHIND, "2026-05-12", "hier matin"),
    ("avant-hier", BEHIND, "2026-05-11", "avant-hier"),
    ("aujourd’hui", BEHIND, "2026-05-13", "aujourd’hui"),
    ("aujourd'hui", BEHIND, "2026-05-13", "aujourd'hui"),
    ("demain", AHEAD, "2026-05-14", "demain"),
    ("après-demain", AHEAD, "2026-05-15", "après-demain"),
    ("ce matin", BEHIND, "2026-05-13", "ce matin"),
    ("ce soir", AHEAD, "2026-05-13", "ce soir"),
    ("dans la nuit de lundi à mardi", BEHIND, "2026-05-11/2026-05-12", "dans la nuit de lundi à mardi"),
    ("dans la nuit de mardi à mercredi", BEHIND, "2026-05-12/2026-05-13", "dans la nuit de mardi à mercredi"),
    ("la nuit dernière", BEHIND, "2026-05-12/2026-05-13", "la nuit dernière"),
    ("dans la nuit du 3 au 4 mai", BEHIND, "2026-05-03/2026-05-04", "dans la nuit du 3 au 4 mai"),
    ("il y a quinze jours", BEHIND, "2026-04-29~", "il y a quinze jours"),
    ("il y a huit jours", BEHIND, "2026-05-06~", "il y a huit jours"),
    ("il y a trois jours", BEHIND, "2026-05-10", "il y a trois jours"),
    ("il y a 3 jours", BEHIND, "2026-05-10", "il y a 3 jours"),
    ("il y a deux semaines", BEHIND, "2026-04-29~", "il y a deux semaines"),
    ("il y a une semaine", BEHIND, "2026-05-06~", "il y a une semaine"),
    ("il y a un mois", BEHIND, "2026-04", "il y a un mois"),
    ("il y a deux mois", BEHIND, "2026-03", "il y a deux mois"),
    ("il y a six mois", BEHIND, "2025-11", "il y a six mois"),
    ("il y a un an", BEHIND, "2025", "il y a un an"),
    ("il y a dix ans", BEHIND, "2016", "il y a dix ans"),
    ("depuis le 3 mai", BEHIND, "2026-05-03/..", "depuis le 3 mai"),
    ("depuis lundi", BEHIND, "2026-05-11/..", "depuis lundi"),
    ("depuis janvier", BEHIND, "2026-01/..", "depuis janvier"),
    ("depuis 2020", BEHIND, "2020/..", "depuis 2020"),
    ("depuis hier", BEHIND, "2026-05-12/..", "depuis hier"),
    ("du 3 au 5 mai", BEHIND, "2026-05-03/2026-05-05", "du 3 au 5 mai"),
    ("du 18 au 20 mai", AHEAD, "2026-05-18/2026-05-20", "du 18 au 20 mai"),
    ("entre le 3 et le 5 mai", BEHIND, "2026-05-03/2026-05-05", "entre le 3 et le 5 mai"),
    ("les 3 et 4 mai", BEHIND, "2026-05-03/2026-05-04", "3 et 4 mai"),
    ("du 28 avril au 2 mai", BEHIND, "2026-04-28/2026-05-02", "du 28 avril au 2 mai"),
    ("de lundi à mercredi", BEHIND, "2026-05-11/2026-05-13", "de lundi à mercredi"),
    ("à partir du 1er juin", AHEAD, "2026-06-01", "1er juin"),
    ("jusqu’au 31 mai", AHEAD, None, None),
    ("d’ici à juin", AHEAD, "2026-06", "juin"),
    ("d’ici à la fin mai", AHEAD, "2026-05", "la fin mai"),
    ("d’ici vendredi", AHEAD, "2026-05-15", "vendredi"),
    ("d’ici la fin de l’année", AHEAD, "2026", "la fin de l’année"),
    ("fin avril", BEHIND, "2026-04", "fin avril"),
    ("fin mars", BEHIND, "2026-03", "fin mars"),
    ("début mai", BEHIND, "2026-05", "début mai"),
    ("mi-avril", BEHIND, "2026-04", "mi-avril"),
    ("à la mi-avril", BEHIND, "2026-04", "la mi-avril"),
    ("début juin", AHEAD, "2026-06", "début juin"),
    ("fin mai", AHEAD, "2026-05", "fin mai"),
    ("courant juin", AHEAD, "2026-06", "courant juin"),
    ("début 2025", BEHIND, "2025", "début 2025"),
    ("fin 2024", BEHIND, "2024", "fin 2024"),
    ("mi-2025", BEHIND, "2025", "mi-2025"),
    ("en avril", BEHIND, "2026-04", "avril"),
    ("en mars dernier", BEHIND, "2026-03", "mars dernier"),
    ("en mars 2025", BEHIND, "2025-03", "mars 2025"),
    ("en mars", BEHIND, "2026-03", "mars"),
    ("au mois de février", BEHIND, "2026-02", "février"),
    ("en février 2022", BEHIND, "2022-02", "février 2022"),
    ("au mois d’août 2025", BEHIND, "2025-08", "août 2025"),
    ("août 2025", BEHIND, "2025-08", "août 2025"),
    ("en décembre dernier", BEHIND, "2025-12", "décembre dernier"),
    ("en juin prochain", AHEAD, "2026-06", "juin prochain"),
    ("en juillet", AHEAD, "2026-07", "juillet"),
    ("le mois dernier", BEHIND, "2026-04", "mois dernier"),
    ("le mois prochain", AHEAD, "2026-06", "mois prochain"),
    ("ce mois-ci", BEHIND, "2026-05", "ce mois-ci"),
    ("la semaine dernière", BEHIND, "2026-05-06~", "semaine dernière"),
    ("la semaine prochaine", AHEAD, "2026-05-20~", "semaine prochaine"),
    ("cette semaine", BEHIND, "2026-05-13~", "cette semaine"),
    ("la semaine passée", BEHIND, "2026-05-06~", "semaine passée"),
    ("en début de semaine", BEHIND, "2026-05-13~", "début de semaine"),
    ("l’an dernier", BEHIND, "2025", "an dernier"),
    ("l’année dernière", BEHIND, "2025", "année dernière"),
    ("l’année prochaine", AHEAD, "2027", "année prochaine"),
    ("cette année", BEHIND, "2026", "cette année"),
    ("l’an prochain", AHEAD, "2027", "an prochain"),
    ("en 2025", BEHIND, "2025", "2025"),
    ("dans les années 1990", BEHIND, "199X", "années 1990"),
    ("le week-end dernier", BEHIND, "2026-05-09/2026-05-10", "week-end dernier"),
    ("le 14 juillet", AHEAD, "2026-07-14", "14 juillet"),
    ("le 11 novembre dernier", BEHIND, "2025-11-11", "11 novembre dernier"),
    ("le 3/05/2026", BEHIND, "2026-05-03", "3/05/2026"),
    ("03/05/2026", BEHIND, "2026-05-03", "03/05/2026"),
    ("le 3 mai à l’aube", BEHIND, "2026-05-03", "3 mai à l’aube"),
    ("mardi à l’aube", BEHIND, "2026-05-12", "mardi à l’aube"),
    ("mardi à 14 heures", BEHIND, "2026-05-12", "mardi à 14 heures"),
    ("dans quinze jours", AHEAD, "2026-05-27~", "dans quinze jours"),
    ("dans huit jours", AHEAD, "2026-05-20~", "dans huit jours"),
    ("dans trois jours", AHEAD, "2026-05-16", "dans trois jours"),
    ("dans deux semaines", AHEAD, "2026-05-27~", "dans deux semaines"),
    ("dans un mois", AHEAD, "2026-06", "dans un mois"),
    ("la veille", BEHIND, None, None),
    ("le lendemain", BEHIND, None, None),
    ("ces derniers jours", BEHIND, None, None),
    ("pendant trois jours", BEHIND, None, None),
    ("60 jours", BEHIND, None, None),
    ("au printemps", BEHIND, None, None),
    ("au premier trimestre", BEHIND, None, None),
    ("récemment", BEHIND, None, None),
    ("ces dernières semaines", BEHIND, None, None),
    ("bientôt", AHEAD, None, None),
]
SPANISH = [
    ("el 1 de marzo", BEHIND, "2026-03-01", "1 de marzo"),
    ("el 1.º de marzo", BEHIND, "2026-03-01", "1.º de marzo"),
    ("el primero de marzo", BEHIND, "2026-03-01", "primero de marzo"),
    ("el 12 de mayo de 2025", BEHIND, "2025-05-12", "12 de mayo de 2025"),
    ("12 de mayo del 2025", BEHIND, "2025-05-12", "12 de mayo del 2025"),
    ("el martes 12 de mayo", BEHIND, "2026-05-12", "martes 12 de mayo"),
    ("el martes", BEHIND, "2026-05-12", "martes"),
    ("el martes", AHEAD, "2026-05-19", "martes"),
    ("este martes", BEHIND, "2026-05-12", "martes"),
    ("este miércoles", BEHIND, "2026-05-13", "miércoles"),
    ("el miércoles", BEHIND, "2026-05-13", "miércoles"),
    ("este viernes", AHEAD, "2026-05-15", "viernes"),
    ("el pasado martes", BEHIND, "2026-05-12", "pasado martes"),
    ("el martes pasado", BEHIND, "2026-05-12", "martes pasado"),
    ("el pasado lunes", BEHIND, "2026-05-11", "pasado lunes"),
    ("el próximo lunes", AHEAD, "2026-05-18", "próximo lunes"),
    ("el lunes próximo", AHEAD, "2026-05-18", "lunes próximo"),
    ("el lunes que viene", AHEAD, "2026-05-18", "lunes que viene"),
    ("el lunes por la mañana", BEHIND, "2026-05-11", "lunes por la mañana"),
    ("la noche del lunes", BEHIND, "2026-05-11", "noche del lunes"),
    ("la madrugada del domingo", BEHIND, "2026-05-10", "madrugada del domingo"),
    ("la noche del lunes al martes", BEHIND, "2026-05-11/2026-05-12", "noche del lunes al martes"),
    ("anoche", BEHIND, "2026-05-12", "anoche"),
    ("esta madrugada", BEHIND, "2026-05-13", "esta madrugada"),
    ("esta mañana", BEHIND, "2026-05-13", "esta mañana"),
    ("esta tarde", BEHIND, "2026-05-13", "esta tarde"),
    ("hoy", BEHIND, "2026-05-13", "hoy"),
    ("ayer", BEHIND, "2026-05-12", "ayer"),
    ("ayer por la tarde", BEHIND, "2026-05-12", "ayer por la tarde"),
    ("anteayer", BEHIND, "2026-05-11", "anteayer"),
    ("antes de ayer", BEHIND, "2026-05-11", "antes de ayer"),
    ("antier", BEHIND, "2026-05-11", "antier"),
    ("mañana", AHEAD, "2026-05-14", "mañana"),
    ("pasado mañana", AHEAD, "2026-05-15", "pasado mañana"),
    ("la víspera", BEHIND, None, None),
    ("de madrugada", BEHIND, None, None),
    ("hace dos semanas", BEHIND, "2026-04-29~", "hace dos semanas"),
    ("hace 2 semanas", BEHIND, "2026-04-29~", "hace 2 semanas"),
    ("hace tres días", BEHIND, "2026-05-10", "hace tres días"),
    ("hace un mes", BEHIND, "2026-04", "hace un mes"),
    ("hace tres meses", BEHIND, "2026-02", "hace tres meses"),
    ("hace un año", BEHIND, "2025", "hace un año"),
    ("hace dos años", BEHIND, "2024", "hace dos años"),
    ("desde hace dos años", BEHIND, "2024/..", "desde hace dos años"),
    ("tres semanas atrás", BEHIND, "2026-04-22~", "tres semanas atrás"),
    ("dentro de dos semanas", AHEAD, "2026-05-27~", "dentro de dos semanas"),
    ("en dos semanas", AHEAD, None, None),
    ("del 3 al 5 de mayo", BEHIND, "2026-05-03/2026-05-05", "del 3 al 5 de mayo"),
    ("del 3 al 5 de junio", AHEAD, "2026-06-03/2026-06-05", "del 3 al 5 de junio"),
    ("entre el 3 y el 5 de mayo", BEHIND, "2026-05-03/2026-05-05", "entre el 3 y el 5 de mayo"),
    ("los días 3 y 4 de mayo", BEHIND, "2026-05-03/2026-05-04", "3 y 4 de mayo"),
    ("el 3 y el 4 de mayo", BEHIND, "2026-05-03/2026-05-04", "3 y el 4 de mayo"),
    ("del 28 de abril al 2 de mayo", BEHIND, "2026-04-28/2026-05-02", "del 28 de abril al 2 de mayo"),
    ("desde el 3 de mayo", BEHIND, "2026-05-03/..", "desde el 3 de mayo"),
    ("a partir del 1 de junio", AHEAD, "2026-06-01", "1 de junio"),
    ("hasta el 30 de junio", AHEAD, None, None),
    ("antes del 1 de julio", AHEAD, None, None),
    ("a finales de abril", BEHIND, "2026-04", "a finales de abril"),
    ("a mediados de abril", BEHIND, "2026-04", "a mediados de abril"),
    ("a principios de mayo", BEHIND, "2026-05", "a principios de mayo"),
    ("a comienzos de 2025", BEHIND, "2025", "a comienzos de 2025"),
    ("a principios de 2025", BEHIND, "2025", "a principios de 2025"),
    ("a principios de año", BEHIND, "2026", "a principios de año"),
    ("el mes pasado", BEHIND, "2026-04", "mes pasado"),
    ("el pasado mes de marzo", BEHIND, "2026-03", "pasado mes de marzo"),
    ("en marzo", BEHIND, "2026-03", "marzo"),
    ("en marzo pasado", BEHIND, "2026-03", "marzo pasado"),
    ("en marzo de 2025", BEHIND, "2025-03", "marzo de 2025"),
    ("en marzo del año pasado", BEHIND, "2025-03", "marzo del año pasado"),
    ("en noviembre", BEHIND, None, "noviembre"),  # as far behind the middle of May as ahead of it
    ("en septiembre próximo", AHEAD, "2026-09", "septiembre próximo"),
    ("setiembre de 2024", BEHIND, "2024-09", "setiembre de 2024"),
    ("el mes que viene", AHEAD, "2026-06", "mes que viene"),
    ("el próximo mes", AHEAD, "2026-06", "próximo mes"),
    ("la semana que viene", AHEAD, "2026-05-20~", "semana que viene"),
    ("la próxima semana", AHEAD, "2026-05-20~", "próxima semana"),
    ("la semana pasada", BEHIND, "2026-05-06~", "semana pasada"),
    ("la pasada semana", BEHIND, "2026-05-06~", "pasada semana"),
    ("esta semana", BEHIND, "2026-05-13~", "esta semana"),
    ("el fin de semana", BEHIND, "2026-05-09/2026-05-10", "fin de semana"),
    ("el pasado fin de semana", BEHIND, "2026-05-09/2026-05-10", "pasado fin de semana"),
    ("el año pasado", BEHIND, "2025", "año pasado"),
    ("el próximo año", AHEAD, "2027", "próximo año"),
    ("este año", BEHIND, "2026", "este año"),
    ("en 2019", BEHIND, "2019", "2019"),
    ("desde 2014", BEHIND, "2014/..", "desde 2014"),
    ("entre 2019 y 2021", BEHIND, "2019/2021", "entre 2019 y 2021"),
    ("en los años noventa", BEHIND, "199X", "años noventa"),
    ("en los noventa", BEHIND, None, None),  # an age or a number as often as a decade
    ("en la década de 1990", BEHIND, "199X", "década de 1990"),
    ("en primavera", BEHIND, None, None),
    ("en las últimas 24 horas", BEHIND, None, None),
    ("en los últimos tres días", BEHIND, None, None),
    ("durante dos semanas", BEHIND, None, None),
    ("dos semanas", BEHIND, None, None),
    ("el 3/5/2026", BEHIND, "2026-05-03", "3/5/2026"),
    ("03.05.2026", BEHIND, "2026-05-03", "03.05.2026"),
    ("14 may", AHEAD, "2026-05-14", "14 may"),
    ("el 15-M", BEHIND, None, None),
    ("los martes", BEHIND, None, None),
    ("al día siguiente", BEHIND, None, None),
    ("ese mismo día", BEHIND, None, None),
]


@pytest.mark.parametrize(("words", "ahead", "value", "found"), FRENCH)
def test_french_date_is_read_and_found_whole(words: str, ahead: bool, value: str | None, found: str | None) -> None:
    sentence = f"Le gouvernement a annoncé {words} une réunion."

    assert edtf(words, published=WEDNESDAY, future=ahead, language="fr") == value
    assert [sentence[start:end] for start, end in date_spans(sentence, "fr")] == ([found] if found else [])


@pytest.mark.parametrize(("words", "ahead", "value", "found"), SPANISH)
def test_spanish_date_is_read_and_found_whole(words: str, ahead: bool, value: str | None, found: str | None) -> None:
    sentence = f"El Gobierno anunció {words} una reunión."

    assert edtf(words, published=WEDNESDAY, future=ahead, language="es") == value
    assert [sentence[start:end] for start, end in date_spans(sentence, "es")] == ([found] if found else [])


@pytest.mark.parametrize(
    ("words", "language", "value"),
    [
        ("du 28 avril au 2 mai 2025", "fr", "2025-04-28/2025-05-02"),
        ("de mars à mai 2025", "fr", "2025-03/2025-05"),
        ("du 28 décembre 2025 au 2 janvier 2026", "fr", "2025-12-28/2026-01-02"),
        ("le 3 mai de l’an dernier", "fr", "2025-05-03"),
        ("avril de l’an dernier", "fr", "2025-04"),
        ("les années 90", "fr", "199X"),
        ("dans les années quatre-vingt", "fr", "198X"),
        ("25 déc. 2025", "fr", "2025-12-25"),
        ("Mai 2025", "fr", "2025-05"),
        ("dimanche 10 mai à 15h30", "fr", "2026-05-10"),
        ("entre 2019 et 2021", "fr", "2019/2021"),
        ("2025-03-04", "fr", "2025-03-04"),
        ("le 04.03.2025", "fr", "2025-03-04"),
        ("el 12 de mayo del año pasado", "es", "2025-05-12"),
        ("la noche de este martes", "es", "2026-05-12"),
        ("del lunes al miércoles", "es", "2026-05-11/2026-05-13"),
        ("el pasado 3 de mayo", "es", "2026-05-03"),
        ("2 mar 2025", "es", "2025-03-02"),
        ("los años ochenta", "es", "198X"),
        ("ayer a las 15:30", "es", "2026-05-12"),
        # open: the century, the month or day of the publication itself, a day that is none, an order turned round
        ("les années 20", "fr", None),
        ("en mai dernier", "fr", None),
        ("le 13 mai dernier", "fr", None),
        ("le 31 avril", "fr", None),
        ("du 5 au 3 mai", "fr", None),
        ("cette nuit", "fr", None),
        ("le mar", "fr", None),
        ("à la mer", "fr", None),
        ("à midi", "fr", None),
        ("tous les mardis", "fr", None),
        ("le 3", "fr", None),
        ("los años 20", "es", None),
        ("en mayo pasado", "es", None),
        ("en el mar", "es", None),
        ("por la mañana", "es", None),
        ("hoy en día", "es", None),
        ("todos los lunes", "es", None),
        ("el 15-M", "es", None),
        ("en 2 semanas", "es", None),
    ],
)
def test_phrase_means_what_it_settles_or_nothing(words: str, language: str, value: str | None) -> None:
    assert edtf(words, published=WEDNESDAY, language=language) == value


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("Sept soldats et un drone sur Mars.", "fr"),
        ("Il a vu la mer en mai 68.", "fr"),
        ("Tous les mardis et chaque lundi, ces derniers jours.", "fr"),
        ("Los martes, por la mañana, el mar.", "es"),
        ("Hoy en día y en los próximos tres días.", "es"),
        # not known to be French
        ("Hier sind wir, mardi.", None),
    ],
)
def test_what_is_no_date_is_left(sentence: str, language: str | None) -> None:
    assert date_spans(sentence, language) == []


def test_date_that_depends_on_the_day_of_publication_has_no_value_without_it() -> None:
    for words in ("hier", "mardi dernier", "il y a deux ans", "du 3 au 5 mai", "en mars dernier", "fin avril"):
        assert edtf(words, published=None, language="fr") is None
    assert edtf("du 3 au 5 mai 2025", published=None, language="fr") == "2025-05-03/2025-05-05"


def test_phrase_with_the_fewest_slots_counts() -> None:
    said = Dates(readings={"{count} {unit} ago": ("il y a {count} {unit}",), "2 weeks ago": ("il y a quinze jours",)})
    phrases = DatePhrases("fr", said.model_copy(update={"count_words": ("quinze", "trois")}))

    assert phrases.read("il y a quinze jours") == "2 weeks ago"
    assert phrases.read("il y a trois jours") == "3 day ago"
    assert phrases.read("il y a trois soldats") is None


@pytest.mark.parametrize("language", ["tlh", None])
def test_language_without_a_pack_has_no_phrases(language: str | None) -> None:
    assert date_phrases(language) is None
