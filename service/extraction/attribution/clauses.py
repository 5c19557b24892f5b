"""What one clause attributes to whom: the forms of attribution in newswire, told by punctuation and word lists."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import regex

from service.extraction.attribution.following_speakers import FollowingSpeakers, names_speaker
from service.extraction.attribution.masking import CLOSING_MARKS, MASK, OPENING_MARKS, WORD, MaskedClause
from service.extraction.attribution.speaker_phrases import SpeakerPhrases, without_auxiliaries
from service.extraction.attribution.speech_verbs import SpeechVerbs
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.spans import Span

_BEHIND_QUOTATION = re.compile(rf"{MASK}[,.!?…]*[{CLOSING_MARKS}]?\s*[,.!?]?\s*[–—-]{{0,2}}\s*$")
_BOUNDARY = re.compile(rf"\s-\s|[{re.escape('”“»«」』')};:–—]|(?<!\w)[\"’]|[\"](?!\w)")
"""Before a subject: punctuation at which its clause begins at the earliest."""
_ASIDE = re.compile(rf"[^,.;:{MASK}]{{0,40}},[^,.;:{MASK}]{{1,80}},\s+")
"""Between a verb and its words: "said on Thursday, citing the army, that …"."""
_SHORT_SUBJECT = 3
_MOST_INVERTED_WORDS = 8
"""Of a speaker behind the verb, with what is said of them."""
_LEAST_STATEMENT = 4
"""Words before a comma, more than which may be what is said rather than who says it."""
_LEAST_CONTENT = 2
"""Fewer words than that are no content of an indirect quotation."""
_JOINING = ("clause_linkers", "relative_pronouns", "coordinators")
_MOST_INTERRUPTED_WORDS = 6
_LEAST_BEFORE = 3
"""Code points before a source phrase, more than which may be what is said."""
_MOST_DESCRIBED_WORDS = 4
_MOSTLY_QUOTED = 0.6
"""Share of quotations in the content, from which on they alone are it."""


class ClauseAttribution(NamedTuple):
    """What a clause attributes: the content in its pieces, the cue that does so, and the speaker if one is named."""

    parts: tuple[Span, ...]
    cue: Span
    speaker: Span | None


@dataclass(frozen=True, slots=True)
class _Patterns:
    shared_subject: re.Pattern[str]
    """Between two verbs of one subject: "said this", and also "warned"."""
    inverted_speaker: regex.Pattern[str]
    """How a speaker behind the verb begins: said "the" mayor, said "V"arn."""
    time: re.Pattern[str]
    """What may follow a verb that ends its sentence: the army said "on" Friday."""


@cache
def _patterns(words: Lexicon) -> _Patterns:
    any_of = words.expression
    coordinator = any_of("coordinators")
    return _Patterns(
        re.compile(rf"(?:,\s*{coordinator}?|\s{coordinator})\s+(?:{words.opening('shared_subject_words')})*$"),
        regex.compile(rf"\s+(?:{any_of('articles')}\b|\p{{Lu}})"),
        re.compile(rf"\s+{any_of('time_words', 'weekdays')}\b"),
    )


def read_clause(clause: MaskedClause, lexicon: Lexicon) -> list[ClauseAttribution]:
    """What a clause attributes, in order: mostly one thing, several where one speaker says this and denies that.

    Args:
        clause: the clause.
        lexicon: the words of the section `SPEECH`.

    """
    following = FollowingSpeakers(clause, lexicon)
    verbs = SpeechVerbs(clause, lexicon, following)
    return _ClauseReader(clause, lexicon, SpeakerPhrases(clause, lexicon), following, verbs).read()


@dataclass(frozen=True, slots=True)
class _ClauseReader:
    clause: MaskedClause
    lexicon: Lexicon
    preceding: SpeakerPhrases
    following: FollowingSpeakers
    verbs: SpeechVerbs

    def read(self) -> list[ClauseAttribution]:
        masked = self.clause.masked
        if self.lexicon["backward_references"].match(masked.lstrip()):
            return []  # "This was announced by …": the words are in the sentence before
        behind = self.lexicon["source_phrases_behind"].search(masked)
        if behind and not any(map(self._is_clause_final, self.verbs.find())):
            parts = self.clause.trimmed(behind.end(), len(masked))
            return [self._attribution(parts, behind, self.clause.phrase(0, behind.start()))]
        if told := self._before_attributive_verb():
            return told
        if source := self.lexicon["pronoun_sources"].search(masked):
            return [self._by_source(source, self.preceding.pronoun_in(source))]
        source = self.lexicon["source_phrases"].search(masked)
        if source and not self._follows_impersonal(source):
            return [self._by_source(source, self._named_by(source))]
        verbs = self.verbs.find()
        if not verbs:
            return []
        if self._is_clause_final(verbs[-1]):
            return [self._by_final_verb(verbs[-1])]
        closing = (verb for verb in reversed(verbs) if not self.clause.passages and self.verbs.closes_statement(verb))
        if verb := next(closing, None):
            return [self._behind_statement(verb)]
        verb = max(verbs, key=lambda verb: (self.verbs.is_beside_quotation(verb), -verb.start()))
        if verb is not verbs[-1] and self._ends_statement(verbs[-1]) and self._is_last(verbs[-1]):
            verb = verbs[-1]  # "X denied it, the agency said": the article gives it to the agency
        return self._behind_verb(verb) or self._before_verb(verb, self.verbs.sharing(verb, verbs))

    def _attribution(self, parts: tuple[Span, ...], cue: re.Match[str], speaker: Span | None) -> ClauseAttribution:
        if joined := self.verbs.joined_subject(cue):
            speaker = self.clause.span(cue.start() + joined.start(), cue.start() + joined.end())
        return ClauseAttribution(parts, self.clause.span(*cue.span()), speaker)

    def _before_attributive_verb(self) -> list[ClauseAttribution]:
        """Words, verb, X, and what else X says: "“Gittiler” diyen Ataöz, bilgi istedi"."""
        masked = self.clause.masked
        verb = self.lexicon["attributive_verbs"].search(masked)
        before = masked[: verb.start()] if verb else ""
        quoted = _BEHIND_QUOTATION.search(before) is not None
        if not verb or not (quoted or self.lexicon["nominalised_verbs"].fullmatch(before.rstrip().rpartition(" ")[2])):
            return []
        speaker = self.following.after(verb.end())
        if speaker is None:
            return []
        parts = tuple(self.clause.passages_before(verb.start())) if quoted else self.clause.trimmed(0, verb.start())
        passages = self.clause.passages_after(verb.end())
        start = speaker.start - self.clause.start
        rest = MaskedClause(self.clause.text, speaker.start, masked[start:], passages)
        return [self._attribution(parts, verb, speaker), *read_clause(rest, self.lexicon)]

    def _follows_impersonal(self, source: re.Match[str]) -> bool:
        """Whether a source phrase stands behind a verb whose subject stands for nobody: "dit-on de source"."""
        verb = self.lexicon["speech_verbs"].search(self.clause.masked)
        return bool(verb and self.verbs.is_impersonal(verb) and verb.end() <= source.start() <= verb.end() + 1)

    def _named_by(self, source: re.Match[str]) -> Span | None:
        """Who stands behind a source phrase, with its last word where that tells who it is: "de source" militaire."""
        with_noun = self.lexicon["sources_with_noun"].fullmatch(source[0])
        return self.following.after(source.start() + source[0].rfind(" ") if with_noun else source.end())

    def _is_clause_final(self, verb: re.Match[str]) -> bool:
        """Whether a verb ends its sentence, in languages in which it does."""
        final = self.lexicon["clause_final_verbs"].fullmatch(verb[0]) is not None
        return final and not WORD.search(self.clause.masked, verb.end())

    def _by_source(self, source: re.Match[str], speaker: Span | None) -> ClauseAttribution:
        """According to X, words · words, according to X."""
        masked = self.clause.masked
        comma = self._behind_relative_clause(masked.find(",", source.end()))
        if comma < 0 and speaker and "inverted_verbs" not in self.lexicon.lists:
            speaker, comma = self._before_main_verb(speaker, comma)
        inside = [p for p in self.clause.passages if not (speaker and p.start < speaker.end and speaker.start < p.end)]
        before = self.clause.trimmed(0, source.start()) if source.start() > _LEAST_BEFORE else ()
        after = self.clause.trimmed(comma + 1, len(masked)) if comma > 0 else ()
        announced = masked[: source.start()].rstrip().endswith(":")
        long = len(WORD.findall(masked[: source.start()])) > _LEAST_CONTENT
        parts = before if before and long and not (announced and after) else after
        if parts is before and after and not inside and self._interrupts(source, comma):
            parts = (*before, *after)
        if inside and _length(inside) > _MOSTLY_QUOTED * _length(parts):
            parts = tuple(inside)
        return self._attribution(parts, source, speaker)

    def _before_main_verb(self, speaker: Span, comma: int) -> tuple[Span, int]:
        """A source without the clause whose verb stands right behind it, and where that begins: "laut Varn sind"."""
        start, end = speaker.start - self.clause.start, speaker.end - self.clause.start
        verbs = self.lexicon["predicate_words"].finditer(self.clause.masked, start + 1)
        verb = next((verb for verb in verbs if verb.start() <= end + 1), None)
        source = self.clause.phrase(start, verb.start()) if verb else None
        return (source, verb.start() - 1) if verb and source else (speaker, comma)

    def _interrupts(self, source: re.Match[str], comma: int) -> bool:
        """Whether a source stands between a subject and its verb: "the harvest, according to Varn, will be late"."""
        before, after = self.clause.masked[: source.start()], self.clause.masked[comma + 1 :].lstrip()
        subject = before.rstrip().endswith(",") and len(WORD.findall(before)) <= _MOST_INTERRUPTED_WORDS
        clause = any(
            self.lexicon[name].match(after) for name in ("clause_linkers", "relative_pronouns", "coordinators")
        )
        verb = any(self.lexicon[name].search(before) for name in ("predicate_words", "speech_verbs"))
        return subject and not clause and not verb

    def _behind_relative_clause(self, comma: int) -> int:
        """The comma that ends a clause about a name, by the one before it: "Ana Berg, who led the mission,"."""
        masked = self.clause.masked
        first = comma + 1 + len(masked[comma + 1 :]) - len(masked[comma + 1 :].lstrip())
        if comma < 0 or not self.lexicon["relative_pronouns"].match(masked, first):
            return comma
        end = masked.find(",", first)
        return end if end > 0 else comma

    def _by_final_verb(self, verb: re.Match[str]) -> ClauseAttribution:
        """X, words, said: who speaks comes first, before a comma or the quotation."""
        end = verb.start()
        opening = re.match(rf"(?:[^,{OPENING_MARKS}{MASK}]|(?<=\w)['’](?=\w))*", self.clause.masked[:end])
        first = opening.end() if opening else 0
        speaker = self.preceding.at_opening(first)
        if first < end:
            first += 1
        elif speaker and not WORD.search(self.clause.masked, speaker.end - self.clause.start, end):
            # "words X said", in that order
            end = speaker.start - self.clause.start
            told = self.clause.masked[:end].rstrip().rpartition(" ")[2]
            first = 0 if self.lexicon["nominalised_verbs"].fullmatch(told) else end
        else:  # without a comma behind the speaker
            first = speaker.end - self.clause.start if speaker else 0
            topic = re.match(r"\s+(\w+)", self.clause.masked[first:]) if speaker else None
            first += topic.end() if topic and self.lexicon["topic_particles"].fullmatch(topic[1]) else 0
        for aside in self.lexicon["speaking_converbs"].finditer(self.clause.masked, first, end):
            first = aside.end()  # "gazetecilerin karşısına çıkarak": how it is said
        whole = self.clause.trimmed(first, end)
        # "önerinin “bir ültimatom” olduğunu": the marks hold only a part of what is said.
        last = self.clause.masked[first:end].rstrip().rsplit(maxsplit=1)[-1:]
        within = any(self.lexicon["nominalised_verbs"].fullmatch(word) for word in last)
        return self._attribution(whole if within else tuple(self.clause.passages) or whole, verb, speaker)

    def _behind_verb(self, verb: re.Match[str]) -> list[ClauseAttribution]:
        """Words, said X · words, X said: the forms in which the verb stands behind its words; empty if it does not."""
        before, after = self.clause.masked[: verb.start()], self.clause.masked[verb.end() :]
        earlier, later = self.clause.passages_before(verb.start()), self.clause.passages_after(verb.end())
        quoted = (*earlier, *later)
        if earlier and _BEHIND_QUOTATION.search(f"{without_auxiliaries(before, self.lexicon).rstrip()} "):
            opening = max(0, earlier[0].start - 1 - self.clause.start)
            speaker = self.following.after_verb(verb.end()) or self.preceding.before(0, opening)
            return [self._attribution(quoted, verb, speaker)]
        if not earlier and self._is_inverted(verb, before, after):
            return [self._behind_statement(verb)]
        boundary = _last_boundary(before)
        if earlier and not (later and boundary == 0):
            return [self._attribution(quoted, verb, self.preceding.before(boundary, verb.start()))]
        if self._ends_statement(verb):
            comma = before.rfind(",")
            return [
                self._attribution(self.clause.trimmed(0, comma), verb, self.preceding.before(comma + 1, verb.start()))
            ]
        return []

    def _ends_statement(self, verb: re.Match[str]) -> bool:
        """Whether words without quotation marks stand before a verb and its subject, and no more behind it."""
        before, after = self.clause.masked[: verb.start()], self.clause.masked[verb.end() :]
        comma = before.rfind(",")
        adverbial = self.lexicon["adverbial_openers"].match(before.lstrip()) is not None
        least = _LEAST_STATEMENT if adverbial or not self._is_last(verb) else _LEAST_CONTENT
        return (
            not self.clause.passages
            and len(WORD.findall(before[: max(comma, 0)])) > least
            and 0 < len(WORD.findall(before[comma:])) <= _MOST_INVERTED_WORDS
            and self._ends_sentence(after)
            and not self._goes_on(verb)
        )

    def _goes_on(self, verb: re.Match[str]) -> bool:
        """Whether behind a verb and a comma what is said begins, where that has a comma before it: "заявив, що"."""
        comma = self.clause.masked.find(",", verb.end())
        return comma >= 0 and self.following.opens_statement(comma)

    def _behind_statement(self, verb: re.Match[str]) -> ClauseAttribution:
        """Words without quotation marks, said X."""
        return self._attribution(self.clause.trimmed(0, verb.start()), verb, self.following.after_verb(verb.end()))

    def _before_verb(self, verb: re.Match[str], others: Sequence[re.Match[str]]) -> list[ClauseAttribution]:
        """X said that words and warned that other words: one attribution for each verb of the subject."""
        if inverted := self._inverted(verb):
            return inverted
        participle = self.lexicon["participles"].fullmatch(verb[0]) is not None
        boundary = _last_boundary(self.clause.masked[: verb.start()])
        speaker = self.preceding.before(boundary, verb.start(), participle=participle)
        speaker = speaker or self.following.before_statement(verb.end())
        verbs, ends = [verb], []
        for other in others:
            joint = _patterns(self.lexicon).shared_subject.search(self.clause.masked, verb.end(), other.start())
            if joint and len(WORD.findall(self.clause.masked[verb.end() : joint.start()])) >= _LEAST_CONTENT:
                verbs.append(other)
                ends.append(joint.start())
        ends.append(len(self.clause.masked))
        return [
            told
            for one, end in zip(verbs, ends, strict=True)
            for told in self._inverted(one) or [self._attribution(self._content(one.end(), end), one, speaker)]
        ]

    def _inverted(self, verb: re.Match[str]) -> list[ClauseAttribution]:
        """Verb, X, that words: the form in which a clause stands before it all: ", warnte Ana Berg, dass"."""
        comma = self.clause.masked.find(",", verb.end())
        if not self.clause.masked[: verb.start()].rstrip().endswith(",") or not self._goes_on(verb):
            return []
        words = self.clause.masked[verb.end() : comma]
        named = len(WORD.findall(words)) <= _MOST_INVERTED_WORDS and names_speaker(words, self.lexicon)
        speaker = self.clause.phrase(verb.end(), comma) if named else None
        return [self._attribution(self._content(comma, len(self.clause.masked)), verb, speaker)] if speaker else []

    def _is_inverted(self, verb: re.Match[str], before: str, after: str) -> bool:
        """Whether words without quotation marks stand before a verb and only the speaker behind it."""
        if self.following.may_be_distant:
            return self.verbs.closes_statement(verb)
        may = "inverted_verbs" not in self.lexicon.lists or self.lexicon["inverted_verbs"].fullmatch(verb[0])
        return bool(
            may
            and before.rstrip().endswith(",")
            and (len(WORD.findall(before)) > _LEAST_STATEMENT or regex.match(r"\s\p{Lu}", after))
            and self._is_speaker_only(after)
        )

    def _is_speaker_only(self, after: str) -> bool:
        """Whether only a speaker follows: ", said the mayor of Basra."."""
        rest = re.split(r"[,;.]", after)[0]
        if "definite_articles" not in self.lexicon.lists and len(WORD.findall(rest)) <= _SHORT_SUBJECT:
            return bool(WORD.search(rest)) and not WORD.search(after[len(rest) :])
        return (
            0 < len(WORD.findall(rest)) <= _MOST_INVERTED_WORDS
            and not self.lexicon["predicate_words"].search(rest)
            and (bool(_patterns(self.lexicon).inverted_speaker.match(rest)) or self._is_headline_speaker(rest, after))
            and not self.lexicon["weekdays"].fullmatch(rest.split()[0])
        )

    def _is_last(self, verb: re.Match[str]) -> bool:
        """Whether a verb and its subject are a clause of their own that ends a sentence, but for its source."""
        before, after = self.clause.masked[: verb.start()], self.clause.masked[verb.end() :]
        subject = before[before.rfind(",") + 1 :].lstrip()
        behind = after.lstrip(" ,")
        ends = not WORD.search(after) or bool(_patterns(self.lexicon).time.match(after))
        return (ends or bool(self.lexicon["quoting_verbs"].match(behind))) and not (
            self.lexicon["clause_linkers"].match(subject) or self.lexicon["relative_pronouns"].match(subject)
        )

    def _is_headline_speaker(self, rest: str, after: str) -> bool:
        """Whether a headline ends with a speaker who has no article: ", says army chief"."""
        return rest == after and self.lexicon["person_nouns"].search(rest) is not None

    def _ends_sentence(self, after: str) -> bool:
        """Whether nothing that could be said follows a verb: ", the army said on Friday."."""
        rest = re.split(r"[,;]", after)[0]
        words = len(WORD.findall(rest))
        return words <= 1 or (words <= 9 and _patterns(self.lexicon).time.match(rest) is not None)

    def _content(self, start: int, end: int) -> tuple[Span, ...]:
        """The words that follow a verb, from "that", a colon or a quotation on."""
        after = self.clause.masked[start:end]
        head = re.match(rf"[^,.;:{MASK}]{{0,80}},?\s*", after)
        aside = _ASIDE.match(after)
        opening = self.lexicon["complementizers"].search(after, 0, head.end() + 12) if head else None
        if opening is None and aside:
            opening = self.lexicon["complementizers"].match(after, aside.end())
        if opening and self._is_of_another(after[: opening.start()]):
            opening = None
        if opening and self.verbs.demands_of_somebody(start):
            return self.clause.trimmed(start, end)
        if opening is None and (addressee := self.lexicon["addressees"].match(after.lstrip())):
            start += len(after) - len(after.lstrip()) + addressee.end()
            after = self.clause.masked[start:end]
        opening = opening or re.match(rf"[^,.;:{MASK}]{{0,80}}?(?::|,(?=\s*[{OPENING_MARKS}]{MASK}))", after)
        first = start + (opening.end() if opening else 0)
        inside = [p for p in self.clause.passages_after(start) if p.end <= self.clause.start + end + 1]
        if inside and _length(inside) >= _MOSTLY_QUOTED * (end - first):
            return tuple(inside)
        if inside and opening is None and self._is_description(start, inside[0].start - self.clause.start):
            # "called it a “so-called victory” and left": what else the speaker does is not said.
            behind = inside[-1].end + 1 - self.clause.start
            further = self.lexicon["coordinators"].match(self.clause.masked[behind:end].lstrip(f" {CLOSING_MARKS}"))
            end = behind if further else end
        return self.clause.trimmed(first, end)

    def _is_of_another(self, words: str) -> bool:
        """Whether "that" behind some words opens what somebody else says: said "the papers had reported" that."""
        bare = words.rstrip()
        verbs = [verb for verb in self.lexicon["speech_verbs"].finditer(bare) if verb.end() == len(bare)]
        participle = verbs and self.lexicon["participles"].fullmatch(verbs[-1][0])
        subject = verbs and len(WORD.findall(bare[: verbs[-1].start()])) >= _LEAST_CONTENT
        return bool(subject) and not participle

    def _is_description(self, start: int, end: int) -> bool:
        """Whether between a verb and a quotation only what it describes is named: called "the raid a" “…”."""
        words = self.clause.masked[start:end]
        named = len(WORD.findall(words)) <= _MOST_DESCRIBED_WORDS
        return named and not any(self.lexicon[name].search(words) for name in ("predicate_words", "infinitive_words"))


def _last_boundary(before: str) -> int:
    return max((match.end() for match in _BOUNDARY.finditer(before)), default=0)


def _length(spans: Sequence[Span]) -> int:
    return sum(span.end - span.start for span in spans)
