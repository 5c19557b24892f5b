"""Who mediates, by the words beside a name: "brokered by Qatar", "Kenya, which hosted", "U.N.-brokered"."""

import re
from collections.abc import Sequence

from service.extraction.entities.lexicon import Cues
from service.extraction.entities.places import ends_with, first_places, words_before
from service.extraction.text.matching import Span

_BETWEEN = re.compile(r"(?:[’']s?)?(?:-|,?\s+)")
"""Behind a name, before what it does."""
_MOST_BETWEEN = 4
"""Words between a name and what it does: ", which has since", "offered to"."""


def mediators(names: Sequence[str], sentence: str, words: Cues) -> list[Span]:
    """Where names of a sentence stand that are told to mediate or host: the first such place of each."""
    return first_places(names, sentence, lambda name: _mediates(name, sentence, words))


def _mediates(name: re.Match[str], sentence: str, words: Cues) -> bool:
    if ends_with(words["mediated_by"], words_before(sentence, name.start())):
        return True
    at = name.end()
    for _ in range(_MOST_BETWEEN + 1):
        between = _BETWEEN.match(sentence, at)
        if not between:
            return False
        if words["mediates"].match(sentence, between.end()):
            return True
        filler = words["between"].match(sentence, between.end())
        if not filler:
            return False
        at = filler.end()
    return False
