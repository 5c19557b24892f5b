"""Who mediates, by the words beside a name: "brokered by Qatar", "Kenya, which hosted", "U.N.-brokered"."""

import re
from collections.abc import Sequence

from service.extraction.entities.places import ends_with, first_occurrences, words_before
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.spans import Span

_SEPARATOR = re.compile(r"(?:[’']s?)?(?:-|,?\s+)")
"""Behind a name, before what it does."""
_MOST_FILLERS = 4
"""Words between a name and what it does: ", which has since", "offered to"."""


def find_mediators(names: Sequence[str], sentence: str, kind: Lexicon, speech: Lexicon) -> list[Span]:
    """The names that are told to mediate or host.

    Args:
        names: those of the sentence.
        sentence: its text.
        kind: the words of a kind that has `before_mediator` or `after_mediator`.
        speech: the words of the section `SPEECH`.

    Returns:
        The first place in the sentence where each of them is told to.

    """
    return first_occurrences(names, sentence, lambda name: _mediates(name, sentence, kind, speech))


def _mediates(name: re.Match[str], sentence: str, kind: Lexicon, speech: Lexicon) -> bool:
    """Whether the words before a name, or behind it and some fillers, tell that it mediates."""
    if ends_with(kind["before_mediator"], words_before(sentence, name.start(), speech)):
        return True
    at = name.end()
    for _ in range(_MOST_FILLERS + 1):
        separator = _SEPARATOR.match(sentence, at)
        if not separator:
            return False
        if kind["after_mediator"].match(sentence, separator.end()):
            return True
        filler = kind["mediation_fillers"].match(sentence, separator.end())
        if not filler:
            return False
        at = filler.end()
    return False
