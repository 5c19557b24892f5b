"""A run as one HTML file that needs nothing else: each article with what was found, missed and made up in it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import jinja2

from evals.results import Run, Scored
from evals.results import cell as shown_cell
from evals.suites import Finding

VERDICTS = {"hit": "found", "miss": "missed", "alarm": "false alarm", "optional": "optional"}


@dataclass(frozen=True, slots=True)
class Piece:
    """Text in which the same findings are marked from beginning to end; `of` are their numbers."""

    text: str
    of: tuple[int, ...]
    verdicts: tuple[str, ...]


def page(run: Run, scored: Scored) -> str:
    """Make the page."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    templates.globals["cell"] = shown_cell
    articles = []
    number = 0
    for item, answer, judgement in zip(scored.items, scored.answers, scored.judgements, strict=True):
        findings = list(enumerate(judgement.findings, number))
        number += len(findings)
        counts = Counter[str](finding.verdict for _, finding in findings)
        articles.append(
            {
                "item": item,
                "answer": answer,
                "findings": findings,
                "pieces": pieces(item.text, findings),
                "counts": {verdict: counts[verdict] for verdict in VERDICTS if counts[verdict]},
            }
        )
    every = [finding for judgement in scored.judgements for finding in judgement.findings]
    return templates.get_template("page.html").render(
        run=run,
        articles=articles,
        tables=scored.tables,
        intervals=scored.intervals,
        kinds=[kind for kind in scored.tables["detection"] if any(kind == f.kind for f in every)],
        verdicts=VERDICTS,
    )


def pieces(text: str, findings: Sequence[tuple[int, Finding]]) -> list[Piece]:
    """Cut a text wherever a finding begins or ends."""
    spans = [(span, number, finding.verdict) for number, finding in findings for span in finding.spans]
    cuts = sorted({0, len(text), *(edge for span, _, _ in spans for edge in (span.start, span.end))})
    found = []
    for start, end in pairwise(cuts):
        here = [(number, verdict) for span, number, verdict in spans if span.start <= start and end <= span.end]
        of = tuple(dict.fromkeys(number for number, _ in here))
        found.append(Piece(text[start:end], of, tuple(dict.fromkeys(verdict for _, verdict in here))))
    return found
