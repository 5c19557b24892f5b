"""Articles read lead by lead: what is asked, what an answer becomes, what a failure costs."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import prompts
from schemas.answers import answer_of, candidate_answer_of
from schemas.article import Article
from schemas.draft import complete, draft_of
from schemas.registry import built_in
from schemas.result import Extraction
from service.deadline import Deadline
from service.errors import (
    AnswerMalformedError,
    AnswerTruncatedError,
    ContextTooLongError,
    ModelUnavailableError,
)
from service.extraction.candidates import candidates
from service.extraction.candidates.prefill import Occasion
from service.extraction.model import Question
from service.extraction.pipeline import Extractor
from service.extraction.text.lexicon import Lexicon
from service.strategy import Strategy
from tests.support.grounding import assert_grounded
from tests.support.scripted_model import NOTHING, ScriptedModel
from tests.unit.extraction.grounding.inventions import MARK, _object, strings, words_of

REASONS = prompts.messages().reasons
TEXT = (
    "Mira Dolen, Vostria’s voice at the table, came to Port Adra on Tuesday. Schools stay closed.\n"
    "“We are closer than last week,” Dolen said. The weather was fine.\n"
    "Oke Brandt, the best skater of Tolmi, said that the ferry was full. “Nobody left the room today,” Dolen added."
)
"""Dolen speaks in sentences 3 and 6, Brandt in 5."""
TALKS = (
    "Envoys of Vostria and Kalmere met in Port Adra on Tuesday. Schools stay closed. "
    "Envoys of Vostria and Lentia will meet in Sella next week. "
    "Envoys of Kalmere and Lentia held talks in Tolmi on Friday."
)
"""Talks in sentences 1, 3 and 4."""
DOLEN = {"speaker_type": "person", "is_official": True, "sector": "gov"}
BRANDT = {"speaker_type": "person", "is_official": False, "sector": "bus"}
READ_OFF = frozenset({"evidence", "content", "cue", "about", "speaker"})
"""What code reads off a quotation whose speaker is known."""
OF_TALKS = frozenset({"evidence", "mediators", "representatives", "topics", "location", "date_text"})
"""What it reads off talks."""
OF_CLAIM = frozenset({"evidence", "claimant", "attribution_status", "quantities", "location", "precision", "date_text"})
"""What it reads off a claim of the article or of a speaker who is known."""


def quote(**said: Any) -> dict[str, Any]:
    return complete(draft_of(built_in()["quoted_officials"], READ_OFF), said)


def talks(*parties: str, **said: Any) -> dict[str, Any]:
    base = {"parties": list(parties), "format": "bilateral", "status": "held", "stage": "ceasefire"}
    return complete(draft_of(built_in()["negotiations"], OF_TALKS), {**base, **said})


def asked(question: Question[Any]) -> int | None:
    """The sentence that a question is about; None for a window."""
    found = re.search(r"^LEAD \[(\d+)\].*\Z", question.messages[-1].content, re.MULTILINE)
    return int(found[1]) if found else None


def by_sentence(drafts: Mapping[int, Any]) -> Callable[[Question[Any]], dict[str, Any]]:
    """An answer with a draft for the leads of some sentences and null for the others."""
    return lambda question: {"record": drafts.get(asked(question) or 0)}


async def extract(
    model: ScriptedModel,
    text: str = TEXT,
    *,
    kinds: Any = ("quoted_officials",),
    lean: bool = False,
    **article: Any,
) -> Extraction:
    reader = Extractor(model, built_in(), window_tokens=6_000, max_chars=60_000, strategy=Strategy.CANDIDATES, lean=lean)
    found = await reader.extract(Article(text=text, **article), kinds=kinds, deadline=Deadline.after(60))
    assert_grounded(found.model_dump(), text)
    return found


def evidence(found: Extraction, kind: str) -> list[list[int]]:
    return [[cited.sentence for cited in record.evidence] for record in found.records[kind]]


# What is asked


async def test_every_speaker_is_asked_about_once() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    found = await extract(model)

    assert sorted(asked(question) or 0 for question in model.questions) == [3, 5]
    assert found.questions == len(model.questions)


async def test_question_shows_one_lead_with_what_is_known() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model)

    dolen, brandt = sorted(question.messages[-1].content.splitlines() for question in model.questions)
    assert dolen == [
        "[3] “We are closer than last week,” Dolen said.",
        'LEAD [3] "We are closer than last week," speaker=Mira Dolen',
    ]
    assert brandt == [
        "[5] Oke Brandt, the best skater of Tolmi, said that the ferry was full.",
        'LEAD [5] "the ferry was full" speaker=Oke Brandt',
    ]


async def test_model_is_not_asked_for_what_is_settled() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model)

    form = candidate_answer_of(built_in()["quoted_officials"], READ_OFF, certain=True)
    for question in model.questions:
        assert question.answer.model_json_schema() == form.model_json_schema()
        schema = json.dumps(question.answer.model_json_schema())
        assert not any(f'"{name}"' in schema for name in READ_OFF)


async def test_model_is_asked_who_speaks_where_it_is_not_known() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model, "“We wait for flour every day,” she said.")

    [question] = model.questions
    assert '"speaker"' in json.dumps(question.answer.model_json_schema())
    assert "speaker=" not in question.messages[-1].content


async def test_lean_question_offers_what_stands_there_and_asks_for_nothing_else() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model, "Envoys of Vostria and Kalmere met in Port Adra.", kinds=["negotiations"], lean=True)

    [question] = model.questions
    schema = question.answer.model_json_schema()["properties"]["record"]["anyOf"][0]["properties"]
    assert schema["parties"]["items"]["enum"] == ["Vostria", "Kalmere"]
    assert not OF_TALKS & set(schema)


async def test_lean_question_about_talks_that_no_name_places_offers_all_names() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model, "Envoys of Vostria and Kalmere left the Adra talks.", kinds=["negotiations"], lean=True)

    [question] = model.questions
    schema = question.answer.model_json_schema()["properties"]["record"]["anyOf"][0]["properties"]
    assert schema["location"]["anyOf"][0]["enum"] == ["Vostria", "Kalmere", "Adra"]
    assert "date_text" not in schema


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("Vostria imposed sanctions on two banks on Tuesday or on 3 May.", ["Tuesday", "3 May"]),
        ("Vostria imposed sanctions on two banks.", None),
    ],
)
async def test_lean_question_leaves_out_what_has_nothing_to_choose_from(text: str, offered: list[str] | None) -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model, text, kinds=["sanctions"], lean=True)

    [question] = model.questions
    schema = question.answer.model_json_schema()["properties"]["record"]["anyOf"][0]["properties"]
    assert ("date_text" in schema) == (offered is not None)
    if offered:
        assert schema["date_text"]["anyOf"][0]["enum"] == offered


async def test_question_that_is_not_lean_leaves_all_words_free() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model, TALKS, kinds=["negotiations"])

    form = candidate_answer_of(built_in()["negotiations"], OF_TALKS)
    assert all(q.answer.model_json_schema() == form.model_json_schema() for q in model.questions)


async def test_static_part_is_the_same_for_every_question() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model, TALKS, kinds=["negotiations"])
    await extract(model, "Envoys of Sella and Tolmi met in Lentia.", kinds=["negotiations"])

    assert len({tuple(question.messages[:-1]) for question in model.questions}) == 1


async def test_kind_whose_words_are_nowhere_is_not_asked_about() -> None:
    model = ScriptedModel()

    found = await extract(model, "Schools stay closed.", kinds=["negotiations", "sanctions"], language="en")

    assert found.records == {"negotiations": [], "sanctions": []}
    assert (found.status, found.questions, found.usage.calls) == ("complete", 0, 0)


async def test_kind_without_cues_is_searched_for_in_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    known = candidates.lexicon
    monkeypatch.setattr(candidates, "lexicon", lambda kind, code: Lexicon() if kind == "sanctions" else known(kind, code))

    def said(question: Question[Any]) -> Mapping[str, Any]:
        return NOTHING if question.answer is answer_of(built_in()["sanctions"]) else by_sentence({})(question)

    model = ScriptedModel(otherwise=said)

    found = await extract(model, TALKS, kinds=["negotiations", "sanctions"])

    windows = [question for question in model.questions if asked(question) is None]
    assert [question.answer for question in windows] == [answer_of(built_in()["sanctions"])]
    assert "[2] Schools stay closed." in windows[0].messages[-1].content
    assert found.questions == len(model.questions) > 1
    assert found.status == "complete"


@pytest.mark.parametrize(
    ("text", "language", "searched"),
    [
        ("التقى المبعوثون في الدوحة يوم الثلاثاء. وقال الوزير إن المحادثات انتهت.", None, True),
        ("Les délégations se sont rencontrées mardi à Tolmi.", "fr", True),
        ("The market opened at nine, and that was all there was to it on a day when nobody came by.", None, False),
        ("The market opened at nine.", "en", False),
    ],
)
async def test_language_without_cues_is_searched_in_windows(text: str, language: str | None, searched: bool) -> None:
    model = ScriptedModel(otherwise=NOTHING)

    found = await extract(model, text, kinds=["negotiations", "quoted_officials"], language=language)

    assert found.questions == (2 if searched else 0)
    assert all(question.answer.model_fields.keys() == {"records"} for question in model.questions)


async def test_record_found_in_a_window_is_grounded_beside_those_of_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "lexicon", lambda kind, code: Lexicon())
    told = {
        "mediators": [],
        "representatives": [],
        "topics": [],
        "location": "Port Adra",
        "date_text": "Tuesday",
        "sentences": [1],
    }
    draft = {**talks("Vostria", "Kalmere"), **told}
    model = ScriptedModel({"records": [draft]})

    found = await extract(model, TALKS, kinds=["negotiations"])

    assert evidence(found, "negotiations") == [[1]]


# What comes of an answer


async def test_each_place_of_a_lead_is_a_record_with_its_own_sentences() -> None:
    model = ScriptedModel(otherwise=by_sentence({3: quote(**DOLEN), 5: quote(**BRANDT)}))

    found = await extract(model)

    records = {
        record["evidence"][0]["sentence"]: record for record in found.model_dump()["records"]["quoted_officials"]
    }
    assert set(records) == {3, 5, 6}
    assert all(len(record["evidence"]) == 1 for record in records.values())
    words = {number: [part["text"] for part in record["content"]] for number, record in records.items()}
    assert words == {
        3: ["We are closer than last week,"],
        5: ["the ferry was full"],
        6: ["Nobody left the room today,"],
    }
    assert {number: record["cue"]["text"] for number, record in records.items()} == {3: "said", 5: "said", 6: "added"}
    assert {number: record["quote_type"] for number, record in records.items()} == {
        3: "direct",
        5: "indirect",
        6: "direct",
    }
    assert found.rejected == []
    assert model.complaints == []


async def test_speaker_stands_where_the_fullest_name_does() -> None:
    model = ScriptedModel(otherwise=by_sentence({3: quote(**DOLEN), 5: quote(**BRANDT)}))

    found = await extract(model)

    speakers = [record["speaker"] for record in found.model_dump()["records"]["quoted_officials"]]
    assert [speaker for speaker in speakers if speaker["text"] != "Oke Brandt"] == [
        {"start": 0, "end": len("Mira Dolen"), "text": "Mira Dolen"}
    ] * 2
    assert found.rejected == []


@pytest.mark.parametrize(("speaker", "kept"), [("she", "she"), ("SHE", "she"), ("Oke Brandt", None), ("Nobody", None)])
async def test_speaker_whom_the_model_names_must_stand_in_the_leads_sentence(speaker: str, kept: str | None) -> None:
    text = "“We wait for flour every day,” she said. Oke Brandt left."
    model = ScriptedModel(otherwise=by_sentence({1: {**quote(**DOLEN), "speaker": speaker}}))

    found = await extract(model, text)

    speakers = [record["speaker"]["text"] for record in found.model_dump()["records"]["quoted_officials"]]
    assert speakers == ([kept] if kept else [])
    assert [r.reason for r in found.rejected] == ([] if kept else [f"speaker: {REASONS.not_found}"])
    assert found.status == "complete"


async def test_what_words_are_about_is_told_for_each_place() -> None:
    text = "Mira Dolen said that the ferry was full. Dolen said that sanctions had failed."
    model = ScriptedModel(otherwise=by_sentence({1: quote(**DOLEN)}))

    found = await extract(model, text)

    assert [record["about"] for record in found.model_dump()["records"]["quoted_officials"]] == [[], ["sanctions"]]


async def test_value_from_another_leads_sentence_is_refused() -> None:
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


async def test_record_with_only_another_leads_words_is_dropped() -> None:
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
    assert {(r.field, r.reason) for r in found.rejected} == {("affected", REASONS.is_number), ("contested_by/0", REASONS.is_number)}


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
        ("mediators/0", "Vostria", "it is named in parties already"),
        ("mediators/2", "Kalmere", "it is named in parties already"),
    ]


async def test_place_that_was_hit_is_not_what_suffered_it() -> None:
    said = {"claim_type": "strike", "relayed_by": None, "actor": None, "affected": "Sella"}
    model = ScriptedModel(otherwise={"record": {**said, "modality": "certain", "contested_by": []}})

    found = await extract(model, "The army said its drones struck Sella on Friday.", kinds=["military_claims"])

    [record] = found.model_dump()["records"]["military_claims"]
    assert (record["affected"], record["location"]["text"]) == (None, "Sella")
    assert [(r.field, r.reason) for r in found.rejected] == [("affected", "it is named in location already")]


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


async def test_fault_is_put_to_the_model_and_the_second_answer_counts() -> None:
    wrong, right = talks("Vostria", "Kalmere", outcome="a truce"), talks("Vostria", "Kalmere", outcome="met")
    model = ScriptedModel(by_sentence({1: wrong}), by_sentence({1: right}), otherwise=by_sentence({}))

    found = await extract(model, TALKS, kinds=["negotiations"])

    [complaint] = model.complaints
    assert f"- record.outcome: {REASONS.not_found} (you wrote: 'a truce')" in complaint
    assert found.model_dump()["records"]["negotiations"][0]["outcome"]["text"] == "met"
    assert found.rejected == []


async def test_null_about_words_of_a_known_speaker_is_a_rejection() -> None:
    model = ScriptedModel(otherwise=by_sentence({3: quote(**DOLEN)}))

    found = await extract(model)

    assert evidence(found, "quoted_officials") == [[3], [6]]
    assert [(r.field, r.draft) for r in found.rejected] == [(None, None)]


@pytest.mark.parametrize("lean", [False, True])
async def test_null_is_no_record_and_no_rejection(lean: bool) -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    found = await extract(model, "“We wait for flour every day.” " + TALKS, kinds=None, lean=lean)

    assert found.questions > 1
    assert all(records == [] for records in found.records.values())
    assert (found.rejected, found.failures, found.status) == ([], [], "complete")
    assert model.complaints == []
    assert found.usage.reasks == 0


async def test_lean_answer_may_leave_out_what_is_null() -> None:
    model = ScriptedModel(otherwise=by_sentence({3: DOLEN, 5: BRANDT}))

    found = await extract(model, lean=True)

    assert evidence(found, "quoted_officials") == [[3], [5], [6]]
    assert found.rejected == []


async def test_draft_that_breaks_the_schema_is_rejected_beside_the_good_one() -> None:
    broken = {**quote(**DOLEN), "sector": "circus"}
    model = ScriptedModel(otherwise=by_sentence({3: broken, 5: quote(**BRANDT)}))

    found = await extract(model)

    assert evidence(found, "quoted_officials") == [[5]]
    assert found.rejected
    assert all("does not fit the schema" in r.reason and r.draft == broken for r in found.rejected)


@pytest.mark.parametrize("other", [{"content": ["Schools stay closed"]}, {"speaker": "Oke Brandt"}, {"cue": None}])
async def test_what_is_settled_cannot_be_said_otherwise(other: dict[str, Any]) -> None:
    model = ScriptedModel(otherwise=by_sentence({3: quote(**DOLEN), 5: {**quote(**BRANDT), **other}}))

    found = await extract(model)

    assert evidence(found, "quoted_officials") == [[3], [6]]
    assert [r.draft for r in found.rejected] == [{**quote(**BRANDT), **other}]


CLAIM = {"claim_type": "casualties", "modality": "certain"}


def claim(**said: Any) -> dict[str, Any]:
    """A draft about a claim that counts who suffered it."""
    return complete(draft_of(built_in()["military_claims"], OF_CLAIM | {"affected"}), {**CLAIM, **said})


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


@pytest.mark.parametrize("lean", [False, True])
async def test_model_is_not_asked_where_and_when_it_was_and_what_is_counted(lean: bool) -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    await extract(model, "Drones killed 12 soldiers near Sella on Sunday.", kinds=["military_claims"], lean=lean)

    [question] = model.questions
    schema = question.answer.model_json_schema()["properties"]["record"]["anyOf"][0]["properties"]
    assert "claim_type" in schema
    assert not (OF_CLAIM | {"affected"}) & set(schema)


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


async def test_name_that_is_not_offered_is_no_answer_to_a_lean_question() -> None:
    broken = {"parties": ["Atlantis", "Lentia"], "format": "visit", "status": "held", "stage": "ceasefire"}
    model = ScriptedModel(otherwise=by_sentence({1: broken, 4: {**broken, "parties": ["Lentia", "Kalmere"]}}))

    found = await extract(model, TALKS, kinds=["negotiations"], lean=True)

    assert evidence(found, "negotiations") == [[4]]
    assert [r.draft for r in found.rejected] == [broken]


# What comes of a failure


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AnswerTruncatedError("the answer was cut off"), "answer_truncated"),
        (ContextTooLongError("the answer was cut off"), "context_too_long"),
        (AnswerMalformedError("the answer was cut off"), "answer_malformed"),
    ],
)
async def test_lead_without_an_answer_is_a_failure_beside_what_was_found(error: Exception, code: str) -> None:
    def said(question: Question[Any]) -> Mapping[str, Any]:
        if asked(question) == 3:
            raise error
        return by_sentence({1: talks("Vostria", "Kalmere")})(question)

    model = ScriptedModel(otherwise=said)

    found = await extract(model, TALKS, kinds=["negotiations"])

    [failure] = found.failures
    start = TALKS.index("Envoys of Vostria and Lentia")
    assert failure.model_dump() == {
        "kind": "negotiations",
        "first_sentence": 3,
        "last_sentence": 3,
        "start": start,
        "end": start + len("Envoys of Vostria and Lentia will meet in Sella next week."),
        "code": code,
        "reason": "the answer was cut off",
    }
    assert evidence(found, "negotiations") == [[1]]
    assert sorted(asked(question) or 0 for question in model.questions) == [1, 3, 4]
    assert found.status == "partial"


async def test_prompt_that_does_not_fit_is_a_failure_with_a_reason_and_no_call() -> None:
    model = ScriptedModel(context_tokens=50)

    found = await extract(model)

    assert model.questions == []
    assert found.failures
    assert {failure.code for failure in found.failures} == {"context_too_long"}
    assert all(failure.reason for failure in found.failures)
    assert found.status == "partial"


async def test_no_call_that_succeeds_is_an_error_and_no_answer() -> None:
    with pytest.raises(ModelUnavailableError):
        await extract(ScriptedModel(otherwise=ModelUnavailableError("down")))


# A model that invents

INVENTED_IN = {
    "speeches": (TEXT, None),
    "talks": (TALKS + " The army said its drones killed 12 soldiers. Vostria imposed sanctions on two banks.", "en"),
    "ukrainian": (
        "Ілса Варненко прибула в Толмі. «Печі сьогодні холодні», — сказала Варненко. Переговори тривають.",
        "uk",
    ),
}


@pytest.mark.parametrize("name", INVENTED_IN)
@pytest.mark.parametrize("lean", [False, True])
@settings(max_examples=8)
@given(data=st.data())
def test_invented_values_never_leave_and_none_vanishes(name: str, lean: bool, data: st.DataObject) -> None:
    text, language = INVENTED_IN[name]
    last: dict[int, dict[str, Any]] = {}

    def invent(question: Question[Any]) -> dict[str, Any]:
        answer = data.draw(_object(question.answer, words_of(text), [1]))
        said = answer["record"]
        broken = st.sampled_from([MARK, 7, [], {}, {**(said or {}), "invented_field": MARK}])
        answer = {"record": data.draw(st.one_of(st.just(said), st.just(said), broken))}
        last[id(question)] = answer
        return answer

    model = ScriptedModel(otherwise=invent)
    found = asyncio.run(extract(model, text, kinds=None, lean=lean, language=language))

    assert found.status == "complete"
    shown = json.dumps([r.model_dump() for records in found.records.values() for r in records], ensure_ascii=False)
    assert MARK.casefold() not in shown.casefold()
    assert all(rejection.reason and rejection.kind in found.records for rejection in found.rejected)
    refused = json.dumps([rejection.draft for rejection in found.rejected], ensure_ascii=False)
    for words in strings(list(last.values())):
        if MARK in words:
            assert json.dumps(words, ensure_ascii=False) in refused


async def test_speaker_whose_office_is_told_is_not_asked_about() -> None:
    model = ScriptedModel(otherwise=by_sentence({}))

    found = await extract(model, "“We wait for flour every day,” said Mira Dolen, Vostria’s deputy foreign minister.")

    assert model.questions == []
    assert found.questions == 0
    assert found.status == "complete"
    [record] = found.model_dump()["records"]["quoted_officials"]
    assert (record["speaker_type"], record["is_official"], record["sector"]) == ("person", True, "gov")
    assert record["position"]["text"] == "deputy foreign minister"
    assert record["affiliation"]["text"] == "Vostria"
    assert record["country"] is None


# How values came about


async def test_values_of_a_quotation_that_is_settled_are_all_read_or_derived() -> None:
    found = await extract(ScriptedModel(), "“We wait for flour every day,” said Mira Dolen, Vostria’s deputy minister.")

    [told] = found.origins["quoted_officials"]
    assert {name for name in told if told[name] == "derived"} == {"quote_type"}
    assert {*told.values()} == {"read", "derived"}
    assert {"content", "speaker", "position", "cue", "is_official", "sector"} <= set(told)


@pytest.mark.parametrize(("lean", "origin"), [(True, "chosen"), (False, "asked")])
async def test_values_of_a_lead_are_read_or_chosen_among_what_was_offered(lean: bool, origin: str) -> None:
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


async def test_list_that_code_settled_is_read_though_a_name_of_it_goes_elsewhere() -> None:
    text = "Talks between Vostria and Kalmere were mediated by Lentia and hosted by Tolmi."
    form = draft_of(built_in()["negotiations"], OF_TALKS - {"location"})
    said = {"format": "third_party", "status": "held", "stage": "ceasefire"}
    model = ScriptedModel({"record": complete(form, {**said, "parties": ["Vostria", "Kalmere", "Lentia"]})})

    found = await extract(model, text, kinds=["negotiations"])

    [record] = found.model_dump()["records"]["negotiations"]
    [told] = found.origins["negotiations"]
    assert [mediator["text"] for mediator in record["mediators"]] == ["Tolmi"]
    assert (told["mediators"], told["parties"], told["format"]) == ("read", "asked", "asked")
