"""Where a sentence in which several speak is cut: "“We will sign,” said X, | but Y replied: “Not before spring.”"."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

import regex

from service.extraction.attribution.following_speakers import names_speaker
from service.extraction.attribution.masking import MASK, OPENING_MARKS
from service.extraction.text.lexicon import Lexicon

_MOST_SUBJECT_WORDS = 12
"""Words from a conjunction to the verb of its clause."""
_NEAR = 40
_LONGEST_VERB = 30
"""Code points."""
_SAYING = ("speech_verbs", "source_phrases", "source_phrases_behind")
_VERBS = ("speech_verbs", "quote_only_verbs")
_APPOSITION = re.compile(r",[^,]{1,60},\s*$")
"""What stands between a subject and its verb: "Voss, the minister," said."""
_NAME_AT_END = regex.compile(r"(?<!\w)\p{Lu}[\w’'-]*(?:\s\p{Lu}[\w’'-]*)+\Z")
_SERIES_COMMA = re.compile(r",\s+(?=\w)")
_WORD = regex.compile(r"[\w’'-]+")


@cache
def _joint(words: Lexicon) -> re.Pattern[str]:
    """What stands between two clauses of one sentence."""
    joints = words.expression("coordinators", "contrast_linkers")
    # From where white space begins: a page of it is gone through once.
    return re.compile(rf";|(?:,|(?<![\s,]))\s++(?:[–—-]\s++)?{joints}(?=[\s,])", re.IGNORECASE)


@cache
def _final_verb(words: Lexicon) -> re.Pattern[str]:
    """A verb that ends its clause, with what stands behind it."""
    joints = words.expression("coordinators", "contrast_linkers")
    return re.compile(rf"(?:{words.expression('clause_final_verbs')})(?:[,;]\s*|\s+)(?:{joints}\s+)?", re.IGNORECASE)


@cache
def _relative(words: Lexicon) -> re.Pattern[str]:
    """A comma, "who", and a speech verb behind."""
    verbs = words.expression("speech_verbs", "quote_only_verbs")
    return re.compile(rf",\s{words.expression('personal_relatives')}\b(?=\s(?:\w+\s)?{verbs}\b)", re.IGNORECASE)


def clauses_of(masked: str, lexicon: Lexicon) -> Iterator[tuple[int, int]]:
    """The stretches of a sentence in each of which somebody else says something, without what joins them, in order.

    Args:
        masked: the sentence, its quotations hidden.
        lexicon: the words of the section `SPEECH`.

    """
    start = last = 0
    if "clause_final_verbs" in lexicon.lists:
        for verb in _final_verb(lexicon).finditer(masked):
            if _has_verb(masked[verb.end() :], lexicon):
                yield start, verb.end()
                start = last = verb.end()
    if (comma := _before_main_clause(masked, lexicon)) > last:
        yield start, comma
        start = last = comma + 1
    for joint in _with_commas_of_series(masked, list(_joint(lexicon).finditer(masked, last)), lexicon):
        if joint.start() < last or not _has_verb(masked[last : joint.start()], lexicon):
            continue
        if _has_own_speaker(masked[joint.end() :], lexicon):
            yield start, joint.start()
            start = last = joint.end()
    yield start, len(masked)


def _before_main_clause(masked: str, lexicon: Lexicon) -> int:
    """The comma behind a clause with a quotation that "while" opens, before the verb of the main one; else -1."""
    first = len(masked) - len(masked.lstrip())
    if MASK in masked and any(lexicon[name].match(masked, first) for name in ("clause_linkers", "contrast_linkers")):
        for comma in _SERIES_COMMA.finditer(masked, masked.index(MASK)):
            saying = any(lexicon[name].match(masked, comma.end()) for name in _VERBS)
            if saying and _has_verb(masked[: comma.start()], lexicon):
                return comma.start()
    return -1


def _with_commas_of_series(masked: str, joints: Sequence[re.Match[str]], lexicon: Lexicon) -> Sequence[re.Match[str]]:
    """Joints with the commas between the clauses of a series: "A warned of it, B called for it, and C promised it"."""
    last = next((one for one in reversed(joints) if one[0].startswith(",") and len(one[0]) > 1), None)
    if last is None or MASK in masked or not _has_own_speaker(masked[last.end() :], lexicon):
        return joints
    commas = _SERIES_COMMA.finditer(masked, 0, last.start())
    own = [one for one in commas if _has_own_speaker(masked[one.end() :], lexicon)]
    return sorted([*joints, *own], key=lambda one: one.start())


def with_answers_apart(masked: str, lexicon: Lexicon) -> str:
    """A sentence in which whoever is spoken to and answers does so behind a semicolon: "told Ana Berg; who said"."""
    if "personal_relatives" not in lexicon.lists:
        return masked
    for relative in _relative(lexicon).finditer(masked):
        name = _NAME_AT_END.search(masked, 0, relative.start())
        before = masked[: name.start()] if name else ""
        if name and before[-1:].isspace() and _ends_with_verb(before.rstrip(), lexicon):
            cut = name.start() - 1
            blank = " " * (relative.end() - relative.start())
            masked = f"{masked[:cut]};{masked[cut + 1 : relative.start()]}{blank}{masked[relative.end() :]}"
    return masked


def _ends_with_verb(words: str, lexicon: Lexicon) -> bool:
    verbs = lexicon["speech_verbs"].finditer(words, max(0, len(words) - _LONGEST_VERB))
    return any(verb.end() == len(words) for verb in verbs)


def _has_verb(words: str, lexicon: Lexicon) -> bool:
    """Whether somebody says something in some words; of verbs that say so only beside a quotation, with one."""
    quoted = MASK in words and lexicon["quote_only_verbs"].search(words) is not None
    return quoted or any(lexicon[name].search(words) for name in _SAYING)


def _has_own_speaker(words: str, lexicon: Lexicon) -> bool:
    """Whether a clause begins with a speaker of its own and a verb, or with a quotation that is given to somebody.

    Beside a quotation the speaker may be named last: "from a window Minister Berg called down".
    """
    behind = words.lstrip(" ,")
    if lexicon["complementizers"].match(behind):
        return False
    if lexicon["source_phrases"].match(behind):
        return True
    quoted = regex.match(rf"[{OPENING_MARKS}]?{MASK}+[^{MASK}\w]*", behind)
    if quoted:
        return any(lexicon[name].search(behind[quoted.end() : quoted.end() + _NEAR]) for name in _VERBS)
    verbs = [verb for name in _VERBS if (verb := lexicon[name].search(behind))]
    reporting = lexicon["ambiguous_verbs"].search(behind)
    if reporting and lexicon["complementizers"].match(behind[reporting.end() :].lstrip(" ,")):
        verbs.append(reporting)
    verb = min(verbs, key=lambda one: one.start(), default=None)
    if verb is None or not verb.start():
        return False
    subject = behind[: verb.start()]
    named = _WORD.findall(subject)
    if not named or len(named) > _MOST_SUBJECT_WORDS or MASK in subject:
        return False
    inside = _APPOSITION.sub(" ", subject)
    if "," in inside or lexicon["noun_markers"].fullmatch(named[-1]) or lexicon["negative_pronouns"].search(subject):
        return False  # "Both Nyal, a commander accused of": no verb of the clause
    beside = MASK in behind[verb.end() : verb.end() + _NEAR] and _NAME_AT_END.search(subject.rstrip()) is not None
    pronoun = lexicon["subject_pronouns"].match(subject.strip()) is not None
    return beside or pronoun or names_speaker(subject, lexicon)
