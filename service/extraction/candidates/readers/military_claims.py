"""How claims about fighting are read: who claims, where, when and the figures are read off; who did it is chosen."""

from schemas.kinds.military_claims import MilitaryClaim
from service.extraction.candidates.kind_reader import KindReader, OneOf, SameEvent
from service.extraction.candidates.prefill import (
    counted_as,
    figures,
    first_date,
    first_place,
    from_attribution,
    place_precision,
    speaker,
    unless_told,
)

READER = KindReader(
    record=MilitaryClaim,
    prefill={
        "claimant": speaker,
        "affected": counted_as("killed", "civilians_killed", "wounded", "captured", "losses_total"),
        "modality": unless_told("modality", otherwise="certain"),
        "attribution_status": from_attribution(said="claimed", not_said="reported_as_fact"),
        "quantities": figures,
        "location": first_place(),
        "precision": place_precision,
        "date_text": first_date,
    },
    options={
        "actor": OneOf("actors"),
        "quantities/text": OneOf("figures"),
        "location": OneOf("places"),
        "date_text": OneOf("dates"),
    },
    figures_are_no_actors=True,
    open_in_examples=frozenset({"affected", "modality"}),
    disjoint={"affected": "location"},
    same_event=SameEvent(
        same_fields=("claimant", "modality"), circumstances=("location", "date_text"), figures=("quantities",)
    ),
)
