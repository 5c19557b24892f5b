"""Words whose verb ends their sentence, "Varn istediğini söyledi", and those before a participle: "diyen Varn"."""

import re
from dataclasses import dataclass

from service.extraction.attribution.attribution import ClauseAttribution
from service.extraction.attribution.following_speakers import FollowingSpeakers
from service.extraction.attribution.masking import BEHIND_QUOTATION, MASK, OPENING_MARKS, WORD, MaskedClause
from service.extraction.attribution.speaker_phrases import SpeakerPhrases
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.spans import Span


@dataclass(frozen=True, slots=True)
class FinalVerbs:
    """Reads the forms of one clause in languages in which the verb comes last.

    Args:
        clause: the clause.
        lexicon: the words of the section `SPEECH`.
        preceding: the speakers before its verbs.
        following: those behind them.

    """

    clause: MaskedClause
    lexicon: Lexicon
    preceding: SpeakerPhrases
    following: FollowingSpeakers

    def is_one(self, verb: re.Match[str]) -> bool:
        """Whether a verb ends its sentence, in languages in which it does."""
        final = self.lexicon["clause_final_verbs"].fullmatch(verb[0]) is not None
        return final and not WORD.search(self.clause.masked, verb.end())

    def read(self, verb: re.Match[str]) -> ClauseAttribution:
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
        parts = whole if within else tuple(self.clause.passages) or whole
        return ClauseAttribution(parts, self.clause.span(*verb.span()), speaker)

    def read_attributive(self) -> tuple[Span, ClauseAttribution] | None:
        """Words, verb, X, before what else X says, and X: "“Gittiler” diyen Ataöz, bilgi istedi"; None without any."""
        masked = self.clause.masked
        verb = self.lexicon["attributive_verbs"].search(masked)
        before = masked[: verb.start()] if verb else ""
        quoted = BEHIND_QUOTATION.search(before) is not None
        if not verb or not (quoted or self.lexicon["nominalised_verbs"].fullmatch(before.rstrip().rpartition(" ")[2])):
            return None
        speaker = self.following.after(verb.end())
        if speaker is None:
            return None
        parts = tuple(self.clause.passages_before(verb.start())) if quoted else self.clause.trimmed(0, verb.start())
        return speaker, ClauseAttribution(parts, self.clause.span(*verb.span()), speaker)
