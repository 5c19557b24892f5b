"""Examples of a prompt are put in words which the model could use: those that it is shown."""

from typing import Any

import pytest

from prompts import Example
from schemas.draft import Allowed, draft_of
from schemas.kinds.military_claims import MilitaryClaim
from schemas.kinds.negotiations import Negotiation
from schemas.kinds.quoted_officials import QuotedOfficial
from service.extraction.questions.examples import as_asked, stated_record
from tests.unit.extraction.candidates.finding import SPEECHES, find

SHOWN = "[1] Envoys of Vostria and Kalmere met in Sella on Friday, the third round."
TALKS = {
    "sentences": [1],
    "parties": ["Vostria", "Kalmere", "Lentia"],
    "representatives": [{"name": "Mira Dolen"}],
    "format": "bilateral",
    "status": "held",
    "stage": "ceasefire",
    "round": "third round",
    "outcome": "a truce",
    "location": "Sella",
}


def asked(without: frozenset[str] = frozenset({"evidence"}), **values: tuple[str, ...]) -> dict[str, Any]:
    draft = draft_of(Negotiation, without, lean=bool(values), allowed=Allowed(frozenset(values.items())))
    return as_asked(draft, TALKS, SHOWN)


def test_words_that_are_not_shown_are_left_out() -> None:
    said = asked()

    assert (said["parties"], said["round"], said["outcome"]) == (["Vostria", "Kalmere"], "third round", None)
    assert said["representatives"] == [{"name": None, "position": None, "organization": None}]


def test_judged_values_stay_and_what_the_example_leaves_out_is_null_or_empty() -> None:
    said = asked()

    assert (said["format"], said["status"], said["stage"]) == ("bilateral", "held", "ceasefire")
    assert (said["mediators"], said["date_text"]) == ([], None)


def test_fields_that_are_not_asked_for_are_left_out() -> None:
    said = asked(frozenset({"evidence", "location"}))

    assert not {"sentences", "location"} & set(said)


@pytest.mark.parametrize(
    ("offered", "said"),
    [(("Vostria", "Kalmere"), ["Vostria", "Kalmere"]), (("Vostria",), ["Vostria"])],
)
def test_value_is_one_of_those_offered(offered: tuple[str, ...], said: list[str]) -> None:
    assert asked(parties=offered)["parties"] == said


@pytest.mark.parametrize(
    ("words", "offered", "said"),
    [
        ("12 soldiers of Sella", ("12 soldiers",), "12 soldiers"),  # the option that stands in it
        ("12 soldiers", ("2 soldiers",), None),  # not a part of another word
        ("nine men", ("12 soldiers",), None),
    ],
)
def test_longer_words_become_the_option_that_stands_in_them(
    words: str, offered: tuple[str, ...], said: str | None
) -> None:
    allowed = Allowed(frozenset({("affected", offered)}))
    draft = draft_of(MilitaryClaim, frozenset({"evidence"}), lean=True, allowed=allowed)

    assert as_asked(draft, {"affected": words}, f"[1] Shells killed {words}.")["affected"] == said


# Which record a candidate of an example has


def test_record_of_an_example_is_the_first_that_cites_a_sentence_of_the_candidate() -> None:
    varn, marl = find(QuotedOfficial, SPEECHES)
    records: list[dict[str, Any]] = [{"sentences": [7]}, {"sentences": [2]}, {"sentences": [5, 6]}]

    assert stated_record(varn, Example(SPEECHES, records), 0) == {"sentences": [7]}
    assert stated_record(marl, Example(SPEECHES, records), 0) == {"sentences": [5, 6]}
    assert stated_record(varn, Example(SPEECHES, records[2:]), 0) is None


def test_sentences_of_an_example_have_numbers_of_their_own() -> None:
    varn, _ = find(QuotedOfficial, SPEECHES)

    assert stated_record(varn, Example(SPEECHES, [{"sentences": [2]}]), 30) is None
