"""A question before it is asked: which kinds, about which part of the article, and how it is cut into smaller ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from schemas.fields import Record
from service.extraction.candidates.candidate import Candidate
from service.extraction.text.windows import Window

_TELL_AN_ORDER = 2
"""Records which show in what order a model goes through a window."""


@dataclass(frozen=True, slots=True)
class PlannedQuestion:
    """A question about some kinds in one part of an article.

    Args:
        kinds: their names.
        unit: a window, or a candidate of the one kind.
        shown: what is shown instead of a window that begins in it: names may stand in what was asked about before.

    """

    kinds: tuple[str, ...]
    unit: Window | Candidate
    shown: Window | None = None

    def halved(self) -> "Sequence[PlannedQuestion]":
        """The same as two questions, about half of the kinds each or else half of the window; none if that is all."""
        middle = len(self.kinds) // 2
        if middle:
            return [PlannedQuestion(self.kinds[:middle], self.unit), PlannedQuestion(self.kinds[middle:], self.unit)]
        halves = self.unit.halves() if isinstance(self.unit, Window) else None
        return [PlannedQuestion(self.kinds, half) for half in halves or ()]

    def remaining(self, kind: str, records: Sequence[Record], *, in_sight: bool) -> "Sequence[PlannedQuestion]":
        """What is left to ask about one kind after an answer that had no room for more than these records.

        Args:
            kind: its name.
            records: the kind's records in that answer, in its order.
            in_sight: whether what was shown before is shown again.

        """
        left = replace(self, kinds=(kind,), shown=None).after(records)
        if not in_sight or len(left) > 1 or not isinstance(self.unit, Window):
            return left
        return [replace(one, shown=self.shown or self.unit) for one in left]

    def after(self, records: Sequence[Record]) -> "Sequence[PlannedQuestion]":
        """What is to be asked about one kind after an answer that had no room for more than these records.

        A model goes through a window in its order, as a rule. Then only what begins with the last record is left, for
        the sentence that states it may state more. Where that cannot be told, as by a single record that may have been
        the most telling one, or is no less, it is both halves.
        """
        begun = [record.evidence[0].sentence for record in records]
        window = self.unit
        if not isinstance(window, Window):
            return ()
        in_order = len(begun) >= _TELL_AN_ORDER and begun == sorted(begun)
        if in_order and begun[-1] > window.sentences[0].number:
            return [PlannedQuestion(self.kinds, window.since(begun[-1]))]
        return self.halved()
