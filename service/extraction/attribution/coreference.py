"""Who a speaker is: pronouns and surnames replaced by the name they stand for, as far as code can tell."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

import regex

from service.extraction.attribution.descriptions import person_nouns
from service.extraction.entities.lexicon import Cues
from service.extraction.entities.mentions import Mentions
from service.extraction.entities.names import NO_NAMES, TITLE
from service.extraction.normalize.countries import code_of, is_capital
from service.extraction.text.matching import Span
from service.extraction.text.sentences import Sentence

_SENTENCES = 3
"""Sentences before a pronoun's own in which it may have been told whom it stands for."""
_BESIDE = 80
"""Code points around a name in which the speaker's office is told."""
_GENDERS = ("masculine", "feminine")
_LOOK_BACK = 50
"""Speakers before the last ones are not meant by a pronoun or an office."""
_CLAUSE_END = re.compile(r"[.!?;\n]")
_TITLED = regex.compile(r"\.?\s(?:\p{Lu}[\w’'-]*\s)?(\p{Lu}[\w’'-]+)")
_LAST_WORD = regex.compile(r"\w+\Z")
_PARTICLE = r"(?:(?:al|el)-|(?:bin|ibn|de|van|von|der)\s)?"
_PLAIN = r"\p{Lu}(?:\.(?=\s\p{Lu})|[\w’'-]*)"
_APPOSITION = regex.compile(rf",\s+((?:{TITLE})*({_PLAIN})(?:\s{_PARTICLE}{_PLAIN})*)\s*[,.;]")
"""What stands behind a speaker: a name between commas, or one that ends the sentence."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """Words given to somebody. `parts` are the unbroken pieces of them, quotation marks around a piece excluded."""

    sentences: tuple[Sentence, ...]
    parts: tuple[Span, ...]
    cue: Span | None
    speaker: Span | None


def resolved(
    text: str, read: Sequence[Attribution], sentences: Sequence[Sentence], mentions: Mentions, cues: Cues
) -> list[Attribution]:
    """Pronouns replaced by whom they stand for, surnames by the fullest form of the name."""
    return _Cast(text, sentences, mentions, cues).named(read)


class _Cast:
    """The speakers of one article, as they come in."""

    def __init__(self, text: str, sentences: Sequence[Sentence], mentions: Mentions, cues: Cues) -> None:
        self._text = text
        self._sentences = sentences
        self._mentions = mentions
        self._cues = cues
        self._known: list[Span] = []
        self._spoke: set[Span] = set()
        self._speaking: dict[int, Span] = {}
        """Who spoke last in a sentence, by its number."""
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
                self._spoke.add(speaker)
                self._speaking.update((sentence.number, speaker) for sentence in attribution.sentences)
            found.append(replace(attribution, speaker=speaker))
        return found

    def _who(self, attribution: Attribution) -> Span | None:
        if attribution.speaker is None:
            return self._known[-1] if attribution.cue is None and self._known else None
        if attribution.cue and attribution.cue.start <= attribution.speaker.start < attribution.cue.end:
            return self._antecedent(attribution.speaker)  # "in her account"
        speaker = self._bare(self._named_beside(attribution.speaker))
        words = self._words(speaker)
        if self._cues["objects"].fullmatch(words):
            return None
        if self._is_pronoun(words):
            return self._antecedent(speaker)
        return self._described(speaker) or self._mentions.fullest(speaker)

    def _words(self, span: Span) -> str:
        return self._text[span.start : span.end]

    def _bare(self, speaker: Span) -> Span:
        """The pronoun alone where more than it was taken for the subject: "of the losses he", "he after the talks"."""
        words = self._words(speaker)
        first, *_ = words.split(maxsplit=1)
        if self._cues["subjects"].fullmatch(first):
            start = speaker.start + words.index(first)
            return Span(start, start + len(first))
        last = _LAST_WORD.search(words)
        if last and last.start() and self._cues["subjects"].fullmatch(last[0]):
            return Span(speaker.start + last.start(), speaker.end)
        return speaker

    def _named_beside(self, speaker: Span) -> Span:
        """The name that follows a description between commas: "its spokesman, Dario Kemp, said"."""
        name = _APPOSITION.match(self._text, speaker.end)
        if not name or name[2].lower() in NO_NAMES or code_of(name[1], None) or is_capital(name[1]):
            return speaker
        named = Span(*name.span(1))
        words = self._words(speaker)
        heads = (head for noun in person_nouns(self._cues) for head in noun.finditer(words))
        head = max(heads, key=lambda head: head.start(), default=None)
        if head is None:
            return speaker if words.rsplit(maxsplit=1)[-1][0].isupper() else named
        behind = words[head.end() :].lstrip()
        title = head[0][0].isupper() and not self._cues["articles"].fullmatch(words.split(maxsplit=1)[0])
        if title or behind[:1].isupper():
            return speaker  # the name stands in the words: "Mayor Ilsa Varn"
        # Behind "a resident of the town" a town may be named.
        return speaker if behind and self._mentions.is_body(named) else named

    def _described(self, speaker: Span) -> Span | None:
        """Whom "the minister" stands for: the last named speaker beside whose name the word stood."""
        article, *noun = self._words(speaker).split()
        if not self._cues["articles"].fullmatch(article) or len(noun) != 1 or noun[0][0].isupper():
            return None
        if self._cues["bodies"].fullmatch(noun[0]):
            return None
        office = re.compile(rf"(?<!\w){re.escape(noun[0])}(?!\w)")
        for span in islice(reversed(self._known), _LOOK_BACK):
            before = _CLAUSE_END.split(self._text[max(0, span.start - _BESIDE) : span.start])[-1]
            after = _CLAUSE_END.split(self._text[span.end : min(span.end + _BESIDE, speaker.start)])[0]
            if self._text[span.start].isupper() and office.search(f"{before} | {after}"):
                return span if not self._mentions.is_body(span) else None
        return None

    def _antecedent(self, pronoun: Span) -> Span | None:
        """Whom a pronoun stands for: who is named in the sentences before it, else the last speaker of its sort."""
        word = self._words(pronoun).split(maxsplit=1)[0]
        gender = next((gender for gender in _GENDERS if self._cues[gender].fullmatch(word)), None)
        if gender is None and not self._cues["neuter"].fullmatch(word):
            return self._known[-1] if self._known else None
        named = () if self._cues["plural"].fullmatch(word) else self._named_before(pronoun)
        candidates = chain(named, islice(reversed(self._known), _LOOK_BACK))
        found = next((span for span in candidates if self._may_be(span, gender)), None)
        if found is None:
            return None
        found = self._named_beside(found)
        if gender:
            self._genders.setdefault(_surname(self._words(found)), gender)
        last = islice(reversed(self._known), _LOOK_BACK)
        whole = (span for span in last if span.start <= found.start and found.end <= span.end)
        return next(whole, None) or self._mentions.fullest(found)

    def _named_before(self, pronoun: Span) -> Iterator[Span]:
        """Who is named before a pronoun: sentence by sentence, in each the speaker, then who comes first."""
        here = bisect_right(self._sentences, pronoun.start, key=lambda sentence: sentence.start)
        for sentence in reversed(self._sentences[max(0, here - 1 - _SENTENCES) : here]):
            speaker = self._speaking.get(sentence.number)
            if speaker and sentence.start < pronoun.start:
                yield speaker
            goes_on = self._cues["subjects"].fullmatch(sentence.text.split(maxsplit=1)[0])
            if goes_on and sentence.start != pronoun.start:
                continue  # whom it names besides is not whom it is about
            end = min(sentence.end, pronoun.start)
            yield from self._mentions.between(sentence.start, end)

    def _may_be(self, name: Span, gender: str | None) -> bool:
        """Whether a pronoun of a gender, or a neuter one, may stand for somebody."""
        words = self._words(name)
        if self._mentions.describes_person(name):
            told = next((gender for gender in _GENDERS if self._cues[f"{gender}_nouns"].search(words)), gender)
            return gender is not None and told == gender
        if gender is None:
            return self._mentions.is_body(name)
        person = not self._mentions.is_body(name) or (name in self._spoke and self._mentions.may_be_surname(name))
        return person and self._genders.get(_surname(words), gender) == gender

    def _is_pronoun(self, words: str) -> bool:
        first, *others = words.split()
        return bool(self._cues["pronouns"].fullmatch(first)) and len(others) <= 1


def _surname(name: str) -> str:
    return name.rsplit(maxsplit=1)[-1].strip(".,")
