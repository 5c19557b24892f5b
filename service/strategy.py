"""The ways in which records are looked for; importing it loads no extraction module."""

import warnings
from enum import StrEnum


class Strategy(StrEnum):
    """How records are looked for."""

    GUIDED = "guided"
    """The model is told what every kind, field and value means, and finds all kinds in a window at once."""
    SEARCH = "search"
    """The model is shown examples of one kind at a time and finds what windows of the article state."""
    CANDIDATES = "candidates"
    """Code finds sentences that may state a record and what it can read off them; the model judges each."""

    @classmethod
    def _missing_(cls, value: object) -> "Strategy | None":
        """Take the name that a strategy had up to 0.1."""
        if value != "leads":
            return None
        warnings.warn("the strategy `leads` is called `candidates` now", FutureWarning, stacklevel=3)
        return cls.CANDIDATES
