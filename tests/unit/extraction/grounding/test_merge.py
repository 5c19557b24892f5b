"""The same item told twice is one record; different items stay apart."""

from collections.abc import Sequence
from typing import Any

import pytest

from schemas.fields import Evidence, Mention, Record
from schemas.kinds.military_claims import MilitaryClaim, Quantity
from schemas.kinds.negotiations import Negotiation
from schemas.kinds.quoted_officials import QuotedOfficial
from schemas.result import Rejection
from service.extraction.candidates.kind_reader import SameEvent
from service.extraction.candidates.readers import reader_of
from service.extraction.grounding import merge as merging
from service.extraction.grounding.merge import CONTESTED, NO_ACTOR, MergedRecord


def same_event_of(record: type[Record]) -> SameEvent:
    reader = reader_of(record)
    assert reader
    return reader.same_event


def merge(records: Sequence[Record], *, one_by_one: bool = False) -> list[Record]:
    """Merged records; `one_by_one` tells whether the model saw each sentence by itself."""
    merged = merging.merge(records, same_event_of=same_event_of) if one_by_one else merging.merge(records)
    return [one.record for one in merged]


def resolve(records: Sequence[Record]) -> tuple[list[Record], list[Rejection]]:
    kept, dropped = merging.resolve_conflicts([MergedRecord(record, (place,)) for place, record in enumerate(records)])
    return [one.record for one in kept], [one.rejection for one in dropped]


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
    assert len(merge([talks(1, "A", "B"), talks(2, "A", "C"), talks(3, "D")])) == 3


def test_talks_of_which_one_account_names_fewer_parties_are_one_record() -> None:
    [joined] = merge([talks(1, "Norvia"), talks(2, "Tellan", "Norvia")])

    assert isinstance(joined, Negotiation)
    assert [party.text for party in joined.parties] == ["Norvia", "Tellan"]


def test_talks_of_another_status_stay_apart() -> None:
    assert len(merge([talks(1, "A", "B"), talks(2, "A", "B", status="planned")])) == 2


def test_talks_told_in_another_form_or_stage_are_one_record() -> None:
    [joined] = merge([talks(1, "A", "B"), talks(2, "A", "B", format="visit", stage="framework")])

    assert isinstance(joined, Negotiation)
    assert (joined.format, joined.stage) == ("bilateral", "ceasefire")


@pytest.mark.parametrize(
    ("first", "second", "records"),
    [
        ("Kellogg", "Keith Kellogg", 1),
        ("the Norvian army", "Norvian Army", 1),
        ("Keith Kellogg", "Keith Brown", 2),
        ("Kell", "Kellogg", 2),
    ],
)
def test_names_of_which_one_holds_the_other_are_one_name(first: str, second: str, records: int) -> None:
    assert len(merge([talks(1, first, "Tellan"), talks(2, "Tellan", second)])) == records


def test_figures_keep_records_apart_that_one_name_would_join() -> None:
    army, general = at(150, "army"), at(250, "the Norvian army")

    def claimed(number: int, claimant: Mention, figure: str) -> MilitaryClaim:
        return claim(number, ("killed", figure)).model_copy(update={"claimant": claimant})

    assert len(merge([claimed(1, army, "12 soldiers"), claimed(2, general, "12 soldiers")])) == 1
    assert len(merge([claimed(1, army, "12 soldiers"), claimed(2, general, "30 soldiers")])) == 2


def test_claims_with_different_figures_stay_apart() -> None:
    assert len(merge([claim(1, ("killed", "12")), claim(2, ("killed", "13")), claim(3, ("wounded", "12"))])) == 3
    assert len(merge([claim(1, ("killed", "12")), claim(2, ("killed", "12"))])) == 1


def test_same_sentence_twice_is_one_span() -> None:
    [joined] = merge([talks(4, "A", "B"), talks(4, "A", "B")])

    assert [evidence.sentence for evidence in joined.evidence] == [4]


def test_records_come_in_the_order_of_the_article() -> None:
    records = merge([talks(7, "C"), talks(2, "A"), talks(5, "B"), talks(1, "C")])

    assert [record.evidence[0].sentence for record in records] == [1, 2, 5]


def quote(speaker: str, number: int, *parts: str, place: int | None = None) -> QuotedOfficial:
    """A quotation that stands in one sentence; its speaker there too, or in the one of `place`."""
    return QuotedOfficial(
        evidence=[Evidence(start=number * 100, end=number * 100 + 99, text="sentence.", sentence=number)],
        content=[at(number * 100 + 20 * index, part) for index, part in enumerate(parts)],
        speaker=at((place or number) * 100 + 80, speaker),
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


def test_same_words_of_two_speakers_are_two_quotations() -> None:
    assert len(merge([quote("Dolen", 1, "we agreed"), quote("Brandt", 2, "we agreed")])) == 2
    assert len(merge([quote("Dolen", 1, "we agreed"), quote("dolen", 2, "we agreed")])) == 1


def test_other_words_of_one_speaker_are_two_quotations() -> None:
    assert len(merge([quote("Dolen", 1, "we agreed"), quote("Dolen", 2, "they left")])) == 2
    assert len(merge([quote("Dolen", 1, "we agreed", "on grain"), quote("Dolen", 2, "we agreed", "they left")])) == 2


def test_quotation_of_which_one_record_lacks_a_part_is_one_with_all_parts() -> None:
    [joined] = merge([quote("Dolen", 1, "we agreed"), quote("Dolen", 1, "we agreed", "on grain")])

    assert isinstance(joined, QuotedOfficial)
    assert [part.text for part in joined.content] == ["we agreed", "on grain"]


@pytest.mark.parametrize("swapped", [False, True])
def test_passage_of_two_speakers_is_the_nearer_ones(swapped: bool) -> None:
    near, far = quote("Dolen", 3, "we agreed"), quote("Brandt", 3, "we agreed", place=5)

    kept, dropped = resolve([far, near] if swapped else [near, far])

    assert kept == [near]
    assert [(r.kind, r.field, r.reason) for r in dropped] == [("quoted_officials", None, CONTESTED)]
    assert dropped[0].draft["speaker"]["text"] == "Brandt"


def test_what_one_says_and_another_denies_is_two_quotations() -> None:
    said, denied = quote("Dolen", 3, "we agreed"), quote("Brandt", 3, "we agreed")
    cues = [Mention(start=70, end=74, text="says"), Mention(start=90, end=96, text="denies")]
    records = [one.model_copy(update={"cue": cue}) for one, cue in zip((said, denied), cues, strict=True)]

    assert resolve(records) == (records, [])


def test_passage_without_a_cue_is_whose_words_are_closer() -> None:
    said, cueless = quote("Dolen", 3, "we agreed"), quote("Brandt", 3, "we agreed", place=5)
    said = said.model_copy(
        update={"cue": Mention(start=said.evidence[0].start, end=said.evidence[0].start + 4, text="said")}
    )

    kept, dropped = resolve([said, cueless])

    assert kept == [said]
    assert [r.reason for r in dropped] == [CONTESTED]


def test_claim_that_names_no_actor_and_counts_nothing_is_dropped() -> None:
    counted, empty = claim(1, ("killed", "12 soldiers")), claim(2)

    kept, dropped = resolve([counted, empty])

    assert kept == [counted]
    assert [(r.kind, r.field, r.reason) for r in dropped] == [("military_claims", None, NO_ACTOR)]
    assert NO_ACTOR == "no actor is named"
    assert dropped[0].draft == empty.model_dump(mode="json")


def test_records_without_a_passage_and_other_passages_are_all_kept() -> None:
    records = [talks(3, "A"), talks(3, "B"), quote("Dolen", 3, "we agreed"), quote("Brandt", 4, "we agreed")]

    assert resolve(records) == (records, [])


def test_nothing_merges_to_nothing() -> None:
    assert merge([]) == []


def test_neighbouring_sentences_that_were_seen_one_by_one_need_not_name_everybody() -> None:
    records = [talks(1, "A", "B"), talks(2, "C"), talks(9, "D")]

    assert [len(merge(records, one_by_one=seen)) for seen in (False, True)] == [3, 2]


def test_talks_told_of_anew_close_by_are_one_whatever_their_state_is_called() -> None:
    first, again, later = talks(1, "A", "B"), talks(4, "A", status="stalled"), talks(5, "A", status="stalled")

    [record] = merge([first, again], one_by_one=True)

    assert isinstance(record, Negotiation)
    assert ([sentence.sentence for sentence in record.evidence], record.status) == ([1, 4], "held")
    assert len(merge([first, again])) == len(merge([first, later], one_by_one=True)) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"status": "planned"},
        {"round": at(210, "fourth round")},
        {"date_text": at(220, "Friday"), "date": "2026-05-08"},
        {"location": at(230, "Tolmi")},
    ],
)
def test_talks_still_to_come_or_of_another_round_day_or_town_stay_apart(other: dict[str, Any]) -> None:
    said = {"round": at(110, "third round"), "date_text": at(120, "Monday"), "date": "2026-05-04"}
    first = talks(1, "A", "B", location=at(130, "Sella"), **said)
    again = talks(2, "A", **{"status": "stalled", **other})

    assert len(merge([first, again], one_by_one=True)) == 2


def test_neighbouring_talks_of_two_named_parties_each_stay_apart() -> None:
    assert len(merge([talks(1, "A", "B"), talks(2, "A", "C")], one_by_one=True)) == 2


def test_neighbouring_claims_stay_apart() -> None:
    assert len(merge([claim(1, ("killed", "12")), claim(2, ("killed", "13"))], one_by_one=True)) == 2


def test_claims_of_one_claimant_about_one_event_are_one_record() -> None:
    by_army = {"claimant": at(50, "the army"), "location": None}
    killed = claim(1, ("killed", "12 soldiers")).model_copy(update={**by_army, "location": at(160, "Sella")})
    trucks = claim(2, ("equipment", "four trucks")).model_copy(update={**by_army, "claim_type": "equipment_loss"})

    [joined] = merge([killed, trucks], one_by_one=True)

    assert isinstance(joined, MilitaryClaim)
    assert [evidence.sentence for evidence in joined.evidence] == [1, 2]
    assert [figure.metric for figure in joined.quantities] == ["killed", "equipment"]
    assert joined.claim_type == "casualties"


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (4, {}),
        (2, {"location": at(260, "Tolmi")}),
        (2, {"date_text": at(270, "Friday")}),
        (2, {"claimant": at(250, "the rebels")}),
        (2, {"modality": "denied"}),
        (2, {"quantities": claim(2, ("killed", "nine soldiers")).quantities}),
    ],
)
def test_claims_of_which_anything_differs_stay_apart(number: int, change: dict[str, Any]) -> None:
    said = {"claimant": at(50, "the army"), "location": at(160, "Sella"), "date_text": at(170, "Sunday")}
    killed = claim(1, ("killed", "12 soldiers")).model_copy(update=said)
    other = claim(number).model_copy(update={**said, "claim_type": "strike", **change})

    assert len(merge([killed, other], one_by_one=True)) == 2


def test_claims_in_the_articles_own_voice_stay_apart() -> None:
    other = claim(2, ("equipment", "four trucks")).model_copy(update={"claim_type": "strike"})

    assert len(merge([claim(1, ("killed", "12 soldiers")), other], one_by_one=True)) == 2


def test_origin_goes_with_the_value_that_is_kept() -> None:
    first = talks(3, "Sudan’s army", "the RSF", round=at(320, "second round"))
    second = talks(9, "RSF", round=at(940, "second round"), location=at(930, "Doha"), topics=["prisoners"])
    first = first.with_origins({"parties": "chosen", "status": "asked", "round": "asked"})
    second = second.with_origins(
        {"parties": "asked", "status": "read", "round": "chosen", "topics": "read", "location": "read"}
    )

    [joined] = merge([first, second])

    assert joined.origins == {
        "parties": "chosen",
        "status": "asked",
        "round": "asked",
        "topics": "read",
        "location": "read",
    }
    assert (first.origins["round"], second.origins["round"]) == ("asked", "chosen")
