"""Who is named where: persons by their names and offices, organisations by the words in their names."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import regex

from service.extraction.normalize.countries import code_of, is_capital
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.quotes import Passage, overlapping_passages
from service.extraction.text.sentences import Sentence
from service.extraction.text.spans import Span

_FULL_NAME = regex.compile(r"(?<!\w)\p{Lu}(?:\w{1,3}\.|[\w’'-]+)(?:\s\p{Lu}(?:\w{0,3}\.|[\w’'-]*))*\s\p{Lu}[\w’'-]+")
_WORD = regex.compile(r"(?<!\w)\p{Lu}[\w’'-]+")
_POSSESSIVE = regex.compile(r"[’']s?$")
_MOST_WORDS = 6
"""Longer than that is a headline."""
_PROPER = 2
"""Words of a long name that are not the office before it."""
_ENDED = regex.compile(r"[.!?…:;][\"”’»')]*$")
_LOOK_BACK = 60
"""Code points before a word that are looked at."""
_NOT_PERSONS = ("organization_nouns", "non_person_words")


@dataclass(frozen=True, slots=True)
class _Patterns:
    """What stands before the noun of a noun phrase: "the rebel" delegation, "Russia's" army; "Saudi Press" Agency."""

    determined: regex.Pattern[str]
    capitalised: regex.Pattern[str]


@cache
def _patterns(words: Lexicon) -> _Patterns:
    determiners = words.expression("articles", "possessive_determiners")
    breaks = words.expression("noun_phrase_breaks")
    return _Patterns(
        regex.compile(rf"(?<!\w)(?:(?i:{determiners})|[\w-]+[’']s)\s+(?:(?!{breaks}\b)[\w’'-]+\s+){{0,3}}$"),
        regex.compile(rf"(?<!\w)(?:(?!(?i:{words.expression('not_names')})\b)\p{{Lu}}[\w’'-]*\s+){{1,4}}$"),
    )


@cache
def _prefix(words: Lexicon) -> regex.Pattern[str]:
    """What is joined to a name with a hyphen: "al-Marl"."""
    return regex.compile(rf"^{words.expression('name_prefixes')}-")


class Mentions:
    """The persons and organisations that one article names outside of quotation marks, in order.

    A name of one word counts where it is part of a person's full name.

    Args:
        text: the article.
        sentences: all of it.
        speech: its passages in quotation marks that somebody says.
        lexicon: the words of the section `SPEECH`.

    """

    def __init__(self, text: str, sentences: Sequence[Sentence], speech: Sequence[Passage], lexicon: Lexicon) -> None:
        self._text = text
        self._lexicon = lexicon
        self._full: dict[str, list[Span]] = {}
        """Full names of persons by each of their words, in order."""
        found = self._find_names(sentences)
        for name in ("person_nouns", "organization_nouns"):
            for span in self._noun_phrases(name):
                found.setdefault(span.start, span)
        in_order = (found[start] for start in sorted(found))
        self._found = [span for span in in_order if not overlapping_passages(speech, span.start, span.end)]

    def between(self, start: int, end: int) -> Sequence[Span]:
        """Those that begin in a stretch of the article, in order."""
        first, last = (bisect_left(self._found, place, key=lambda span: span.start) for place in (start, end))
        return self._found[first:last]

    def full_name(self, name: Span) -> Span:
        """The nearest earlier place where a name of one word is part of a full name; else the name as it is."""
        known = self._full.get(_POSSESSIVE.sub("", self._text_of(name)), [])
        at = bisect_right(known, name.start, key=lambda span: span.start)
        return known[at - 1] if at else name

    def is_surname(self, word: str) -> bool:
        """Whether a word ends the full name of a person somewhere in the article."""
        return any(self._text_of(span).split()[-1] == word for span in self._full.get(word, ()))

    def is_organization_or_place(self, name: Span) -> bool:
        """Whether a name is no person's: one unknown word, a word for an organisation in it, or nobody's name."""
        said = self._text_of(name)
        words = said.split()
        if len(words) == 1 and _POSSESSIVE.sub("", said) in self._full:
            return False
        last = _prefix(self._lexicon).sub("", words[-1])
        if len(words) == 1 or not last[:1].isupper() or self._lexicon["not_names"].fullmatch(words[0]):
            return True
        named_last = not self._is_person_noun(words[-1]) and not self._is_no_persons(words[-1])
        if any(map(self._is_person_noun, words[:-1])) and named_last:
            return False  # "Russian President Marl"
        proper = " ".join(words[-_PROPER:]) if len(words) > 1 + _PROPER else said
        return (
            self._is_person_noun(words[-1])
            or self._is_no_persons(proper)
            or (code_of(proper, None) is not None and not (len(words) == _PROPER and is_capital(words[0])))
        )

    def may_be_surname(self, name: Span) -> bool:
        """Whether a single word could be a person's name as well as an organisation's."""
        word = self._text_of(name)
        known = code_of(word, None) or any(self._lexicon[name].search(word) for name in _NOT_PERSONS)
        return len(word.split()) == 1 and word[:1].isupper() and not word.isupper() and not known

    def describes_person(self, phrase: Span) -> bool:
        """Whether a phrase without a name is about a person: "a source in the service"."""
        said = self._text_of(phrase)
        head = self._lexicon["person_nouns"].search(said)
        return head is not None and head[0][0].islower() and said[head.start() :].islower()

    def _text_of(self, span: Span) -> str:
        return self._text[span.start : span.end]

    def _find_names(self, sentences: Sequence[Sentence]) -> dict[int, Span]:
        """Names of persons by where they begin: full ones, and single words of them elsewhere."""
        # In a headline every word may have a capital.
        prose = (sentence for sentence in sentences if _ENDED.search(sentence.text))
        full = [Span(*match.span()) for s in prose for match in _FULL_NAME.finditer(self._text, s.start, s.end)]
        found: dict[int, Span] = {}
        for span in map(self._without_place, full):
            name = _POSSESSIVE.sub("", self._text_of(span))
            bare = Span(span.start, span.start + len(name))
            if len(name.split()) > _MOST_WORDS or self.is_organization_or_place(bare) or self._is_modifier(span.start):
                continue
            for word in _WORD.findall(name):
                if not word.isupper():
                    self._full.setdefault(_POSSESSIVE.sub("", word), []).append(bare)
            if bare == span:  # "Varn's office" is not about Varn
                found[span.start] = span
        within_full = {at for span in full for at in range(span.start, span.end)}
        for match in _WORD.finditer(self._text):
            if match.start() not in within_full and match[0] in self._full and not self._is_modifier(match.start()):
                found[match.start()] = Span(*match.span())
        return found

    def _without_place(self, name: Span) -> Span:
        """A name without the place before it of which somebody has an office: "глава МЗС Росії" Ян Берг."""
        words = self._text_of(name).split()
        before = self._text[max(0, name.start - _LOOK_BACK) : name.start].split()
        if "place_forms" not in self._lexicon.lists or len(words) <= _PROPER or not before:
            return name
        patronymic = self._lexicon["patronymics"].fullmatch(words[1])
        if patronymic or not before[-1].islower() or not self._lexicon["place_forms"].fullmatch(words[0]):
            return name
        return Span(name.end - len(self._text_of(name)[len(words[0]) :].lstrip()), name.end)

    def _is_no_persons(self, words: str) -> bool:
        return any(self._lexicon[name].search(words) for name in _NOT_PERSONS)

    def _is_person_noun(self, word: str) -> bool:
        return self._lexicon["person_nouns"].fullmatch(word) is not None

    def _noun_phrases(self, name: str) -> Iterator[Span]:
        """Noun phrases around the words of a list."""
        patterns = _patterns(self._lexicon)
        for match in self._lexicon[name].finditer(self._text):
            first = max(0, match.start() - _LOOK_BACK)
            before = patterns.determined.search(self._text, first, match.start())
            if before is None:
                before = patterns.capitalised.search(self._text, first, match.start())
                if before is None and not match[0][0].isupper():
                    continue
            yield Span(before.start() if before else match.start(), match.end())

    def _is_modifier(self, start: int) -> bool:
        """Whether a name says where ("in New York") or which ("the Varn campaign")."""
        before = self._text[max(0, start - _LOOK_BACK) : start].split()
        lists = ("place_prepositions", "definite_articles")
        return bool(before and any(self._lexicon[name].fullmatch(before[-1]) for name in lists))
