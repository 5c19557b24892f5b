"""How talks are read: who meets is chosen among the names; who mediates, where, when and who came is read off."""

from schemas.kinds.negotiations import Negotiation
from service.extraction.candidates.kind_reader import KindReader, OneOf, Restatement, SameEvent
from service.extraction.candidates.prefill import first_date, first_place, mediators, office_holders
from service.extraction.candidates.weak_triggers import with_two_actors_or_a_date

READER = KindReader(
    record=Negotiation,
    prefill={
        "mediators": mediators,
        "representatives": office_holders(name="name", position="position", organization="organization"),
        "location": first_place(ask_if_none=True),
        "date_text": first_date,
    },
    options={
        "parties": OneOf("actors", at_least_two=True),
        "mediators": OneOf("names"),
        "representatives/name": OneOf("persons"),
        "representatives/organization": OneOf("names"),
        "location": OneOf("places"),
        "date_text": OneOf("dates"),
    },
    hints_if={"mediators": {"format": "third_party"}},
    needs_actor=True,
    weak_triggers=with_two_actors_or_a_date,
    same_event=SameEvent(
        continues_across_sentences=True,
        restatement=Restatement(same_names=("parties",), distinct=("round",)),
        circumstances=("location", "date_text"),
    ),
)
