"""Who a speaker is: pronouns and surnames replaced by the name they stand for, as far as code can tell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import regex

from service.extraction.cues import Cues
from service.extraction.locate import Span
from service.extraction.segment import Sentence

_NEAR = 300
"""Code points before a pronoun in which a new person may have been named."""
_TITLE_WORDS = 4
_FULL_NAME = regex.compile(r"(?<!\w)\p{Lu}[\w’'-]+(?:\s\p{Lu}[\w’'.-]*)*\s\p{Lu}[\w’'-]+")


@dataclass(frozen=True, slots=True)
class Attribution:
    """Words given to somebody. `parts` are the unbroken pieces of them, quotation marks around a piece excluded."""

    sentences: tuple[Sentence, ...]
    parts: tuple[Span, ...]
    cue: Span | None
    speaker: Span | None


def resolved(text: str, read: Sequence[Attribution], cues: Cues) -> list[Attribution]:
    """Pronouns replaced by whom they stand for, surnames by the fullest form of the name."""
    named: list[Attribution] = []
    known: list[Span] = []
    for attribution in read:
        speaker = attribution.speaker
        if speaker and _is_pronoun(text[speaker.start : speaker.end], cues):
            speaker = _antecedent(text, speaker, known, cues)
        elif speaker:
            speaker = _fullest(text, speaker)
        elif attribution.cue is None:
            speaker = known[-1] if known else None
        if speaker:
            known.append(speaker)
        named.append(replace(attribution, speaker=speaker))
    return named


def _antecedent(text: str, pronoun: Span, known: Sequence[Span], cues: Cues) -> Span | None:
    """Whom a pronoun stands for: a person who was named just before it, else the last speaker of its sort."""
    word = text[pronoun.start : pronoun.end].split(maxsplit=1)[0]
    personal = cues["personal"].fullmatch(word) is not None
    neuter = cues["neuter"].fullmatch(word) is not None
    last = known[-1] if known else None
    if personal:
        start = max(0, pronoun.start - _NEAR, last.end if last else 0)
        near = [Span(m.start(), m.end()) for m in _FULL_NAME.finditer(text, start, pronoun.start)]
        # The first name of the sentence before is its subject as a rule.
        person = next((span for span in reversed(near) if _begins_sentence(text, span)), None)
        if person and not cues["bodies"].search(text, person.start, person.end):
            return person
    if not (personal or neuter):
        return last
    fitting = (span for span in reversed(known) if _is_body(text[span.start : span.end], cues) == neuter)
    return next(fitting, last)


def _begins_sentence(text: str, name: Span) -> bool:
    """Whether only a title or a preposition stands between a sentence's start and a name."""
    before = re.split(r"[.!?]\s|\n", text[max(0, name.start - 60) : name.start])[-1]
    return len(before.split()) <= _TITLE_WORDS and not re.search(r"[“”\"«»]", before)


def _is_body(speaker: str, cues: Cues) -> bool:
    """Whether a speaker is an institution or a state: one word, a word for a body, or no name of a person at all."""
    words = speaker.split()
    return len(words) == 1 or bool(cues["bodies"].search(speaker)) or not words[-1][:1].isupper()


def _is_pronoun(words: str, cues: Cues) -> bool:
    first, *others = words.split()
    return bool(cues["pronouns"].fullmatch(first)) and len(others) <= 1


def _fullest(text: str, speaker: Span) -> Span:
    """The nearest earlier place where a name of one word stands with a first name."""
    words = text[speaker.start : speaker.end]
    if len(words.split()) > 1 or not words[0].isupper():
        return speaker
    full = regex.compile(rf"(?<!\w)(?:\p{{Lu}}(?:[\w’'-]*|\w{{0,4}}\.)[^\S\r\n]){{1,2}}{re.escape(words)}(?!\w)")
    earlier = list(full.finditer(text, 0, speaker.start))
    return Span(earlier[-1].start(), earlier[-1].end()) if earlier else speaker
