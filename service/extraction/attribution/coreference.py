"""Whom pronouns, surnames and offices stand for, as far as code can tell: "she", "Varn", "the minister"."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

import regex

from service.extraction.attribution.appositions import Appositions
from service.extraction.attribution.attribution import Attribution
from service.extraction.entities.mentions import Mentions
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.sentences import Sentence
from service.extraction.text.spans import Span

_SENTENCES = 3
"""Sentences before a pronoun's own in which it may have been told whom it stands for."""
_NEAR = 80
"""Code points around a name in which the speaker's office is told."""
_GENDERS = ("masculine", "feminine")
_AFFILIATION = ("representation_prepositions", "affiliation_prepositions")
_LOOK_BACK = 50
"""Speakers before the last ones are not meant by a pronoun or an office."""
_CLAUSE_END = re.compile(r"[.!?;\n]")
_CAPITAL = regex.compile(r"\w\W*\s\p{Lu}")
"""A word with one that does not begin a sentence."""
_TITLED = regex.compile(r"\.?\s(?:\p{Lu}[\w’'-]*\s)?(\p{Lu}[\w’'-]+)")
"""Behind a title: the surname, after a first name if there is one."""
_APOSTROPHES = "'’"
_MOST_JOINING_WORDS = 4
_LAST_WORD = regex.compile(r"\w+\Z")


def resolve_speakers(
    text: str, found: Sequence[Attribution], sentences: Sequence[Sentence], mentions: Mentions, lexicon: Lexicon
) -> list[Attribution]:
    """Attributions whose speakers are replaced by whom they stand for, and surnames by the fullest form of the name.

    Args:
        text: the article.
        found: its attributions, in order.
        sentences: all of it.
        mentions: the persons and organisations that it names.
        lexicon: the words of the section `SPEECH`.

    """
    resolver = _SpeakerResolver(text, sentences, mentions, lexicon)
    return [resolver.resolve(attribution) for attribution in found]


class _SpeakerResolver:
    """Resolves the speakers of one article in order, and remembers them."""

    def __init__(self, text: str, sentences: Sequence[Sentence], mentions: Mentions, lexicon: Lexicon) -> None:
        self._text = text
        self._sentences = sentences
        self._mentions = mentions
        self._lexicon = lexicon
        self._appositions = Appositions(text, mentions, lexicon)
        self._speakers: list[Span] = []
        """Who has spoken so far, in order."""
        self._have_spoken: set[Span] = set()
        self._last_in_sentence: dict[int, Span] = {}
        """Who spoke last in a sentence, by its number."""
        self._genders: dict[str, str] = {}
        """Of surnames, as titles and pronouns have told so far."""
        for gender in _GENDERS:
            for title in lexicon[f"{gender}_titles"].finditer(text):
                if name := _TITLED.match(text, title.end()):
                    self._genders[name[1]] = gender
        self._learn_by_possessives()

    def resolve(self, attribution: Attribution) -> Attribution:
        """The attribution with its speaker replaced."""
        speaker = self._referent(attribution)
        if speaker:
            self._speakers.append(speaker)
            self._have_spoken.add(speaker)
            self._last_in_sentence.update((sentence.number, speaker) for sentence in attribution.sentences)
        return replace(attribution, speaker=speaker)

    def _referent(self, attribution: Attribution) -> Span | None:
        """Whom the words for a speaker stand for."""
        if attribution.speaker is None:
            if attribution.cue is None:
                return self._speakers[-1] if self._speakers else None
            return self._unsaid(attribution, attribution.cue)
        inside = attribution.cue and attribution.cue.start <= attribution.speaker.start < attribution.cue.end
        # Not "de source" militaire, in which a noun is inside.
        if inside and not self._lexicon["person_nouns"].search(self._text_of(attribution.speaker)):
            return self._antecedent(attribution.speaker)  # "in her account"
        speaker = self._pronoun_alone(self._appositions.name_beside(attribution.speaker))
        speaker = self._without_affiliation(self._without_title(self._without_case(speaker)))
        words = self._text_of(speaker)
        if self._lexicon["object_words"].fullmatch(words):
            return None
        if self._lexicon["age_nouns"].fullmatch(words.split()[-1]):
            return self._speakers[-1] if self._speakers else None
        if self._lexicon["last_named_pronouns"].fullmatch(words):
            return self._last_named(speaker)
        if self._is_pronoun(words):
            return self._antecedent(speaker)
        if not self._is_somebody(words):
            return None
        return self._office_holder(speaker) or self._mentions.full_name(speaker)

    def _unsaid(self, attribution: Attribution, cue: Span) -> Span | None:
        """Who says something where the subject goes unsaid: the last speaker, or the only one named just before."""
        verb = self._text_of(cue).split()[-1]
        gender = next((one for one in _GENDERS if self._lexicon[f"{one}_verbs"].fullmatch(verb)), None)
        singular = self._lexicon["singular_verbs"].fullmatch(verb) is not None
        may_be = gender is not None or singular or "dropped_pronouns" in self._lexicon.lists
        if not may_be or self._may_have_subject(attribution, cue):
            return None
        if gender is None and self._speakers:
            return self._speakers[-1]
        for sentence in reversed(self._sentences_before(attribution.sentences[0].start)[-_SENTENCES:]):
            if speaker := self._last_in_sentence.get(sentence.number):
                return speaker if gender is None or self._agrees(speaker, gender) else None
            named = {_surname(self._text_of(one)): one for one in self._persons_in(sentence)}
            if named:
                return self._mentions.full_name(one) if (one := self._only_one(list(named.values()), gender)) else None
        return None

    def _may_have_subject(self, attribution: Attribution, cue: Span) -> bool:
        """Whether somebody is named outside what is said, though nobody was found who says it."""
        start, end = attribution.sentences[0].start, attribution.sentences[-1].end
        told = list(self._text[start:end])
        for said in (*attribution.parts, cue):
            told[said.start - start : said.end - start] = " " * (said.end - said.start)
        words = "".join(told)
        nouns = (self._lexicon[name].search(words) for name in ("person_nouns", "organization_nouns"))
        named = [] if told[0].isspace() else self._mentions.between(start, start + 1)
        return _CAPITAL.search(words) is not None or any(nouns) or bool(named)

    def _persons_in(self, sentence: Sentence) -> list[Span]:
        named = self._mentions.between(sentence.start, sentence.end)
        return [one for one in named if not self._mentions.is_organization_or_place(one)]

    def _only_one(self, named: Sequence[Span], gender: str | None) -> Span | None:
        """Who alone may be meant, of those named together: by what is known of their genders where they are several."""
        if len(named) == 1:
            return named[0] if gender is None or self._agrees(named[0], gender) else None
        known = [one for one in named if gender and self._gender_of(self._text_of(one)) == gender]
        return known[0] if len(known) == 1 else None

    def _text_of(self, span: Span) -> str:
        return self._text[span.start : span.end]

    def _recent_speakers(self) -> Iterator[Span]:
        return islice(reversed(self._speakers), _LOOK_BACK)

    def _pronoun_alone(self, speaker: Span) -> Span:
        """The pronoun alone where more than it was taken for the subject: "of the losses he", "he after the talks"."""
        words = self._text_of(speaker)
        first, *_ = words.split(maxsplit=1)
        if self._lexicon["subject_pronouns"].fullmatch(first):
            start = speaker.start + words.index(first)
            return Span(start, start + len(first))
        last = _LAST_WORD.search(words)
        if last and last.start() and self._lexicon["subject_pronouns"].fullmatch(last[0]):
            return Span(speaker.start + last.start(), speaker.end)
        return speaker

    def _without_title(self, speaker: Span) -> Span:
        """The name behind a title and its full stop, or the title in small letters: "M. Tarn"."""
        words = self._text_of(speaker)
        for gender in _GENDERS if "before_speaker" in self._lexicon.lists else ():
            title = self._lexicon[f"{gender}_titles"].match(words)
            name = _TITLED.match(words, title.end()) if title else None
            if title and name and name.end() == len(words):
                self._genders.setdefault(name[1], gender)
                return Span(speaker.end - len(words[title.end() :].lstrip(". \u00a0\u202f")), speaker.end)
        return speaker

    def _without_case(self, speaker: Span) -> Span:
        """A name without the ending of its case behind an apostrophe: "Cihan Sarıtepe"'ye."""
        last = self._text_of(speaker).split()[-1]
        mark = max(last.rfind(one) for one in _APOSTROPHES)
        oblique = mark > 0 and self._lexicon["oblique_forms"].fullmatch(last)
        return Span(speaker.start, speaker.end - len(last) + mark) if oblique else speaker

    def _without_affiliation(self, speaker: Span) -> Span:
        """A person's name without whom or where they work for: "Tobias Merren" of the growers' union."""
        named = next(iter(self._mentions.between(speaker.start, speaker.start + 1)), speaker)
        behind = self._text[named.end : speaker.end].lstrip()
        prepositions = (self._lexicon[name].match(behind) for name in _AFFILIATION)
        office = self._lexicon["person_nouns"].search(self._text_of(named))
        person = not office and not self._mentions.is_organization_or_place(named)
        return named if person and any(prepositions) else speaker

    def _office_holder(self, speaker: Span) -> Span | None:
        """Whom "the minister" stands for: the last named speaker beside whose name the word stood."""
        article, *noun = self._text_of(speaker).split()
        if not self._lexicon["definite_articles"].fullmatch(article) or len(noun) != 1 or noun[0][0].isupper():
            return None
        if self._lexicon["organization_nouns"].fullmatch(noun[0]):
            return None
        office = re.compile(rf"(?<!\w){re.escape(noun[0])}(?!\w)", re.IGNORECASE)
        for span in self._recent_speakers():
            if self._has_office(span, office, speaker.start):
                return None if self._mentions.is_organization_or_place(span) else span
        return self._titled(noun[0], speaker)

    def _has_office(self, span: Span, office: re.Pattern[str], end: int) -> bool:
        """Whether a word stands beside a name, in the same clause."""
        before = _CLAUSE_END.split(self._text[max(0, span.start - _NEAR) : span.start])[-1]
        after = _CLAUSE_END.split(self._text[span.end : min(span.end + _NEAR, end)])[0]
        return self._text[span.start].isupper() and office.search(f"{before} | {after}") is not None

    def _titled(self, office: str, speaker: Span) -> Span | None:
        """The only person before whose name an office stands as a title: "Defence Minister" Gustav Hallam."""
        title = re.compile(rf"(?<!\w){re.escape(office.capitalize())}\s")
        sentences = self._sentences_before(speaker.start)
        named = self._mentions.between(sentences[0].start, speaker.start) if sentences else ()
        titled = [
            span
            for span in named
            if not self._mentions.describes_person(span)
            and title.search(self._text, max(0, span.start - len(office) - 1), span.end)
        ]
        return titled[0] if len({self._text_of(span) for span in titled}) == 1 else None

    def _last_named(self, pronoun: Span) -> Span | None:
        """The person who is named last in the sentence before: "the latter"."""
        before = self._sentences_before(pronoun.start)[-1:]
        named = [span for one in before for span in self._mentions.between(one.start, min(one.end, pronoun.start))]
        persons = [span for span in named if not self._mentions.is_organization_or_place(span)]
        return persons[-1] if len(persons) > 1 else None

    def _antecedent(self, pronoun: Span) -> Span | None:
        """Whom a pronoun stands for: who is named in the sentences before it, else the last speaker of its sort."""
        word = self._text_of(pronoun).split(maxsplit=1)[0]
        gender = next((gender for gender in _GENDERS if self._lexicon[f"{gender}_pronouns"].fullmatch(word)), None)
        couple = self._couple_before(pronoun) if self._lexicon["plural_pronouns"].fullmatch(word) else None
        if couple:
            return couple
        if gender is None and not self._lexicon["neuter_pronouns"].fullmatch(word):
            return self._speakers[-1] if self._speakers else None
        named = () if self._lexicon["plural_pronouns"].fullmatch(word) else self._named_before(pronoun)
        candidates = chain(named, self._recent_speakers())
        found = next((span for span in candidates if self._agrees(span, gender)), None)
        found = found and self._appositions.name_beside(found)
        if found is None or (gender and self._is_in_doubt(found, gender, pronoun)):
            return None
        if gender:
            self._genders.setdefault(_surname(self._text_of(found)), gender)
        spoke = (span for span in self._recent_speakers() if span.contains(found))
        return next(spoke, None) or self._mentions.full_name(found)

    def _couple_before(self, pronoun: Span) -> Span | None:
        """Two persons with whom the sentence before begins: "Headmaster Tom Dacrey and caretaker Ana Pirell"."""
        ended = [one for one in self._sentences_before(pronoun.start) if one.end <= pronoun.start]
        for sentence in ended[-1:]:
            persons = self._persons_in(sentence)
            offices = self._text[sentence.start : persons[0].start].split() if persons else ()
            joined = len(persons) == 2 and self._is_joined(*persons)
            if joined and len(offices) <= _MOST_JOINING_WORDS and not self._mentions.describes_person(persons[1]):
                return Span(sentence.start, persons[1].end)
        return None

    def _named_before(self, pronoun: Span) -> Iterator[Span]:
        """Who is named before a pronoun: sentence by sentence, in each the speaker, then who comes first."""
        here = bisect_right(self._sentences, pronoun.start, key=lambda sentence: sentence.start)
        for sentence in reversed(self._sentences[max(0, here - 1 - _SENTENCES) : here]):
            speaker = self._last_in_sentence.get(sentence.number)
            if speaker and sentence.start < pronoun.start:
                yield speaker
            goes_on = self._lexicon["subject_pronouns"].fullmatch(sentence.text.split(maxsplit=1)[0])
            if goes_on and sentence.start != pronoun.start:
                continue  # whom it names besides is not whom it is about
            end = min(sentence.end, pronoun.start)
            yield from self._mentions.between(sentence.start, end)

    def _is_in_doubt(self, person: Span, gender: str, pronoun: Span) -> bool:
        """Whether somebody else for whom a pronoun may stand is named in one breath: "Voigt and Raumer"."""
        if self._speakers and self._is_same(person, self._speakers[-1]):
            return False
        others = self._mentions.between(max(0, person.start - _NEAR), min(person.end + _NEAR, pronoun.start))
        return any(
            self._is_joined(person, span) and not self._is_same(person, span) and self._agrees(span, gender)
            for span in others
        )

    def _is_joined(self, one: Span, other: Span) -> bool:
        """Whether only a conjunction and an office stand between two names."""
        first, second = sorted((one, other), key=lambda span: span.start)
        between = self._text[first.end : second.start].split()
        joint = bool(between) and self._lexicon["coordinators"].fullmatch(between[0]) is not None
        return joint and len(between) <= _MOST_JOINING_WORDS

    def _is_same(self, one: Span, other: Span) -> bool:
        return _surname(self._text_of(one)) == _surname(self._text_of(other))

    def _sentences_before(self, place: int) -> Sequence[Sentence]:
        """The last sentences that begin before a place, its own among them."""
        here = bisect_right(self._sentences, place, key=lambda sentence: sentence.start)
        first = max(0, here - 1 - _SENTENCES)
        return [one for one in self._sentences[first:here] if one.start < place]

    def _learn_by_possessives(self) -> None:
        """Whoever a sentence is about has the gender of the pronoun behind: "Hale met her counterpart"."""
        for sentence in self._sentences:
            named = self._mentions.between(sentence.start, sentence.end)
            if not named or self._mentions.is_organization_or_place(named[0]):
                continue
            end = named[1].start if len(named) > 1 else sentence.end
            for gender in _GENDERS:
                own = self._lexicon[f"{gender}_pronouns"].search(self._text, named[0].end, end)
                if own and self._lexicon["possessive_pronouns"].fullmatch(own[0]):
                    self._genders.setdefault(_surname(self._text_of(named[0])), gender)

    def _gender_of(self, name: str) -> str | None:
        """What is known of somebody's gender: by pronouns and titles, else by the given name."""
        words = name.split()
        given = (word for word in words[:-1] if word[:1].isupper())
        by_name = (g for word in given for g in _GENDERS if self._lexicon[f"{g}_given_names"].fullmatch(word))
        return self._genders.get(_surname(name)) or next(by_name, None)

    def _agrees(self, name: Span, gender: str | None) -> bool:
        """Whether a pronoun of a gender, or a neuter one, may stand for somebody."""
        words = self._text_of(name)
        if self._mentions.describes_person(name):
            noun_gender = next((one for one in _GENDERS if self._lexicon[f"{one}_nouns"].search(words)), gender)
            return gender is not None and noun_gender == gender
        if gender is None:
            return self._mentions.is_organization_or_place(name)
        person = not self._mentions.is_organization_or_place(name) or (
            name in self._have_spoken and self._mentions.may_be_surname(name)
        )
        return person and (self._gender_of(words) or gender) == gender

    def _is_somebody(self, words: str) -> bool:
        """Whether words may stand for a speaker: they have a name, or do not tell when, where or how: "at first"."""
        named = any(map(str.isupper, words)) or self._lexicon["organization_nouns"].search(words) is not None
        return named or self._lexicon["adverbial_openers"].match(words) is None

    def _is_pronoun(self, words: str) -> bool:
        first, *others = words.split()
        return bool(self._lexicon["pronouns"].fullmatch(first)) and len(others) <= 1


def _surname(name: str) -> str:
    return name.rsplit(maxsplit=1)[-1].strip(".,")
