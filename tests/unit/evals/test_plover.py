"""Detection in sentences: events that state a kind, that do not, and that say nothing about it."""

import json
from pathlib import Path
from typing import Any

from evals.intervals import total
from evals.plover import READINGS, PloverSuite
from schemas.registry import built_in

ROWS: list[tuple[str, str, dict[str, Any]]] = [
    ("1", "Norvia's envoy visited Tellan.", {"event": "CONSULT", "mode": "visit"}),
    ("2", "Students marched in Emmel.", {"event": "PROTEST"}),
    ("3", "Norvia agreed to send grain.", {"event": "AGREE", "context": "economic"}),
    ("4", "Guns shelled Emmel.", {"event": "FIGHT", "mode": "heavy-weapons", "context": "military"}),
    ("4", "Police fired at a crowd.", {"event": "FIGHT", "mode": "firearms"}),
    ("6", "Guns shelled Emmel.", {"event": "COERCE"}),
    ("7", "Norvia cut its aid to Tellan.", {"event": "SANCTION", "context": "economic, refugee"}),
]


def suite(folder: Path) -> PloverSuite:
    lines = [json.dumps({"id": name, "text": text, "annotations": event}) for name, text, event in ROWS]
    (folder / "toy.jsonl").write_text("\n".join(lines))
    return PloverSuite(folder / "toy.jsonl")


def test_sentence_with_two_events_is_read_once_and_names_stay_apart(tmp_path: Path) -> None:
    items = suite(tmp_path).items()

    assert [item.id for item in items] == ["1", "2", "3", "4", "4-5", "7"]
    assert [event["event"] for event in items[3].truth] == ["FIGHT", "COERCE"]


def test_figures_count_clear_sentences_only(tmp_path: Path) -> None:
    plover = suite(tmp_path)
    found = [{"evidence": []}]
    # Talks are found in all sentences, fighting in none.
    judged = [plover.judge(item, {"negotiations": found}) for item in plover.items()]

    tables = plover.tables(total(one.tally for one in judged))["detection"]

    # Clearly talks: 1. Clearly none: 2, 4, 4-5. Not judged: 3 and 7.
    assert (tables["negotiations"]["precision"], tables["negotiations"]["recall"]) == (0.25, 1)
    assert (tables["military_claims"]["precision"], tables["military_claims"]["recall"]) == (None, 0)
    assert tables["military_claims"]["gold"] == tables["sanctions"]["gold"] == 1


def test_table_names_kinds_that_there_are() -> None:
    assert set(READINGS) < set(built_in().names)
