"""One attribution, in the terms of quotation research: source (here the speaker), cue and content (here the parts)."""

from dataclasses import dataclass
from typing import NamedTuple

from service.extraction.text.sentences import Sentence
from service.extraction.text.spans import Span


@dataclass(frozen=True, slots=True)
class Attribution:
    """Words that are given to somebody.

    Args:
        sentences: in which they and their cue stand, in order.
        parts: the unbroken pieces of the words, in order, without quotation marks around a piece.
        cue: the speech verb or source phrase that gives them to somebody: "said", "according to". None for quotations
            that go on without one.
        speaker: where it is told who speaks: the name, or what somebody is called; None where it is not known.

    """

    sentences: tuple[Sentence, ...]
    parts: tuple[Span, ...]
    cue: Span | None
    speaker: Span | None


class ClauseAttribution(NamedTuple):
    """What a clause attributes: the content in its pieces, the cue that does so, and the speaker if one is named."""

    parts: tuple[Span, ...]
    cue: Span
    speaker: Span | None
