"""Who a speaker is, read off the words that stand with the name: "Maret Tamm, Estonia's foreign minister, said".

What newswire tells of a speaker it tells in few forms: a title before the name, a description between commas behind
it, or a description instead of a name. Code reads those and looks the nouns up in the cues of the language.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from service.extraction.attribution.descriptions import BEHIND_A_NAME, Descriptions
from service.extraction.entities.lexicon import Cues
from service.extraction.entities.mentions import Mentions
from service.extraction.normalize.countries import code_of, is_capital
from service.extraction.text.matching import Span

_OWNER = regex.compile(r"(?:(?i:the|a|an)\s+)?([\p{Lu}\d][\w.’'\s-]*?)[’'](?:s\s+|\s+)(?=\S)")
_OF = regex.compile(r"\s+(?:of|for|from|at|with)\s+(?:the\s+)?(\p{Lu}[^,]*?)(?:\s(?:for|in|at|to|on)\s.*)?$")
_LEADING = regex.compile(r"\s+|\[\d+\]|(?:the|a|an|its|his|her|their|on|in|mr|mrs|ms)\s+", regex.IGNORECASE)
_CLAUSE = regex.compile(r"\s+(?:who|which|that)\b")
_ARTICLE = regex.compile(r"^the\s+", regex.IGNORECASE)
_PREPOSITIONS = frozenset({"of", "from", "at", "for", "by", "with", "to", "on"})
_NAMED = 3
"""Words behind "of" in a speaker's own words that are a name as well."""
_OFFICE_WORDS = 4
"""Words of the longest office of somebody who need not speak: more are half a sentence."""
_OFFICIAL = frozenset({"gov", "mil", "leg", "jud", "igo", "pty"})


@dataclass(frozen=True, slots=True)
class Portrait:
    """What an article says of who a speaker is."""

    speaker_type: str
    sector: str
    is_official: bool
    position: Span | None
    affiliation: Span | None


class Portraits:
    """The portraits of one article's speakers."""

    def __init__(self, text: str, mentions: Mentions, cues: Cues) -> None:
        self._mentions = mentions
        self._cues = cues
        self._told = Descriptions(text, cues)
        self._sectors = cues.values.get("sector", {})
        self._offices = cues.values.get("office", {})
        self._types = cues.values.get("speaker_type", {})

    def of(self, speaker: Span) -> Portrait | None:
        """Who a speaker is; None where the article does not say it in a form that code can read."""
        own = self._told.words(speaker)
        kind = self._type(speaker)
        place = _ARTICLE.sub("", own)
        country = is_capital(place) or (code_of(place, None) and not _PREPOSITIONS.intersection(place.split()))
        if kind == "institution" and country and not self._sector([speaker]):
            return Portrait(kind, "gov", True, None, None)
        pieces = [speaker, *(self._told.beside(speaker) if kind == "person" else ())]
        told = self._sector(pieces) or self._envoy(speaker, kind)
        if told is None:
            return None
        sector, piece = told
        official = sector in _OFFICIAL and not self._cues["former"].search(self._told.words(piece))
        offices = (self._office(piece, speaker) for piece in pieces) if kind == "person" else ()
        position, affiliation = next(filter(any, offices), (None, None))
        return Portrait(kind, sector, official, position, affiliation)

    def holder(self, person: Span) -> Portrait | None:
        """The portrait of a person who speaks for a state or a body and whose office is told in few words."""
        portrait = self.of(person)
        if not (portrait and portrait.is_official and portrait.position):
            return None
        office = self._told.words(portrait.position)
        return portrait if self._told.is_office(office) and len(office.split()) <= _OFFICE_WORDS else None

    def individual(self, speaker: Span) -> Span | None:
        """Who speaks for nobody else: a person's name without the title, or what one without a name is called.

        Whoever is called by an office alone speaks for a state or a body.
        """
        name = self._told.name(speaker) if self._is_named(speaker) else None
        if name:
            return self._told.untitled(name)
        return speaker if self._type(speaker) == "anonymous" else None

    def _type(self, speaker: Span) -> str:
        """Whether a person speaks, a group, an institution, or somebody who is not named."""
        own = self._told.words(speaker)
        if self._is_named(speaker):
            return "person"
        if self._of_type("group", own):
            return "group"
        if self._is_body(speaker):
            return "institution"
        if self._of_type("anonymous", own):
            return "anonymous"
        return "person" if self._told.is_office(own) else "institution"

    def _is_body(self, speaker: Span) -> bool:
        """Whether a body is named, not somebody of it: "the prime minister's office", "the Saudi Press Agency"."""
        words = self._told.words(speaker).split()
        if self._told.is_office(words[-1]) or any(word in _PREPOSITIONS for word in words):
            return False
        name = self._told.name(speaker)
        if name and name.end == speaker.end and " " in self._told.words(name) and self._mentions.is_body(name):
            return True
        return any(pattern.fullmatch(words[-1]) for pattern in (self._cues["bodies"], *self._institutions()))

    def _institutions(self) -> Iterator[re.Pattern[str]]:
        if "institution" in self._types:
            yield self._types["institution"]

    def _envoy(self, speaker: Span, kind: str) -> tuple[str, Span] | None:
        """Whoever is "of" a country speaks for it: "Xu Wenbo of China"."""
        name = self._told.name(speaker)
        of = BEHIND_A_NAME.match(self._told.text, name.end, speaker.end) if name and kind == "person" else None
        place = _ARTICLE.sub("", self._told.text[of.end() : speaker.end]) if of else ""
        return ("gov", speaker) if place and code_of(place, None) and not is_capital(place) else None

    def _of_type(self, kind: str, own: str) -> bool:
        return kind in self._types and self._types[kind].search(own) is not None

    def _is_named(self, speaker: Span) -> bool:
        name = self._told.name(speaker)
        if name is None:
            return False
        own, words = self._told.words(speaker), self._told.words(name).split()
        before = self._told.text[speaker.start : name.start].split()
        if before and (before[-1] in _PREPOSITIONS or self._cues["locatives"].fullmatch(before[-1])):
            return False  # "traders in Sella"
        whole = name.end == speaker.end or BEHIND_A_NAME.match(self._told.text, name.end, speaker.end) is not None
        if not whole or (self._of_type("institution", own) and not self._told.is_office(own)):
            return False
        if words[-1].startswith("al-"):
            return True
        return not self._mentions.is_body(name) and not self._told.is_office(words[-1])

    def _sector(self, pieces: Sequence[Span]) -> tuple[str, Span] | None:
        """The sector of the first noun that has one, and where it stands.

        What an office alone says counts where nothing else does.
        """
        named = [piece for piece in pieces if not self._cues["possessives"].match(self._told.words(piece).strip())]
        short = [spelt for piece in pieces if (spelt := self._told.spelt_out(self._told.words(piece)))]
        for table, those in ((self._sectors, [*pieces, *short]), (self._offices, named)):
            for piece in those:
                said = self._told.words(piece)
                found = [
                    (match.start(), -match.end(), order, sector)
                    for order, (sector, pattern) in enumerate(table.items())
                    if (match := pattern.search(said))
                ]
                if found:
                    return min(found)[-1], piece
        return None

    def _office(self, piece: Span, speaker: Span) -> tuple[Span | None, Span | None]:
        """The office and whom it is held for, in words beside a name."""
        said = self._told.words(piece)
        nouns = self._told.nouns(said)
        if not nouns or not self._told.is_office(said) or said.lstrip().startswith("who "):
            return None, None
        last = max(end for _, end in nouns)
        start, end = 0, len(said.rstrip(" ,"))
        name = self._told.name(piece)
        own = self._mentions.is_body(name) is False and name.end - piece.start > last if name else False
        if own:
            end = last
        while lead := _LEADING.match(said, start, end) or self._cues["joints"].match(said, start, end):
            start = lead.end()
        if clause := _CLAUSE.search(said, start, end):
            end = clause.start()
        owner = _OWNER.match(said, start, end)
        if owner and owner.end() < end:
            held = Span(piece.start + owner.start(1), piece.start + owner.end(1))
            return Span(piece.start + owner.end(), piece.start + end), held
        of = _OF.search(said, start, end)
        if of and piece == speaker and len(of[1].split()) >= _NAMED:
            return Span(piece.start + start, piece.start + of.start()), None  # "Minister of State Hamad al-Marl"
        if of:
            return Span(piece.start + start, piece.start + of.start()), Span(
                piece.start + of.start(1), piece.start + of.end(1)
            )
        return Span(piece.start + start, piece.start + end), None
