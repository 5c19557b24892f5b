"""How quotations are read: words, verb and speaker by punctuation and verbs of saying; the model tells who that is."""

from schemas.kinds.quoted_officials import QuotedOfficial
from service.extraction.candidates.kind_reader import KindReader, OneOf
from service.extraction.candidates.prefill import profile, quoted_words, speaker, speech_verb, subjects

READER = KindReader(
    record=QuotedOfficial,
    per_speaker=True,
    prefill={
        "speaker": speaker,
        "position": profile("position"),
        "affiliation": profile("affiliation"),
        "speaker_type": profile("speaker_type"),
        "is_official": profile("is_official"),
        "sector": profile("sector"),
    },
    prefill_each={
        "content": quoted_words,
        "cue": speech_verb,
        "about": subjects({"negotiation": "negotiations", "sanctions": "sanctions", "military": "military_claims"}),
    },
    options={"affiliation": OneOf("names")},
    open_in_examples=frozenset({"position", "affiliation", "speaker_type", "is_official", "sector"}),
)
