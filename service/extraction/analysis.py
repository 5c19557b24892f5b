"""What code reads off an article before anything is asked: who says what, names, places, dates, figures."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

from schemas.fields import Mention
from service.extraction.attribution.attributions import attributions
from service.extraction.attribution.coreference import Attribution
from service.extraction.attribution.speaker_profiles import Portraits
from service.extraction.entities.lexicon import SPEECH, Cues, cues, language_of
from service.extraction.entities.mediators import mediators
from service.extraction.entities.mentions import Mentions
from service.extraction.entities.names import names
from service.extraction.entities.places import PlaceWords, bound_names, only_places, placed_names
from service.extraction.normalize.dates import dates, spans
from service.extraction.normalize.numbers import amounts, said
from service.extraction.text.matching import Span
from service.extraction.text.quotes import Passage, spoken
from service.extraction.text.sentences import Sentence


@dataclass(frozen=True)
class Reading:
    """What code reads off an article before anything is asked.

    `names` are those of each sentence, by its number. `told` and `kinds` are what was looked for in sentences so far.
    """

    text: str
    sentences: Sequence[Sentence]
    mentions: Mentions
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
        return _moved(placed_names(self.names[sentence.number], sentence.text, self._locatives), sentence)

    def bound(self, sentence: Sentence, words: Cues) -> list[Span]:
        """The names of a sentence that the words of a kind beside them make a place."""
        joints = [self.speech[name] for name in ("locatives", "adverbials", "joints", "conjunctions")]
        beside = PlaceWords(words["before_places"], words["behind_places"], words["venues"], joints)
        return _moved(bound_names(self.names[sentence.number], sentence.text, beside, self._placed_names), sentence)

    def mediating(self, sentence: Sentence, words: Cues) -> list[Span]:
        """The names of a sentence that are told to mediate."""
        return _moved(mediators(self.names[sentence.number], sentence.text, words), sentence)

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

    @cached_property
    def _individuals(self) -> Mapping[Span, Span | None]:
        """Which part of a speaker's words names a person who speaks for nobody else; None for states and bodies."""
        speakers = {said.speaker for said in self.said if said.speaker}
        return {speaker: self.portraits.individual(speaker) for speaker in speakers}

    def _speakers(self, sentence: Sentence) -> list[Span]:
        speakers = {said.speaker for said in self.said_in.get(sentence.number, ()) if said.speaker}
        return sorted(speakers, key=attrgetter("start"))

    def speaking(self, sentence: Sentence) -> list[str]:
        """The persons who say something in a sentence, by name or, where they have none, by what they are called."""
        found = (self._individuals[speaker] for speaker in self._speakers(sentence))
        return [self.text[span.start : span.end] for span in found if span]

    def representing(self, sentence: Sentence) -> list[Span]:
        """The speakers named in a sentence who are no single person: states, bodies and groups."""
        here = (who for who in self._speakers(sentence) if sentence.start <= who.start < sentence.end)
        return [who for who in here if not self._individuals[who]]

    def persons(self, sentence: Sentence) -> list[Span]:
        """The persons whom a sentence names in full and who say nothing in it."""
        speaking = self.speaking(sentence)
        named = self.mentions.between(sentence.start, sentence.end)
        full = [span for span in named if " " in self.text[span.start : span.end] and not self.mentions.is_body(span)]
        return [span for span in full if self.text[span.start : span.end] not in speaking]

    @cached_property
    def portraits(self) -> Portraits:
        """Who its speakers are."""
        return Portraits(self.text, self.mentions, self.speech)

    @cached_property
    def speech(self) -> Cues:
        """The cues that tell who says something, in its language."""
        return cues(SPEECH, self.language)

    @property
    def has_locatives(self) -> bool:
        return "locatives" in self.speech.lists

    @property
    def _locatives(self) -> re.Pattern[str]:
        return self.speech["locatives"]

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
    words, speech = cues(SPEECH, language), spoken(text, found)
    mentions = Mentions(text, sentences, speech, words)
    said = attributions(text, sentences, speech, mentions, words)
    return Reading(text, sentences, mentions, said, names(sentences, language), language, {}, {})


def _moved(found: Iterable[Span], sentence: Sentence) -> list[Span]:
    """Spans of a sentence as those of the article."""
    return [Span(sentence.start + span.start, sentence.start + span.end) for span in found]


def _undated(words: str, when: Sequence[tuple[int, int]]) -> str:
    """A sentence whose dates are masked, so that their numbers count nothing."""
    for start, end in when:
        words = words[:start] + "|" * (end - start) + words[end:]
    return words
