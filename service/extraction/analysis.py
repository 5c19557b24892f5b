"""What code reads off an article before anything is asked: who says what, names, places, dates, figures."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter

from schemas.fields import Mention
from service.extraction.attribution.attribution import Attribution
from service.extraction.attribution.attributions import find_attributions
from service.extraction.attribution.dialogue import dialogue_passages
from service.extraction.attribution.speaker_profiles import SpeakerProfiles
from service.extraction.entities.mediators import find_mediators
from service.extraction.entities.mentions import Mentions
from service.extraction.entities.names import find_names
from service.extraction.entities.places import (
    find_places_by_context,
    find_places_by_preposition,
    is_place_only,
)
from service.extraction.normalize.dates import date_spans, date_texts
from service.extraction.normalize.numbers import amount_spans, amount_texts
from service.extraction.text.characters import readable
from service.extraction.text.lexicon import SPEECH, Lexicon, detect_language, lexicon_for
from service.extraction.text.paragraphs import SAYS_NOTHING, Paragraph, ParagraphKind, kind_at, paragraphs_of
from service.extraction.text.quotes import Passage, speech_passages, with_unmarked
from service.extraction.text.sentences import Sentence
from service.extraction.text.spans import Span


@dataclass(frozen=True, slots=True)
class SentenceFacts:
    """The dates and amounts of a sentence: their words, each once, and their places in it, as (start, end).

    Amounts are None where number words of the language cannot be told, so that there may be amounts that are not seen.
    """

    dates: tuple[str, ...]
    amounts: tuple[str, ...] | None
    date_spans: Sequence[tuple[int, int]]
    amount_spans: Sequence[tuple[int, int]] | None


@dataclass(frozen=True)
class ArticleAnalysis:
    """What code reads off an article before anything is asked. What is looked for in a sentence is looked for once.

    Args:
        text: the article.
        sentences: all of it.
        mentions: the persons and bodies that it names.
        attributions: who says what, in the article's order.
        names: capitalised names of each sentence, by its number.
        language: BCP 47 tag, as it was given or told by the words; None where neither is.
        prose: the sentences in which something may be told: not those of bylines and the like.
        headlines: the numbers of those that are headlines.

    """

    text: str
    sentences: Sequence[Sentence]
    mentions: Mentions
    attributions: Sequence[Attribution]
    names: Mapping[int, tuple[str, ...]]
    language: str | None
    prose: Sequence[Sentence]
    headlines: frozenset[int]
    _facts: dict[int, SentenceFacts] = field(default_factory=dict)
    _triggers: dict[tuple[int, str], bool] = field(default_factory=dict)

    def mention(self, span: Span) -> Mention:
        """A span as a record has it."""
        return Mention(start=span.start, end=span.end, text=self.text[span.start : span.end])

    def facts(self, sentence: Sentence) -> SentenceFacts:
        """The dates and amounts of a sentence; numbers in its dates are no amounts."""
        known = self._facts.get(sentence.number)
        if known is None:
            when = date_spans(sentence.text, self.language)
            amounts = amount_spans(_with_masked(sentence.text, when), self.language)
            words = None if amounts is None else amount_texts(sentence.text, amounts)
            known = SentenceFacts(date_texts(sentence.text, when), words, when, amounts)
            self._facts[sentence.number] = known
        return known

    def has_trigger(self, kind: str, sentence: Sentence) -> bool:
        """Whether a sentence has a trigger of a kind."""
        known = self._triggers.get((sentence.number, kind))
        if known is None:
            found = lexicon_for(kind, self.language)["triggers"].search(sentence.text)
            known = self._triggers[sentence.number, kind] = found is not None
        return known

    def acting_names(self, sentence: Sentence, meeting_nouns: re.Pattern[str]) -> list[str]:
        """The names of a sentence, without those that only say where something is or of which town talks are."""
        return [
            name
            for name in self.names[sentence.number]
            if not is_place_only(
                name, sentence.text, meeting_nouns, self.speech_lexicon, placed_elsewhere=name in self._place_names
            )
        ]

    def places_by_preposition(self, sentence: Sentence) -> list[Span]:
        """The names of a sentence that stand behind a preposition of place: "in Doha"."""
        return _in_article(
            find_places_by_preposition(self.names[sentence.number], sentence.text, self.speech_lexicon), sentence
        )

    def places_by_context(self, sentence: Sentence, lexicon: Lexicon) -> list[Span]:
        """The names of a sentence that a kind's words right beside them make a place: "captured Amvar"."""
        names, speech = self.names[sentence.number], self.speech_lexicon
        return _in_article(find_places_by_context(names, sentence.text, lexicon, speech, self._place_names), sentence)

    def mediators(self, sentence: Sentence, lexicon: Lexicon) -> list[Span]:
        """The names of a sentence that are told to mediate or host."""
        names = self.names[sentence.number]
        return _in_article(find_mediators(names, sentence.text, lexicon, self.speech_lexicon), sentence)

    def inside_statements(self, sentence: Sentence, spans: Iterable[Span]) -> list[Span]:
        """Those spans of a sentence that are not about the saying: "on Sunday", in "said on Sunday that …"."""
        parts = [part for said in self.attributions_in.get(sentence.number, ()) for part in said.parts]
        return [span for span in spans if not parts or any(part.start <= span.start < part.end for part in parts)]

    def individual_speakers(self, sentence: Sentence) -> list[str]:
        """The persons who say something in a sentence: their names or, where they have none, what they are called.

        Whoever speaks for a state or a body is none of them.
        """
        found = (self._individuals[speaker] for speaker in self._speakers(sentence))
        return [self.text[span.start : span.end] for span in found if span]

    def collective_speakers(self, sentence: Sentence) -> list[Span]:
        """The speakers named in a sentence who are no single person: states, bodies and groups."""
        here = (who for who in self._speakers(sentence) if sentence.start <= who.start < sentence.end)
        return [who for who in here if not self._individuals[who]]

    def silent_persons(self, sentence: Sentence) -> list[Span]:
        """The persons whom a sentence names in full and who say nothing in it."""
        speaking = self.individual_speakers(sentence)
        named = self.mentions.between(sentence.start, sentence.end)
        full = [
            span
            for span in named
            if " " in self.text[span.start : span.end] and not self.mentions.is_organization_or_place(span)
        ]
        return [span for span in full if self.text[span.start : span.end] not in speaking]

    @cached_property
    def attributions_in(self) -> Mapping[int, Sequence[Attribution]]:
        """The attributions of each sentence that has any, by its number."""
        found: dict[int, list[Attribution]] = {}
        for attribution in self.attributions:
            for sentence in attribution.sentences:
                found.setdefault(sentence.number, []).append(attribution)
        return found

    @cached_property
    def speaker_profiles(self) -> SpeakerProfiles:
        """Who the speakers are."""
        return SpeakerProfiles(self.text, self.mentions, self.speech_lexicon)

    @cached_property
    def speech_lexicon(self) -> Lexicon:
        """The words that tell who says something, in the article's language."""
        return lexicon_for(SPEECH, self.language)

    @property
    def knows_place_prepositions(self) -> bool:
        """Whether the language has words for "in" and "near", so that a place is found where there is one."""
        return "place_prepositions" in self.speech_lexicon.lists

    @cached_property
    def _place_names(self) -> frozenset[str]:
        """Names that stand behind a preposition of place somewhere in the article."""
        return frozenset(
            " ".join(self.text[span.start : span.end].split())
            for sentence in self.sentences
            for span in self.places_by_preposition(sentence)
        )

    @cached_property
    def _individuals(self) -> Mapping[Span, Span | None]:
        """Which part of a speaker's words names a person who speaks for nobody else; None for states and bodies."""
        speakers = {said.speaker for said in self.attributions if said.speaker}
        return {speaker: self.speaker_profiles.individual_name(speaker) for speaker in speakers}

    def _speakers(self, sentence: Sentence) -> list[Span]:
        speakers = {said.speaker for said in self.attributions_in.get(sentence.number, ()) if said.speaker}
        return sorted(speakers, key=attrgetter("start"))


def analyse(
    text: str, sentences: Sequence[Sentence], passages: Sequence[Passage], language: str | None
) -> ArticleAnalysis:
    """Read an article whose sentences and passages in quotation marks are known.

    Where its language is not, words of all languages together would mean what they mean in none: so it is told by the
    article's own words.
    """
    language = language or detect_language(text)
    shown = readable(text)
    lexicon = lexicon_for(SPEECH, language)
    paragraphs = paragraphs_of(shown, lexicon)
    spoken = _spoken(shown, paragraphs, lexicon)
    dialogue = [one for one in spoken if kind_at(paragraphs, one.start) is not ParagraphKind.TURN]
    speech = with_unmarked(speech_passages(shown, passages), dialogue)
    mentions = Mentions(shown, sentences, speech, lexicon)
    said = find_attributions(shown, paragraphs, sentences, speech, mentions, lexicon)
    names = find_names(sentences, language)
    prose = [one for one in sentences if kind_at(paragraphs, one.start) not in SAYS_NOTHING]
    headlines = {one.number for one in prose if kind_at(paragraphs, one.start) is ParagraphKind.HEADLINE}
    return ArticleAnalysis(text, sentences, mentions, said, names, language, prose, frozenset(headlines))


def unmarked_speech(text: str, language: str | None) -> list[Passage]:
    """What somebody says without quotation marks around it: behind a dash, or in the turn of a transcript.

    Args:
        text: the article.
        language: BCP 47 tag.

    """
    shown, lexicon = readable(text), lexicon_for(SPEECH, language or detect_language(text))
    return _spoken(shown, paragraphs_of(shown, lexicon), lexicon)


def _spoken(text: str, paragraphs: Sequence[Paragraph], lexicon: Lexicon) -> list[Passage]:
    dialogue = dialogue_passages(text, paragraphs, lexicon)
    turns = (Passage(one.words, one.end) for one in paragraphs if one.kind is ParagraphKind.TURN)
    return sorted([*dialogue, *turns], key=lambda passage: passage.start)


def _in_article(found: Iterable[Span], sentence: Sentence) -> list[Span]:
    """Spans of a sentence as those of the article."""
    return [Span(sentence.start + span.start, sentence.start + span.end) for span in found]


def _with_masked(words: str, spans: Sequence[tuple[int, int]]) -> str:
    """A sentence in which some parts are masked, of the same length."""
    for start, end in spans:
        words = words[:start] + "|" * (end - start) + words[end:]
    return words
