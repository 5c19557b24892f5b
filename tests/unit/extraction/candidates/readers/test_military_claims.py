"""Claims about fighting: who claims, where, when and the figures are read off."""

from typing import Any

import pytest

from schemas.fields import Mention
from schemas.kinds.military_claims import MilitaryClaim
from service.extraction.candidates.candidate import Candidate
from tests.unit.extraction.candidates.finding import find, texts


def claimant_and_status(candidate: Candidate) -> dict[str, Any]:
    """What is prefilled of who claims something."""
    return {
        name: said for name, said in texts(candidate.prefilled).items() if name in ("claimant", "attribution_status")
    }


def test_claimant_and_status_are_read_off_unless_somebody_speaks_who_is_not_known() -> None:
    text = "Shells hit a bakery. He said that drones hit Tolmi. The army said its drones killed 12 men of Sella."

    told, unknown, said = find(MilitaryClaim, text)

    assert claimant_and_status(told) == {"claimant": None, "attribution_status": "reported_as_fact"}
    assert claimant_and_status(unknown) == {"attribution_status": "claimed"}
    assert claimant_and_status(said) == {"claimant": "The army", "attribution_status": "claimed"}
    read_off = {"evidence", "modality", "attribution_status", "quantities", "location", "precision", "date_text"}
    assert told.not_asked == {*read_off, "claimant"}
    assert said.not_asked == {*read_off, "claimant", "affected"}
    assert unknown.not_asked == read_off


def test_claimant_is_found_where_the_name_stands() -> None:
    text = "Ilsa Varn came on Sunday. Varn said that drones killed 12 soldiers near Sella."

    [candidate] = find(MilitaryClaim, text)

    assert candidate.prefilled["claimant"] == Mention(start=0, end=len("Ilsa Varn"), text="Ilsa Varn")


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Shells killed 14 traders and wounded nine.", "14 traders"),
        ("Shells wounded at least nine and killed two men.", None),
        ("Drones destroyed four tanks of Sella.", None),
    ],
)
def test_who_suffered_is_who_is_counted_where_the_figure_names_them(text: str, who: str | None) -> None:
    [candidate] = find(MilitaryClaim, text)

    affected = candidate.prefilled.get("affected")
    assert (affected.text if isinstance(affected, Mention) else affected) == who
    assert ("affected" in candidate.not_asked) == bool(who)
