"""What every evaluation has in common: items to read, and a judge of what was found in them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from evals.intervals import Tables, Tally, Total
from service.extraction.text.spans import Span

Records = Mapping[str, Sequence[Mapping[str, Any]]]
"""Kind → records, as the JSON of an `Extraction` has them."""
Verdict = Literal["hit", "miss", "alarm", "optional"]
"""Found and right, not found, found and wrong, and what counts neither way."""


class SuiteAbsentError(Exception):
    """There is nothing to evaluate; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Item:
    """A text to read. `truth` is what its own suite knows about it."""

    id: str
    text: str
    truth: Any
    published_at: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a finding, in words for a person: what is right, what was said, how far they agree."""

    field: str
    right: str
    said: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one gold record, or of one that was found without there being any."""

    kind: str
    verdict: Verdict
    spans: tuple[Span, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One item judged. The tally holds `correct`: how many records were found and right."""

    tally: Tally
    findings: tuple[Finding, ...]


class Suite(Protocol):
    """An evaluation. `kinds` are those that are asked for, None for all."""

    name: str
    kinds: tuple[str, ...] | None

    def items(self, ids: Collection[str] | None = None) -> list[Item]:
        """Those that are named, or all of them.

        Raises:
            SuiteAbsentError: there are none.

        """

    def judge(self, item: Item, records: Records) -> Judgement: ...

    def tables(self, total: Total) -> Tables:
        """Measures from the sum of tallies; the main one comes first and is called `detection`."""


def share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def detection(hits: float, gold: float, found: float) -> dict[str, float | int | None]:
    """The columns of a detection table."""
    return {
        "precision": share(hits, found),
        "recall": share(hits, gold),
        "F1": share(2 * hits, gold + found),
        "gold": int(gold),
        "found": int(found),
        "hits": int(hits),
    }
