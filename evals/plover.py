"""Detection in single sentences, against the events of PLOVER's gold standard records.

PLOVER codes one event for each sentence, and its families are not our kinds: an AGREE may be a truce or the promise
of a grant. So the table below says of each kind which events surely state it and which surely do not; sentences with
any other event are asked about and not judged.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.fields import spans
from evals.intervals import Tables, Total
from evals.polnear import read
from evals.scoring import shown
from evals.suites import Finding, Item, Judgement, Line, Records, Verdict, detection
from service.extraction.text.spans import Span


@dataclass(frozen=True, slots=True)
class Reading:
    """What PLOVER's events say about one kind.

    Args:
        stated: events, each with the modes or contexts that count, or none where all do.
        absent: events that are certainly of another kind.

    """

    stated: Mapping[str, frozenset[str]]
    absent: frozenset[str]

    def says(self, events: Sequence[Mapping[str, Any]]) -> bool | None:
        """Whether a sentence with these events states the kind; None where that is not clear."""
        if any(self._states(event) for event in events):
            return True
        return False if all(event["event"] in self.absent for event in events) else None

    def _states(self, event: Mapping[str, Any]) -> bool:
        marks = self.stated.get(event["event"])
        about = {event.get("mode"), *(event.get("context") or "").replace(" ", "").split(",")}
        return marks is not None and (not marks or bool(marks & about))


_PEACEFUL = frozenset({"PROTEST", "INVESTIGATE", "CONCEDE"})
READINGS: Mapping[str, Reading] = {
    "negotiations": Reading({"CONSULT": frozenset()}, _PEACEFUL | {"AID", "ASSAULT", "COERCE", "FIGHT", "MOBILIZE"}),
    # Of what PLOVER calls SANCTION, expelled diplomats and broken-off visits are none of ours.
    "sanctions": Reading(
        {"SANCTION": frozenset({"economic", "terrorism"})}, _PEACEFUL | {"ASSAULT", "CONSULT", "FIGHT", "MOBILIZE"}
    ),
    # Beatings and torture are ASSAULT too, shots at demonstrators FIGHT.
    "military_claims": Reading(
        {
            "FIGHT": frozenset({"heavy-weapons", "explosives"}),
            "ASSAULT": frozenset({"explosives", "suicide-attack"}),
            "MOBILIZE": frozenset({"troops", "weapons"}),
        },
        _PEACEFUL | {"CONSULT"},
    ),
}


class PloverSuite:
    name = "plover"
    kinds: tuple[str, ...] | None = tuple(READINGS)

    def __init__(self, data: Path | None) -> None:
        self._data = data

    def items(self, ids: Collection[str] | None = None) -> list[Item]:
        """One item for each sentence; some sentences are in the file with two events, some names with two sentences."""
        items: dict[str, Item] = {}
        names: set[str] = set()
        for number, row in enumerate(read(self._data), 1):
            name = row["id"] if row["id"] not in names else f"{row['id']}-{number}"
            names.add(name)
            items.setdefault(row["text"], Item(name, row["text"], [])).truth.append(row["annotations"])
        return [item for item in items.values() if ids is None or item.id in ids]

    def judge(self, item: Item, records: Records) -> Judgement:
        tally = Total(float)
        findings = []
        for kind, reading in READINGS.items():
            stated, found = reading.says(item.truth), records.get(kind) or []
            if stated is not None and (stated or found):
                verdict: Verdict = "alarm" if not stated else "hit" if found else "miss"
                tally[f"{kind}.{verdict}"] += 1
                findings.append(_finding(item, kind, verdict, found))
        tally["correct"] = sum(tally[f"{kind}.hit"] for kind in READINGS)
        return Judgement(dict(tally), tuple(findings))

    def tables(self, total: Total) -> Tables:
        rows = {}
        for kind in READINGS:
            hits = total[f"{kind}.hit"]
            rows[kind] = detection(hits, hits + total[f"{kind}.miss"], hits + total[f"{kind}.alarm"])
        return {"detection": rows}


def _finding(item: Item, kind: str, verdict: Verdict, found: Sequence[Mapping[str, Any]]) -> Finding:
    event = Line("event", "; ".join(f"{e['event']} {e.get('mode') or ''}".strip() for e in item.truth), "")
    said = [
        Line(name, "", shown(value))
        for record in found
        for name, value in record.items()
        if name != "evidence" and value not in (None, [])
    ]
    marked = tuple(spans([record.get("evidence") for record in found])) or (Span(0, len(item.text)),)
    return Finding(kind, verdict, marked, (event, *said))
