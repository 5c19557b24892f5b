"""The same item told twice is one record; different items stay apart."""

from typing import Any

from schemas.fields import Evidence, Mention
from schemas.kinds.military_claims import MilitaryClaim, Quantity
from schemas.kinds.negotiations import Negotiation
from schemas.kinds.quoted_officials import QuotedOfficial
from service.extraction.merge import merge


def at(start: int, text: str) -> Mention:
    return Mention(start=start, end=start + len(text), text=text)


def sentence(number: int) -> Evidence:
    return Evidence(start=number * 100, end=number * 100 + 9, text="sentence.", sentence=number)


def talks(number: int, *parties: str, **fields: Any) -> Negotiation:
    base: dict[str, Any] = {
        "evidence": [sentence(number)],
        "parties": [at(number * 100 + index * 10, party) for index, party in enumerate(parties)],
        "mediators": [],
        "representatives": [],
        "format": "bilateral",
        "status": "held",
        "stage": "ceasefire",
        "round": None,
        "topics": [],
        "outcome": None,
        "location": None,
        "country": None,
        "date_text": None,
        "date": None,
    }
    return Negotiation(**{**base, **fields})


def claim(number: int, *figures: tuple[str, str]) -> MilitaryClaim:
    quantities = [
        Quantity(metric=metric, text=at(number * 100, text), value_min=None, value_max=None, approximate=False)  # type: ignore[arg-type]
        for metric, text in figures
    ]
    return MilitaryClaim(
        evidence=[sentence(number)],
        claim_type="casualties",
        claimant=None,
        relayed_by=None,
        actor=None,
        affected=None,
        modality="certain",
        attribution_status="claimed",
        contested_by=[],
        quantities=quantities,
        location=None,
        precision="exact",
        country=None,
        date_text=None,
        date=None,
    )


def test_same_talks_from_two_windows_are_one_record_with_both_sentences() -> None:
    first = talks(3, "Sudan’s army", "the RSF", round=at(320, "second round"))
    second = talks(9, "RSF", "Sudan's army", location=at(930, "Doha"), topics=["prisoners"])

    [joined] = merge([first, second])

    assert [evidence.sentence for evidence in joined.evidence] == [3, 9]
    assert isinstance(joined, Negotiation)
    assert joined.parties == first.parties
    assert joined.round == first.round
    assert joined.location == second.location
    assert joined.topics == ["prisoners"]


def test_talks_on_different_days_stay_two_records() -> None:
    records = [talks(1, "A", "B", date_text=at(110, "Tuesday")), talks(2, "A", "B", date_text=at(210, "Friday"))]

    assert merge(records) == records


def test_talks_of_other_parties_stay_apart() -> None:
    assert len(merge([talks(1, "A", "B"), talks(2, "A", "C"), talks(3, "A")])) == 3


def test_claims_with_different_figures_stay_apart() -> None:
    assert len(merge([claim(1, ("killed", "12")), claim(2, ("killed", "13")), claim(3, ("wounded", "12"))])) == 3
    assert len(merge([claim(1, ("killed", "12")), claim(2, ("killed", "12"))])) == 1


def test_same_sentence_twice_is_one_span() -> None:
    [joined] = merge([talks(4, "A", "B"), talks(4, "A", "B")])

    assert [evidence.sentence for evidence in joined.evidence] == [4]


def test_records_come_in_the_order_of_the_article() -> None:
    records = merge([talks(7, "C"), talks(2, "A"), talks(5, "B"), talks(1, "C")])

    assert [record.evidence[0].sentence for record in records] == [1, 2, 5]


def test_same_words_of_two_speakers_are_two_quotations() -> None:
    def quote(speaker: str, number: int) -> QuotedOfficial:
        return QuotedOfficial(
            evidence=[sentence(number)],
            content=at(number * 100, "we agreed"),
            speaker=at(number * 100 + 20, speaker),
            position=None,
            affiliation=None,
            country=None,
            cue=None,
            speaker_type="person",
            is_official=True,
            sector="gov",
            quote_type="direct",
            about=[],
        )

    assert len(merge([quote("Dolen", 1), quote("Brandt", 2)])) == 2
    assert len(merge([quote("Dolen", 1), quote("dolen", 2)])) == 1


def test_nothing_merges_to_nothing() -> None:
    assert merge([]) == []
