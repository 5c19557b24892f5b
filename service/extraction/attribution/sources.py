"""Words that a clause gives to a source: "according to X, words", "words, according to X", "laut X"."""

import re
from dataclasses import dataclass

from service.extraction.attribution.attribution import ClauseAttribution
from service.extraction.attribution.following_speakers import FollowingSpeakers
from service.extraction.attribution.masking import WORD, MaskedClause, mostly_quoted
from service.extraction.attribution.speaker_phrases import SpeakerPhrases
from service.extraction.attribution.speech_verbs import SpeechVerbs
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.spans import Span

_LEAST_CONTENT = 2
"""Fewer words than that are no content of an indirect quotation."""
_LEAST_BEFORE = 3
"""Code points before a source phrase, more than which may be what is said."""
_JOINING = ("clause_linkers", "relative_pronouns", "coordinators")
_MOST_INTERRUPTED_WORDS = 6


@dataclass(frozen=True, slots=True)
class SourcePhrases:
    """Reads the source phrase of one clause.

    Args:
        clause: the clause.
        lexicon: the words of the section `SPEECH`.
        preceding: the speakers before its verbs.
        following: those behind them.
        verbs: its speech verbs.

    """

    clause: MaskedClause
    lexicon: Lexicon
    preceding: SpeakerPhrases
    following: FollowingSpeakers
    verbs: SpeechVerbs

    def read(self, *, ends_with_verb: bool) -> ClauseAttribution | None:
        """What is given to a source; None without one.

        Args:
            ends_with_verb: whether a speech verb ends the clause, in which "göre" is a word of what is said.

        """
        masked = self.clause.masked
        behind = self.lexicon["source_phrases_behind"].search(masked)
        if behind and not ends_with_verb:
            parts = self.clause.trimmed(behind.end(), len(masked))
            return ClauseAttribution(parts, self.clause.span(*behind.span()), self.clause.phrase(0, behind.start()))
        if source := self.lexicon["pronoun_sources"].search(masked):
            return self._by_source(source, self.preceding.pronoun_in(source))
        source = self.lexicon["source_phrases"].search(masked)
        if source and not self._follows_impersonal(source):
            return self._by_source(source, self._named_by(source))
        return None

    def _follows_impersonal(self, source: re.Match[str]) -> bool:
        """Whether a source phrase stands behind a verb whose subject stands for nobody: "dit-on de source"."""
        verb = self.lexicon["speech_verbs"].search(self.clause.masked)
        return bool(verb and self.verbs.is_impersonal(verb) and verb.end() <= source.start() <= verb.end() + 1)

    def _named_by(self, source: re.Match[str]) -> Span | None:
        """Who stands behind a source phrase, with its last word where that tells who it is: "de source" militaire."""
        with_noun = self.lexicon["sources_with_noun"].fullmatch(source[0])
        return self.following.after(source.start() + source[0].rfind(" ") if with_noun else source.end())

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
        if mostly_quoted(inside, parts):
            parts = tuple(inside)
        return ClauseAttribution(parts, self.clause.span(*source.span()), speaker)

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
        clause = any(self.lexicon[name].match(after) for name in _JOINING)
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
