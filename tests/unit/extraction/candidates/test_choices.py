"""What the model may choose from: the names, groups, places, dates and figures of a candidate's sentences."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.kinds.military_claims import MilitaryClaim
from schemas.kinds.negotiations import Negotiation
from schemas.kinds.quoted_officials import QuotedOfficial
from schemas.kinds.sanctions import Sanction
from schemas.registry import built_in
from service.extraction.candidates.choices import Choices
from tests.unit.extraction.candidates.finding import find
from tests.unit.extraction.candidates.pieces import PIECES

# Who acts


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("Envoys of Vostria and Kalmere met in Port Adra.", ["Vostria", "Kalmere"]),
        ("Envoys of Vostria held talks in the hill town of Sella.", ["Vostria"]),
        ("Envoys of Vostria held talks with Sella in Sella.", ["Vostria", "Sella"]),
        ("Envoys of Vostria left the Sella talks.", ["Vostria", "Sella"]),
        ("Envoys of Vostria left the Sella talks early. Bakers in Sella rejoiced.", ["Vostria"]),
        ("The Marlan talks with Vostria failed in Sella.", ["Marlan", "Vostria"]),
        ("Envoys of Vostria left the Vienna talks.", ["Vostria"]),
        ("The Ukraine talks with Vostria go on in Sella.", ["Ukraine", "Vostria"]),
        ("Both delegations met in Sella.", ["Both delegations"]),
        ("A second round broke down when the rebel delegation left Sella.", ["the rebel delegation"]),
    ],
)
def test_parties_are_names_that_do_not_only_say_where_and_groups(text: str, actors: list[str]) -> None:
    [candidate] = find(Negotiation, text)

    assert list(candidate.choices.actors or ()) == actors


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("On Sunday Vostria’s army shelled the Sella district.", ["Vostria", "army"]),
        ("The Vostrian army said it had killed rebels near Sella.", ["Vostrian army", "rebels"]),
        ("Two residents had seen soldiers shell the mill.", ["soldiers"]),
        ("Its troops retook Sella and killed 12 soldiers.", ["Its troops"]),
    ],
)
def test_who_fights_is_a_name_or_a_group_that_is_not_counted(text: str, actors: list[str]) -> None:
    [candidate] = find(MilitaryClaim, text)

    assert list(candidate.choices.actors or ()) == actors


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        # persons, by name or by what they are called
        ("Mira Dolen, the foreign minister, said that Marl met envoys of Kalmere.", ["Marl", "Kalmere"]),
        ("Foreign Minister Mira Dolen said that she met envoys of Kalmere in Sella.", ["Kalmere"]),
        ("Envoys of Marl met those of Kalmere, Foreign Minister Mira Dolen said.", ["Marl", "Kalmere"]),
        ("“Envoys of Marl met those of Kalmere,” said Mira Dolen, the minister.", ["Marl", "Kalmere"]),
        ("The Kalmere envoy said that Marl met envoys of Sella.", ["Kalmere", "Marl", "Sella"]),
        # states and bodies
        ("The Foreign Ministry said that Marl met envoys of Kalmere.", ["Foreign Ministry", "Marl", "Kalmere"]),
        ("Vostria’s Foreign Ministry said that it met Marl.", ["Vostria’s Foreign Ministry", "Marl"]),
        ("Norway said that it met envoys of Kalmere in Sella.", ["Norway", "Kalmere"]),
        ("The African Union said that it met envoys of Kalmere.", ["African Union", "Kalmere"]),
        # a person who is only spoken of
        ("The Foreign Ministry said that Mira Dolen met Marl.", ["Foreign Ministry", "Mira Dolen", "Marl"]),
        ("Envoys of Marl met Mira Dolen, the foreign minister.", ["Marl", "Mira Dolen"]),
    ],
)
def test_person_who_speaks_is_no_actor_and_a_state_or_body_is(text: str, actors: list[str]) -> None:
    [candidate] = find(Negotiation, text)

    assert list(candidate.choices.actors or ()) == actors


def test_surname_of_who_speaks_is_no_actor() -> None:
    text = "Mira Dolen, the foreign minister, came on Sunday. Dolen said that Marl met envoys of Kalmere."

    [candidate] = find(Negotiation, text)

    assert candidate.choices.actors == ("Marl", "Kalmere")
    assert "Dolen" in (candidate.choices.names or ())


def test_person_who_speaks_is_an_actor_where_others_speak() -> None:
    text = "Foreign Minister Mira Dolen said that Marl met Kalmere. The Foreign Ministry said that Mira Dolen met Marl."

    first, second = find(Negotiation, text)

    assert first.choices.actors == ("Marl", "Kalmere")
    assert second.choices.actors == ("Foreign Ministry", "Mira Dolen", "Marl")


def test_authorities_are_states_and_public_bodies_where_there_are_any() -> None:
    known, unknown = find(
        Sanction, "The bank Nakhla Bullion said France had lifted sanctions. Sella and Varn banned it."
    )

    assert known.choices.authorities == ("France",)
    assert unknown.choices.authorities == unknown.choices.actors


# Names, places, dates and figures


def test_choices_are_the_names_dates_and_figures_that_are_shown() -> None:
    text = "Ilsa Varn left. On 3 May, drones killed about 40 people in Port\u00a0Adra and 12 soldiers near Sella."

    [candidate] = find(MilitaryClaim, text)

    assert candidate.choices == Choices(
        names=("Port Adra", "Sella"),
        places=("Port Adra", "Sella"),
        actors=(),
        authorities=(),
        persons=("Port Adra",),
        dates=("3 May",),
        figures=("about 40 people", "12 soldiers"),
    )


def test_place_is_not_chosen_among_demonyms_bodies_and_who_speaks() -> None:
    text = "The Georgian envoys and the Marl Council held talks, and Tolmi was next, said Ilsa Varn."

    [candidate] = find(Negotiation, text)

    assert candidate.choices.places == ("Tolmi",)
    assert set(candidate.choices.names or ()) >= {"Georgian", "Marl Council", "Ilsa Varn"}


def test_persons_are_names_of_several_words_that_are_neither_bodies_nor_countries() -> None:
    text = "Ilsa Varn, Marl and the Foreign Ministry of South Sudan held talks in Tolmi."

    [candidate] = find(Negotiation, text)

    assert candidate.choices.persons == ("Ilsa Varn",)
    assert set(candidate.choices.names or ()) > {"Ilsa Varn", "Marl", "Tolmi"}


def test_choices_of_several_sentences_are_each_there_once() -> None:
    text = "“The ovens in Tolmi are cold,” said Ilsa Varn on Sunday. “Tolmi has two of them, and 40 bakers.”"

    [candidate] = find(QuotedOfficial, text)

    assert candidate.choices == Choices(
        names=("Tolmi", "Ilsa Varn"),
        places=("Tolmi",),
        actors=("Tolmi",),
        authorities=("Tolmi",),
        persons=("Ilsa Varn",),
        dates=("Sunday",),
        figures=("two", "40 bakers"),
    )


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("In 2024 shells killed 12 people in Sella.", ("12 people",)),
        ("Shells killed 31 people in Sella on 31 March 2024.", ("31 people",)),
        ("Shells hit Sella three days ago.", ()),
        ("Shells killed 12 people Tuesday morning in Sella.", ("12 people",)),
        ("On 3 March and on 13 March shells hit Sella.", ()),
    ],
)
def test_dates_are_no_figures(text: str, figures: tuple[str, ...]) -> None:
    [candidate] = find(MilitaryClaim, text)

    assert candidate.choices.figures == figures


def test_figures_are_not_chosen_in_a_language_whose_number_words_are_not_known() -> None:
    counted, spelled = find(MilitaryClaim, "Дрони вбили 12 солдатів у Селлі. Дрони вбили двох солдатів у Селлі.", "uk")

    assert counted.choices.figures == ("12 солдатів",)
    assert spelled.choices.figures is None


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=16).map("".join), st.sampled_from(["en", "uk", "de", "tr", None]))
def test_choices_of_any_text_stand_in_what_is_shown(text: str, language: str | None) -> None:
    for record in built_in():
        for candidate in find(record, text, language):
            shown = [" ".join(sentence.text.split()) for sentence in candidate.sentences]
            choices = candidate.choices
            offered = (choices.names, choices.actors, choices.persons, choices.dates, choices.figures)
            for choice in (choice for some in offered for choice in some or ()):
                assert choice
                assert any(choice in sentence for sentence in shown), choice
