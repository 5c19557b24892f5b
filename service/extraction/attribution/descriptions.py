"""Where an article describes a speaker: a title before the name, words between commas beside it, or no name at all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import regex

from service.extraction.text.lexicon import Lexicon
from service.extraction.text.spans import Span

_LOOK_AROUND = 140
"""Code points around a name in which it is told who that is."""
_MOST_PLACES = 4
"""Places of a name that are looked at: the quotation's own, then the first ones of the article."""
_BREAK = regex.compile(r"(?<!\p{Lu})\.(?=\s|\Z)|[!?;:\n“”„«»\"()]|[,.!?][’'](?=\s)|\s[–—-]\s")
_ABBREVIATION = regex.compile(r"\b\p{Lu}{2,}\b")
_NAME_START = regex.compile(r"(?:\p{Lu}[\w’'.-]*\s+){0,3}$")


@dataclass(frozen=True, slots=True)
class _Patterns:
    name: regex.Pattern[str]
    behind: regex.Pattern[str]
    """A description behind a name: ", 51, the army's spokesman", " of the defence ministry"."""
    participant: regex.Pattern[str]
    """What makes a description before a name another person's: "talks with the president", Ilsa Varn."""


@cache
def _patterns(words: Lexicon) -> _Patterns:
    any_of = words.expression
    particles = any_of("name_particles", "surname_particles")
    prefixed = rf"{any_of('name_prefixes')}-\p{{Lu}}[\w’'-]+"
    prepositions = any_of("affiliation_prepositions", "description_prepositions")
    return _Patterns(
        regex.compile(
            rf"(?:(?:\p{{Lu}}[\w’'.-]*|{prefixed})(?:\s+{particles}(?=\s))*\s+)*(?:\p{{Lu}}[\w’'-]+|{prefixed})"
        ),
        regex.compile(
            rf"\s*,\s+(?:\d{{2}}\s*,\s+)?([^,]+(?:,(?=\s+{any_of('personal_relatives')}\b)[^,]+)?)"
            rf"|\s+({prepositions}\s[^,]+)"
        ),
        regex.compile(
            rf"(?i:\b{any_of('participant_prepositions')}\s+(?:{any_of('articles')}|[\w’'-]+[’']s)\s+"
            r"(?:[\w’'-]+\s+){0,2})$"
        ),
    )


@cache
def representation(words: Lexicon) -> regex.Pattern[str]:
    """A pattern for what stands between a name and whom somebody represents: Ferris "of" the United States."""
    return regex.compile(rf"\s+{words.expression('representation_prepositions')}\s")


class Descriptions:
    """Finds the words of one article that tell who its speakers are.

    Args:
        text: the article.
        lexicon: the words of the section `SPEECH`.

    """

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self.text = text
        self._lexicon = lexicon
        self._patterns = _patterns(lexicon)
        self._sectors = lexicon.values.get("sector", {})
        self._offices = lexicon.values.get("office", {})

    def text_of(self, span: Span) -> str:
        """Text of a span."""
        return self.text[span.start : span.end]

    def name_in(self, speaker: Span) -> Span | None:
        """The name at the end of a speaker's words, or at their beginning: "Ferris of the United States"."""
        own = self.text_of(speaker)
        last = None
        for match in self._patterns.name.finditer(own):
            last = match
            if representation(self._lexicon).match(own, match.end()):
                break
        return Span(speaker.start + last.start(), speaker.start + last.end()) if last else None

    def without_title(self, name: Span) -> Span:
        """A name without the title before it."""
        words = self.text_of(name)
        titles = [match.end() for pattern in self._offices.values() for match in pattern.finditer(words)]
        bare = words[max(titles, default=0) :].lstrip(" ,.")
        return Span(name.end - len(bare), name.end) if bare else name

    def around_name(self, speaker: Span) -> Iterator[Span]:
        """The words beside a speaker's name that may tell who that is: at its own place, then where it stands first."""
        name = self.name_in(speaker)
        if name is None:
            return
        bare = self.without_title(name)
        surname = self.text_of(bare).split()[-1]
        places = [(bare.start, bare.end)]
        at = self.text.find(surname)
        while at >= 0 and len(places) < _MOST_PLACES:
            end = at + len(surname)
            first = _name_start(self.text, at)
            if not any(start <= at < stop for start, stop in places) and not self.text[end : end + 1].isalnum():
                places.append((first, end))
            at = self.text.find(surname, end)
        for start, end in places:
            if before := self._before_name(start):
                yield before
            if after := self._after_name(end):
                yield after

    def expand_abbreviation(self, said: str) -> Span | None:
        """What an abbreviation in some words stands for: "the Front for Renewal (FR)"; None where that is not told."""
        for short in _ABBREVIATION.findall(said):
            at = self.text.find(f"({short})")
            if at > 0:
                return Span(max(0, at - _LOOK_AROUND // 2), at)
        return None

    def role_nouns(self, words: str) -> list[tuple[int, int]]:
        """Where nouns stand in some words that tell who somebody is, as (start, end)."""
        patterns = (*person_nouns(self._lexicon), *self._sectors.values())
        return [match.span() for pattern in patterns for match in pattern.finditer(words)]

    def has_person_noun(self, words: str) -> bool:
        """Whether some words hold an office or what persons are called."""
        return any(pattern.search(words) for pattern in person_nouns(self._lexicon))

    def is_relative_clause(self, words: str) -> bool:
        """Whether some words begin as a clause about a person: "who leads the mission"."""
        relative = self._lexicon["personal_relatives"].match(words)
        return relative is not None and words[relative.end() : relative.end() + 1] == " "

    def _before_name(self, start: int) -> Span | None:
        """A title, or a description and a comma, before a name."""
        low = max(0, start - _LOOK_AROUND)
        said = self.text[low:start]
        for stop in (*_BREAK.finditer(said), *self._lexicon["speech_verbs"].finditer(said)):
            low = max(low, start - len(said) + stop.end())
        while aside := self._lexicon["before_speaker"].match(self.text, _next_word(self.text, low), start):
            low = aside.end()
        said = self.text[low:start]
        bare = said.rstrip()
        if bare.endswith(","):
            low = max(low, low + said[: len(bare) - 1].rfind(",") + 1)
            end = low + len(self.text[low:start].rstrip()) - 1
            found = self.role_nouns(self.text[low:end])
            if not found or self._patterns.participant.search(self.text[low : low + min(found)[0]]):
                return None
            return Span(low, end)
        return Span(low, start) if any(not said[end:].strip() for _, end in self.role_nouns(said)) else None

    def _after_name(self, end: int) -> Span | None:
        """A description behind a name: ", the army's spokesman", " of the defence ministry"."""
        found = self._patterns.behind.match(self.text, end, min(len(self.text), end + _LOOK_AROUND))
        if not found:
            return None
        start, stop = found.span(1) if found[1] else found.span(2)
        said = self.text[start:stop]
        cut = _BREAK.search(said)
        said = said[: cut.start()] if cut else said
        verb = self._lexicon["speech_verbs"].search(said)
        if verb and not self.is_relative_clause(said):
            said = said[: verb.start()]
        if not said.strip() or any(self._lexicon[name].match(said) for name in ("conjunctions", "not_descriptions")):
            return None
        return Span(start, start + len(said.rstrip()))


def person_nouns(lexicon: Lexicon) -> tuple[re.Pattern[str], ...]:
    """Patterns for the nouns for persons: offices, and what else somebody is called."""
    return (*lexicon.values.get("office", {}).values(), lexicon["person_nouns"])


def _next_word(text: str, place: int) -> int:
    """Where the word at or behind a place begins."""
    return place + len(text[place : place + _LOOK_AROUND]) - len(text[place : place + _LOOK_AROUND].lstrip())


def _name_start(text: str, surname: int) -> int:
    """Where a name begins of which the surname begins at a place."""
    before = _NAME_START.search(text[max(0, surname - 60) : surname])
    return surname - len(before[0]) if before else surname
