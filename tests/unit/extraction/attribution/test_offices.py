"""The office that a description tells, and whom it is held for."""

import pytest

from service.extraction.attribution.descriptions import Descriptions
from service.extraction.attribution.offices import find_office
from service.extraction.entities.mentions import Mentions
from service.extraction.text.lexicon import SPEECH, lexicon_for
from service.extraction.text.sentences import segment
from service.extraction.text.spans import Span

ENGLISH = lexicon_for(SPEECH, "en")


def office(description: str, *, own: bool = False) -> tuple[str | None, str | None]:
    """Position and affiliation in a description, which is the speaker's own words or stands behind a name."""
    text = f"{description} smiled." if own else f"Ilsa Varn, {description}, smiled."
    start = text.index(description)
    span = Span(start, start + len(description))
    mentions = Mentions(text, segment(text, "en"), [], ENGLISH)
    found = find_office(span, span if own else Span(0, 9), Descriptions(text, ENGLISH), mentions, ENGLISH)
    position, affiliation = (part and text[part.start : part.end] for part in found)
    return position, affiliation


@pytest.mark.parametrize(
    ("description", "position", "affiliation"),
    [
        ("Tolmia’s foreign minister", "foreign minister", "Tolmia"),
        ("the Council’s chief negotiator", "chief negotiator", "Council"),
        ("a spokeswoman for the Lakes Council", "spokeswoman", "Lakes Council"),
        ("an envoy of the U.S. President for Sella", "envoy", "U.S. President"),
        ("its mayor", "mayor", None),
        ("head of the regional administration", "head of the regional administration", None),
        ("a minister who bakes", "minister", None),
        ("who leads the council", None, None),
        ("a bridge over the river", None, None),
        ("the defence ministry", None, None),
    ],
)
def test_office_behind_a_name_is_told(description: str, position: str | None, affiliation: str | None) -> None:
    assert office(description) == (position, affiliation)


@pytest.mark.parametrize(
    ("words", "position", "affiliation"),
    [
        ("Foreign Minister Ilsa Varn", "Foreign Minister", None),
        ("the deputy minister Ilsa Varn", "deputy minister", None),
        ("Minister of State Hamad al-Marl", "Minister", None),
        ("Tolmia’s president", "president", "Tolmia"),
        ("[99] President Ilsa Varn", "President", None),
    ],
)
def test_office_in_a_speakers_own_words_is_told(words: str, position: str | None, affiliation: str | None) -> None:
    assert office(words, own=True) == (position, affiliation)
