"""What a reader may say of its kind, and what follows for the form of an answer."""

from typing import Any

import pytest

from schemas.draft import Allowed
from schemas.kinds.military_claims import MilitaryClaim
from schemas.kinds.negotiations import Negotiation
from schemas.kinds.quoted_officials import QuotedOfficial
from service.extraction.candidates.choices import Choices
from service.extraction.candidates.kind_reader import KindReader, OneOf, ReaderError, Restatement, SameEvent
from service.extraction.candidates.prefill import first_date

OF_TALKS = KindReader(
    record=Negotiation,
    options={"parties": OneOf("actors", at_least_two=True), "representatives/name": OneOf("persons")},
)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("prefill", {"prefill": {"place": first_date}}),
        ("prefill_each", {"prefill_each": {"place": first_date}}),
        ("options", {"options": {"place": OneOf("places")}}),
        ("options", {"options": {"parties/name": OneOf("names")}}),
        ("options", {"options": {"representatives/nickname": OneOf("names")}}),
        ("hints_if", {"hints_if": {"hosts": {"format": "third_party"}}}),
        ("hints_if", {"hints_if": {"mediators": {"form": "third_party"}}}),
        ("open_in_examples", {"open_in_examples": frozenset({"place"})}),
        ("not_speaker", {"not_speaker": frozenset({"representatives/nickname"})}),
        ("disjoint", {"disjoint": {"place": "location"}}),
        ("disjoint", {"disjoint": {"location": "place"}}),
        ("same_event", {"same_event": SameEvent(same_fields=("teller",))}),
        ("same_event", {"same_event": SameEvent(circumstances=("place",))}),
        ("same_event", {"same_event": SameEvent(figures=("quantities",))}),
        ("same_event", {"same_event": SameEvent(restatement=Restatement(same_names=("sides",)))}),
        ("same_event", {"same_event": SameEvent(restatement=Restatement(same_names=(), distinct=("turn",)))}),
    ],
)
def test_field_that_there_is_not_is_refused_with_its_place(what: str, said: dict[str, Any]) -> None:
    with pytest.raises(ReaderError, match=rf"^the reader of 'negotiations': `{what}` names a field '[\w/]+'"):
        KindReader(record=Negotiation, **said)


def test_fields_of_models_inside_a_record_are_named_by_their_paths() -> None:
    reader = KindReader(
        record=MilitaryClaim,
        options={"quantities/text": OneOf("figures")},
        not_speaker=frozenset({"quantities/text"}),
        same_event=SameEvent(figures=("quantities",)),
    )

    assert set(reader.options) == {"quantities/text"}


def test_reader_that_says_nothing_of_its_kind_is_one() -> None:
    reader = KindReader(record=QuotedOfficial)

    assert (reader.per_speaker, reader.prefill, reader.same_event) == (False, {}, SameEvent())
    assert reader.allowed(Choices(names=("Vostria",))) == Allowed()


# What answers may say


def test_field_may_be_what_was_found_in_its_order() -> None:
    allowed = OF_TALKS.allowed(Choices(actors=("Kalmere", "Vostria"), persons=()))

    assert allowed.of("parties") == ("Kalmere", "Vostria")
    assert allowed.of("representatives/name") == ()


def test_field_may_be_anything_where_code_cannot_tell() -> None:
    allowed = OF_TALKS.allowed(Choices(names=("Vostria",), places=("Sella",), persons=("Mira Dolen",)))

    assert allowed.of("parties") is None
    assert allowed.of("location") is None
    assert allowed.of("representatives/name") == ("Mira Dolen",)


@pytest.mark.parametrize(("collective", "fields"), [(False, {"parties"}), (True, set())])
def test_two_are_asked_for_unless_one_stands_for_several(*, collective: bool, fields: set[str]) -> None:
    allowed = OF_TALKS.allowed(Choices(actors=("both sides",), collective=collective))

    assert allowed.at_least_two == fields
