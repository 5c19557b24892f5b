"""Names that say where: behind a preposition of place, or before the noun of a venue ("the Minsk agreements")."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from service.extraction.normalize.countries import code_of, is_capital, is_demonym
from service.extraction.text.matching import Span

_NEAR = 40
"""Code points before a name in which it is told what it is."""
_ATTRIBUTES = re.compile(r"\s+(?:(?:the|a|an)\s+(?:(?!(?:with|between|by|to|and)\b)[\w’'-]+\s+){0,3})?")
"""Between the two."""
_FOLLOWS = re.compile(r"\s+(\w+)")
_ARTICLE = re.compile(r"(?:^|\s)(?:the|a|an)\s+\Z", re.IGNORECASE)


def only_places(
    name: str, sentence: str, locatives: re.Pattern[str], venues: re.Pattern[str], *, placed_elsewhere: bool
) -> bool:
    """Whether a name of a sentence only says where something is, or of which town talks are."""
    town = is_capital(name) or (placed_elsewhere and code_of(name, None) is None)
    return all(
        _behind(locatives, sentence, found.start()) or (town and venues.match(sentence, found.end() + 1) is not None)
        for found in _occurrences(name, sentence)
    )


def placed_names(names: Sequence[str], sentence: str, locatives: re.Pattern[str]) -> list[Span]:
    """Where names of a sentence stand that say where something is: the first such place of each."""
    return first_places(names, sentence, lambda found: _behind(locatives, sentence, found.start()))


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """The words of a kind right beside a name that tell it to be a place.

    `before` are what a place stands behind ("captured", "the village of"), `behind` what stands behind one ("district",
    "was shelled"), `venues` what stands behind a town ("talks"). `joints` may follow a place as well as nothing does;
    another word tells that the name is no place ("captured Amvar fighters"), unless it is known for a town.
    """

    before: re.Pattern[str]
    behind: re.Pattern[str]
    venues: re.Pattern[str]
    joints: Sequence[re.Pattern[str]]


def bound_names(names: Sequence[str], sentence: str, words: PlaceWords, towns: Collection[str]) -> list[Span]:
    """Where names of a sentence stand that the words right beside them make a place: the first such place of each."""
    may_be = [name for name in names if code_of(name, None) is None or is_capital(name)]
    return first_places(may_be, sentence, lambda found: _bound(found, sentence, words, towns))


def precision(text: str, name: Span, near: re.Pattern[str], regions: re.Pattern[str]) -> str:
    """How exactly a place is named, in ACLED's terms: by the town or site, as near one, a region or a country."""
    words = text[name.start : name.end]
    if code_of(words, None) and not is_capital(words):
        return "country"
    follows = _FOLLOWS.match(text, name.end)
    said = words_before(text, name.start)
    if (follows and regions.match(text, follows.start(1))) or ends_with(regions, said.removesuffix(" of")):
        return "region"
    return "near" if ends_with(near, said) else "exact"


def ends_with(pattern: re.Pattern[str], words: str) -> bool:
    """Whether some words end with one of a list."""
    return any(match.end() == len(words) for match in pattern.finditer(words))


def words_before(text: str, start: int) -> str:
    """The words before a name, without its article."""
    return _ARTICLE.sub(" ", text[max(0, start - _NEAR) : start]).rstrip()


def _bound(name: re.Match[str], sentence: str, words: PlaceWords, towns: Collection[str]) -> bool:
    follows = _FOLLOWS.match(sentence, name.end())
    town = " ".join(name[0].split()) in towns or is_capital(name[0])
    if follows:
        start = follows.start(1)
        if words.behind.match(sentence, start) or (town and words.venues.match(sentence, start)):
            return True
        if not town and not any(joint.match(sentence, start) for joint in words.joints):
            return False
    if sentence.startswith(("’", "'"), name.end()):
        return False
    return ends_with(words.before, words_before(sentence, name.start()).rstrip(' \n»”"'))


def whole(text: str, place: Span) -> Span:
    """A place with its noun where it is named by a demonym: "the Qatari capital", "Romanian airspace"."""
    noun = _FOLLOWS.match(text, place.end) if is_demonym(text[place.start : place.end]) else None
    return Span(place.start, noun.end()) if noun and noun[1].islower() else place


def first_places(names: Sequence[str], sentence: str, tells: Callable[[re.Match[str]], bool]) -> list[Span]:
    """Where names of a sentence stand of which something is told there: the first such place of each."""
    found = (next(filter(tells, _occurrences(name, sentence)), None) for name in names)
    return [Span(*place.span()) for place in found if place]


def _occurrences(name: str, sentence: str) -> Iterator[re.Match[str]]:
    words = r"\s+".join(map(re.escape, name.split()))
    return re.finditer(rf"(?<!\w){words}(?!\w)", sentence)


def _behind(locatives: re.Pattern[str], sentence: str, start: int) -> bool:
    """Whether a preposition of place stands before a place, and between them what may."""
    before = sentence[max(0, start - _NEAR) : start]
    found = list(locatives.finditer(before))
    return bool(found) and _ATTRIBUTES.fullmatch(before, found[-1].end()) is not None
