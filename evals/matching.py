"""Whether two spans, names or phrases are the same, and which of many belongs to which."""

from collections import Counter
from collections.abc import Iterable, Mapping

from service.extraction.text.matching import fold
from service.extraction.text.spans import Span

Pair = tuple[int, int]
_Way = tuple[float, tuple[Pair, ...]]
"""What changes would gain, and the changes."""

_ARTICLES = frozenset({"the", "a", "an"})
_MARKS = " .,:;!?'-()[]"
_LEAST_WORDS = 0.5
"""Two phrases say the same when their words agree at least this much (F1)."""


def covered(spans: Iterable[Span]) -> frozenset[int]:
    """The characters that spans cover together."""
    return frozenset(at for span in spans for at in range(span.start, span.end))


def shared(first: frozenset[int], second: frozenset[int]) -> float:
    """How much of the shorter one lies in the other."""
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def f1(common: float, first: float, second: float) -> float:
    """Harmonic mean of precision and recall; 1 where nothing was to be found and nothing was."""
    return 2 * common / (first + second) if first + second else 1.0


def harmonic(precision: float, recall: float) -> float:
    """F1 of a precision and a recall that are counted over different things; 0 where both are."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def same_name(said: str, names: Iterable[str | None]) -> bool:
    """Whether a name is one of the names: the same, or all words of the shorter one are in the longer one.

    None among the names, which says that there may be none, is nobody's name.

    A name without capitals is a description ("the ministry") and is in every longer name of its sort: what is said
    must not be longer than it.
    """
    words = _name(said)
    return any(
        bool(words and known) and (words <= known or (known <= words and not name.islower()))
        for name, known in ((name, _name(name)) for name in names if name is not None)
    )


def same_words(said: str, right: Iterable[str]) -> bool:
    """Whether a phrase is one of the right ones, give or take some words."""
    return any(_alike(fold(said), fold(words)) for words in right)


def assign(weights: Mapping[Pair, float]) -> list[Pair]:
    """Pair rows with columns, each at most once, so that the sum of weights is the greatest possible.

    Args:
        weights: positive weight of each (row, column) that may be paired.

    """
    owners: dict[int, int] = {}
    while path := _best_path(weights, owners):
        owners.update({column: row for row, column in path})
    return sorted((row, column) for column, row in owners.items())


def _best_path(weights: Mapping[Pair, float], owners: Mapping[int, int]) -> tuple[Pair, ...]:
    """The changes that pair one more row and gain most: it takes a column, whose owner takes another one, and so on."""
    ways: dict[int, _Way] = {}
    frontier: dict[int, _Way] = {row: (0.0, ()) for row, _ in weights if row not in owners.values()}
    while frontier:
        moved: dict[int, _Way] = {}
        for (row, column), weight in weights.items():
            if row not in frontier or owners.get(column) == row:
                continue
            gain, path = frontier[row]
            if column in ways and gain + weight <= ways[column][0] + 1e-9:
                continue
            ways[column] = (gain + weight, (*path, (row, column)))
            if column in owners:
                owner = owners[column]
                moved[owner] = (gain + weight - weights[owner, column], ways[column][1])
        frontier = moved
    ends = [way for column, way in ways.items() if column not in owners and way[0] > 0]
    return max(ends)[1] if ends else ()


def _name(name: str) -> frozenset[str]:
    words = (word.strip(_MARKS).removesuffix("'s") for word in fold(name).split())
    return frozenset(words) - _ARTICLES - {""}


def _alike(first: str, second: str) -> bool:
    ours, theirs = Counter(first.split()), Counter(second.split())
    return first == second or f1((ours & theirs).total(), ours.total(), theirs.total()) >= _LEAST_WORDS
