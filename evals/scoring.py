"""Found records against gold ones: which belong together, and how far they agree field by field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, get_origin

from evals.fields import agreement, is_mention, listed, names_of, spans
from evals.gold import GoldArticle, GoldRecord
from evals.intervals import Tables, Total
from evals.matching import Pair, assign, covered, f1, same_name, shared
from evals.suites import Finding, Judgement, Line, Records, Verdict, detection, share
from schemas.fields import Closed, Record, inside
from schemas.registry import Registry
from service.extraction.text.spans import Span
from service.jobs.gold import is_judged, is_passage

_LEAST_SHARED = 0.5
"""Two records are about the same place when they share this much of the shorter one's evidence."""
_SAME_PASSAGE = 0.75
"""Two passages are the same when their characters agree at least this much (F1)."""


@dataclass(frozen=True, slots=True)
class Match:
    """A gold record and the one that was found for it; one of them is None where there is no other.

    `scores` says for each field that gold judges how far they agree.
    """

    gold: GoldRecord | None
    found: Mapping[str, Any] | None
    scores: Mapping[str, float]

    @property
    def verdict(self) -> Verdict:
        if (self.gold and self.gold.optional) or (not self.gold and self.found and self.found.get("optional")):
            return "optional"
        if self.gold is None:
            return "alarm"
        return "miss" if self.found is None else "hit"


def match(record: type[Record], gold: Sequence[GoldRecord], found: Sequence[Mapping[str, Any]]) -> list[Match]:
    """Pair the records of one kind, one to one: as many as can be, and of all such pairings the one that agrees best.

    Gold that must be found goes before optional gold. Gold of which nothing but the place is known comes last: it is
    any record there that is no other one, and is not known to be wrong.
    """
    pairs: dict[Pair, dict[str, float]] = {}
    for has_fields in (True, False):
        taken = {column for _, column in pairs}
        rows = [row for row, right in enumerate(gold) if bool(right.fields) == has_fields]
        pairs |= _pairs(record, gold, found, rows, [at for at in range(len(found)) if at not in taken])
    matched, taken = {row for row, _ in pairs}, {column for _, column in pairs}
    return [
        *(
            Match(None, found[column], {}) if gold[row].wrong else Match(gold[row], found[column], scores)
            for (row, column), scores in pairs.items()
        ),
        *(Match(right, None, {}) for row, right in enumerate(gold) if row not in matched and not right.wrong),
        *(Match(None, said, {}) for column, said in enumerate(found) if column not in taken),
    ]


def _pairs(
    record: type[Record],
    gold: Sequence[GoldRecord],
    found: Sequence[Mapping[str, Any]],
    rows: Sequence[int],
    columns: Sequence[int],
) -> dict[Pair, dict[str, float]]:
    """Pair some of the gold records with some that were found; how far each of their fields agrees."""
    most = 1 + min(len(rows), len(columns))
    scores = {
        (row, column): {
            name: agreement(record, name, value, found[column].get(name)) for name, value in gold[row].fields.items()
        }
        for row, column in product(rows, columns)
        if may_match(record, gold[row], found[column])
    }
    same = {pair for pair, agree in scores.items() if _says_the_same(record, agree)}
    known_wrong = {column for row, column in same if gold[row].wrong}
    weights: dict[Pair, float] = {}
    for (row, column), agree in scores.items():
        right = gold[row]
        # What says the same as a wrong record is that one, and what differs from it in anything is not.
        if (row, column) not in same and (right.wrong or column in known_wrong):
            continue
        # No sum of agreements is worth a pair, and no sum of optional pairs one that counts.
        worth = 0 if right.wrong else most if right.optional else most**2
        weights[row, column] = worth + _closeness(right, found[column], agree)
    return {pair: scores[pair] for pair in assign(weights)}


def _says_the_same(record: type[Record], agree: Mapping[str, float]) -> bool:
    """Whether all fields agree; gold's passages have no punctuation at their ends, and answers' may have."""
    return all(
        score >= (_SAME_PASSAGE if is_passage(record.model_fields[name]) else 1.0) for name, score in agree.items()
    )


def may_match(record: type[Record], gold: GoldRecord, found: Mapping[str, Any]) -> bool:
    """Whether two records may be about the same item: the same place, and an actor in common if gold has any."""
    if shared(covered(gold.evidence), covered(spans(found.get("evidence")))) < _LEAST_SHARED:
        return False
    actors = gold_actors(record, gold)
    return not actors or any(same_name(said, names) for said in names_of(record, found) for names in actors)


def gold_actors(record: type[Record], gold: GoldRecord) -> list[list[str]]:
    """Everybody in the actor fields, each by all names."""
    found: list[list[str]] = []
    for name in record.actors:
        value = listed(gold.fields.get(name))
        found += value if value and isinstance(value[0], list) else [value] if value else []
    return found


def judge(article: GoldArticle, records: Records, registry: Registry) -> Judgement:
    """Judge what was found in one article."""
    tally = Total(float)
    findings: list[Finding] = []
    for record in registry:
        if record.kind not in article.kinds:
            continue
        gold = [right for right in article.records if right.kind == record.kind]
        for pair in match(record, gold, records.get(record.kind) or []):
            findings.append(_finding(article, record, pair))
            if pair.verdict == "optional":
                continue
            tally[f"{record.kind}.{pair.verdict}"] += 1
            for name, score in pair.scores.items():
                tally[f"field.{record.kind}.{name}.sum"] += score
                tally[f"field.{record.kind}.{name}.pairs"] += 1
    tally["correct"] = sum(tally[f"{kind}.hit"] for kind in registry.names)
    return Judgement(dict(tally), tuple(sorted(findings, key=_place)))


def tables(total: Total, registry: Registry) -> Tables:
    """Detection of each kind, and the accuracy of each field over the records that were found and right."""
    found = {
        kind: detection(
            total[f"{kind}.hit"],
            total[f"{kind}.hit"] + total[f"{kind}.miss"],
            total[f"{kind}.hit"] + total[f"{kind}.alarm"],
        )
        for kind in registry.names
    }
    values = [row["F1"] for row in found.values() if row["F1"] is not None]
    accuracy = {
        f"{record.kind} {name}": {
            "accuracy": share(total[f"field.{record.kind}.{name}.sum"], pairs),
            "pairs": int(pairs),
        }
        for record in registry
        for name in record.model_fields
        if (pairs := total[f"field.{record.kind}.{name}.pairs"])
    }
    return {"detection": {**found, "macro": {"F1": share(sum(values), len(values))}}, "fields": accuracy}


def as_found(article: GoldArticle, registry: Registry) -> dict[str, list[dict[str, Any]]]:
    """Gold in the shape of an answer, so that one layer of annotation can be scored against another."""
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in registry.names}
    for gold in article.records:
        said: dict[str, Any] = {"evidence": [_mention(article, span) for span in gold.evidence]}
        for name, value in gold.fields.items():
            said[name] = _as_said(article, registry[gold.kind], name, value)
        found[gold.kind].append({**said, "optional": gold.optional})
    return found


def _closeness(gold: GoldRecord, found: Mapping[str, Any], scores: Mapping[str, float]) -> float:
    ours, theirs = covered(gold.evidence), covered(spans(found.get("evidence")))
    agree = sum(scores.values()) / len(scores) if scores else 0.0
    return (f1(len(ours & theirs), len(ours), len(theirs)) + agree) / 2


def _finding(article: GoldArticle, record: type[Record], pair: Match) -> Finding:
    marked: list[Span] = []
    passage = next((name for name, field in record.model_fields.items() if is_passage(field)), "evidence")
    if pair.gold:
        marked += pair.gold.fields.get(passage) or pair.gold.evidence
    if pair.found:
        marked += spans(pair.found.get(passage)) or spans(pair.found.get("evidence"))
    return Finding(record.kind, pair.verdict, tuple(marked), tuple(_lines(article, record, pair)))


def _lines(article: GoldArticle, record: type[Record], pair: Match) -> Iterator[Line]:
    right = pair.gold.fields if pair.gold else {}
    for name in record.model_fields:
        said = (pair.found or {}).get(name)
        if name != "evidence" and (name in right or said not in (None, [])):
            yield Line(name, shown(right.get(name), article.text), shown(said), pair.scores.get(name))
    if pair.gold and pair.gold.why:
        yield Line("why", pair.gold.why, "")


def shown(value: Any, text: str = "") -> str:
    """A value of gold or of an answer, as a person reads it."""
    if isinstance(value, Span):
        return text[value.start : value.end]
    if is_mention(value):
        return str(value["text"])
    if isinstance(value, Mapping):
        return ", ".join(shown(part, text) for part in value.values() if part is not None)
    if isinstance(value, list | tuple):
        between = " / " if all(isinstance(part, str) for part in value) else "; "
        return between.join(shown(part, text) for part in value)
    return "" if value is None else str(value)


def _place(finding: Finding) -> int:
    return min((span.start for span in finding.spans), default=0)


def _as_said(article: GoldArticle, record: type[Closed], name: str, value: Any) -> Any:
    """A gold value as an answer would have it: of several right ones the first, which is the fullest name."""
    field = record.model_fields[name]
    if value is None:
        return None
    if is_passage(field):
        return [_mention(article, span) for span in value]
    if get_origin(field.annotation) is not list:
        return listed(value)[0] if is_judged(field) else _words(listed(value)[0])
    if is_judged(field):
        return value
    return [
        _item(article, inside(field.annotation), item) if isinstance(item, Mapping) else _words(item) for item in value
    ]


def _item(article: GoldArticle, record: type[Closed], item: Mapping[str, Any]) -> dict[str, Any]:
    return {part: _as_said(article, record, part, value) for part, value in item.items()}


def _mention(article: GoldArticle, span: Span) -> dict[str, Any]:
    return {"start": span.start, "end": span.end, "text": article.text[span.start : span.end]}


def _words(names: str | list[str] | None) -> dict[str, Any] | None:
    """Words whose place does not matter; of several names the first."""
    said = listed(names)
    return {"start": 0, "end": 0, "text": said[0]} if said and said[0] is not None else None
