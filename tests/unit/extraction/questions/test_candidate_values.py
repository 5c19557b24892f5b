"""Values of a candidate's record: those that code read off, and those that the model says."""

import pytest

from schemas.draft import complete, draft_of
from schemas.registry import built_in
from service.extraction.candidates.prefill import Occasion
from tests.support.scripted_model import ScriptedModel
from tests.unit.extraction.questions.by_candidates import (
    BRANDT,
    CLAIM,
    DOLEN,
    OF_CLAIM,
    OF_TALKS,
    REASONS,
    TALKS,
    by_sentence,
    claim,
    evidence,
    extract,
    quote,
    talks,
)

# Who says it


async def test_speaker_stands_where_the_fullest_name_does() -> None:
    model = ScriptedModel(otherwise=by_sentence({3: quote(**DOLEN), 5: quote(**BRANDT)}))

    found = await extract(model)

    speakers = [record["speaker"] for record in found.model_dump()["records"]["quoted_officials"]]
    assert [speaker for speaker in speakers if speaker["text"] != "Oke Brandt"] == [
        {"start": 0, "end": len("Mira Dolen"), "text": "Mira Dolen"}
    ] * 2
    assert found.rejected == []


@pytest.mark.parametrize(("speaker", "kept"), [("she", "she"), ("SHE", "she"), ("Oke Brandt", None), ("Nobody", None)])
async def test_speaker_whom_the_model_names_must_stand_in_the_candidates_sentence(
    speaker: str, kept: str | None
) -> None:
    text = "“We wait for flour every day,” she said. Oke Brandt left."
    model = ScriptedModel(otherwise=by_sentence({1: {**quote(**DOLEN), "speaker": speaker}}))

    found = await extract(model, text)

    speakers = [record["speaker"]["text"] for record in found.model_dump()["records"]["quoted_officials"]]
    assert speakers == ([kept] if kept else [])
    assert [r.reason for r in found.rejected] == ([] if kept else [f"speaker: {REASONS.not_found}"])
    assert found.status == "complete"


async def test_what_words_are_about_is_read_off_each_occurrence() -> None:
    text = "Mira Dolen said that the ferry was full. Dolen said that sanctions had failed."
    model = ScriptedModel(otherwise=by_sentence({1: quote(**DOLEN)}))

    found = await extract(model, text)

    assert [record["about"] for record in found.model_dump()["records"]["quoted_officials"]] == [[], ["sanctions"]]


@pytest.mark.parametrize(
    ("text", "claimant", "status"),
    [
        ("Mira Dolen came on Tuesday. Dolen said that drones killed 12 soldiers near Sella.", (0, 10), "claimed"),
        ("Mira Dolen came on Tuesday. Drones killed 12 soldiers near Sella.", None, "reported_as_fact"),
    ],
)
async def test_claimant_is_whoever_speaks_or_the_article(
    text: str, claimant: tuple[int, int] | None, status: str
) -> None:
    model = ScriptedModel(otherwise=by_sentence({2: claim()}))

    found = await extract(model, text, kinds=["military_claims"])

    [kept] = found.model_dump()["records"]["military_claims"]
    assert (kept["claimant"] and (kept["claimant"]["start"], kept["claimant"]["end"])) == claimant
    assert (kept["attribution_status"], kept["location"]["text"]) == (status, "Sella")
    assert evidence(found, "military_claims") == [[2]]
    assert found.rejected == []


@pytest.mark.parametrize(("said", "kept"), [("Varn", None), ("Ilsa Varn", None), ("Tolmi", "Tolmi")])
async def test_speaker_is_not_their_own_affiliation(said: str, kept: str | None) -> None:
    text = "Ilsa Varn left Tolmi. “The ovens of Tolmi are cold,” Ilsa Varn said."
    model = ScriptedModel(otherwise=by_sentence({2: quote(**{**BRANDT, "affiliation": said})}))

    found = await extract(model, text)

    [record] = found.model_dump()["records"]["quoted_officials"]
    assert (record["affiliation"] or {"text": None})["text"] == kept
    assert found.rejected == []


@pytest.mark.parametrize(
    ("speaker", "said"), [("Bakers of the Mill Union", "Mill Union"), ("Skaters of Germany", "Germany")]
)
async def test_body_or_country_in_a_speakers_description_is_their_affiliation(speaker: str, said: str) -> None:
    model = ScriptedModel(otherwise=by_sentence({1: quote(**{**BRANDT, "affiliation": said})}))

    found = await extract(model, f"“The ovens of Tolmi are cold,” said {speaker}.")

    [record] = found.model_dump()["records"]["quoted_officials"]
    assert record["affiliation"]["text"] == said
    assert found.rejected == []


# What is refused


async def test_value_from_another_candidates_sentence_is_refused() -> None:
    drafts = {
        1: talks("Vostria", "Kalmere", outcome="talks in Tolmi"),
        4: talks("Kalmere", "Lentia", outcome="held talks"),
    }
    model = ScriptedModel(otherwise=by_sentence(drafts))

    found = await extract(model, TALKS, kinds=["negotiations"])

    first, last = found.model_dump()["records"]["negotiations"]
    assert (first["outcome"], last["outcome"]["text"]) == (None, "held talks")
    assert (first["location"]["text"], last["location"]["text"]) == ("Port Adra", "Tolmi")
    assert (first["date_text"]["text"], last["date_text"]["text"]) == ("Tuesday", "Friday")
    assert [(r.field, r.draft, r.reason) for r in found.rejected] == [("outcome", "talks in Tolmi", REASONS.not_found)]
    assert evidence(found, "negotiations") == [[1], [4]]


async def test_record_with_only_another_candidates_words_is_dropped() -> None:
    model = ScriptedModel(otherwise=by_sentence({1: talks("Lentia")}))

    found = await extract(model, TALKS, kinds=["negotiations"])

    assert found.records == {"negotiations": []}
    assert [(r.field, r.reason) for r in found.rejected] == [(None, f"parties: {REASONS.not_found}")]


async def test_target_who_only_speaks_of_it_is_refused() -> None:
    text = "“They froze us out,” said Ilsa Varn. Ilsa Varn said that Vostria imposed sanctions on two banks."
    targets = [{"name": name, "target_type": "company"} for name in ("Ilsa Varn", "two banks")]
    of_sanction = frozenset({"evidence", "program", "measures"})
    said = {"action": "imposed", "authorities": ["Vostria"], "targets": targets, "status": "active"}
    draft = complete(draft_of(built_in()["sanctions"], of_sanction), said)
    model = ScriptedModel(otherwise=by_sentence({2: draft}))

    found = await extract(model, text, kinds=["sanctions"])

    [record] = found.model_dump()["records"]["sanctions"]
    assert [target["name"]["text"] for target in record["targets"]] == ["two banks"]
    assert [(r.field, r.reason) for r in found.rejected] == [("targets/0", f"targets/0/name: {REASONS.is_speaker}")]


async def test_number_is_nobodys_name() -> None:
    text = "The army said on 3 May that drones had burnt a mill near Sella."
    draft = complete(
        draft_of(built_in()["military_claims"], OF_CLAIM),
        {**CLAIM, "actor": "The army", "affected": "3", "contested_by": ["3", "Sella"]},
    )
    model = ScriptedModel(otherwise=by_sentence({1: draft}))

    found = await extract(model, text, kinds=["military_claims"])

    [record] = found.model_dump()["records"]["military_claims"]
    assert record["affected"] is None
    assert [mention["text"] for mention in record["contested_by"]] == ["Sella"]
    assert {(r.field, r.reason) for r in found.rejected} == {
        ("affected", REASONS.is_number),
        ("contested_by/0", REASONS.is_number),
    }


async def test_mediator_who_is_a_party_is_refused() -> None:
    text = "Vostria, Kalmere ve Lentia heyetleri salı günü görüştü."
    form = draft_of(built_in()["negotiations"], OF_TALKS - {"mediators", "location"})
    said = {"parties": ["Vostria", "Kalmere"], "format": "bilateral", "status": "held", "stage": "ceasefire"}
    draft = complete(form, {**said, "mediators": ["VOSTRIA", "Lentia", " Kalmere,"]})
    model = ScriptedModel(otherwise=by_sentence({1: draft}))

    found = await extract(model, text, kinds=["negotiations"], language="tr")

    [record] = found.model_dump()["records"]["negotiations"]
    assert [mention["text"] for mention in record["mediators"]] == ["Lentia"]
    assert [mention["text"] for mention in record["parties"]] == ["Vostria", "Kalmere"]
    assert [(r.field, r.draft, r.reason) for r in found.rejected] == [
        ("mediators/0", "Vostria", REASONS.named_elsewhere.format(other="parties")),
        ("mediators/2", "Kalmere", REASONS.named_elsewhere.format(other="parties")),
    ]


async def test_place_that_was_hit_is_not_what_suffered_it() -> None:
    said = {"claim_type": "strike", "relayed_by": None, "actor": None, "affected": "Sella", "contested_by": []}
    model = ScriptedModel(otherwise={"record": said})

    found = await extract(model, "The army said its drones struck Sella on Friday.", kinds=["military_claims"])

    [record] = found.model_dump()["records"]["military_claims"]
    assert (record["affected"], record["location"]["text"]) == (None, "Sella")
    assert [(r.field, r.reason) for r in found.rejected] == [
        ("affected", REASONS.named_elsewhere.format(other="location"))
    ]


# Figures


async def test_figures_that_code_counts_are_in_the_record_with_what_they_allow() -> None:
    text = (
        "Schools stay closed. "
        "The army said on Friday that its drones killed about 40 soldiers, wounded more than 12 "
        "and burnt three tanks near Sella on Sunday."
    )
    model = ScriptedModel(otherwise=by_sentence({2: claim()}))

    found = await extract(model, text, kinds=["military_claims"])

    [record] = found.model_dump()["records"]["military_claims"]
    figures = [(q["metric"], q["text"]["text"], q["value_min"], q["value_max"]) for q in record["quantities"]]
    assert figures == [
        ("killed", "about 40 soldiers", 40, 40),
        ("wounded", "more than 12", 12, None),
        ("equipment", "three tanks", 3, 3),
    ]
    assert [quantity["approximate"] for quantity in record["quantities"]] == [True, True, False]
    assert (record["affected"]["text"], record["location"]["text"]) == ("about 40 soldiers", "Sella")
    assert record["precision"] == "near"
    assert record["date_text"] == {
        "start": text.index("Sunday"),
        "end": text.index("Sunday") + len("Sunday"),
        "text": "Sunday",
    }
    assert found.rejected == []


async def test_figures_that_code_counts_cannot_be_said_otherwise() -> None:
    other = {**claim(), "quantities": [{"metric": "wounded", "text": "12 soldiers", "approximate": True}]}
    model = ScriptedModel(otherwise=by_sentence({1: other}))

    found = await extract(model, "Drones killed 12 soldiers near Sella.", kinds=["military_claims"])

    assert found.records == {"military_claims": []}
    assert [r.draft for r in found.rejected] == [other]


async def test_figures_that_code_cannot_tell_are_asked_for() -> None:
    quantity = {"metric": "killed", "text": "двох солдатів", "approximate": False}
    record = built_in()["military_claims"]
    draft = complete(draft_of(record, OF_CLAIM - {"quantities"}), {**CLAIM, "quantities": [quantity]})
    model = ScriptedModel(otherwise=by_sentence({1: draft}))

    found = await extract(model, "Дрони вбили двох солдатів у Селлі.", kinds=["military_claims"], language="uk")

    [kept] = found.model_dump()["records"]["military_claims"]
    assert [(one["metric"], one["text"]["text"]) for one in kept["quantities"]] == [("killed", "двох солдатів")]
    assert found.rejected == []


# How values came about


async def test_values_of_a_quotation_that_needs_no_question_are_all_read_or_derived() -> None:
    found = await extract(ScriptedModel(), "“We wait for flour every day,” said Mira Dolen, Vostria’s deputy minister.")

    [told] = found.origins["quoted_officials"]
    assert {name for name in told if told[name] == "derived"} == {"quote_type"}
    assert {*told.values()} == {"read", "derived"}
    assert {"content", "speaker", "position", "cue", "is_official", "sector"} <= set(told)


@pytest.mark.parametrize(("lean", "origin"), [(True, "chosen"), (False, "asked")])
async def test_values_of_a_candidate_are_read_or_chosen_among_what_was_offered(lean: bool, origin: str) -> None:
    said = {
        "action": "imposed",
        "authorities": ["Vostria"],
        "targets": [{"name": "two banks", "target_type": "company"}],
        "status": "active",
        "date_text": "Tuesday",
    }
    text = "On Tuesday the government of Vostria froze the assets of two banks."
    form = draft_of(built_in()["sanctions"], frozenset({"evidence", "program", "measures"}))
    model = ScriptedModel({"record": said if lean else complete(form, said)})

    found = await extract(model, text, kinds=["sanctions"], lean=lean, published_at="2026-11-20")

    assert found.origins == {
        "sanctions": [
            {
                "action": "asked",
                "authorities": origin,
                "targets": "asked",
                "measures": "read",
                "status": "asked",
                "date_text": origin,
                "date": "derived",
            }
        ]
    }


async def test_figures_that_code_finds_but_cannot_tell_are_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Occasion, "figures", None)
    quantity = {"metric": "killed", "text": "12 soldiers", "approximate": False}
    model = ScriptedModel({"record": {**CLAIM, "affected": None, "quantities": [quantity]}})

    found = await extract(model, "Drones killed 12 soldiers near Sella.", kinds=["military_claims"], lean=True)

    [told] = found.origins["military_claims"]
    assert (told["quantities"], told["location"], told["attribution_status"]) == ("chosen", "read", "read")


async def test_speaker_whom_the_model_names_is_asked_for_and_what_was_said_is_read() -> None:
    model = ScriptedModel({"record": {**quote(**DOLEN), "speaker": "she"}})

    found = await extract(model, "“We wait for flour every day,” she said.")

    [told] = found.origins["quoted_officials"]
    assert (told["content"], told["cue"], told["speaker"], told["sector"]) == ("read", "read", "asked", "asked")


async def test_list_that_code_prefilled_is_read_though_a_name_of_it_goes_elsewhere() -> None:
    text = "Talks between Vostria and Kalmere were mediated by Lentia and hosted by Tolmi."
    form = draft_of(built_in()["negotiations"], OF_TALKS - {"location"})
    said = {"format": "third_party", "status": "held", "stage": "ceasefire"}
    model = ScriptedModel({"record": complete(form, {**said, "parties": ["Vostria", "Kalmere", "Lentia"]})})

    found = await extract(model, text, kinds=["negotiations"])

    [record] = found.model_dump()["records"]["negotiations"]
    [told] = found.origins["negotiations"]
    assert [mediator["text"] for mediator in record["mediators"]] == ["Tolmi"]
    assert (told["mediators"], told["parties"], told["format"]) == ("read", "asked", "asked")
