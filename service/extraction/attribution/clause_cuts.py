"""Where a sentence in which several speak is cut: "“We will sign,” said X, | but Y replied: “Not before spring.”"."""

import re
from collections.abc import Iterator
from functools import cache

import regex

from service.extraction.attribution.following_speakers import names_speaker
from service.extraction.attribution.masking import MASK, OPENING_MARKS
from service.extraction.text.lexicon import Lexicon

_MOST_SUBJECT_WORDS = 10
"""Words from a conjunction to the verb of its clause."""
_VERBS = ("speech_verbs", "quote_only_verbs", "source_phrases", "source_phrases_behind")
_WORD = regex.compile(r"[\w’'-]+")


@cache
def _joint(words: Lexicon) -> re.Pattern[str]:
    """What stands between two clauses of one sentence."""
    joints = words.expression("coordinators", "contrast_linkers")
    return re.compile(rf";|,?\s+(?:[–—-]\s+)?{joints}(?=[\s,])", re.IGNORECASE)


@cache
def _final_verb(words: Lexicon) -> re.Pattern[str]:
    """A verb that ends its clause, with what stands behind it."""
    joints = words.expression("coordinators", "contrast_linkers")
    return re.compile(rf"(?:{words.expression('clause_final_verbs')})(?:[,;]\s*|\s+)(?:{joints}\s+)?", re.IGNORECASE)


def clause_cuts(masked: str, lexicon: Lexicon) -> Iterator[int]:
    """The places of a sentence behind which somebody else says something, in order.

    Args:
        masked: the sentence, its quotations hidden.
        lexicon: the words of the section `SPEECH`.

    """
    last = 0
    if "clause_final_verbs" in lexicon.lists:
        for verb in _final_verb(lexicon).finditer(masked):
            if _has_verb(masked[verb.end() :], lexicon):
                yield verb.end()
                last = verb.end()
    for joint in _joint(lexicon).finditer(masked, last):
        if joint.start() < last or not _has_verb(masked[last : joint.start()], lexicon):
            continue
        if _has_own_speaker(masked[joint.end() :], lexicon):
            yield joint.end()
            last = joint.end()


def _has_verb(words: str, lexicon: Lexicon) -> bool:
    return any(lexicon[name].search(words) for name in _VERBS)


def _has_own_speaker(words: str, lexicon: Lexicon) -> bool:
    """Whether a clause begins with a speaker of its own and a verb, or with a quotation that is given to somebody."""
    behind = words.lstrip(" ,")
    if lexicon["complementizers"].match(behind):
        return False
    if lexicon["source_phrases"].match(behind):
        return True
    quoted = regex.match(rf"[{OPENING_MARKS}]?{MASK}+[^{MASK}\w]*", behind)
    if quoted:
        return _has_verb(behind[quoted.end() : quoted.end() + 40], lexicon)
    verbs = [verb for name in _VERBS[:2] if (verb := lexicon[name].search(behind))]
    verb = min(verbs, key=lambda one: one.start(), default=None)
    if verb is None or not verb.start():
        return False
    subject = behind[: verb.start()]
    few = len(_WORD.findall(subject)) <= _MOST_SUBJECT_WORDS
    marker = lexicon["noun_markers"].search(subject.split()[-1]) if subject.split() else None
    pronoun = lexicon["subject_pronouns"].match(subject.strip())
    named = names_speaker(subject, lexicon) or pronoun is not None
    return few and MASK not in subject and not marker and named
