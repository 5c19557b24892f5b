"""How sanctions are read: who sanctions is chosen among states and their bodies; the package or law is read off."""

from schemas.kinds.sanctions import Sanction
from service.extraction.candidates.kind_reader import KindReader, OneOf, SameEvent
from service.extraction.candidates.prefill import first_program
from service.extraction.candidates.weak_triggers import with_others_in_the_article

READER = KindReader(
    record=Sanction,
    prefill={"program": first_program},
    options={"authorities": OneOf("authorities"), "date_text": OneOf("dates")},
    weak_triggers=with_others_in_the_article,
    not_speaker=frozenset({"targets/name"}),
    same_event=SameEvent(continues_across_sentences=True),
)
