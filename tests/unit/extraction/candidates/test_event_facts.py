"""Where and when an event was, and what was counted there, as far as its sentences let code tell."""

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.fields import Mention, Record
from schemas.kinds.military_claims import Metric, MilitaryClaim
from schemas.kinds.negotiations import Negotiation
from schemas.kinds.sanctions import Sanction
from service.extraction.candidates import candidates as module
from service.extraction.candidates.candidate import Candidate
from service.extraction.text.lexicon import Lexicon
from tests.unit.extraction.candidates.finding import assert_stands, find, texts
from tests.unit.extraction.candidates.pieces import PLACED

# Where


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("Envoys of Marl met in Port\u00a0Adra.", "Port\u00a0Adra"),
        ("Envoys of Marl met in the hill town of Sella.", "Sella"),
        ("Envoys of Marl met in Sella and in Tolmi.", "Sella"),
        ("In Tolmi, as in Sella before, envoys of Marl met.", "Tolmi"),
        # what is said tells it before the saying does
        ("The mayor said in Tolmi that envoys of Marl met in Sella.", "Sella"),
        ("“Envoys of Marl met in Sella,” the mayor said in Tolmi.", "Sella"),
        ("The mayor said in Tolmi that envoys of Marl met.", "Tolmi"),
    ],
)
def test_where_it_was_is_the_first_name_that_says_so(text: str, where: str) -> None:
    [candidate] = find(Negotiation, text)

    location = candidate.prefilled["location"]
    assert isinstance(location, Mention)
    assert location.text == where
    assert text[location.start : location.end] == where


@pytest.mark.parametrize(
    "text",
    [
        "Envoys of Marl met with Sella in talks with Tolmi.",
        "Envoys of Marl met in May.",
        "Envoys of Marl left the Sella talks.",
    ],
)
def test_where_talks_were_is_asked_for_where_no_name_says_so(text: str) -> None:
    [candidate] = find(Negotiation, text)

    assert "location" not in candidate.not_asked


def test_town_whose_talks_are_told_of_is_where_they_are() -> None:
    ways = "The Doha talks of Marl and Kalmere go on.", "Envoys of Marl and Kalmere will travel to Tolmi for talks."
    for text in ways:
        [candidate] = find(Negotiation, text)
        assert isinstance(candidate.prefilled["location"], Mention)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("Drones hit a bakery in Sella and a mill near Tolmi.", "Sella"),
        ("The army said in Tolmi that drones hit a bakery near Sella.", "Sella"),
        ("Drones hit Sella.", "Sella"),
        ("Rebels seized the mining settlement of Sella after leaving Tolmi.", "Sella"),
        ("A hospital in Tolmi said that shells hit the Sella district.", "Sella"),
        ("Drones crossed into Romanian airspace and hit a mill.", "Romanian airspace"),
        ("Troops captured Sella fighters.", None),
        ("Drones hit French ships.", None),
        ("Drones hit a bakery in May.", None),
    ],
)
def test_place_of_a_claim_is_a_name_that_the_words_beside_it_make_one(text: str, where: str | None) -> None:
    [candidate] = find(MilitaryClaim, text)

    location = candidate.prefilled["location"]
    assert (location.text if isinstance(location, Mention) else location) == where


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (Negotiation, "Tolmi ve Kalmere heyetleri salı günü Ankara’da görüştü."),
        (MilitaryClaim, "Drone’lar salı günü Ankara’da bir köprüyü vurdu."),
    ],
)
def test_where_it_was_is_asked_for_where_no_words_for_in_are_known(record: type[Record], text: str) -> None:
    [candidate] = find(record, text, "tr")

    assert "location" not in candidate.not_asked
    assert texts(candidate.prefilled)["date_text"] == "salı günü"
    assert "Ankara’da" in (candidate.choices.places or ())


@pytest.mark.parametrize(
    ("text", "where", "precision"),
    [
        ("Drones hit a mill in Sella.", "Sella", "exact"),
        ("Drones hit a mill near the town of Sella.", "Sella", "exact"),
        ("Drones hit a mill near Sella.", "Sella", "near"),
        ("Drones hit a mill in the Sella region.", "Sella", "region"),
        ("Drones hit a mill in the province of Sella.", "Sella", "region"),
        ("Drones hit a mill in Norway.", "Norway", "country"),
        ("Drones hit a mill.", None, None),
    ],
)
def test_how_exactly_a_place_is_named_is_told_by_the_words_beside_it(
    text: str, where: str | None, precision: str | None
) -> None:
    [candidate] = find(MilitaryClaim, text)

    location = candidate.prefilled["location"]
    assert (location.text if isinstance(location, Mention) else location) == where
    assert candidate.prefilled["precision"] == precision


# When


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Drones hit Sella on Friday.", "Friday"),
        ("Drones hit Sella on Friday and Tolmi on Sunday.", "Friday"),
        ("Drones hit Sella.", None),
        # when it was said
        ("The army said on Sunday that drones hit Sella.", None),
        ("On Sunday the army said that drones hit Sella.", None),
        ("Drones hit a bakery in Sella, the army said on Sunday.", None),
        ("The army said overnight that drones hit Sella.", None),
        # when it was, in what is said
        ("The army said on Sunday that drones hit Sella on Friday.", "Friday"),
        ("On Sunday the army said that on 3 May drones hit Sella.", "3 May"),
        ("Drones hit Sella on Friday, the army said on Sunday.", "Friday"),
        ("“Drones hit Sella on Friday,” the army said on Sunday.", "Friday"),
        ("The army said on Sunday that drones hit Sella overnight.", "overnight"),
    ],
)
def test_when_it_was_is_the_first_date_that_is_not_of_the_saying(text: str, when: str | None) -> None:
    [candidate] = find(MilitaryClaim, text)

    date = candidate.prefilled["date_text"]
    assert (date.text if isinstance(date, Mention) else date) == when
    if isinstance(date, Mention):
        assert_stands(text, date)


def test_date_of_a_saying_is_no_date_of_talks() -> None:
    said = "Ilsa Varn said on Sunday that envoys of Marl and Kalmere had met"

    [told] = find(Negotiation, f"{said} in Sella on Friday.")
    [untold] = find(Negotiation, f"{said} in Sella.")

    assert texts(told.prefilled)["date_text"] == "Friday"
    assert untold.prefilled["date_text"] is None


@pytest.mark.parametrize(
    ("text", "language", "when"),
    [
        ("Drones hit Sella overnight.", "en", "overnight"),
        ("OVERNIGHT drones hit Sella.", "en", "OVERNIGHT"),
        ("Shells fell on Sella this\u00a0morning.", "en", "this\u00a0morning"),
        ("Shells fell near Sella in the past 24 hours.", "en", "in the past 24 hours"),
        ("In the past week shells fell near Sella.", "en", "In the past week"),
        ("Drones hit Sella overnight, and again on Friday.", "en", "overnight"),
        ("On Friday, before dawn, drones hit Sella.", "en", "Friday"),
        ("Дрони влучили в Селлу уночі.", "uk", "уночі"),
        ("In der Nacht fielen Bomben auf Sella.", "de", "In der Nacht"),
        ("Drone’lar bu sabah Sella’yı vurdu.", "tr", "bu sabah"),
    ],
)
def test_moment_tells_when_it_was_as_a_date_does(text: str, language: str, when: str) -> None:
    [candidate] = find(MilitaryClaim, text, language)

    date = candidate.prefilled["date_text"]
    assert isinstance(date, Mention)
    assert date.text == when
    assert_stands(text, date)


def test_moment_tells_nothing_of_a_kind_that_has_none() -> None:
    [candidate] = find(Negotiation, "Envoys of Marl and Kalmere met in Sella at dawn.")

    assert candidate.prefilled["date_text"] is None


# How many


def counted(candidate: Candidate) -> list[tuple[str, str, bool]]:
    """What figures of a candidate count, with their words and whether they are approximate."""
    quantities = candidate.prefilled["quantities"]
    assert isinstance(quantities, list)
    return [(one["metric"], one["text"].text, one["approximate"]) for one in quantities]


@pytest.mark.parametrize(
    ("text", "language", "figures"),
    [
        (
            "Shells killed 12 soldiers and wounded about 40 near Sella.",
            "en",
            [("killed", "12 soldiers", False), ("wounded", "about 40", True)],
        ),
        (
            "The army said its drones killed at least three civilians and burnt two tanks.",
            "en",
            [("civilians_killed", "at least three civilians", True), ("equipment", "two tanks", False)],
        ),
        ("On 3 May shells killed dozens of bakers.", "en", [("killed", "dozens of bakers", True)]),
        (
            "У вівторок загинули 12 військових, поранено близько 40.",
            "uk",
            [("killed", "12 військових", False), ("wounded", "близько 40", True)],
        ),
        ("Shells fell on Sella for three hours.", "en", []),
        ("Shells fell on Sella at 09:05.", "en", []),
        ("Shells fell on Sella.", "en", []),
    ],
)
def test_figures_are_prefilled_with_what_they_count(
    text: str, language: str, figures: list[tuple[str, str, bool]]
) -> None:
    [candidate] = find(MilitaryClaim, text, language)

    assert counted(candidate) == figures
    quantities = candidate.prefilled["quantities"]
    assert isinstance(quantities, list)
    for quantity in quantities:
        assert_stands(text, quantity["text"])


def test_figures_stand_in_their_own_sentence() -> None:
    text = "Shells killed two men in Tolmi. Shells killed two men in Sella."

    first, second = find(MilitaryClaim, text)

    [there], [here] = first.prefilled["quantities"], second.prefilled["quantities"]
    assert (there["text"].start, here["text"].start) == (text.index("two"), text.rindex("two"))


def test_figures_are_asked_for_where_number_words_of_the_language_are_not_known() -> None:
    [spelled] = find(MilitaryClaim, "Дрони вбили двох солдатів у Селлі.", "uk")

    assert "quantities" not in spelled.not_asked


def test_figures_are_asked_for_where_no_words_tell_what_they_count(monkeypatch: pytest.MonkeyPatch) -> None:
    known = module.lexicon_for

    def without(kind: str, language: str | None) -> Lexicon:
        found = known(kind, language)
        return replace(found, values={name: table for name, table in found.values.items() if name != "metric"})

    monkeypatch.setattr(module, "lexicon_for", without)

    [candidate] = find(MilitaryClaim, "Shells killed 12 people near Sella.")

    assert "quantities" not in candidate.not_asked
    assert {"location", "date_text"} <= candidate.not_asked


# Packages and laws


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("Vostria adopted its twenty-second package of sanctions.", "twenty-second package of sanctions"),
        ("Vostria put two banks on Vostria’s Sella list of sanctions.", "Sella list"),
        ("Vostria imposed sanctions under the Varn Act.", "Varn Act"),
        ("Vostria imposed sanctions on a list of banks.", None),
    ],
)
def test_program_is_a_package_or_law_that_has_a_number_or_name(text: str, program: str | None) -> None:
    [candidate] = find(Sanction, text)

    found = candidate.prefilled["program"]
    assert (found.text if isinstance(found, Mention) else found) == program


# Any text


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PLACED), max_size=16).map("".join), st.sampled_from(["en", "uk", "de", "tr", None]))
def test_places_dates_and_figures_that_are_prefilled_stand_in_the_sentence(text: str, language: str | None) -> None:
    for record in (MilitaryClaim, Negotiation):
        for candidate in find(record, text, language):
            [sentence] = candidate.occurrences[0].sentences
            quantities: Any = candidate.prefilled.get("quantities", [])
            prefilled = (
                candidate.prefilled.get("location"),
                candidate.prefilled.get("date_text"),
                *(q["text"] for q in quantities),
            )
            for mention in (mention for mention in prefilled if isinstance(mention, Mention)):
                assert_stands(text, mention)
                assert sentence.start <= mention.start < mention.end <= sentence.end
                assert mention.text == mention.text.strip(" ,")
            assert all(quantity["metric"] in get_args(Metric) for quantity in quantities)
