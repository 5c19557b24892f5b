"""Who a speaker is, read off the words that stand with the name: "Maret Tamm, Estonia's foreign minister, said".

What newswire tells of a speaker it tells in few forms: a title before the name, a description between commas behind
it, or a description instead of a name. Code reads those and looks the nouns up in the word lists of the language.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import regex

from service.extraction.attribution.descriptions import Descriptions, representation
from service.extraction.attribution.offices import find_office
from service.extraction.entities.mentions import Mentions
from service.extraction.normalize.countries import code_of, is_capital
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.spans import Span

_MOST_OFFICE_WORDS = 4
"""Words of the longest office of somebody who need not speak: more are half a sentence."""
_OFFICIAL_SECTORS = frozenset({"gov", "mil", "leg", "jud", "igo", "pty"})


@dataclass(frozen=True, slots=True)
class SpeakerProfile:
    """What an article says of who a speaker is.

    Args:
        speaker_type: `person`, `group`, `institution`, or `anonymous` for somebody who is not named.
        sector: which part of public life they belong to: `gov`, `mil`, `jrn`, ...
        is_official: whether they speak for a state, a party or an organisation of states.
        position: the words for their office, where they hold one.
        affiliation: the words for whom it is held for.

    """

    speaker_type: str
    sector: str
    is_official: bool
    position: Span | None
    affiliation: Span | None


_PLACE = regex.compile(r"\p{Lu}[\w’'-]*(?:\s(?:\p{Ll}{2,3}\s)?\p{Lu}[\w’'-]*){0,3}")


@cache
def _article(words: Lexicon) -> regex.Pattern[str]:
    return regex.compile(rf"^{words.expression('articles')}\s+", regex.IGNORECASE)


def _behind_article(text: str, start: int, lexicon: Lexicon) -> int:
    article = lexicon["articles"].match(text, start)
    return article.end() + 1 if article else start


@cache
def _name_prefix(words: Lexicon) -> regex.Pattern[str]:
    return regex.compile(rf"{words.expression('name_prefixes')}-")


class SpeakerProfiles:
    """Tells who the speakers of one article are.

    Args:
        text: the article.
        mentions: the persons and organisations that it names.
        lexicon: the words of the section `SPEECH`.

    """

    def __init__(self, text: str, mentions: Mentions, lexicon: Lexicon) -> None:
        self._mentions = mentions
        self._lexicon = lexicon
        self._descriptions = Descriptions(text, lexicon)
        self._sectors = lexicon.values.get("sector", {})
        self._offices = lexicon.values.get("office", {})
        self._types = lexicon.values.get("speaker_type", {})

    def of(self, speaker: Span) -> SpeakerProfile | None:
        """Who a speaker is; None where the article does not say it in a form that code can read."""
        place = _article(self._lexicon).sub("", self._text_of(speaker))
        country = is_capital(place) or (code_of(place, None) and not self._has_preposition(place))
        speaker_type = self._type(speaker)
        if speaker_type == "institution" and country and not self._sector([speaker]):
            return SpeakerProfile(speaker_type, "gov", is_official=True, position=None, affiliation=None)
        person = speaker_type == "person"
        told_in = [speaker, *(self._descriptions.around_name(speaker) if person else ())]
        told = self._sector(told_in) or (self._representative(speaker) if person else None)
        if told is None:
            return None
        sector, description = told
        official = sector in _OFFICIAL_SECTORS and not self._lexicon["former"].search(self._text_of(description))
        offices = (self._office(words, speaker) for words in told_in) if person else ()
        position, affiliation = next(filter(any, offices), (None, None))
        return SpeakerProfile(speaker_type, sector, official, position, affiliation)

    def office_holder(self, person: Span) -> SpeakerProfile | None:
        """The profile of a person who speaks for a state or an organisation and whose office is told in few words."""
        profile = self.of(person)
        if not (profile and profile.is_official and profile.position):
            return None
        office = self._text_of(profile.position)
        brief = len(office.split()) <= _MOST_OFFICE_WORDS
        return profile if self._descriptions.has_person_noun(office) and brief else None

    def individual_name(self, speaker: Span) -> Span | None:
        """Who speaks for nobody else: a person's name without the title, or what one without a name is called.

        Whoever is called by an office alone speaks for a state or an organisation; for them it is None.
        """
        name = self._descriptions.name_in(speaker) if self._is_named(speaker) else None
        if name:
            return self._descriptions.without_title(name)
        return speaker if self._type(speaker) == "anonymous" else None

    def _text_of(self, span: Span) -> str:
        return self._descriptions.text_of(span)

    def _office(self, description: Span, speaker: Span) -> tuple[Span | None, Span | None]:
        return find_office(description, speaker, self._descriptions, self._mentions, self._lexicon)

    def _type(self, speaker: Span) -> str:
        """Whether a person speaks, a group, an institution, or somebody who is not named."""
        own = self._text_of(speaker)
        if self._is_named(speaker):
            return "person"
        if self._is_of_type("group", own):
            return "group"
        if self._is_institution(speaker):
            return "institution"
        if self._is_of_type("anonymous", own):
            return "anonymous"
        return "person" if self._descriptions.has_person_noun(own) else "institution"

    def _is_of_type(self, speaker_type: str, own: str) -> bool:
        return speaker_type in self._types and self._types[speaker_type].search(own) is not None

    def _is_institution(self, speaker: Span) -> bool:
        """Whether an institution is named, not somebody of it: "the prime minister's office"."""
        own = self._text_of(speaker)
        last = own.split()[-1]
        if self._begins_as_organization(speaker):
            return True
        if self._descriptions.has_person_noun(last) or self._has_preposition(own):
            return False
        name = self._descriptions.name_in(speaker)
        ends = name is not None and name.end == speaker.end and " " in self._text_of(name)
        if name and ends and self._mentions.is_organization_or_place(name):
            return True  # "the Saudi Press Agency"
        nouns = [self._lexicon["organization_nouns"]]
        nouns += [self._types["institution"]] if "institution" in self._types else []
        return any(pattern.fullmatch(last) for pattern in nouns)

    def _begins_as_organization(self, speaker: Span) -> bool:
        """Whether the first noun is an organisation's, where that tells: "le ministère de la Défense"."""
        own = self._text_of(speaker)
        article = self._lexicon["definite_articles"].match(own) or self._lexicon["determiners"].match(own)
        start = len(own) - len(own[article.end() :].lstrip()) if article else 0
        return self._lexicon["organization_heads"].match(own, start) is not None

    def _has_preposition(self, words: str) -> bool:
        return any(map(self._is_preposition, words.split()))

    def _is_preposition(self, word: str) -> bool:
        """Whether a word joins somebody to an organisation or place; "For several days Iran" is not for anybody."""
        return word.islower() and self._lexicon["person_prepositions"].fullmatch(word) is not None

    def _is_named(self, speaker: Span) -> bool:
        """Whether a speaker's words are a person's name, with a title or with whom they represent."""
        name = self._descriptions.name_in(speaker)
        if name is None or self._begins_as_organization(speaker):
            return False
        text = self._descriptions.text
        before = text[speaker.start : name.start].split()
        if before and (self._is_preposition(before[-1]) or self._lexicon["place_prepositions"].fullmatch(before[-1])):
            return False  # "traders in Sella"
        complete = name.end == speaker.end or representation(self._lexicon).match(text, name.end, speaker.end)
        own = self._text_of(speaker)
        if not complete or (self._is_of_type("institution", own) and not self._descriptions.has_person_noun(own)):
            return False
        last = self._text_of(name).split()[-1]
        if _name_prefix(self._lexicon).match(last):
            return True
        return not self._mentions.is_organization_or_place(name) and not self._descriptions.has_person_noun(last)

    def _representative(self, speaker: Span) -> tuple[str, Span] | None:
        """Whoever is "of" a country speaks for it: "Xu Wenbo of China"; else None."""
        text, name = self._descriptions.text, self._descriptions.name_in(speaker)
        of = representation(self._lexicon).match(text, name.end) if name else None
        place = _PLACE.match(text, _behind_article(text, of.end(), self._lexicon)) if of else None
        return ("gov", speaker) if place and code_of(place[0], None) and not is_capital(place[0]) else None

    def _sector(self, told_in: Sequence[Span]) -> tuple[str, Span] | None:
        """The sector of the first noun that has one, and the words it stands in.

        What an office alone says counts where nothing else does.
        """
        possessive = self._lexicon["possessive_pronouns"]
        named = [span for span in told_in if not possessive.match(self._text_of(span).strip())]
        expanded = [self._descriptions.expand_abbreviation(self._text_of(span)) for span in told_in]
        for table, spans in ((self._sectors, [*told_in, *filter(None, expanded)]), (self._offices, named)):
            for span in spans:
                said = self._text_of(span)
                found = [
                    (match.start(), -match.end(), order, sector)
                    for order, (sector, pattern) in enumerate(table.items())
                    if (match := pattern.search(said))
                ]
                if found:
                    return min(found)[-1], span
        return None
