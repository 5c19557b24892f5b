"""Quotations against PolNeAR, human annotation of attributions in political news.

Newell, Margolin, Ruths: An Attribution Relations Corpus for Political News (LREC 2018). One line of the file is one
article, with `annotations` of `source`, `cue` and `content`. Recall asks for those whose cue is one of speech; what
was found may be any of them, thoughts and feelings too.
"""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from evals.fields import spans, text_of
from evals.intervals import Tables, Total
from evals.matching import covered, f1, harmonic, same_name
from evals.scoring import shown
from evals.suites import Finding, Item, Judgement, Line, Records, SuiteAbsentError, Verdict, share
from service.extraction.text.matching import fold
from service.extraction.text.spans import Span

KIND = "quoted_officials"
_LEAST = 0.5
"""A found quotation is an annotated one when their characters agree at least this much (F1)."""
_PRONOUNS = frozenset(
    {"he", "she", "it", "they", "we", "i", "you", "who", "him", "her", "them", "us", "me", "this", "that"}
)


class PolnearSuite:
    name = "polnear"
    kinds: tuple[str, ...] | None = (KIND,)

    def __init__(self, data: Path | None) -> None:
        self._data = data

    def items(self, ids: Collection[str] | None = None) -> list[Item]:
        rows = read(self._data)
        return [
            Item(row["id"], row["text"], row["annotations"], row.get("date"))
            for row in rows
            if ids is None or row["id"] in ids
        ]

    def judge(self, item: Item, records: Records) -> Judgement:
        found = records.get(KIND) or []
        pairs = best_first(item.truth, found)
        tally = Total(float)
        findings = []
        for position, annotation in enumerate(item.truth):
            said = found[pairs[position]] if position in pairs else None
            _count(tally, annotation, said)
            findings.append(_finding(item.text, annotation, said))
        matched = set(pairs.values())
        alarms = [said for position, said in enumerate(found) if position not in matched]
        tally["found"], tally["correct"] = len(found), len(pairs)
        findings += [
            Finding(KIND, "alarm", tuple(spans(said.get("content"))), tuple(_lines(item.text, None, said)))
            for said in alarms
        ]
        return Judgement(dict(tally), tuple(findings))

    def tables(self, total: Total) -> Tables:
        precision = share(total["correct"], total["found"])
        recall = share(total["speech.hit"], total["speech"])
        both = None if precision is None or recall is None else harmonic(precision, recall)
        return {
            "detection": {
                KIND: {
                    "precision": precision,
                    "recall": recall,
                    "F1": both,
                    "direct recall": share(total["direct.hit"], total["direct"]),
                    "speaker": share(total["named.right"], total["named"]),
                    "gold": int(total["speech"]),
                    "found": int(total["found"]),
                    "hits": int(total["correct"]),
                }
            }
        }


def read(data: Path | None) -> list[dict[str, Any]]:
    """The lines of a JSONL file.

    Raises:
        SuiteAbsentError: there is no such file.

    """
    if data is None or not data.is_file():
        raise SuiteAbsentError(f"no data at {data}" if data else "name the data with --data")
    return [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines() if line.strip()]


def best_first(annotations: list[dict[str, Any]], found: Any) -> dict[int, int]:
    """Annotation → found quotation, one to one, those that agree best first."""
    theirs = [covered(spans(said.get("content"))) for said in found]
    scored = []
    for row, annotation in enumerate(annotations):
        ours = covered(placed(annotation, "content"))
        for column, said in enumerate(theirs):
            score = f1(len(ours & said), len(ours), len(said)) if said else 0.0
            if score >= _LEAST:
                scored.append((-score, row, column))
    pairs: dict[int, int] = {}
    for _, row, column in sorted(scored):
        if row not in pairs and column not in pairs.values():
            pairs[row] = column
    return pairs


def right_speaker(said: str, annotation: Mapping[str, Any]) -> bool:
    """Whether a speaker is the annotated source; a pronoun is nobody."""
    return fold(said) not in _PRONOUNS and same_name(said, [source["text"] for source in annotation["source"] or []])


def placed(annotation: Mapping[str, Any], part: str) -> list[Span]:
    """Where a part of an annotation stands."""
    return [Span(*span) for piece in annotation[part] or [] for span in piece["spans"]]


def _count(tally: Total, annotation: Mapping[str, Any], said: Mapping[str, Any] | None) -> None:
    if not annotation["speech_cue"]:
        return
    direct, named = annotation["quote_type_derived"] == "direct", annotation["named_source"]
    tally["speech"] += 1
    tally["direct"] += direct
    if said:
        tally["speech.hit"] += 1
        tally["direct.hit"] += direct
        tally["named"] += named
        tally["named.right"] += named and right_speaker(text_of(said.get("speaker")), annotation)


def _finding(text: str, annotation: Mapping[str, Any], said: Mapping[str, Any] | None) -> Finding:
    verdict: Verdict = "hit" if said else "miss" if annotation["speech_cue"] else "optional"
    marked = [*placed(annotation, "content"), *spans(said.get("content") if said else None)]
    return Finding(KIND, verdict, tuple(marked), tuple(_lines(text, annotation, said)))


def _lines(text: str, annotation: Mapping[str, Any] | None, said: Mapping[str, Any] | None) -> list[Line]:
    lines = []
    for field, part in (("content", "content"), ("speaker", "source"), ("cue", "cue")):
        right = shown(placed(annotation, part), text) if annotation else ""
        named = field == "speaker" and annotation and said and annotation["named_source"]
        score = float(right_speaker(text_of(said.get(field)), annotation)) if named and annotation and said else None
        lines.append(Line(field, right, shown((said or {}).get(field)), score))
    return lines
