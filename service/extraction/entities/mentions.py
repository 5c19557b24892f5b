"""Who is named where: persons by their names and offices, institutions by the words in their names."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import regex

from service.extraction.entities.lexicon import Cues
from service.extraction.entities.names import NO_NAMES
from service.extraction.normalize.countries import code_of, is_capital
from service.extraction.text.matching import Span
from service.extraction.text.quotes import Passage, within
from service.extraction.text.sentences import Sentence

_FULL_NAME = regex.compile(r"(?<!\w)\p{Lu}(?:\w{1,3}\.|[\w’'-]+)(?:\s\p{Lu}(?:\w{0,3}\.|[\w’'-]*))*\s\p{Lu}[\w’'-]+")
_WORD = regex.compile(r"(?<!\w)\p{Lu}[\w’'-]+")
_POSSESSIVE = regex.compile(r"[’']s?$")
_DETERMINED = regex.compile(
    r"(?<!\w)(?:(?i:the|an?|his|her|its|their)|[\w-]+[’']s)\s+(?:(?!(?:the|an?|of|by|in|on|for|and)\b)[\w’'-]+\s+){0,3}$"
)
"""Before the noun of a noun phrase: "the rebel" delegation, "Russia's defence" ministry."""
_CAPITALISED = regex.compile(rf"(?<!\w)(?:(?!(?i:{'|'.join(sorted(NO_NAMES))})\b)\p{{Lu}}[\w’'-]*\s+){{1,4}}$")
_MOST_WORDS = 6
"""Longer than that is a headline."""
_PROPER = 2
"""Words of a long name that are not the office before it."""
_ENDED = regex.compile(r"[.!?…:;][\"”’»')]*$")
_BEFORE = 60
"""Code points before a word that are looked at."""


class Mentions:
    """The persons and bodies that one article names outside of quotation marks, in order.

    A name of one word counts where it is part of a person's full name.
    """

    def __init__(self, text: str, sentences: Sequence[Sentence], speech: Sequence[Passage], cues: Cues) -> None:
        self._text = text
        self._cues = cues
        self._full: dict[str, list[Span]] = {}
        """Full names of persons by each of their words, in order."""
        # In a headline every word may have a capital.
        prose = (sentence for sentence in sentences if _ENDED.search(sentence.text))
        full = [Span(*match.span()) for s in prose for match in _FULL_NAME.finditer(text, s.start, s.end)]
        found: dict[int, Span] = {}
        for span in full:
            name = _POSSESSIVE.sub("", text[span.start : span.end])
            bare = Span(span.start, span.start + len(name))
            if len(name.split()) > _MOST_WORDS or self.is_body(bare) or self._adjunct(span.start):
                continue
            for word in _WORD.findall(name):
                if not word.isupper():
                    self._full.setdefault(_POSSESSIVE.sub("", word), []).append(bare)
            if bare == span:  # "Varn's office" is not about Varn
                found[span.start] = span
        within_full = {at for span in full for at in range(span.start, span.end)}
        for match in _WORD.finditer(text):
            if match.start() not in within_full and match[0] in self._full and not self._adjunct(match.start()):
                found[match.start()] = Span(*match.span())
        for name in ("described", "bodies"):
            for span in self._phrases(name):
                found.setdefault(span.start, span)
        inside = (found[start] for start in sorted(found))
        self._found = [span for span in inside if not within(speech, span.start, span.end)]

    def between(self, start: int, end: int) -> Sequence[Span]:
        """Those that begin in a stretch of the article, in order."""
        first, last = (bisect_left(self._found, place, key=lambda span: span.start) for place in (start, end))
        return self._found[first:last]

    def fullest(self, name: Span) -> Span:
        """The nearest earlier place where a name of one word is part of a full name; else the name as it is."""
        known = self._full.get(_POSSESSIVE.sub("", self._text[name.start : name.end]), [])
        at = bisect_right(known, name.start, key=lambda span: span.start)
        return known[at - 1] if at else name

    def is_body(self, name: Span) -> bool:
        """Whether a name is an institution's or a place's: one unknown word, a word for a body, or nobody's name."""
        said = self._text[name.start : name.end]
        words = said.split()
        if len(words) == 1 and _POSSESSIVE.sub("", said) in self._full:
            return False
        if len(words) == 1 or not words[-1][:1].isupper() or words[0].lower() in NO_NAMES:
            return True
        if any(self._cues["described"].fullmatch(word) for word in words[:-1]) and not self._is_title(words[-1]):
            return False  # "Russian President Marl"
        proper = " ".join(words[-_PROPER:]) if len(words) > 1 + _PROPER else said
        return (
            self._is_title(words[-1])
            or any(self._cues[name].search(proper) for name in ("bodies", "unpersonal"))
            or (code_of(proper, None) is not None and not (len(words) == _PROPER and is_capital(words[0])))
        )

    def may_be_surname(self, name: Span) -> bool:
        """Whether a single word could be a person's name as well as a body's."""
        word = self._text[name.start : name.end]
        known = code_of(word, None) or any(self._cues[name].search(word) for name in ("bodies", "unpersonal"))
        return len(word.split()) == 1 and word[:1].isupper() and not word.isupper() and not known

    def _is_title(self, word: str) -> bool:
        return self._cues["described"].fullmatch(word) is not None

    def describes_person(self, phrase: Span) -> bool:
        """Whether a phrase without a name is about a person: "a source in the service"."""
        said = self._text[phrase.start : phrase.end]
        head = self._cues["described"].search(said)
        return head is not None and head[0][0].islower() and said[head.start() :].islower()

    def _phrases(self, name: str) -> Iterator[Span]:
        """Noun phrases around the words of a list."""
        for match in self._cues[name].finditer(self._text):
            first = max(0, match.start() - _BEFORE)
            before = _DETERMINED.search(self._text, first, match.start())
            if before is None:
                before = _CAPITALISED.search(self._text, first, match.start())
                if before is None and not match[0][0].isupper():
                    continue
            yield Span(before.start() if before else match.start(), match.end())

    def _adjunct(self, start: int) -> bool:
        """Whether a name says where ("in New York") or which ("the Varn campaign")."""
        before = self._text[max(0, start - _BEFORE) : start].split()
        return bool(before and any(self._cues[name].fullmatch(before[-1]) for name in ("locatives", "articles")))
