"""How protests are read: where and when is read off, who protests and how many is chosen."""

from service.extraction.candidates.kind_reader import KindReader, OneOf, SameEvent
from service.extraction.candidates.prefill import first_date, first_place

from . import Protest

READER = KindReader(
    record=Protest,
    prefill={"location": first_place(ask_if_none=True), "date_text": first_date},
    options={
        "participants": OneOf("actors"),
        "organizer": OneOf("names"),
        "turnout/text": OneOf("figures"),
        "location": OneOf("places"),
    },
    same_event=SameEvent(continues_across_sentences=True, circumstances=("location", "date_text")),
)
