"""The words of a clause that name the speaker before a speech verb."""

import re
from dataclasses import dataclass
from functools import cache

import regex

from service.extraction.attribution.following_speakers import names_speaker
from service.extraction.attribution.masking import WORD, MaskedClause
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.spans import Span

_MOST_SUBJECT_WORDS = 9
"""A longer subject is cut to the name that begins it."""
_SHORT_SUBJECT = 3
_MOST_COUPLED_WORDS = 4
"""Words of a name on either side of an "and" that joins two speakers."""

_COMMA = re.compile(r",(?!(?<=\d,)\d{3})")
"""Not that of "4,000"."""
_SMALL_WORDS = ("articles", "genitive_prepositions", "place_prepositions")
_APOSTROPHES = "'’"
_QUOTING_MARKS = '“„«"'
_OBJECT_AND_TITLE = regex.compile(r"\s*\p{Ll}+\s+(?:\p{Ll}+\s+){1,3}(?P<name>\p{Lu}\w+)\s\p{Lu}\w+\s\p{Lu}")
_BIND = ("adverbial_openers", "genitive_prepositions", "place_prepositions")
"""Words before a noun that is no subject."""


@dataclass(frozen=True, slots=True)
class _Patterns:
    name: regex.Pattern[str]
    """A name, from an article with a capital on: "The Bank of Ostrava"."""
    auxiliaries: re.Pattern[str]
    """At the end of a subject: "the army" has since."""
    opening: re.Pattern[str]
    """A time or place before a subject with a determiner: "On Monday" the makers."""
    relative: re.Pattern[str]
    occasion: re.Pattern[str]
    """Between a subject and its verb: Lena Brandt "late on Friday"."""


@cache
def _patterns(words: Lexicon) -> _Patterns:
    any_of = words.expression
    articles = any_of("articles")
    inside = any_of("name_connectors", "name_particles", "coordinators")
    # Where no subject need stand before it, an auxiliary may come first.
    before = r"(?:^|\s+)" if "dropped_pronouns" in words.lists else r"\s+"
    return _Patterns(
        regex.compile(
            rf"(?:(?=\p{{Lu}})(?i:{articles})\s+)?+\p{{Lu}}[\w’'.-]*"
            rf"(?:\s+(?:{inside}\b|\p{{Lu}}[\w’'.-]*))*(?<!\b{any_of('name_connectors', 'coordinators')})"
        ),
        re.compile(rf"(?:{before}{any_of('auxiliaries', 'adverb_patterns')})+\s*$", re.IGNORECASE),
        re.compile(
            rf"\s*{any_of('time_openers')}\s[^,]{{1,40}}?\s(?={any_of('subject_determiners')}\s)", re.IGNORECASE
        ),
        re.compile(rf"\s{any_of('relative_pronouns')}\s"),
        re.compile(rf"\s+{any_of('behind_subject')}(?!\w)[^,]{{0,40}}\Z", re.IGNORECASE),
    )


def without_auxiliaries(words: str, lexicon: Lexicon) -> str:
    """Words before a verb without those that belong to it: "has since", "lui a"."""
    return _patterns(lexicon).auxiliaries.sub("", words)


@dataclass(frozen=True, slots=True)
class SpeakerPhrases:
    """Finds the speaker in one clause.

    Args:
        clause: the clause.
        lexicon: the words of the section `SPEECH`.

    """

    clause: MaskedClause
    lexicon: Lexicon

    def at_opening(self, end: int) -> Span | None:
        """The name that ends the beginning of the clause, or else begins it; or all of it where it is short."""
        segment = self.clause.masked[:end].rstrip()
        names = list(_patterns(self.lexicon).name.finditer(segment))
        if names and names[-1].end() == len(segment):
            return self.clause.phrase(names[-1].start(), names[-1].end())
        if len(segment.split()) <= _SHORT_SUBJECT:
            return self.clause.phrase(0, len(segment))
        for name in names:
            before, behind = segment[: name.start()].split(), re.match(r"\s+(\w+)", segment[name.end() :])
            following = behind[1] if behind else ""
            # "Bakan Okay'ın sözcüsü Timur Reşat": not the one whose something is.
            own = not self._is_oblique(name[0]) and (
                self.lexicon["person_nouns"].fullmatch(before[-1]) if before else self._stands_alone(name[0], following)
            )
            noun = behind is not None and self.lexicon["person_nouns"].fullmatch(following) is not None
            end = name.end() + behind.end() if behind and noun else name.end()
            titled = noun and segment[end:].lstrip()[:1].isupper()
            if own and not titled:  # "Afrika Birliği gözlemcileri", but "Muhalefet lideri" Ilsa Varn
                return self.clause.phrase(name.start(), end)
        return None

    def _stands_alone(self, name: str, following: str) -> bool:
        """Whether a name that begins a sentence is one without a comma behind it, and no word like "Nobody"."""
        quoted = any(mark in self.clause.masked for mark in _QUOTING_MARKS)
        if quoted or " " in name or name.isupper():
            return True
        nouns = (self.lexicon[noun].fullmatch(name) for noun in ("person_nouns", "organization_nouns"))
        return any(nouns) or self.lexicon["topic_particles"].fullmatch(following) is not None

    def _is_oblique(self, name: str) -> bool:
        """Whether a name, or a word that has a capital since it begins the sentence, has a case that no subject has."""
        *others, last = name.split()
        # A surname may end as a case does, but not behind an apostrophe.
        known = not others or any(mark in last for mark in _APOSTROPHES)
        return known and self.lexicon["oblique_forms"].fullmatch(last) is not None

    def pronoun_in(self, source: re.Match[str]) -> Span | None:
        """The pronoun inside a source phrase: "in her account"."""
        words = WORD.finditer(self.clause.masked, source.start(), source.end())
        found = next((word for word in words if self.lexicon["possessive_pronouns"].fullmatch(word[0])), None)
        return self.clause.span(found.start(), found.end()) if found else None

    def before(self, start: int, end: int, *, participle: bool = False) -> Span | None:
        """The speaker before a speech verb: the first noun phrase of its clause, as far as punctuation tells.

        Args:
            start: where the clause begins at the earliest.
            end: where the verb begins.
            participle: whether the verb is one, before which the clause is a whole one: "The Front rejected the
                charge, maintaining".

        """
        masked, patterns = self.clause.masked, _patterns(self.lexicon)
        segment = without_auxiliaries(masked[start:end], self.lexicon)
        parts = _comma_parts(segment, start)
        if not parts:
            return None
        last = self._without_conjunction(Span(parts[-1].start, max(parts[-1].end, parts[-1].start + 1)))
        if segment.rstrip().endswith((",", "–", "—")) or not masked[last.start : last.end].strip():
            # "In Basra, Megan Hester, the mayor, said": the name stands before what is said of it.
            said_of = [part for part in map(self._without_conjunction, parts) if not self._is_adverbial(part)]
            named = [part for part in said_of if not self._is_clause(part)]
            part = next(iter(named or said_of), parts[-1])
            if named and named[0] != said_of[0]:
                part = self._before_speech_verb(part)
            first = part.start
        else:
            part = parts[-1]
            words = masked[part.start : part.end]
            relative = patterns.relative.search(words)
            if relative and words[: relative.start()].strip():  # "An official who asked not to be named"
                return self.clause.phrase(part.start, part.start + relative.start())
            first = part.start + self._behind_linkers(words)
        first = self._behind_quoting_verb(self._behind_speech_verb(first, part.end), part.end)
        words = without_auxiliaries(masked[first : part.end], self.lexicon)
        if "dropped_pronouns" in self.lexicon.lists:
            subject = self._behind_adverbial(first, first + len(words))
            if subject is None:
                return None
            first, words = subject, words[subject - first :]
        if opening := patterns.opening.match(words):
            behind = opening.end() + self._behind_object(words[opening.end() :])
            first, words = first + behind, words[behind:]
        words = self._without_occasion(words) if part == parts[-1] else words
        if participle:
            words = self._before_main_verb(words)
        words = self._without_last_small_words(words)
        if len(words.split()) > _MOST_SUBJECT_WORDS:
            return self._name_of_long_subject(first, words, parts)
        return self.clause.phrase(first, first + len(words.rstrip()))

    def _without_last_small_words(self, words: str) -> str:
        """A subject without articles and prepositions at its end: "Ulla Prenzke" von einem “guten Tag” sprach."""
        bare = words.rstrip()
        while " " in bare and any(self.lexicon[name].fullmatch(bare.rsplit(maxsplit=1)[-1]) for name in _SMALL_WORDS):
            bare = bare.rsplit(maxsplit=1)[0]
        return bare

    def _behind_object(self, words: str) -> int:
        """Where a title and a name begin behind the object of a preposition: in a note to "the press" Minister Berg."""
        found = _OBJECT_AND_TITLE.match(words)
        titled = found and self.lexicon["person_nouns"].fullmatch(found["name"])
        return found.start("name") if found and titled else 0

    def _without_occasion(self, words: str) -> str:
        """A subject without when or where it speaks, between it and its verb: "Lena Brandt late on Friday"."""
        occasion = _patterns(self.lexicon).occasion.search(words)
        return words[: occasion.start()] if occasion and words[: occasion.start()].strip() else words

    def _behind_linkers(self, words: str) -> int:
        """Where the last clause of some words begins: behind "that", not behind the "and" of two names."""
        linkers = self.lexicon["clause_linkers"].finditer(words)
        last = max((linker.end() for linker in linkers if not self._couples(words, linker)), default=0)
        return last if words[last:].strip() else 0

    def _couples(self, words: str, linker: re.Match[str]) -> bool:
        """Whether a linker stands between two names: "the baker and the miller"."""
        sides = words[: linker.start()], words[linker.end() :]
        coordinates = self.lexicon["coordinators"].fullmatch(linker[0]) is not None
        if not coordinates or not all(map(str.split, sides)):
            return False
        near = all(len(side.split()) <= _MOST_COUPLED_WORDS for side in sides)
        # "Minister for Mines and Energy Petricek"
        return near or (sides[0].split()[-1][0].isupper() and sides[1].split()[0][0].isupper())

    def _behind_adverbial(self, start: int, end: int) -> int | None:
        """Where a subject that may go unsaid begins, behind words that tell when or where; None if there is none."""
        masked = self.clause.masked
        first = start + len(masked[start:end]) - len(masked[start:end].lstrip())
        if first >= end or not self.lexicon["adverbial_openers"].match(masked, first):
            return start if first < end else None
        for article in self.lexicon["definite_articles"].finditer(masked, first, end):
            before = re.search(r"(\w+)\s+$", masked[first : article.start()])
            bound = before and any(self.lexicon[name].fullmatch(before[1]) for name in _BIND)
            adverbial = self.lexicon["adverbial_openers"].match(masked, article.start())
            if before and not bound and not adverbial and names_speaker(masked[article.start() : end], self.lexicon):
                return article.start()
        return None

    def _behind_speech_verb(self, first: int, end: int) -> int:
        """Where a subject begins, without a speech verb that is taken for its first word."""
        words = self.clause.masked[first:]
        verb = self.lexicon["speech_verbs"].match(self.clause.masked, first + len(words) - len(words.lstrip()))
        return verb.end() if verb and verb.end() < end else first

    def _behind_quoting_verb(self, first: int, end: int) -> int:
        """Where a subject begins behind a verb that gives words to it: "the agency quoted" Ana Berg."""
        verbs = self.lexicon["quoting_verbs"].finditer(self.clause.masked, first, end)
        last = max((verb.end() for verb in verbs), default=first)
        return last if self.clause.masked[last:end].strip() else first

    def _before_main_verb(self, words: str) -> str:
        """The subject of a whole clause: what stands before its own speech verb."""
        lists = ("speech_verbs", "quote_only_verbs")
        verb = next((found for name in lists if (found := self.lexicon[name].search(words, 1))), None)
        return words[: verb.start()] if verb and words[: verb.start()].strip() else words

    def _name_of_long_subject(self, first: int, words: str, parts: list[Span]) -> Span | None:
        """The name that begins a long subject, or the one between the last commas before the verb."""
        name = _patterns(self.lexicon).name.match(words.lstrip())
        full = self._with_noun(words.lstrip())
        if full:  # "Police chief Arno Wexham declined to …"
            return self.clause.phrase(first, first + len(words) - len(words.lstrip()) + full)
        if name:
            return self.clause.phrase(first, first + len(words) - len(words.lstrip()) + name.end())
        names = list(_patterns(self.lexicon).name.finditer(words.rstrip()))
        if names and names[-1].end() == len(words.rstrip()) and " " in names[-1][0]:
            return self.clause.phrase(first + names[-1].start(), first + names[-1].end())
        # "The deputy head of … in Doha, Ann Berg, said"
        last = self.clause.masked[parts[-1].start : parts[-1].end].strip()
        own = _patterns(self.lexicon).name.fullmatch(last)
        return self.clause.phrase(parts[-1].start, parts[-1].end) if own and len(parts) > 1 else None

    def _with_noun(self, words: str) -> int | None:
        """Where a name ends that stands behind what its bearer is, with which some words begin."""
        for noun in self.lexicon["person_nouns"].finditer(words):
            if len(words[: noun.start()].split()) > _SHORT_SUBJECT:
                return None
            name = _patterns(self.lexicon).name.match(words, noun.end() + 1)
            if name and " " in name[0]:
                return name.end()
        return None

    def _without_conjunction(self, part: Span) -> Span:
        """A part of the clause without a conjunction that opens it."""
        first = re.match(r"\W*(\w+)(?:\s|$)", self.clause.masked[part.start : part.end])
        conjunction = first and self.lexicon["conjunctions"].fullmatch(first[1])
        return Span(part.start + first.end(), part.end) if first and conjunction else part

    def _before_speech_verb(self, part: Span) -> Span:
        """A part of the clause as far as the first verb that says something: "the companies" said."""
        verb = self.lexicon["speech_verbs"].search(self.clause.masked, part.start + 1, part.end)
        return Span(part.start, verb.start()) if verb else part

    def _is_clause(self, part: Span) -> bool:
        """Whether a part of the clause has a verb of its own: "the garrison was relieved"."""
        verb = self.lexicon["speech_verbs"].search(self.clause.masked, part.start, part.end)
        end = verb.start() if verb else part.end
        return self.lexicon["predicate_words"].search(self.clause.masked, part.start, end) is not None

    def _is_adverbial(self, part: Span) -> bool:
        """Whether a part of the clause says when, where or how: "on Monday"."""
        first = re.match(r"\W*(\w+)", self.clause.masked[part.start : part.end])
        return bool(first and self.lexicon["adverbial_openers"].fullmatch(first[1]))


def _comma_parts(segment: str, start: int) -> list[Span]:
    """The parts between the commas of a segment that have words, by their places in the clause."""
    parts: list[Span] = []
    for words in _COMMA.split(segment):
        if words.strip():
            parts.append(Span(start, start + len(words)))
        start += len(words) + 1
    return parts
