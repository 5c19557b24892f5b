"""How much of the answer code finds before any model is asked: no model, seconds.

    python -m benchmarks.candidates [--split dev] [--polnear FILE]

For each kind: how many of the gold records of a split of the articles (evals/) have a candidate in one of their
sentences ("reached"), and how many occurrences of candidates lie in a gold record's sentence ("good"). Then the
quotations that attributions alone make, scored as `dragoman eval run` scores the service's; with --polnear also those
of PolNeAR.
"""

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evals.gold import ids, load
from evals.gold_suite import GoldSuite
from evals.intervals import Total
from evals.polnear import PolnearSuite
from evals.suites import Suite
from schemas.kinds.quoted_officials import QuotedOfficial
from schemas.registry import built_in
from service.extraction.analysis import analyse
from service.extraction.attribution.attribution import Attribution
from service.extraction.candidates.candidates import find_candidates
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment
from service.extraction.text.spans import Span


def reach(split: str) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for article in ids(split):
        gold = load(article)
        language = gold.about["language"]
        sentences = segment(gold.text, language)
        analysis = analyse(gold.text, sentences, find_passages(gold.text), language)
        for record in built_in():
            found = find_candidates(record, analysis) or []
            shown = [[s.span for s in one.sentences] for candidate in found for one in candidate.occurrences]
            mine = [right for right in gold.records if right.kind == record.kind]
            wanted = [right for right in mine if not right.optional]
            anywhere = [span for right in mine for span in right.evidence]
            counts[record.kind, "wanted"] += len(wanted)
            counts[record.kind, "reached"] += sum(any(meet(p, right.evidence) for p in shown) for right in wanted)
            counts[record.kind, "places"] += len(shown)
            counts[record.kind, "good"] += sum(meet(place, anywhere) for place in shown)
    print("| kind | gold records | reached | occurrences | good |")
    print("| --- | --- | --- | --- | --- |")
    for record in built_in():
        wanted, reached, places, good = (counts[record.kind, name] for name in ("wanted", "reached", "places", "good"))
        print(f"| {record.kind} | {wanted} | {reached / wanted:.2f} | {places} | {good / places:.2f} |")


def meet(ours: Any, theirs: Any) -> bool:
    return any(a.start < b.end and b.start < a.end for a in ours for b in theirs)


def said_in(text: str, language: str | None) -> Sequence[Attribution]:
    return analyse(text, segment(text, language), find_passages(text), language).attributions


def quotations(suite: Suite) -> None:
    total = Total(float)
    for item in suite.items():
        records = [_record(item.text, said) for said in said_in(item.text, item.language)]
        for name, value in suite.judge(item, {QuotedOfficial.kind: records}).tally.items():
            total[name] += value
    row = suite.tables(total)["detection"][QuotedOfficial.kind]
    said = {name: round(value, 3) if isinstance(value, float) else value for name, value in row.items()}
    print(f"{suite.name}, attributions alone: {said}")


def _record(text: str, said: Attribution) -> Mapping[str, Any]:
    return {
        "content": [_mention(text, part) for part in said.parts],
        "speaker": _mention(text, said.speaker) if said.speaker else None,
        "evidence": [_mention(text, sentence.span) for sentence in said.sentences],
    }


def _mention(text: str, span: Span) -> dict[str, Any]:
    return {"start": span.start, "end": span.end, "text": text[span.start : span.end]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", default="dev", choices=("dev", "test", "languages"))
    parser.add_argument("--polnear", type=Path)
    chosen = parser.parse_args()
    reach(chosen.split)
    quotations(GoldSuite(chosen.split))
    if chosen.polnear:
        quotations(PolnearSuite(chosen.polnear))


if __name__ == "__main__":
    main()
