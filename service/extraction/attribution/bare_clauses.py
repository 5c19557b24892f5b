"""Clauses that only tell whose words others are: those of the sentence before, or the quotation behind a colon."""

import re
from dataclasses import replace

import regex

from service.extraction.attribution.attribution import ClauseAttribution
from service.extraction.attribution.following_speakers import FollowingSpeakers
from service.extraction.attribution.masking import CLOSING_MARKS, MASK, OPENING_MARKS, WORD, MaskedClause
from service.extraction.attribution.speaker_phrases import SpeakerPhrases
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.spans import Span

_REPORTING = ("speech_verbs", "quote_only_verbs", "ambiguous_verbs")
_MOST_OFFICE_WORDS = 3
"""Before a name, at the beginning of its sentence."""
_BEFORE_COLON = re.compile(rf"(?P<told>[^{MASK}:]+):\s*[{OPENING_MARKS}]{MASK}+[{CLOSING_MARKS}]?[.!?]?\s*")
_FULL_NAME = regex.compile(r"(?<!\w)\p{Lu}[\p{Ll}’'-]\p{L}*(?:-\p{L}+)*(?:\s\p{Lu}[\p{L}’'-]+){1,3}")


def read_reference(clause: MaskedClause, lexicon: Lexicon) -> ClauseAttribution | None:
    """Who said the words of the sentence before, in one that tells only that: "Про це повідомив Ян Берг".

    Args:
        clause: the clause.
        lexicon: the words of the section `SPEECH`.

    """
    reference = lexicon["backward_references"].match(clause.masked)
    found = [verb for name in _REPORTING for verb in lexicon[name].finditer(clause.masked)] if reference else []
    if not reference or not found:
        return None
    verb = min(found, key=lambda one: one.start())
    if WORD.search(clause.masked, reference.end(), verb.start()):
        blank = f"{' ' * reference.end()}{clause.masked[reference.end() :]}"
        speaker = SpeakerPhrases(replace(clause, masked=blank), lexicon).before(reference.end(), verb.start())
    else:
        speaker = FollowingSpeakers(clause, lexicon).after_verb(verb.end())
    return ClauseAttribution((), clause.span(*verb.span()), speaker) if speaker else None


def named_before_colon(clause: MaskedClause, lexicon: Lexicon) -> Span | None:
    """Who speaks where a sentence without a speech verb names one person and ends with a quotation behind a colon.

    Args:
        clause: the clause.
        lexicon: the words of the section `SPEECH`.

    """
    told = _BEFORE_COLON.fullmatch(clause.masked)
    names = list(_FULL_NAME.finditer(told["told"])) if told and len(clause.passages) == 1 else []
    if not told or len(names) != 1:
        return None
    if lexicon["oblique_forms"].fullmatch(names[0][0].split()[-1]):
        return None  # "Bakan Ankara'da": where somebody is
    before = told["told"][: names[0].start()].split()
    office = not before or lexicon["person_nouns"].fullmatch(before[-1]) is not None
    return clause.phrase(*names[0].span()) if office and len(before) <= _MOST_OFFICE_WORDS else None
