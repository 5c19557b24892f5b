"""What one clause attributes to whom: the forms of attribution in newswire, told by punctuation and word lists."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import regex

from service.extraction.attribution.attribution import ClauseAttribution
from service.extraction.attribution.final_verbs import FinalVerbs
from service.extraction.attribution.following_speakers import FollowingSpeakers, names_speaker
from service.extraction.attribution.masking import (
    BEHIND_QUOTATION,
    CLOSING_MARKS,
    MASK,
    OPENING_MARKS,
    WORD,
    MaskedClause,
    mostly_quoted,
)
from service.extraction.attribution.sources import SourcePhrases
from service.extraction.attribution.speaker_phrases import SpeakerPhrases, without_auxiliaries
from service.extraction.attribution.speech_verbs import SpeechVerbs
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.spans import Span

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
_MOST_DESCRIBED_WORDS = 4


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
        final = FinalVerbs(self.clause, self.lexicon, self.preceding, self.following)
        verbs = self.verbs.find()
        if told := final.read_attributive():
            speaker, told_first = told
            rest = replace(
                self.clause,
                start=speaker.start,
                masked=masked[speaker.start - self.clause.start :],
                passages=self.clause.passages_after(told_first.cue.end - self.clause.start),
            )
            return [told_first, *read_clause(rest, self.lexicon)]
        sources = SourcePhrases(self.clause, self.lexicon, self.preceding, self.following, self.verbs)
        if source := sources.read(ends_with_verb=bool(verbs) and final.is_one(verbs[-1])):
            return [source]
        if not verbs:
            return []
        if final.is_one(verbs[-1]):
            return [final.read(verbs[-1])]
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

    def _behind_verb(self, verb: re.Match[str]) -> list[ClauseAttribution]:
        """Words, said X · words, X said: the forms in which the verb stands behind its words; empty if it does not."""
        before, after = self.clause.masked[: verb.start()], self.clause.masked[verb.end() :]
        earlier, later = self.clause.passages_before(verb.start()), self.clause.passages_after(verb.end())
        quoted = (*earlier, *later)
        if earlier and BEHIND_QUOTATION.search(f"{without_auxiliaries(before, self.lexicon).rstrip()} "):
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
        if mostly_quoted(inside, [Span(first, end)]):
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
