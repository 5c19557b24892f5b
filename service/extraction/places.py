"""Names that say where: behind a preposition of place, or before the noun of a venue ("the Minsk agreements")."""

import re
from collections.abc import Iterator, Sequence

from service.extraction.countries import code_of, is_capital
from service.extraction.locate import Span

_NEAR = 40
"""Code points before a name in which a preposition of place may stand."""
_ATTRIBUTES = re.compile(r"\s+(?:(?:the|a|an)\s+(?:(?!(?:with|between|by|to|and)\b)[\w’'-]+\s+){0,3})?")
"""Between the two."""


def only_places(
    name: str, sentence: str, locatives: re.Pattern[str], venues: re.Pattern[str], *, placed_elsewhere: bool
) -> bool:
    """Whether a name of a sentence only says where something is, or of which town talks are."""
    town = is_capital(name) or (placed_elsewhere and code_of(name, None) is None)
    return all(
        _behind(locatives, sentence, found.start()) or (town and venues.match(sentence, found.end() + 1) is not None)
        for found in _found(name, sentence)
    )


def placed_names(names: Sequence[str], sentence: str, locatives: re.Pattern[str]) -> list[Span]:
    """Where names of a sentence stand that say where something is: the first such place of each."""
    placed = (
        next((found for found in _found(name, sentence) if _behind(locatives, sentence, found.start())), None)
        for name in names
    )
    return [Span(*found.span()) for found in placed if found]


def _found(name: str, sentence: str) -> Iterator[re.Match[str]]:
    words = r"\s+".join(map(re.escape, name.split()))
    return re.finditer(rf"(?<!\w){words}(?!\w)", sentence)


def _behind(locatives: re.Pattern[str], sentence: str, start: int) -> bool:
    """Whether a preposition of place stands before a place, and between them what may."""
    before = sentence[max(0, start - _NEAR) : start]
    found = list(locatives.finditer(before))
    return bool(found) and _ATTRIBUTES.fullmatch(before, found[-1].end()) is not None
