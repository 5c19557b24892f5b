"""What code reads off an article before anything is asked: who says what, names, places, dates, figures."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from schemas.fields import Mention
from service.extraction.cues import SPEECH, cues, language_of
from service.extraction.dates import dates, spans
from service.extraction.figures import amounts, said
from service.extraction.locate import Span
from service.extraction.mentions import Mentions
from service.extraction.names import names
from service.extraction.places import only_places, placed_names
from service.extraction.portraits import Portraits
from service.extraction.quotation import Passage
from service.extraction.quotation import spoken as speech_of
from service.extraction.segment import Sentence
from service.extraction.speakers import Attribution
from service.extraction.speech import attributions


@dataclass(frozen=True)
class Reading:
    """What code reads off an article before anything is asked.

    `names` are those of each sentence, by its number. `told` and `kinds` are what was looked for in sentences so far.
    """

    text: str
    sentences: Sequence[Sentence]
    passages: Sequence[Passage]
    said: Sequence[Attribution]
    names: Mapping[int, tuple[str, ...]]
    language: str | None
    told: dict[int, "Told"]
    kinds: dict[tuple[int, str], bool]

    def mention(self, span: Span) -> Mention:
        return Mention(start=span.start, end=span.end, text=self.text[span.start : span.end])

    def telling(self, sentence: Sentence) -> "Told":
        """The dates and amounts of a sentence, looked for once, however many leads it has."""
        known = self.told.get(sentence.number)
        if known is None:
            when = spans(sentence.text, self.language)
            figures = amounts(_undated(sentence.text, when), self.language)
            words = None if figures is None else said(sentence.text, figures)
            known = Told(dates(sentence.text, when), words, when, figures)
            self.told[sentence.number] = known
        return known

    def acting(self, sentence: Sentence, venues: re.Pattern[str]) -> list[str]:
        """The names of a sentence, without those that only say where something is or of which town talks are."""
        return [
            name
            for name in self.names[sentence.number]
            if not only_places(
                name, sentence.text, self._locatives, venues, placed_elsewhere=name in self._placed_names
            )
        ]

    def placed(self, sentence: Sentence) -> list[Span]:
        """The names of a sentence that say where something is."""
        found = placed_names(self.names[sentence.number], sentence.text, self._locatives)
        return [Span(sentence.start + span.start, sentence.start + span.end) for span in found]

    @cached_property
    def _placed_names(self) -> frozenset[str]:
        """Names that say somewhere in the article where something is."""
        return frozenset(
            " ".join(self.text[span.start : span.end].split())
            for sentence in self.sentences
            for span in self.placed(sentence)
        )

    @cached_property
    def said_in(self) -> Mapping[int, Sequence[Attribution]]:
        """What is said in each sentence, by its number."""
        found: dict[int, list[Attribution]] = {}
        for attribution in self.said:
            for sentence in attribution.sentences:
                found.setdefault(sentence.number, []).append(attribution)
        return found

    def stated(self, sentence: Sentence, spans: Iterable[Span]) -> list[Span]:
        """Those spans of a sentence that are not about the saying: "on Sunday", in "said on Sunday that …"."""
        parts = [part for said in self.said_in.get(sentence.number, ()) for part in said.parts]
        return [span for span in spans if not parts or any(part.start <= span.start < part.end for part in parts)]

    def speaking(self, sentence: Sentence) -> list[str]:
        """The names of the persons who say something in a sentence."""
        speakers = {said.speaker for said in self.said_in.get(sentence.number, ()) if said.speaker}
        names = (self.portraits.person(speaker) for speaker in speakers)
        return [self.text[name.start : name.end] for name in names if name]

    @cached_property
    def portraits(self) -> Portraits:
        """Who its speakers are."""
        words = cues(SPEECH, self.language)
        speech = speech_of(self.text, self.passages)
        return Portraits(self.text, Mentions(self.text, self.sentences, speech, words), words)

    @property
    def has_locatives(self) -> bool:
        return "locatives" in cues(SPEECH, self.language).lists

    @property
    def _locatives(self) -> re.Pattern[str]:
        return cues(SPEECH, self.language)["locatives"]

    def tells(self, kind: str, sentence: Sentence) -> bool:
        """Whether a sentence has a cue of a kind, looked for once, however many are quoted in it."""
        known = self.kinds.get((sentence.number, kind))
        if known is None:
            found = cues(kind, self.language)["cues"].search(sentence.text)
            known = self.kinds[sentence.number, kind] = found is not None
        return known


@dataclass(frozen=True, slots=True)
class Told:
    """Dates and amounts of a sentence, their words and where they stand.

    No amounts are known where number words of the language cannot be told.
    """

    dates: tuple[str, ...]
    amounts: tuple[str, ...] | None
    dated: Sequence[tuple[int, int]]
    figures: Sequence[tuple[int, int]] | None


def read(text: str, sentences: Sequence[Sentence], found: Sequence[Passage], language: str | None) -> Reading:
    """Read an article whose sentences and passages in quotation marks are known.

    Where its language is not, cues of all languages would find what they mean in none: it is told by its words.
    """
    language = language or language_of(text)
    said = attributions(text, sentences, found, cues(SPEECH, language))
    return Reading(text, sentences, found, said, names(sentences, language), language, {}, {})


def _undated(words: str, when: Sequence[tuple[int, int]]) -> str:
    """A sentence whose dates are masked, so that their numbers count nothing."""
    for start, end in when:
        words = words[:start] + "|" * (end - start) + words[end:]
    return words
