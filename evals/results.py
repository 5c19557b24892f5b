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
class Scored:
    """Items, the answers to them and the judgements on those, all in the same order."""

    suite: Suite
    items: Sequence[Item]
    answers: Sequence[Mapping[str, Any]]
    judgements: Sequence[Judgement]
    tallies: Sequence[Total]

    @cached_property
    def tables(self) -> Tables:
        return self.measure(total(self.tallies))

    @cached_property
    def intervals(self) -> Mapping[Cell, Interval]:
        return intervals(self.tallies, self.measure)

    def measure(self, whole: Total) -> Tables:
        return {**self.suite.tables(whole), **costs.tables(whole)}

    def only(self, ids: Sequence[str]) -> "Scored":
        """The same for some articles, in the order of `ids`."""
        places = {item.id: place for place, item in enumerate(self.items)}
        parts = (self.items, self.answers, self.judgements, self.tallies)
        items, answers, judgements, tallies = ([part[places[name]] for name in ids] for part in parts)
        return Scored(self.suite, items, answers, judgements, tallies)  # type: ignore[arg-type]  # order of `parts`

    def as_json(self) -> dict[str, Any]:
        """Figures of the whole run and tallies of each article."""
        figures: dict[str, Any] = {}
        for (title, row, column), value in entries(self.tables):
            cell: dict[str, Number] = {"value": value}
            if (title, row, column) in self.intervals:
                cell["low"], cell["high"] = self.intervals[title, row, column]
            figures.setdefault(title, {}).setdefault(row, {})[column] = cell
        return {"scores": figures, "tallies": {i.id: dict(t) for i, t in zip(self.items, self.tallies, strict=True)}}


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
    tallies = [
        total([judgement.tally, costs.costs(item.text, answer)])
        for item, answer, judgement in zip(items, said, judgements, strict=True)
    ]
    return Scored(suite, items, said, judgements, tallies)


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
    theirs = {item.id for item in after.items}
    both = [item.id for item in before.items if item.id in theirs]
    if not both:
        raise SuiteAbsentError("the two runs have no article in common")
    before, after = before.only(both), after.only(both)
    changes = differences(before.tables, after.tables)
    sure = difference_intervals(before.tallies, after.tallies, before.measure)
    old, new = measures(before.tables), measures(after.tables)
    rows = [
        [" ".join(cell), _value(old[cell]), _value(new[cell]), *_change(change, sure.get(cell))]
        for cell, change in changes.items()
    ]
    figures = _table([f"{len(both)} articles", "before", "after", "change", "95 %"], rows)
    return "\n".join([figures, "", *_changed(before, after)])


def _changed(before: Scored, after: Scored) -> Iterator[str]:
    for item, *judgements in zip(before.items, before.judgements, after.judgements, strict=True):
        old, new = (Counter((f.kind, f.verdict) for f in judgement.findings) for judgement in judgements)
        moved = [
            f"{kind} {verdict} {old[kind, verdict]} → {new[kind, verdict]}"
            for kind, verdict in sorted({*old, *new})
            if old[kind, verdict] != new[kind, verdict]
        ]
        if moved:
            yield f"{item.id}: {', '.join(moved)}"


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
