"""Places in a text. Offsets count Unicode code points of the article as posted, which is never changed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]`, in code points."""

    start: int
    end: int

    def contains(self, other: "Span") -> bool:
        """Whether another span lies inside this one, its ends included."""
        return self.start <= other.start and other.end <= self.end
