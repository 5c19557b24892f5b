"""Where an article describes a speaker: a title before the name, words between commas beside it, or no name at all."""

import re
from collections.abc import Iterator

import regex

from service.extraction.entities.lexicon import Cues
from service.extraction.text.matching import Span

BEHIND_A_NAME = regex.compile(r"\s+(?:of|from|at)\s")
"""Between a name and whom somebody belongs to: "Ferris of the United States"."""
_BESIDE = 140
"""Code points around a name in which it is told who that is."""
_MOST_PLACES = 4
"""Places of a name that are looked at: the quotation's own, then the first ones of the article."""
_BREAK = regex.compile(r"(?<!\p{Lu})\.(?=\s|\Z)|[!?;:\n“”„«»\"()]|[,.!?][’'](?=\s)|\s[–—-]\s")
_NAME = regex.compile(
    r"(?:(?:\p{Lu}[\w’'.-]*|al-\p{Lu}[\w’'-]+)(?:\s+(?:bin|ibn|al|de|da|van|von|der)(?=\s))*\s+)*"
    r"(?:\p{Lu}[\w’'-]+|al-\p{Lu}[\w’'-]+)"
)
_BEHIND = regex.compile(
    r"\s*,\s+(?:\d{2}\s*,\s+)?([^,]+(?:,(?=\s+who\b)[^,]+)?)|\s+((?:of|from|at|for|with|von|vom|der)\s[^,]+)"
)
_SHORT = regex.compile(r"\b\p{Lu}{2,}\b")
_GIVEN = regex.compile(
    r"(?i:\b(?:with|by|from|to|of|after|for|against|and)\s+(?:the|a|an|[\w’'-]+[’']s)\s+(?:[\w’'-]+\s+){0,2})$"
)


class Descriptions:
    """The words of one article that tell who its speakers are."""

    def __init__(self, text: str, cues: Cues) -> None:
        self.text = text
        self._cues = cues
        self._sectors = cues.values.get("sector", {})
        self._offices = cues.values.get("office", {})

    def words(self, span: Span) -> str:
        """What stands somewhere."""
        return self.text[span.start : span.end]

    def name(self, speaker: Span) -> Span | None:
        """The name at the end of a speaker's words, or at their beginning: "Ferris of the United States"."""
        own = self.words(speaker)
        last = None
        for match in _NAME.finditer(own):
            last = match
            if BEHIND_A_NAME.match(own, match.end()):
                break
        return Span(speaker.start + last.start(), speaker.start + last.end()) if last else None

    def untitled(self, name: Span) -> Span:
        """A name without the title before it."""
        words = self.words(name)
        titles = [match.end() for pattern in self._offices.values() for match in pattern.finditer(words)]
        bare = words[max(titles, default=0) :].lstrip(" ,.")
        return Span(name.end - len(bare), name.end) if bare else name

    def beside(self, speaker: Span) -> Iterator[Span]:
        """The words with a name that may tell who that is, at its own place and where it stands first."""
        name = self.name(speaker)
        if name is None:
            return
        bare = self.untitled(name)
        surname = self.words(bare).split()[-1]
        places = [(bare.start, bare.end)]
        at = self.text.find(surname)
        while at >= 0 and len(places) < _MOST_PLACES:
            end = at + len(surname)
            first = _first_word(self.text, at)
            if not any(start <= at < stop for start, stop in places) and not self.text[end : end + 1].isalnum():
                places.append((first, end))
            at = self.text.find(surname, end)
        for start, end in places:
            if before := self._before(start):
                yield before
            if after := self._after(end):
                yield after

    def _before(self, start: int) -> Span | None:
        """A title, or a description and a comma, before a name."""
        low = max(0, start - _BESIDE)
        said = self.text[low:start]
        for stop in (*_BREAK.finditer(said), *self._cues["cues"].finditer(said)):
            low = max(low, start - len(said) + stop.end())
        said = self.text[low:start]
        bare = said.rstrip()
        if bare.endswith(","):
            low = max(low, low + said[: len(bare) - 1].rfind(",") + 1)
            end = low + len(self.text[low:start].rstrip()) - 1
            found = self.nouns(self.text[low:end])
            if not found or _GIVEN.search(self.text[low : low + min(found)[0]]):
                return None
            return Span(low, end)
        return Span(low, start) if any(not said[end:].strip() for _, end in self.nouns(said)) else None

    def _after(self, end: int) -> Span | None:
        """A description behind a name: ", the army's spokesman", " of the defence ministry"."""
        found = _BEHIND.match(self.text, end, min(len(self.text), end + _BESIDE))
        if not found:
            return None
        start, stop = found.span(1) if found[1] else found.span(2)
        said = self.text[start:stop]
        cut = _BREAK.search(said)
        said = said[: cut.start()] if cut else said
        cue = self._cues["cues"].search(said)
        if cue and not said.startswith("who "):
            said = said[: cue.start()]
        if (
            not said.strip()
            or self._cues["conjunctions"].match(said)
            or regex.match(r"(?i)that\b|he\b|she\b|when\b", said)
        ):
            return None
        return Span(start, start + len(said.rstrip()))

    def spelt_out(self, said: str) -> Span | None:
        """What an abbreviation in some words stands for: "the Front for Renewal (FR)"."""
        for short in _SHORT.findall(said):
            at = self.text.find(f"({short})")
            if at > 0:
                return Span(max(0, at - _BESIDE // 2), at)
        return None

    def nouns(self, words: str) -> list[tuple[int, int]]:
        """Where nouns stand that tell who somebody is."""
        patterns = (*person_nouns(self._cues), *self._sectors.values())
        return [match.span() for pattern in patterns for match in pattern.finditer(words)]

    def is_office(self, words: str) -> bool:
        """Whether some words hold an office or what persons are called."""
        return any(pattern.search(words) for pattern in person_nouns(self._cues))


def person_nouns(cues: Cues) -> tuple[re.Pattern[str], ...]:
    """The nouns for persons: offices, and what else somebody is called."""
    return (*cues.values.get("office", {}).values(), cues["described"])


def _first_word(text: str, at: int) -> int:
    """Where a name begins of which the surname stands at a place."""
    before = regex.search(r"(?:\p{Lu}[\w’'.-]*\s+){0,3}$", text[max(0, at - 60) : at])
    return at - len(before[0]) if before else at
