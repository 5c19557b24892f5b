"""Which names only say where something is, and how exactly."""

import pytest

from service.extraction.entities.places import (
    find_places_by_context,
    find_places_by_preposition,
    first_occurrences,
    geo_precision,
    is_place_only,
    with_place_noun,
)
from service.extraction.text.lexicon import SPEECH, lexicon_for
from service.extraction.text.spans import Span

ENGLISH = lexicon_for(SPEECH, "en")
TALKS = lexicon_for("negotiations", "en")
CLAIMS = lexicon_for("military_claims", "en")


def span_of(text: str, words: str) -> Span:
    return Span(text.index(words), text.index(words) + len(words))


@pytest.mark.parametrize(
    ("sentence", "place"),
    [
        ("They met in Velm.", True),
        ("They met in the besieged town of Velm.", True),
        ("They met near Velm.", True),
        ("They met in talks with Velm.", False),
        ("Velm met them.", False),
        ("They met in Velm. Velm smiled.", False),
    ],
)
def test_name_behind_a_preposition_of_place_everywhere_is_a_place(sentence: str, place: bool) -> None:
    found = is_place_only("Velm", sentence, TALKS["meeting_nouns"], ENGLISH, placed_elsewhere=False)

    assert found is place


@pytest.mark.parametrize(
    ("name", "placed_elsewhere", "place"),
    [("Minsk", False, True), ("Velm", True, True), ("Velm", False, False), ("Norway", True, False)],
)
def test_town_of_a_meeting_is_a_place(name: str, placed_elsewhere: bool, place: bool) -> None:
    sentence = f"The {name} talks went on."

    assert is_place_only(name, sentence, TALKS["meeting_nouns"], ENGLISH, placed_elsewhere=placed_elsewhere) is place


def test_first_place_of_each_name_is_found() -> None:
    sentence = "Velm sent bakers to a mill near Velm and to Sella, and in Velm they baked."

    assert find_places_by_preposition(["Velm", "Sella"], sentence, ENGLISH) == [Span(32, 36)]


@pytest.mark.parametrize(
    ("sentence", "towns", "found"),
    [
        ("They captured Velm.", (), True),
        ("They captured the Velm.", (), True),
        ("They captured Velm on Sunday.", (), True),
        ("They captured Velm fighters.", (), False),
        ("They captured Velm fighters.", ("Velm",), True),
        ("They captured Velm’s mayor.", (), False),
        ("They fought for the Velm district.", (), True),
        ("They left Velm alone.", (), False),
        ("Velm captured it.", (), False),
    ],
)
def test_words_beside_a_name_make_it_a_place(sentence: str, towns: tuple[str, ...], found: bool) -> None:
    assert find_places_by_context(["Velm"], sentence, CLAIMS, ENGLISH, towns) == (
        [span_of(sentence, "Velm")] if found else []
    )


def test_country_is_no_place_by_its_context_but_a_capital_is() -> None:
    assert find_places_by_context(["Norway"], "They captured Norway.", CLAIMS, ENGLISH, ()) == []
    assert find_places_by_context(["Oslo"], "They captured Oslo.", CLAIMS, ENGLISH, ()) == [Span(14, 18)]


@pytest.mark.parametrize(
    ("sentence", "name", "precision"),
    [
        ("A strike hit Velm.", "Velm", "exact"),
        ("A strike hit a mill near Velm.", "Velm", "near"),
        ("A strike hit a mill north of the Velm.", "Velm", "near"),
        ("A strike hit the Velm region.", "Velm", "region"),
        ("A strike hit the region of Velm.", "Velm", "region"),
        ("A strike hit Norway.", "Norway", "country"),
        ("A strike hit Oslo.", "Oslo", "exact"),
    ],
)
def test_precision_is_told_by_the_words_beside(sentence: str, name: str, precision: str) -> None:
    assert geo_precision(sentence, span_of(sentence, name), CLAIMS, ENGLISH) == precision


@pytest.mark.parametrize(
    ("text", "place", "whole"),
    [
        ("the Qatari capital was calm", "Qatari", "Qatari capital"),
        ("the Qatari Capital was calm", "Qatari", "Qatari"),
        ("in Doha it was calm", "Doha", "Doha"),
        ("it was Qatari", "Qatari", "Qatari"),
    ],
)
def test_demonym_is_a_place_with_its_noun(text: str, place: str, whole: str) -> None:
    found = with_place_noun(text, span_of(text, place))

    assert text[found.start : found.end] == whole


def test_name_is_found_as_whole_words_with_any_white_space() -> None:
    sentence = "Port\u00a0Adra, not Port Adrana"

    assert first_occurrences(["Port Adra", "Adran"], sentence, lambda _: True) == [Span(0, 9)]


@pytest.mark.parametrize(
    ("language", "sentence", "place"),
    [
        ("fr", "Ils sont près d’Ovra.", True),
        ("fr", "Ils sont dans la ville assiégée de Ovra.", True),
        ("fr", "Ils sont dans un accord avec Ovra.", False),
        ("fr", "Ils parlent d’Ovra.", False),
        ("es", "Están en la ciudad sitiada de Ovra.", True),
        ("es", "Están en un pacto con Ovra.", False),
    ],
)
def test_preposition_of_place_may_be_joined_to_its_place(language: str, sentence: str, place: bool) -> None:
    found = find_places_by_preposition(["Ovra"], sentence, lexicon_for(SPEECH, language))

    assert bool(found) is place
