"""Which verbs of a clause attribute words: those of saying, where they are no nouns and belong to the main clause."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from service.extraction.attribution.following_speakers import FollowingSpeakers
from service.extraction.attribution.masking import CLOSING_MARKS, MASK, OPENING_MARKS, WORD, MaskedClause
from service.extraction.attribution.speaker_phrases import without_auxiliaries
from service.extraction.text.lexicon import Lexicon

_NEAR = 80
"""Code points before a verb in which a relative pronoun stands with what belongs to the verb."""
_LONGEST_PRONOUN = 10
"""Code points of a relative pronoun."""
_MOST_WORDS_BEFORE_THAT = 3
"""Between an ambiguous verb and what opens the clause that is said."""
_SHORT_STATEMENT = 2
"""Words before a comma that are what is said unless they tell when or where."""


@dataclass(frozen=True, slots=True)
class SpeechVerbs:
    """Finds the verbs of one clause that attribute words.

    Args:
        clause: the clause.
        lexicon: the words of the section `SPEECH`.
        speakers: the speakers behind verbs of the clause.

    """

    clause: MaskedClause
    lexicon: Lexicon
    speakers: FollowingSpeakers

    def find(self) -> list[re.Match[str]]:
        """The verbs, in order; without those of relative clauses where there are others."""
        masked = self.clause.masked
        found = [verb for verb in self.lexicon["speech_verbs"].finditer(masked) if not self._is_idle(verb)]
        found += [verb for verb in self.lexicon["quote_only_verbs"].finditer(masked) if self.is_beside_quotation(verb)]
        found += [verb for verb in self.lexicon["ambiguous_verbs"].finditer(masked) if self._reports(verb)]
        found.sort(key=lambda verb: verb.start())
        return [verb for verb in found if not self._is_relative(verb)] or found

    def sharing(self, verb: re.Match[str], others: list[re.Match[str]]) -> list[re.Match[str]]:
        """The verbs behind a verb, with participles that share its auxiliary: "a dit … et demandé"."""
        behind = [other for other in others if other.start() > verb.end()]
        if self.lexicon["perfect_auxiliaries"].match(verb[0]):
            participles = self.lexicon["perfect_participles"].finditer(self.clause.masked, verb.end())
            known = [other.span() for other in behind]
            behind += [one for one in participles if not any(start <= one.start() < end for start, end in known)]
            behind.sort(key=lambda other: other.start())
        return behind

    def is_beside_quotation(self, verb: re.Match[str]) -> bool:
        """Whether a quotation stands before or behind a verb, with few words between."""
        before, after = self.clause.masked[: verb.start()], self.clause.masked[verb.end() :]
        behind = re.search(rf"{MASK}[{CLOSING_MARKS},.!?\s–—-]*(?:[^\s{MASK}]+\s+){{0,9}}$", before)
        if behind or re.match(rf"[^{MASK},.;]{{0,30}}[:,]?\s*[{OPENING_MARKS}]{MASK}", after):
            return True
        said = re.match(rf"[^{MASK}.;]{{0,150}}{MASK}", after)  # "told reporters that the city was “quiet”"
        return bool(
            said
            and self.lexicon["complementizers"].search(said[0])
            and not self.lexicon["speech_verbs"].search(said[0])
        )

    def closes_statement(self, verb: re.Match[str]) -> bool:
        """Whether a verb stands behind what is said, before its speaker or alone: ", informó el Estado Mayor."."""
        if not self.speakers.may_be_distant:
            return False
        before = self.clause.masked[: verb.start()].rstrip()
        if not before.endswith(","):
            return False
        if self.joined_pronoun(verb):
            return True
        words = len(WORD.findall(before))
        short = words == _SHORT_STATEMENT and not self.lexicon["adverbial_openers"].match(before.lstrip())
        return (words > _SHORT_STATEMENT or short) and self.speakers.ends_clause(verb.end())

    def demands_of_somebody(self, end: int) -> bool:
        """Whether behind a verb of demanding, at its end, first stands who shall do it: "pidió a Ana que"."""
        verbs = self.lexicon["demand_verbs"].finditer(self.clause.masked, 0, end)
        demands = any(verb.end() == end for verb in verbs)
        return demands and self.lexicon["addressee_prepositions"].match(self.clause.masked, end + 1) is not None

    def joined_pronoun(self, verb: re.Match[str]) -> re.Match[str] | None:
        """The pronoun that is joined to a verb: "a-t-il dit", "dit-on"; its places are those in the verb."""
        return next(self._joined(verb, "joined_pronouns"), None)

    def joined_subject(self, verb: re.Match[str]) -> re.Match[str] | None:
        """The pronoun that is joined to a verb and stands for somebody: "a-t-il dit", not "dit-on"."""
        return next(self._joined(verb, "subject_pronouns"), None)

    def is_impersonal(self, verb: re.Match[str]) -> bool:
        """Whether the subject that is joined to a verb stands for nobody: "dit-on"."""
        return next(self._joined(verb, "impersonal_pronouns"), None) is not None

    def _joined(self, verb: re.Match[str], name: str) -> Iterator[re.Match[str]]:
        if "joined_pronouns" in self.lexicon.lists:
            for hyphen in re.finditer("-", verb[0]):
                if pronoun := self.lexicon[name].match(verb[0], hyphen.end()):
                    yield pronoun

    def _is_idle(self, verb: re.Match[str]) -> bool:
        """Whether a speech verb attributes nothing here: a noun ("the reports"), or the last word of a quotation."""
        before = re.search(r"(\w+)(?:([’']s)?\s+|[’'])$", self.clause.masked[: verb.start()])
        noun = before and (before[2] or self.lexicon["noun_markers"].fullmatch(before[1]))
        idle = bool(noun) or self._has_no_subject(verb) or self._has_no_object(verb)
        return idle or self.clause.masked[verb.end() : verb.end() + 1] in tuple("”»“")

    def _has_no_object(self, verb: re.Match[str]) -> bool:
        """Whether a verb that takes an object has none, so that it is about it: "212 colleagues dismissed in April"."""
        if not self.lexicon["object_verbs"].fullmatch(verb[0]):
            return False
        after = self.clause.masked[verb.end() :]
        goes_on = self.lexicon["adverbial_openers"].match(after.lstrip()) is not None
        return goes_on and MASK not in self.clause.masked and not self.lexicon["complementizers"].search(after)

    def _has_no_subject(self, verb: re.Match[str]) -> bool:
        """Whether "that" stands right before a verb, so that what it is about is no speaker: "the states that had"."""
        if self.speakers.may_be_unsaid or self.speakers.may_be_distant:
            return False
        near = self.clause.masked[max(0, verb.start() - _NEAR) : verb.start()]
        before = without_auxiliaries(near, self.lexicon).rstrip()
        that = self.lexicon["complementizers"].finditer(before, max(0, len(before) - _LONGEST_PRONOUN))
        return any(one.end() == len(before) for one in that)

    def _reports(self, verb: re.Match[str]) -> bool:
        """Whether an ambiguous verb is one of saying: "that" follows soon, or a quotation or what is said before it."""
        if self._is_idle(verb):
            return False
        words = re.finditer(rf"[^\s,.;:{MASK}]+|[,.;:{MASK}]", self.clause.masked[verb.end() :])
        near = [word for word in islice(words, _MOST_WORDS_BEFORE_THAT + 1) if WORD.match(word[0])]
        that = self.lexicon["complementizers"]
        follows = any(that.match(self.clause.masked, verb.end() + word.start()) for word in near)
        return follows or self.is_beside_quotation(verb) or self.closes_statement(verb)

    def _is_relative(self, verb: re.Match[str]) -> bool:
        """Whether a verb belongs to a clause about a noun: "un funcionario que pidió el anonimato"."""
        if "relative_subjects" not in self.lexicon.lists:
            return False
        near = self.clause.masked[max(0, verb.start() - _NEAR) : verb.start()]
        before = without_auxiliaries(near, self.lexicon).rstrip()
        pronouns = self.lexicon["relative_subjects"].finditer(before, max(0, len(before) - _LONGEST_PRONOUN))
        return any(pronoun.end() == len(before) for pronoun in pronouns)
