"""Reads every suite with every system and writes docs/quality.md, and the summary in README.md.

    python -m benchmarks.quality                        run what has not been run, then write (hours on two cores)
    python -m benchmarks.quality --only-write           write from the runs that are there
    python -m benchmarks.quality --data ../shared/eval  where the outside data lies: quotes_polnear_dev.jsonl, …

Runs are kept in `out/eval`; delete a file there to run it anew. Needs `make peers` for the other systems.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.gold_suite import GoldSuite
from evals.intervals import Cell, Interval, Number, difference_intervals, intervals, measures, total
from evals.plover import PloverSuite
from evals.polnear import PolnearSuite
from evals.results import Scored, cell, printed, score
from evals.suites import Suite, SuiteAbsentError
from service.local.release import RELEASES

ROOT = Path(__file__).parent.parent
RUNS = ROOT / "out" / "eval"
PAGE = ROOT / "docs" / "quality.md"
README = ROOT / "README.md"
BEGIN, END = "<!-- quality: make quality-report -->", "<!-- /quality -->"
_HOW = """Made by `make quality-report`; no figure here is written by hand. In brackets: 95 % intervals, bootstrap over
articles. The suites, the scorer and how the gold was made: `evals/GUIDELINES.md`. How the other systems were run:
`benchmarks/peers/README.md`. All read the same articles with the same model on the same machine. What is not listed was
not run."""
OURS, PEERS = "dragoman", ("langextract", "instructor")
DATA = {"polnear": "quotes_polnear_dev.jsonl", "plover": "sentences_plover.jsonl"}


@dataclass(frozen=True, slots=True)
class Run:
    """One system with one model on one suite. `gold` is its test split."""

    system: str
    size: str
    suite: str

    @property
    def file(self) -> Path:
        if self.system != OURS:
            return RUNS / f"peer-{self.system}-{self.size}-{'test' if self.suite == 'gold' else self.suite}.json"
        return RUNS / f"{'gold-test' if self.suite == 'gold' else self.suite}-{RELEASES[self.size].model}.json"

    def command(self, data: Path) -> list[str]:
        told = ["--split", "test"] if self.suite == "gold" else ["--suite", self.suite, "--data", str(data)]
        if self.system == OURS:
            command = [sys.executable, "-m", "service.cli", "eval", "run", "--size", self.size, *told]
            return [*command, "--out", str(self.file)]
        return [sys.executable, "-m", "benchmarks.peers.run", self.system, "--size", self.size, *told]


PLAN = tuple(
    Run(system, size, suite)
    for size in RELEASES
    for suite in ("gold", "polnear", "plover")
    for system in (OURS, *PEERS)
    if suite != "plover" or system == OURS
)


def carry_out(folder: Path) -> None:
    """Make the runs that are missing; one that fails is said and left out."""
    for run in PLAN:
        data = folder / DATA.get(run.suite, "")
        if run.file.exists() or (run.suite in DATA and not data.is_file()):
            continue
        print(f"{run.system} {run.size} {run.suite}", flush=True)
        if subprocess.run(run.command(data), cwd=ROOT, check=False).returncode:
            print(f"{run.system} {run.size} {run.suite} failed", file=sys.stderr)


def scored(folder: Path) -> dict[Run, Scored]:
    """The runs that are there, measured."""
    found: dict[Run, Scored] = {}
    for run in PLAN:
        if not run.file.exists():
            continue
        try:
            found[run] = score(_suite(run.suite, folder), json.loads(run.file.read_text(encoding="utf-8")))
        except SuiteAbsentError as nothing:
            print(f"{run.file.name} is left out: {nothing}", file=sys.stderr)
    return found


def _suite(name: str, folder: Path) -> Suite:
    if name == "gold":
        return GoldSuite("test")
    data = folder / DATA[name]
    return PolnearSuite(data) if name == "polnear" else PloverSuite(data)


def page(found: Mapping[Run, Scored]) -> str:
    """The whole page."""
    parts = [
        "# How good the records are",
        _HOW,
        "## The test articles",
        summary(found),
        _differences(found, "gold", ("detection", "macro", "F1")),
        "## Quotations in PolNeAR's development set",
        _table(found, "polnear", _POLNEAR),
        _differences(found, "polnear", ("detection", "quoted_officials", "F1")),
    ]
    for run, result in found.items():
        if run.system == OURS:
            count = len(result.items)
            parts += [f"## Dragoman, {run.size}, {run.suite}: everything", f"{count} articles."]
            parts.append(printed(result.tables, result.intervals))
    return "\n\n".join([*filter(None, parts), *_agreement()]) + "\n"


_GOLD: Mapping[str, Cell] = {
    "macro F1": ("detection", "macro", "F1"),
    "negotiations": ("detection", "negotiations", "F1"),
    "sanctions": ("detection", "sanctions", "F1"),
    "military claims": ("detection", "military_claims", "F1"),
    "quoted officials": ("detection", "quoted_officials", "F1"),
    "completion tokens per correct record": ("cost", "per correct record", "completion tokens"),
    "seconds per article": ("cost", "per article", "seconds"),
    "values not in the article": ("grounding", "surface values", "not in the article"),
}
_POLNEAR: Mapping[str, Cell] = {
    "F1": ("detection", "quoted_officials", "F1"),
    "precision": ("detection", "quoted_officials", "precision"),
    "recall": ("detection", "quoted_officials", "recall"),
    "of direct ones": ("detection", "quoted_officials", "direct recall"),
    "speaker": ("detection", "quoted_officials", "speaker"),
    "completion tokens per correct record": ("cost", "per correct record", "completion tokens"),
    "seconds per article": ("cost", "per article", "seconds"),
}


def summary(found: Mapping[Run, Scored]) -> str:
    """The test articles: a row for each system and model."""
    return _table(found, "gold", _GOLD)


def _table(found: Mapping[Run, Scored], suite: str, columns: Mapping[str, Cell]) -> str:
    head = ["system", "model", "articles", *columns]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for run, result in found.items():
        if run.suite == suite:
            cells = (_cell(result, place) for place in columns.values())
            lines.append(f"| {' | '.join([run.system, run.size, str(len(result.items)), *cells])} |")
    return "\n".join(lines)


def _cell(result: Scored, place: Cell) -> str:
    title, row, column = place
    value: Number = result.tables[title].get(row, {}).get(column)
    sure: Interval | None = result.intervals.get(place) if title == "detection" else None
    return cell(value, sure)


def _differences(found: Mapping[Run, Scored], suite: str, place: Cell) -> str:
    """How far ours is ahead of each other system with the same model, over the articles that both read."""
    lines = [
        f"- {run.size}, over {run.system}: {_ahead(theirs, found[Run(OURS, run.size, suite)], place)}"
        for run, theirs in found.items()
        if run.suite == suite and run.system != OURS and Run(OURS, run.size, suite) in found
    ]
    return (
        "\n".join([f"Dragoman's {place[2]} is higher by, paired over the articles that both read:", "", *lines])
        if lines
        else ""
    )


def _ahead(theirs: Scored, ours: Scored, place: Cell) -> str:
    known = {item.id for item in theirs.items}
    both = [item.id for item in ours.items if item.id in known]
    before, after = theirs.only(both), ours.only(both)
    change = (measures(after.tables).get(place) or 0.0) - (measures(before.tables).get(place) or 0.0)
    low, high = difference_intervals(before.tallies, after.tallies, before.measure).get(place, (change, change))
    return f"{change:+.2f} [{low:+.2f}, {high:+.2f}], {len(both)} articles"


def _agreement() -> Iterator[str]:
    suite = GoldSuite(None)
    tallies = suite.agreement()
    yield "## The two annotations against each other"
    yield f"{len(tallies)} articles; the second annotation measured as if it had been found, against the first."
    yield printed({"detection": suite.tables(total(tallies))["detection"]}, intervals(tallies, suite.tables))


def with_summary(readme: str, said: str) -> str:
    """README's text with the summary between its marks."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{said}\n{END}{after}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "eval", help="folder of the outside data")
    parser.add_argument("--only-write", action="store_true")
    chosen = parser.parse_args(arguments)
    if not chosen.only_write:
        carry_out(chosen.data)
    found = scored(chosen.data)
    if not found:
        sys.exit(f"there is no run in {RUNS}")
    PAGE.write_text(page(found), encoding="utf-8")
    README.write_text(with_summary(README.read_text(encoding="utf-8"), summary(found)), encoding="utf-8")


if __name__ == "__main__":
    main()
