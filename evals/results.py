"""A run judged by its suite: figures with their intervals, as JSON and as tables to print; two runs compared."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from evals import costs
from evals.intervals import (
    Cell,
    Interval,
    Number,
    Tables,
    Tally,
    Total,
    difference_intervals,
    differences,
    entries,
    intervals,
    measures,
    total,
)
from evals.suites import Item, Judgement, Suite, SuiteAbsentError

Run = Mapping[str, Any]
"""What is in the file of a run: `articles`, each with `id`, `records`, `usage`, `seconds`; whose it is."""

_NO_VALUE = "–"


@dataclass(frozen=True)
class Figures:
    """What was counted in some articles, in their order, and what follows from it."""

    suite: Suite
    tallies: Mapping[str, Tally]

    @cached_property
    def whole(self) -> Total:
        """All tallies together."""
        return total(self.tallies.values())

    @cached_property
    def tables(self) -> Tables:
        return self.measure(self.whole)

    @cached_property
    def intervals(self) -> Mapping[Cell, Interval]:
        return intervals(list(self.tallies.values()), self.measure)

    def measure(self, whole: Total) -> Tables:
        return {**self.suite.tables(whole), **costs.tables(whole)}

    def only(self, ids: Sequence[str]) -> "Figures":
        """The same for some articles, in the order of `ids`."""
        return Figures(self.suite, {name: self.tallies[name] for name in ids})

    def as_json(self) -> dict[str, Any]:
        """Figures of the whole run and tallies of each article."""
        figures: dict[str, Any] = {}
        for (title, row, column), value in entries(self.tables):
            cell: dict[str, Number] = {"value": value}
            if (title, row, column) in self.intervals:
                cell["low"], cell["high"] = self.intervals[title, row, column]
            figures.setdefault(title, {}).setdefault(row, {})[column] = cell
        return {"scores": figures, "tallies": {name: dict(tally) for name, tally in self.tallies.items()}}


@dataclass(frozen=True)
class Scored(Figures):
    """A run judged. Items, the answers to them and the judgements on those, all in the same order as the tallies."""

    items: Sequence[Item]
    answers: Sequence[Mapping[str, Any]]
    judgements: Sequence[Judgement]


def score(suite: Suite, run: Run) -> Scored:
    """Judge a run.

    Raises:
        SuiteAbsentError: the suite has none of the run's articles.

    """
    answers = {answer["id"]: answer for answer in run["articles"]}
    items = suite.items(set(answers))
    if not items:
        raise SuiteAbsentError(f"the suite {suite.name} has none of the articles in this run")
    said = [answers[item.id] for item in items]
    judgements = [suite.judge(item, answer.get("records") or {}) for item, answer in zip(items, said, strict=True)]
    tallies = {
        item.id: total([judgement.tally, costs.costs(item.text, answer)])
        for item, answer, judgement in zip(items, said, judgements, strict=True)
    }
    return Scored(suite, tallies, items, said, judgements)


def paired(before: Figures, after: Figures) -> tuple[Figures, Figures]:
    """The two over the articles that both have, in the same order.

    Raises:
        SuiteAbsentError: they have none in common.

    """
    both = [name for name in before.tallies if name in after.tallies]
    if not both:
        raise SuiteAbsentError("the two runs have no article in common")
    return before.only(both), after.only(both)


def changes(before: Figures, after: Figures) -> Mapping[Cell, Interval]:
    """Between what values each measure's change lies; the two are paired."""
    return difference_intervals(list(before.tallies.values()), list(after.tallies.values()), before.measure)


def printed(tables: Tables, sure: Mapping[Cell, Interval]) -> str:
    """Tables as Markdown, with intervals behind the values."""
    return "\n\n".join(
        _table(
            [title, *(columns := _columns(rows.values()))],
            [
                [row, *(cell(cells.get(column), sure.get((title, row, column))) for column in columns)]
                for row, cells in rows.items()
            ],
        )
        for title, rows in tables.items()
        if rows
    )


def compared(before: Scored, after: Scored) -> str:
    """What changed from one run to another, over the articles that both have; paired, with intervals."""
    first, second = paired(before, after)
    sure = changes(first, second)
    old, new = measures(first.tables), measures(second.tables)
    rows = [
        [" ".join(cell), _value(old[cell]), _value(new[cell]), *_change(change, sure.get(cell))]
        for cell, change in differences(first.tables, second.tables).items()
    ]
    figures = _table([f"{len(first.tallies)} articles", "before", "after", "change", "95 %"], rows)
    return "\n".join([figures, "", *_changed(before, after)])


def _changed(before: Scored, after: Scored) -> Iterator[str]:
    later = dict(zip(after.tallies, after.judgements, strict=True))
    for name, judgement in zip(before.tallies, before.judgements, strict=True):
        if name not in later:
            continue
        old, new = (Counter((f.kind, f.verdict) for f in judged.findings) for judged in (judgement, later[name]))
        moved = [
            f"{kind} {verdict} {old[kind, verdict]} → {new[kind, verdict]}"
            for kind, verdict in sorted({*old, *new})
            if old[kind, verdict] != new[kind, verdict]
        ]
        if moved:
            yield f"{name}: {', '.join(moved)}"


def _change(change: float, sure: Interval | None) -> tuple[str, str]:
    if sure is None:
        return f"{change:+.2f}", _NO_VALUE
    surely = " *" if sure[0] > 0 or sure[1] < 0 else ""
    return f"{change:+.2f}", f"[{sure[0]:+.2f}, {sure[1]:+.2f}]{surely}"


def _columns(rows: Any) -> list[str]:
    return list(dict.fromkeys(column for cells in rows for column in cells))


def cell(value: Number, sure: Interval | None) -> str:
    """A value with its interval, for a person."""
    return _value(value) + (f" [{_value(sure[0])}, {_value(sure[1])}]" if sure else "")


def _value(value: Number) -> str:
    if value is None:
        return _NO_VALUE
    return f"{value:,}" if isinstance(value, int) else f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )
