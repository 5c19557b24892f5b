"""Names that say where: behind a preposition of place, or before the noun of a meeting ("the Minsk agreements")."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache

from service.extraction.normalize.countries import code_of, is_capital, is_demonym
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.spans import Span

_LOOK_BACK = 40
"""Code points before a name in which it is told what it is."""
_FOLLOWS = re.compile(r"\s+(\w+)")
_MAY_FOLLOW = ("place_prepositions", "adverbial_openers", "clause_linkers", "conjunctions")
"""What may follow a place as well as nothing does. Another word makes a name none: "captured Amvar fighters"."""


def is_place_only(
    name: str, sentence: str, meeting_nouns: re.Pattern[str], speech: Lexicon, *, placed_elsewhere: bool
) -> bool:
    """Whether a name of a sentence only says where something is, or of which town talks are.

    Args:
        name: words of the sentence.
        sentence: its text.
        meeting_nouns: those of a kind, "talks" in "the Minsk talks".
        speech: the words of the section `SPEECH`.
        placed_elsewhere: whether the name stands behind a preposition of place somewhere in the article.

    """
    town = is_capital(name) or (placed_elsewhere and code_of(name, None) is None)
    return all(
        _is_behind_preposition(sentence, found.start(), speech)
        or (town and meeting_nouns.match(sentence, found.end() + 1) is not None)
        for found in _occurrences(name, sentence)
    )


def find_places_by_preposition(names: Sequence[str], sentence: str, speech: Lexicon) -> list[Span]:
    """Where names of a sentence stand behind a preposition of place: the first such occurrence of each."""
    return first_occurrences(names, sentence, lambda found: _is_behind_preposition(sentence, found.start(), speech))


def find_places_by_context(
    names: Sequence[str], sentence: str, kind: Lexicon, speech: Lexicon, towns: Collection[str]
) -> list[Span]:
    """Where names of a sentence are made places by the words right beside them: the first such occurrence of each.

    Args:
        names: those of the sentence.
        sentence: its text.
        kind: the words of a kind: `before_place` ("captured", "the village of"), `after_place` ("district", "was
            shelled") and, behind a town, `meeting_nouns` ("talks").
        speech: the words of the section `SPEECH`.
        towns: names that are known for places; behind them may follow any word.

    """
    may_be = [name for name in names if code_of(name, None) is None or is_capital(name)]
    return first_occurrences(may_be, sentence, lambda found: _is_in_context(found, sentence, kind, speech, towns))


def geo_precision(text: str, place: Span, kind: Lexicon, speech: Lexicon) -> str:
    """How exactly a place is named, in ACLED's terms: `exact` by the town or site, `near` one, `region`, `country`."""
    name = text[place.start : place.end]
    if code_of(name, None) and not is_capital(name):
        return "country"
    follows = _FOLLOWS.match(text, place.end)
    before = words_before(text, place.start, speech)
    if (follows and kind["region_nouns"].match(text, follows.start(1))) or ends_with(
        kind["region_nouns"], _without_genitive(before, speech)
    ):
        return "region"
    return "near" if ends_with(kind["near_prepositions"], before) else "exact"


def with_place_noun(text: str, place: Span) -> Span:
    """A place with its noun where it is named by a demonym: "the Qatari capital", "Romanian airspace"."""
    noun = _FOLLOWS.match(text, place.end) if is_demonym(text[place.start : place.end]) else None
    return Span(place.start, noun.end()) if noun and noun[1].islower() else place


def first_occurrences(names: Sequence[str], sentence: str, tells: Callable[[re.Match[str]], bool]) -> list[Span]:
    """For each name, the first of its occurrences in a sentence of which something is told; none for the others."""
    found = (next(filter(tells, _occurrences(name, sentence)), None) for name in names)
    return [Span(*place.span()) for place in found if place]


def ends_with(pattern: re.Pattern[str], words: str) -> bool:
    """Whether some words end with one of a list."""
    return any(match.end() == len(words) for match in pattern.finditer(words))


def words_before(text: str, start: int, speech: Lexicon) -> str:
    """The words before a name, without its article."""
    return _article_before(speech).sub(" ", text[max(0, start - _LOOK_BACK) : start]).rstrip()


@cache
def _article_before(speech: Lexicon) -> re.Pattern[str]:
    return re.compile(rf"(?:^|\s){speech.opening('articles')}\Z", re.IGNORECASE)


@cache
def _attributes(speech: Lexicon) -> re.Pattern[str]:
    """What may stand between a preposition and its place: "in the besieged town of" Velm."""
    breaks = speech.expression("place_phrase_breaks")
    return re.compile(rf"(?:(?<=['’])|\s+)(?:{speech.opening('articles')}(?:(?!{breaks}\b)[\w’'-]+\s+){{0,3}})?")


def _without_genitive(words: str, speech: Lexicon) -> str:
    """Some words without an "of" at their end: "the region" of "the region of"."""
    last = words.rfind(" ") + 1
    return words[: last - 1] if last and speech["genitive_prepositions"].fullmatch(words, last) else words


def _is_in_context(name: re.Match[str], sentence: str, kind: Lexicon, speech: Lexicon, towns: Collection[str]) -> bool:
    """Whether an occurrence of a name is a place by the words right beside it."""
    follows = _FOLLOWS.match(sentence, name.end())
    town = " ".join(name[0].split()) in towns or is_capital(name[0])
    if follows:
        start = follows.start(1)
        if kind["after_place"].match(sentence, start) or (town and kind["meeting_nouns"].match(sentence, start)):
            return True
        if not town and not any(speech[words].match(sentence, start) for words in _MAY_FOLLOW):
            return False
    if sentence.startswith(("’", "'"), name.end()):
        return False
    return ends_with(kind["before_place"], words_before(sentence, name.start(), speech).rstrip(' \n»”"'))


def _occurrences(name: str, sentence: str) -> Iterator[re.Match[str]]:
    """Where a name stands in a sentence as whole words, with any white space between them."""
    words = r"\s+".join(map(re.escape, name.split()))
    return re.finditer(rf"(?<!\w){words}(?!\w)", sentence)


def _is_behind_preposition(sentence: str, start: int, speech: Lexicon) -> bool:
    """Whether a preposition of place stands before a place, and between them only what may."""
    before = sentence[max(0, start - _LOOK_BACK) : start]
    found = list(speech["place_prepositions"].finditer(before))
    return bool(found) and _attributes(speech).fullmatch(before, found[-1].end()) is not None
