"""Reads every suite with every system and writes docs/quality.md, and the summary in README.md.

    python -m benchmarks.quality                        read what has not been read, then write (hours on two cores)
    python -m benchmarks.quality --only-write           write from what has been counted
    python -m benchmarks.quality --run langextract-1.5b-gold --most 6
    python -m benchmarks.quality --data ../shared/eval  where the outside data lies: quotes_polnear_dev.jsonl, …

What was counted in each article is kept in `benchmarks/runs`, a file for each system, model and suite, without any word
of an article; what was found lies in `out/eval` until it is cleaned. Delete a file in `benchmarks/runs` to read anew.
Articles are added to a file only by the same version of the same system, told the same; another one begins it anew, and
what Dragoman was told before its prompts or cues changed is read anew.
Needs `make peers` for the other systems. What a large model answered lies in `benchmarks/relayed`: such a run takes
seconds.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import forms, prices
from benchmarks.relay import LARGE, RELAYED
from evals.gold_suite import GoldSuite
from evals.intervals import Cell, Interval, Number, intervals, measures, total
from evals.plover import PloverSuite
from evals.polnear import PolnearSuite
from evals.results import Figures, cell, changes, paired, printed, score
from evals.suites import Suite
from schemas.registry import built_in
from service.extraction.questions.instructions import InstructionBook
from service.local.release import RELEASES
from service.strategy import Strategy

ROOT = Path(__file__).parent.parent
OUT = ROOT / "out" / "eval"
COUNTED = ROOT / "benchmarks" / "runs"
ANSWERS = ROOT / "benchmarks" / "relayed"
PAGE = ROOT / "docs" / "quality.md"
README = ROOT / "README.md"
BEGIN, END = "<!-- quality: make quality-report -->", "<!-- /quality -->"
_HOW = """Made by `make quality-report` from what was counted (`benchmarks/runs`); no figure here is written by hand. In
brackets: 95 % intervals, bootstrap over articles. The suites, the scorer and how the gold was made:
`evals/GUIDELINES.md`. How the other systems were run: `benchmarks/peers/README.md`. All read the same articles with the
same model. Seconds are those of one or two cores of a machine that had other work to do: they differ from run to run by
a factor of two and more, tokens and calls do not. What is not listed was not run; where a system has read fewer
articles, its time was limited, and they are the first ones."""
_LARGE = """One large model, Claude by Anthropic in November 2026, read what each system asks, in one pass, and
nothing else. Its answers were relayed by file (`benchmarks/relay.py`) and lie in `benchmarks/relayed`, so that anyone
can score them again without a key. Instructor is told one sentence and one schema with four lists; LangExtract has its
defaults and one example, and eight of the articles; `dragoman-search` is Dragoman as it was before it had definitions:
one question for each kind, by examples. Nobody asks again where something cannot be used. Tokens are estimated, four
bytes each, and count the schema. A prompt token is cached where OpenAI's prefix cache would have had it.

The gold keeps to the definitions that Dragoman tells the model; the others are measured by rules that nobody told them.
That is what the definitions are for, and it is also why these differences say nothing of how well the model reads.

List prices:"""
OURS, BEFORE, PEERS = "dragoman", "dragoman-search", ("langextract", "instructor")
WAYS = {OURS: "guided", BEFORE: "search"}
"""Of Dragoman's strategies, as `benchmarks.strategies` calls them, which the large model was asked by."""
SPLITS = {"gold": "test", "languages": "languages"}
"""Suites that are a split of the articles in evals/."""
DATA = {"polnear": "quotes_polnear_dev.jsonl", "plover": "sentences_plover.jsonl"}
EIGHT = 8
"""Test articles of which LangExtract's questions were relayed."""
_SAME = ("system", "version", "model", "told", "prompt_version", "schema_version")
"""What the articles of a run must have in common."""


@dataclass(frozen=True, slots=True)
class Run:
    """One system with one model on one suite. `gold` is its test split, `languages` its French and Spanish articles."""

    system: str
    size: str
    suite: str

    @property
    def name(self) -> str:
        return f"{self.system}-{self.size}-{self.suite}"

    @property
    def found(self) -> Path:
        """The file with the records of the last reading."""
        if self.size == LARGE and self.system in WAYS:
            return OUT / f"way-{WAYS[self.system]}-{RELAYED}.json"
        if self.system != OURS:
            return OUT / f"peer-{self.system}-{self.size}-{SPLITS.get(self.suite, self.suite)}.json"
        suite = f"gold-{SPLITS[self.suite]}" if self.suite in SPLITS else self.suite
        return OUT / f"{suite}-{RELEASES[self.size].model}.json"

    @property
    def counted(self) -> Path:
        """The file with what was counted in all readings."""
        return COUNTED / f"{self.name}.json"

    def command(self, articles: Sequence[str], data: Path) -> list[str]:
        """What reads some articles."""
        split = ["--split", SPLITS.get(self.suite, "test")]
        only = [*split, "--articles", ",".join(articles), "--relay", str(ANSWERS)]
        if self.size == LARGE and self.system in WAYS:
            return [sys.executable, "-m", "benchmarks.strategies", *only, WAYS[self.system]]
        if self.size == LARGE:
            return [sys.executable, "-m", "benchmarks.peers.run", self.system, *only]
        told = split if self.suite in SPLITS else ["--suite", self.suite, "--data", str(data)]
        told += ["--size", self.size, "--articles", ",".join(articles)]
        if self.system == OURS:
            return [sys.executable, "-m", "service.cli", "eval", "run", *told, "--out", str(self.found)]
        return [sys.executable, "-m", "benchmarks.peers.run", self.system, *told]

    def read_before(self) -> dict[str, Any]:
        """What was counted; nothing where nothing was read."""
        return json.loads(self.counted.read_text(encoding="utf-8")) if self.counted.exists() else {"tallies": {}}


PLAN = tuple(Run(system, LARGE, "gold") for system in (OURS, BEFORE, "instructor", "langextract")) + tuple(
    Run(system, size, suite)
    for size in RELEASES
    for suite in ("gold", "polnear", "plover")
    for system in (OURS, *PEERS)
    if suite != "plover" or system == OURS
)
PLAN += (Run(OURS, LARGE, "languages"), Run(OURS, next(iter(RELEASES)), "languages"))


def carry_out(runs: Sequence[Run], folder: Path, most: int | None) -> None:
    """Read the articles that have not been read, up to so many in each run; a run that fails is said and left out."""
    for run in runs:
        data = folder / DATA.get(run.suite, "")
        if run.suite in DATA and not data.is_file():
            continue
        known = {} if _is_old(run) else run.read_before()["tallies"]
        few = EIGHT if run.size == LARGE and run.system == "langextract" else None
        ids = [item.id for item in _suite(run.suite, folder).items()][: most or few]
        missing = [name for name in ids if name not in known]
        if not missing:
            continue
        print(f"{run.name}: {len(missing)} articles", flush=True)
        if subprocess.run(run.command(missing, data), cwd=ROOT, check=False).returncode:
            print(f"{run.name} failed", file=sys.stderr)
        count(run, folder)


def count(run: Run, folder: Path) -> None:
    """Add what the last reading has found to what was counted."""
    if not run.found.exists():
        return
    found = json.loads(run.found.read_text(encoding="utf-8"))
    tallies = score(_suite(run.suite, folder), found).as_json()["tallies"]
    about = {key: found[key] for key in _SAME if key in found}
    before = run.read_before()
    if all(before.get(key) == value for key, value in about.items()):
        tallies = {**before["tallies"], **tallies}
    COUNTED.mkdir(exist_ok=True)
    run.counted.write_text(json.dumps({**about, "tallies": tallies}, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def counted() -> dict[Run, Figures]:
    """The runs that are there, measured."""
    return {
        run: Figures(_suite(run.suite, COUNTED), run.read_before()["tallies"]) for run in PLAN if run.counted.exists()
    }


def _suite(name: str, folder: Path) -> Suite:
    if name in SPLITS:
        return GoldSuite(SPLITS[name])
    data = folder / DATA[name]
    return PolnearSuite(data) if name == "polnear" else PloverSuite(data)


def page(found: Mapping[Run, Figures]) -> str:
    """The whole page."""
    large, small = ({run: of for run, of in found.items() if (run.size == LARGE) is big} for big in (True, False))
    parts = [
        "# How good the records are",
        _HOW,
        "## In short",
        summary(found),
        "## A large model",
        _LARGE,
        prices.told(),
        _table(large, "gold", {**_GOLD, **_TOKENS}),
        _money(large),
        _differences(large, "gold", ("detection", "macro", "F1")),
        _fields(large),
        "## The built-in models, on the test articles",
        _table(small, "gold", _GOLD),
        _differences(small, "gold", ("detection", "macro", "F1")),
        "## French and Spanish",
        _table(found, "languages", _GOLD),
        "## Texts in the forms of real news, by code alone",
        _FORMS,
        forms.tables(),
        "## Quotations in PolNeAR's development set",
        _table(found, "polnear", _POLNEAR),
        _differences(found, "polnear", ("detection", "quoted_officials", "F1")),
    ]
    for run, result in found.items():
        if run.system in WAYS:
            count = len(result.tallies)
            parts += [f"## {run.system}, {run.size}, {run.suite}: everything", f"{count} articles."]
            parts.append(printed(result.tables, result.intervals))
    return "\n\n".join([*filter(None, parts), *_agreement()]) + "\n"


_FORMS = """\
Small texts of our own (`evals/forms`), each in a form in which quotations, speakers, dates, figures or countries come
in real news, written before the code was changed for them. No model is asked: what code does not read is *unknown* and
left to it. *Right* is a share; the others are counts, of which *wrong speaker* is the worst: words given to somebody
who did not say them. `.venv/bin/python -m benchmarks.forms` prints the tables; with `--show wrong` also what was read
instead.

What the tables count has been mended for; so new texts are read worse. The 84 of `everyday.toml` were written without
sight of the code, and when they were first read (by the code of commit bf6e95c, with today's answers) 0.80 of 143 items
were right, 15 unknown, 5 wrong, and 8 were given to the wrong speaker."""
_GOLD: Mapping[str, Cell] = {
    "macro F1": ("detection", "macro", "F1"),
    "negotiations": ("detection", "negotiations", "F1"),
    "sanctions": ("detection", "sanctions", "F1"),
    "military claims": ("detection", "military_claims", "F1"),
    "quoted officials": ("detection", "quoted_officials", "F1"),
    "completion tokens per correct record": ("cost", "per correct record", "completion tokens"),
    "values not in the article": ("grounding", "surface values", "not in the article"),
}
_TOKENS: Mapping[str, Cell] = {
    "calls": ("cost", "per article", "calls"),
    "prompt tokens": ("cost", "per article", "prompt tokens"),
    "completion tokens": ("cost", "per article", "completion tokens"),
}
_POLNEAR: Mapping[str, Cell] = {
    "F1": ("detection", "quoted_officials", "F1"),
    "precision": ("detection", "quoted_officials", "precision"),
    "recall": ("detection", "quoted_officials", "recall"),
    "of direct ones": ("detection", "quoted_officials", "direct recall"),
    "speaker": ("detection", "quoted_officials", "speaker"),
    "completion tokens per correct record": ("cost", "per correct record", "completion tokens"),
}


def summary(found: Mapping[Run, Figures]) -> str:
    """README's table: a row for each system with the large model, and for Dragoman with the built-in ones."""
    shown = {run: of for run, of in found.items() if run.suite == "gold" and run.system != BEFORE}
    shown = {run: of for run, of in shown.items() if run.size == LARGE or run.system == OURS}
    price = prices.PRICES[0]
    head = ["system", "model", "articles", "F1", "prompt tokens", "completion tokens", f"¢ an article, {price.model}"]
    lines = [f"| {' | '.join([*head, 'invented values'])} |", f"|{' --- |' * (len(head) + 1)}"]
    places = [_GOLD["macro F1"], _TOKENS["prompt tokens"], _TOKENS["completion tokens"]]
    for run, result in shown.items():
        spent = f"{price.cents(result.whole) / len(result.tallies):.2f}" if run.size == LARGE else "0"
        cells = [*(_cell(result, place) for place in places), spent, _cell(result, _GOLD["values not in the article"])]
        lines.append(f"| {' | '.join([run.system, run.size, str(len(result.tallies)), *cells])} |")
    return "\n".join(lines)


def _money(found: Mapping[Run, Figures]) -> str:
    """What an article and a correct record cost, and how many times what instructor's do."""
    plain = next((of for run, of in found.items() if run.system == "instructor"), None)
    head = ["system", "cached prompt tokens"]
    head += [f"{price.model}: {of}" for price in prices.PRICES for of in ("¢ an article", "¢ a correct record")]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for run, result in found.items():
        cells = [run.system, f"{result.whole['cost.cached_tokens'] / len(result.tallies):,.0f}"]
        for price in prices.PRICES:
            for counted_by in ("cost.articles", "correct"):
                cents = price.cents(result.whole) / result.whole[counted_by]
                theirs = price.cents(plain.whole) / plain.whole[counted_by] if plain else None
                cells.append(f"{cents:.3f}" + (f" ({cents / theirs:.2f} ×)" if theirs else ""))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _fields(found: Mapping[Run, Figures]) -> str:
    """How right the fields of the records are that each system has found: a row for each field."""
    runs = list(found)
    if not runs:
        return ""
    lines = [f"| accuracy of fields | {' | '.join(run.system for run in runs)} |", f"|{' --- |' * (len(runs) + 1)}"]
    names = dict.fromkeys(name for result in found.values() for name in result.tables["fields"])
    for name in names:
        cells = (_cell(found[run], ("fields", name, "accuracy")) for run in runs)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _table(found: Mapping[Run, Figures], suite: str, columns: Mapping[str, Cell]) -> str:
    head = ["system", "model", "articles", *columns]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for run, result in found.items():
        if run.suite == suite:
            cells = (_cell(result, place) for place in columns.values())
            name = f"{run.system}, before the last changes" if _is_old(run) else run.system
            lines.append(f"| {' | '.join([name, run.size, str(len(result.tallies)), *cells])} |")
    return "\n".join(lines)


def _is_old(run: Run) -> bool:
    """Whether a run of ours was told something else than what is told now."""
    if run.system not in WAYS or not run.counted.exists():
        return False
    return bool(run.read_before().get("prompt_version") != _told(run))


def _told(run: Run) -> str:
    """The hash of what Dragoman tells a model now in such a run."""
    kinds = _suite(run.suite, COUNTED).kinds or built_in().names
    large = run.size == LARGE
    strategy = (Strategy.GUIDED if run.system == OURS else Strategy.SEARCH) if large else Strategy.CANDIDATES
    return InstructionBook(built_in(), strategy, field_guide=large, lean=not large, together=True).version(kinds)


def _cell(result: Figures, place: Cell) -> str:
    title, row, column = place
    value: Number = result.tables[title].get(row, {}).get(column)
    sure: Interval | None = result.intervals.get(place) if title == "detection" else None
    return cell(value, sure)


def _differences(found: Mapping[Run, Figures], suite: str, place: Cell) -> str:
    """How far ours is ahead of each other system with the same model, and the larger model of the smaller one."""
    pairs = [
        (run, Run(OURS, run.size, suite), f"{run.size}, over {run.system}")
        for run in found
        if run.suite == suite and run.system != OURS
    ]
    small, medium = (Run(OURS, size, suite) for size in RELEASES)
    pairs.append((small, medium, f"{medium.size}, over {OURS} itself with {small.size}"))
    lines = [
        f"- {said}: {_ahead(found[before], found[after], place, timed=after.size != LARGE)}"
        for before, after, said in pairs
        if before in found and after in found and (before.system != OURS or _is_old(before) == _is_old(after))
    ]
    return (
        "\n".join([f"Dragoman's {place[2]} is higher by, paired over the articles that both read:", "", *lines])
        if lines
        else ""
    )


def _ahead(before: Figures, after: Figures, place: Cell, *, timed: bool) -> str:
    before, after = paired(before, after)
    old, new = measures(before.tables), measures(after.tables)
    change = (new.get(place) or 0.0) - (old.get(place) or 0.0)
    low, high = changes(before, after).get(place, (change, change))
    said = f"{change:+.2f} [{low:+.2f}, {high:+.2f}], {len(before.tallies)} articles"
    seconds = ("cost", "per article", "seconds")
    # How long somebody took who answered by file says nothing.
    return said if not timed else f"{said}, in {new[seconds] / old[seconds]:.1f} times the seconds"


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
    parser.add_argument("--run", action="append", choices=[run.name for run in PLAN], help="only this one; repeatable")
    parser.add_argument("--most", type=int, metavar="N", help="only the first so many articles of each run")
    parser.add_argument("--only-write", action="store_true")
    chosen = parser.parse_args(arguments)
    if not chosen.only_write:
        carry_out([run for run in PLAN if run.name in (chosen.run or [run.name])], chosen.data, chosen.most)
    found = counted()
    if not found:
        sys.exit(f"there is no run in {COUNTED}")
    PAGE.write_text(page(found), encoding="utf-8")
    README.write_text(with_summary(README.read_text(encoding="utf-8"), summary(found)), encoding="utf-8")


if __name__ == "__main__":
    main()
