"""Sanctions: the package or law is read off."""

from schemas.kinds.sanctions import Sanction
from tests.unit.extraction.candidates.finding import find


def test_kind_without_a_speaker_has_none_prefilled() -> None:
    [candidate] = find(Sanction, "Ilsa Varn said that Vostria imposed sanctions on two banks.")

    assert candidate.prefilled == {"measures": ["financial_restrictions"], "program": None}
