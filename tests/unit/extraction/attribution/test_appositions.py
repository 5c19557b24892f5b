"""Whoever is only described has the name that stands beside the description, and nobody else's."""

import pytest

from service.extraction.attribution.appositions import Appositions
from service.extraction.entities.mentions import Mentions
from service.extraction.text.lexicon import SPEECH, lexicon_for
from service.extraction.text.sentences import segment
from service.extraction.text.spans import Span


def beside(text: str, described: str, language: str) -> str:
    lexicon = lexicon_for(SPEECH, language)
    start = text.index(described)
    mentions = Mentions(text, segment(text, language), (), lexicon)
    name = Appositions(text, mentions, lexicon).name_beside(Span(start, start + len(described)))
    return text[name.start : name.end]


@pytest.mark.parametrize(
    ("text", "described", "name"),
    [
        ("The bridge is open, its spokesman, Dario Kemp, said.", "its spokesman", "Dario Kemp"),
        ("The bridge is open, said its spokesman, Dario Kemp.", "its spokesman", "Dario Kemp"),
        ("The mayor, Dr. Ilsa van der Marr, said so.", "The mayor", "Dr. Ilsa van der Marr"),
        # no name of the one described
        ("Its spokesman, Friday's guest, said so.", "Its spokesman", "Its spokesman"),
        ("Its spokesman, Norway, said so.", "Its spokesman", "Its spokesman"),
        ("Its spokesman, who left, said so.", "Its spokesman", "Its spokesman"),
        ("A resident of the town, Amvar, said so.", "A resident of the town", "A resident of the town"),
        # the name stands in the words already
        ("Mayor Ilsa Varn, Dario Kemp, and others said so.", "Mayor Ilsa Varn", "Mayor Ilsa Varn"),
    ],
)
def test_name_between_commas_is_the_one_that_is_described(text: str, described: str, name: str) -> None:
    assert beside(text, described, "en") == name


@pytest.mark.parametrize(
    ("text", "described", "name"),
    [
        ("Le pont est ouvert, a dit le maire Paul Tarn.", "le maire", "Paul Tarn"),
        ("Le porte-parole, le général Tarn, l’a dit.", "Le porte-parole", "Tarn"),
        ("Le chef de la délégation, Ann Berg, l’a dit.", "Le chef", "Ann Berg"),
        ("Le chef de la délégation l’a dit.", "Le chef", "Le chef"),
    ],
)
def test_french_name_stands_behind_the_noun_its_complement_or_a_title(text: str, described: str, name: str) -> None:
    assert beside(text, described, "fr") == name
