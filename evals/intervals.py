"""How sure a figure is: bootstrap over articles, 95 %, with a seed, so that the same run says the same."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

Number = float | int | None
"""A measure, or None where there was nothing to measure; an int is a count, which has no interval."""
Tables = Mapping[str, Mapping[str, Mapping[str, Number]]]
"""Title → row → column → number."""
Cell = tuple[str, str, str]
Interval = tuple[float, float]
Tally = Mapping[str, float]
"""What was counted in one article. Measures are made from the sum over articles."""
Total = defaultdict[str, float]

RESAMPLES = 1_000
SEED = 2026
_TAIL = 0.025
_LEAST = 0.5
"""Share of resamples that must have a value, or there is no interval."""


def total(tallies: Iterable[Tally]) -> Total:
    """Add up the tallies of several articles."""
    whole = Total(float)
    for tally in tallies:
        for name, count in tally.items():
            whole[name] += count
    return whole


def measures(tables: Tables) -> dict[Cell, float]:
    """The numbers in tables that are measures and have a value."""
    return {cell: value for cell, value in entries(tables) if isinstance(value, float)}


def entries(tables: Tables) -> Iterator[tuple[Cell, Number]]:
    """All numbers in tables, in their order."""
    for title, rows in tables.items():
        for row, columns in rows.items():
            for column, value in columns.items():
                yield (title, row, column), value


def intervals(tallies: Sequence[Tally], tables: Callable[[Total], Tables]) -> dict[Cell, Interval]:
    """Between what values each measure lies."""
    return _resampled(len(tallies), lambda chosen: measures(tables(total(tallies[article] for article in chosen))))


def difference_intervals(
    before: Sequence[Tally], after: Sequence[Tally], tables: Callable[[Total], Tables]
) -> dict[Cell, Interval]:
    """Between what values the change of each measure lies; the tallies are of the same articles in the same order."""

    def measure(chosen: Sequence[int]) -> dict[Cell, float]:
        first, second = (total(tallies[article] for article in chosen) for tallies in (before, after))
        return differences(tables(first), tables(second))

    return _resampled(len(before), measure)


def differences(before: Tables, after: Tables) -> dict[Cell, float]:
    """What each measure gained, where both have it."""
    ours, theirs = measures(before), measures(after)
    return {cell: theirs[cell] - value for cell, value in ours.items() if cell in theirs}


def _resampled(size: int, measure: Callable[[Sequence[int]], Mapping[Cell, float]]) -> dict[Cell, Interval]:
    """The middle of what is measured on resamples; nothing where a single article decides and all are alike."""
    chance = random.Random(SEED)  # noqa: S311 -- no secret hangs on it
    values: dict[Cell, list[float]] = {}
    for _ in range(RESAMPLES if size > 1 else 0):
        for cell, value in measure(chance.choices(range(size), k=size)).items():
            values.setdefault(cell, []).append(value)
    return {
        cell: _middle(sorted(found))
        for cell, found in values.items()
        if len(found) >= _LEAST * RESAMPLES and min(found) < max(found)
    }


def _middle(ordered: Sequence[float]) -> Interval:
    last = len(ordered) - 1
    return ordered[round(_TAIL * last)], ordered[round((1 - _TAIL) * last)]
