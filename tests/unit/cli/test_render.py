"""Records as a person reads them: kind, who, what, and the sentence that says so."""

import json
from typing import Any

import click
import pytest

from schemas.registry import built_in
from schemas.result import Extraction, Failure, Rejection, Usage
from service.cli.render import rebuild, render

KINDS = {record.kind: record for record in built_in()}
SENTENCE = "Envoys of Vostria  and\nKalmere met in Port Adra on Tuesday for a third round."


def mention(text: str, start: int = 0) -> dict[str, Any]:
    return {"start": start, "end": start + len(text), "text": text}


TALKS = {
    "evidence": [{**mention(SENTENCE), "sentence": 3}],
    "parties": [mention("Vostria"), mention("Kalmere")],
    "mediators": [],
    "representatives": [
        {"name": mention("Mira Dolen"), "position": mention("deputy\nminister"), "organization": None},
        {"name": mention("Oke Brandt"), "position": None, "organization": None},
    ],
    "format": "unknown",
    "status": "held",
    "stage": "ceasefire",
    "round": None,
    "topics": ["ceasefire", "security_guarantees"],
    "outcome": None,
    "location": mention("Port Adra"),
    "country": "LT",
    "date_text": mention("Tuesday"),
    "date": "2025-02-25",
}
CLAIM = {
    "evidence": [{**mention("The army said 12 died."), "sentence": 9}],
    "claim_type": "casualties",
    "claimant": mention("The army"),
    "relayed_by": None,
    "actor": None,
    "affected": None,
    "modality": "unspecified",
    "attribution_status": "claimed",
    "contested_by": [],
    "quantities": [
        {
            "metric": "killed",
            "text": mention("some 1,300"),
            "value_min": 1300.0,
            "value_max": None,
            "approximate": True,
        }
    ],
    "location": None,
    "precision": "exact",
    "country": None,
    "date_text": None,
    "date": None,
}


def extraction(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "id": "1",
        "article_id": None,
        "status": "complete",
        "records": {kind: [] for kind in KINDS} | {"negotiations": [TALKS], "military_claims": [CLAIM]},
        "rejected": [],
        "failures": [],
        "usage": Usage(calls=7).model_dump(),
        "model": "qwen",
        "prompt_version": "p",
        "schema_version": "s",
        "sentences": 12,
        "questions": 4,
        "duration_seconds": 41.6,
    }
    return {**base, **changes}


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


def shown(**changes: Any) -> str:
    return click.unstyle(render(rebuild(extraction(**changes), KINDS), title="talks.txt"))


def test_answer_is_laid_out_for_a_reader() -> None:
    assert shown() == (
        "talks.txt\n"
        "2 records from 12 sentences, complete; qwen, 7 calls, 42 s\n"
        "\n"
        "NEGOTIATIONS  (1)\n"
        "  1. parties: Vostria, Kalmere; representatives: Mira Dolen, deputy minister, Oke Brandt; status:\n"
        "     held; stage: ceasefire; topics: ceasefire, security_guarantees; location: Port Adra (LT); date\n"
        "     text: Tuesday (2025-02-25)\n"
        "     | [3] Envoys of Vostria and Kalmere met in Port Adra on Tuesday for a third round.\n"
        "\n"
        "SANCTIONS  (0)\n"
        "\n"
        "MILITARY CLAIMS  (1)\n"
        "  1. claim type: casualties; claimant: The army; attribution status: claimed; quantities: killed,\n"
        "     some 1,300 (1300), approximate; precision: exact\n"
        "     | [9] The army said 12 died.\n"
        "\n"
        "QUOTED OFFICIALS  (0)\n"
    )


def test_parts_of_a_quotation_are_told_apart() -> None:
    quote = {
        "evidence": [{**mention("“We met,” Dolen said, “and we left.”"), "sentence": 4}],
        "content": [mention("We met,"), mention("and we left.")],
        "speaker": mention("Dolen"),
        "position": None,
        "affiliation": None,
        "country": None,
        "cue": mention("said"),
        "speaker_type": "person",
        "is_official": True,
        "sector": "unknown",
        "quote_type": "direct",
        "about": [],
    }

    said = shown(records={kind: [] for kind in KINDS} | {"quoted_officials": [quote]})

    assert "1. content: We met, … and we left. (direct); speaker: Dolen; cue: said;" in said


@pytest.mark.parametrize("width", ["20", "40", "300"])
def test_lines_fit_the_terminal(monkeypatch: pytest.MonkeyPatch, width: str) -> None:
    monkeypatch.setenv("COLUMNS", width)

    records = [line for line in shown().splitlines() if line.startswith("  ")]

    assert max(map(len, records)) <= min(int(width), 110)
    assert "".join(SENTENCE.split())[:30] in "".join(shown().replace("|", "").split())


def test_what_was_left_out_and_what_failed_is_said() -> None:
    rejected = [
        Rejection(kind="sanctions", reason="not found", draft={}),
        Rejection(kind="negotiations", field="location", reason="not found", draft="Geneva"),
        Rejection(kind="negotiations", field="round", reason="not found", draft="third"),
    ]
    failure = Failure(
        kind="sanctions", first_sentence=4, last_sentence=9, start=0, end=9, code="answer_refused", reason="it refused"
    )

    said = shown(
        status="partial",
        rejected=[rejection.model_dump() for rejection in rejected],
        failures=[failure.model_dump()],
    )

    assert "12 sentences, partial;" in said
    assert "1 records, 2 values of others (`rejected` in the JSON answer)" in said
    assert "No answer about sanctions in sentences 4-9: it refused" in said


def test_answer_read_from_json_is_the_answer_that_was_written() -> None:
    written = rebuild(extraction(), KINDS)

    read = rebuild(json.loads(written.model_dump_json()), KINDS)

    assert isinstance(read, Extraction)
    assert read == written
    assert type(read.records["negotiations"][0]) is KINDS["negotiations"]


def test_answer_keeps_what_it_says_of_origins_and_may_say_nothing_of_them() -> None:
    told = {"negotiations": [{"parties": "asked", "date": "derived"}]}

    assert rebuild(extraction(origins=told), KINDS).origins == told
    assert rebuild(extraction(), KINDS).origins == {}
