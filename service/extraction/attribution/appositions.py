"""The name that stands beside a description: "its spokesman, Dario Kemp,", "le porte-parole, le général Tarn,"."""

import re
from functools import cache

import regex

from service.extraction.attribution.descriptions import person_nouns
from service.extraction.entities.mentions import Mentions
from service.extraction.entities.names import title_expression
from service.extraction.normalize.countries import code_of, is_capital
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.spans import Span

_NAME_WORD = r"\p{Lu}(?:\.(?=\s\p{Lu})|[\w’'-]*)"
_REST = re.compile(r"[^,.;:()«»“”\n]{1,70}(?=,)")
"""Of a description, behind its noun."""
_COMMA = re.compile(r"\s*,\s+")


@cache
def _further_words(words: Lexicon) -> str:
    """A regular expression for a further word of a name."""
    particles = words.expression("name_particles", "surname_particles")
    return rf"\s(?:{words.expression('name_prefixes')}-|(?:{particles}\s){{1,2}})?{_NAME_WORD}"


@cache
def _name(words: Lexicon) -> str:
    """A regular expression for a name with titles, of which the second group is the first word."""
    return rf"((?:{title_expression(words)})*+({_NAME_WORD})(?:{_further_words(words)})*)\s*[,.;]"


@cache
def _apposition(words: Lexicon) -> regex.Pattern[str]:
    """What stands behind a speaker: a name between commas, or one that ends the sentence."""
    return regex.compile(rf",\s+{_name(words)}")


@cache
def _named(words: Lexicon) -> regex.Pattern[str]:
    """The same name behind a title in small letters: "le général" Tarn."""
    return regex.compile(_name(words))


@cache
def _full_name(words: Lexicon) -> regex.Pattern[str]:
    return regex.compile(rf"\s+({_NAME_WORD}(?:{_further_words(words)})+)")


class Appositions:
    """Finds the names beside the descriptions of one article.

    Args:
        text: the article.
        mentions: the persons and organisations that it names.
        lexicon: the words of the section `SPEECH`.

    """

    def __init__(self, text: str, mentions: Mentions, lexicon: Lexicon) -> None:
        self._text = text
        self._mentions = mentions
        self._lexicon = lexicon

    def name_beside(self, speaker: Span) -> Span:
        """The name that follows a description between commas: "its spokesman, Dario Kemp, said"; else the speaker."""
        if right_behind := self._name_right_behind(speaker):
            return right_behind
        speaker = self._with_complement(speaker)
        name = self._name_after_comma(speaker.end)
        if not name or self._lexicon["not_names"].fullmatch(name[2]) or code_of(name[1], None) or is_capital(name[1]):
            return speaker
        named = Span(*name.span(1))
        words = self._text[speaker.start : speaker.end]
        heads = [head for noun in person_nouns(self._lexicon) for head in noun.finditer(words)]
        # "Der Sprecher von Innenminister Görtz": behind the first one stands whom he speaks for.
        first = [head for head in heads if self._lexicon["genitive_prepositions"].match(words[head.end() :].lstrip())]
        head = max(first or heads, key=lambda head: head.start(), default=None)
        if head is None:
            return speaker if words.rsplit(maxsplit=1)[-1][0].isupper() else named
        behind = words[head.end() :].lstrip()
        title = head[0][0].isupper() and not self._lexicon["definite_articles"].fullmatch(words.split(maxsplit=1)[0])
        if title or behind[:1].isupper():
            return speaker  # the name stands in the words: "Mayor Ilsa Varn"
        # Behind "a resident of the town" a town may be named.
        return speaker if behind and self._mentions.is_organization_or_place(named) else named

    @property
    def _has_complements(self) -> bool:
        return "noun_complements" in self._lexicon.lists

    def _name_right_behind(self, speaker: Span) -> Span | None:
        """The name behind a noun in small letters: "the shopkeeper" Tarn, "le maire" Paul Tarn."""
        if not self._mentions.describes_person(speaker):
            return None
        known = next(iter(self._mentions.between(speaker.end, speaker.end + 2)), None)
        if known and self._text[known.start].isupper():
            return known
        if not self._has_complements:
            return None
        name = _full_name(self._lexicon).match(self._text, speaker.end)
        return Span(*name.span(1)) if name else None

    def _with_complement(self, speaker: Span) -> Span:
        """A description with what it is of, where a name stands behind: "le chef" de la délégation, Ann Berg."""
        if self._lexicon["noun_complements"].match(self._text, self._next_word(speaker.end)):
            rest = _REST.match(self._text, speaker.end)
            if rest and not self._lexicon["speech_verbs"].search(rest[0]) and self._name_after_comma(rest.end()):
                return Span(speaker.start, rest.end())
        return speaker

    def _name_after_comma(self, end: int) -> regex.Match[str] | None:
        """A name between commas, behind a title that some languages write in small letters: ", le général Tarn"."""
        name = _apposition(self._lexicon).match(self._text, end)
        comma = _COMMA.match(self._text, end)
        if name or not comma or not self._has_complements:
            return name
        article = self._lexicon["definite_articles"].match(self._text, comma.end())
        start = self._next_word(article.end()) if article else comma.end()
        while noun := self._lexicon["person_nouns"].match(self._text, start):
            start = self._next_word(noun.end())
        return _named(self._lexicon).match(self._text, start) if start > comma.end() else None

    def _next_word(self, place: int) -> int:
        rest = self._text[place : place + 8]
        return place + len(rest) - len(rest.lstrip())
