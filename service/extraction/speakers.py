"""Who a speaker is: pronouns and surnames replaced by the name they stand for, as far as code can tell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import regex

from service.extraction.countries import code_of
from service.extraction.cues import Cues
from service.extraction.locate import Span
from service.extraction.names import NO_NAMES
from service.extraction.segment import Sentence

_NEAR = 300
"""Code points before a pronoun in which a new person may have been named."""
_BESIDE = 80
"""Code points around a name in which the speaker's office is told."""
_TITLE_WORDS = 4
_OFFICE_WORDS = 14
_BEFORE_NAME = 120
"""Code points before a name in which its sentence may begin."""
_GENDERS = ("masculine", "feminine")
_TITLED = regex.compile(r"\.?\s(?:\p{Lu}[\w’'-]*\s)?(\p{Lu}[\w’'-]+)")
_LAST_WORD = regex.compile(r"\w+\Z")
_APPOSITION = regex.compile(
    r",\s+((?:the\s)?\p{Lu}[\w’'.-]*(?:\s(?:(?:al|el)-|(?:bin|ibn|de|van|von|der)\s)?\p{Lu}[\w’'.-]*)*)\s*,"
)
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
    return _Cast(text, cues).named(read)


class _Cast:
    """The speakers of one article, as they come in."""

    def __init__(self, text: str, cues: Cues) -> None:
        self._text = text
        self._cues = cues
        self._known: list[Span] = []
        self._genders: dict[str, str] = {}
        """Of surnames, as titles and pronouns have told so far."""
        for gender in _GENDERS:
            for title in cues[f"{gender}_titles"].finditer(text):
                if name := _TITLED.match(text, title.end()):
                    self._genders[name[1]] = gender

    def named(self, read: Sequence[Attribution]) -> list[Attribution]:
        found: list[Attribution] = []
        for attribution in read:
            speaker = self._who(attribution)
            if speaker:
                self._known.append(speaker)
            found.append(replace(attribution, speaker=speaker))
        return found

    def _who(self, attribution: Attribution) -> Span | None:
        if attribution.speaker is None:
            return self._known[-1] if attribution.cue is None and self._known else None
        speaker = self._bare(_named_beside(self._text, attribution.speaker))
        words = self._words(speaker)
        if self._cues["objects"].fullmatch(words):
            return None
        if self._is_pronoun(words):
            return self._antecedent(speaker)
        return self._described(speaker) or _fullest(self._text, speaker)

    def _words(self, span: Span) -> str:
        return self._text[span.start : span.end]

    def _bare(self, speaker: Span) -> Span:
        """The pronoun alone where more than it was taken for the subject: "of the losses he", "he after the talks"."""
        words = self._words(speaker)
        first = words.split(maxsplit=1)[0]
        if self._cues["subjects"].fullmatch(first):
            return Span(speaker.start, speaker.start + len(first))
        last = _LAST_WORD.search(words)
        if last and last.start() and self._cues["subjects"].fullmatch(last[0]):
            return Span(speaker.start + last.start(), speaker.end)
        return speaker

    def _described(self, speaker: Span) -> Span | None:
        """Whom "the minister" stands for: the last named speaker beside whose name the word stood."""
        article, *noun = self._words(speaker).split()
        if not self._cues["articles"].fullmatch(article) or len(noun) != 1 or noun[0][0].isupper():
            return None
        office = re.compile(rf"(?<!\w){re.escape(noun[0])}(?!\w)")
        for span in reversed(self._known):
            beside = self._text[max(0, span.start - _BESIDE) : min(span.end + _BESIDE, speaker.start)]
            if self._text[span.start].isupper() and office.search(beside) and not self._is_body(span):
                return span
        return None

    def _antecedent(self, pronoun: Span) -> Span | None:
        """Whom a pronoun stands for: a person who was named just before it, else the last speaker of its sort."""
        word = self._words(pronoun).split(maxsplit=1)[0]
        gender = next((gender for gender in _GENDERS if self._cues[gender].fullmatch(word)), None)
        neuter = self._cues["neuter"].fullmatch(word) is not None
        last = self._known[-1] if self._known else None
        if not (gender or neuter):
            return last
        if gender is None:
            return next((span for span in reversed(self._known) if self._is_body(span)), last)
        start = max(0, pronoun.start - _NEAR, last.end if last else 0)
        near = [Span(*match.span()) for match in _FULL_NAME.finditer(self._text, start, pronoun.start)]
        # The first name of the sentence before is its subject as a rule.
        subjects = (span for span in reversed(near) if _begins_sentence(self._text, span))
        candidates = [*subjects, *reversed(self._known), *reversed(near)]
        person = next((span for span in candidates if self._may_be(span, gender)), None)
        if person:
            self._genders.setdefault(_surname(self._words(person)), gender)
        return person or last

    def _may_be(self, name: Span, gender: str) -> bool:
        return not self._is_body(name) and self._genders.get(_surname(self._words(name)), gender) == gender

    def _is_body(self, speaker: Span) -> bool:
        """Whether a speaker is an institution or a place: one word, a word for a body, or no name of a person."""
        words = self._words(speaker).split()
        return (
            len(words) == 1
            or not words[-1][:1].isupper()
            or words[0].lower() in NO_NAMES
            or bool(self._cues["bodies"].search(self._words(speaker)))
            or code_of(self._words(speaker), None) is not None
        )

    def _is_pronoun(self, words: str) -> bool:
        first, *others = words.split()
        return bool(self._cues["pronouns"].fullmatch(first)) and len(others) <= 1


def _surname(name: str) -> str:
    return name.rsplit(maxsplit=1)[-1].strip(".,")


def _named_beside(text: str, speaker: Span) -> Span:
    """The name that follows a description between commas: "its spokesman, Dario Kemp, said"."""
    if text[speaker.start : speaker.end].rsplit(maxsplit=1)[-1][0].isupper():
        return speaker
    name = _APPOSITION.match(text, speaker.end)
    return Span(*name.span(1)) if name and name[1].split()[0].lower() not in NO_NAMES else speaker


def _begins_sentence(text: str, name: Span) -> bool:
    """Whether only a title, an office or a preposition stands between a sentence's start and a name."""
    before = re.split(r"[.!?]\s|\n", text[max(0, name.start - _BEFORE_NAME) : name.start])[-1]
    most = _OFFICE_WORDS if before.endswith(", ") and text[name.end : name.end + 1] == "," else _TITLE_WORDS
    return len(before.split()) <= most and not re.search(r"[“”\"«»]", before)


def _fullest(text: str, speaker: Span) -> Span:
    """The nearest earlier place where a name of one word stands with a first name."""
    words = text[speaker.start : speaker.end]
    if len(words.split()) > 1 or not words[0].isupper():
        return speaker
    full = regex.compile(rf"(?<!\w)(?:\p{{Lu}}(?:[\w’'-]*|\w{{0,4}}\.)[^\S\r\n]){{1,2}}{re.escape(words)}(?!\w)")
    earlier = list(full.finditer(text, 0, speaker.start))
    return Span(earlier[-1].start(), earlier[-1].end()) if earlier else speaker
