"""Talks: who mediates and who came is read off; who meets is chosen."""

import pytest

from schemas.draft import draft_of
from schemas.kinds.negotiations import Negotiation
from tests.unit.extraction.candidates.finding import find


@pytest.mark.parametrize(
    ("text", "who", "parties"),
    [
        ("Envoys of Vostria and Kalmere held talks brokered by Qatar.", ["Qatar"], ["Vostria", "Kalmere"]),
        ("U.N.-brokered talks of Vostria and Kalmere collapsed.", ["U.N."], ["Vostria", "Kalmere"]),
        ("Talks of Vostria and Kalmere, which Lentia had offered to host, go on.", ["Lentia"], ["Vostria", "Kalmere"]),
        ("Norway, which has run the mediation, met envoys of Vostria.", ["Norway"], ["Vostria"]),
        ("Envoys of Vostria and Kalmere met in Lentia for talks.", [], ["Vostria", "Kalmere"]),
    ],
)
def test_who_mediates_is_told_by_the_words_beside_a_name_and_is_no_party(
    text: str, who: list[str], parties: list[str]
) -> None:
    [candidate] = find(Negotiation, text)

    assert [mention.text for mention in candidate.prefilled["mediators"]] == who  # type: ignore[union-attr]
    assert (candidate.hints.get("format") == "third_party") == bool(who)
    assert list(candidate.choices.actors or ()) == parties


def test_representatives_are_persons_with_an_office_who_do_not_only_speak() -> None:
    text = (
        "Ilse Marn, Lentia’s foreign minister, said that Vostria’s foreign minister Mira Dolen had met Oke Brandt "
        "in Sella for talks."
    )

    [candidate] = find(Negotiation, text)

    [dolen] = candidate.prefilled["representatives"]  # type: ignore[union-attr, misc]
    assert {name: mention.text for name, mention in dolen.items()} == {
        "name": "Mira Dolen",
        "position": "foreign minister",
        "organization": "Vostria",
    }
    assert candidate.speakers == {"Ilse Marn"}


def test_words_behind_a_name_that_are_no_office_make_no_representative() -> None:
    [candidate] = find(
        Negotiation,
        "Talks of Marl on a road between Port Adra and El Sella, is planned for March 26 in the Qatari capital.",
    )

    assert candidate.prefilled["representatives"] == []


def test_two_parties_are_asked_for_unless_one_stands_for_several() -> None:
    two, group, one = find(
        Negotiation,
        "Envoys of Vostria met envoys of Kalmere in Sella. "
        "The two delegations met while Qatari officials looked on. Envoys of Vostria met in Tolmi.",
    )

    for candidate, fewest in ((two, 2), (group, 1), (one, 1)):
        draft = draft_of(
            Negotiation, candidate.not_asked, lean=True, allowed=candidate.reader.allowed(candidate.choices)
        )
        assert draft.model_json_schema()["properties"]["parties"]["minItems"] == fewest
