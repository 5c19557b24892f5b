"""Attributions of short articles, as the tests of their reading compare them."""

from service.extraction.attribution.attribution import Attribution
from service.extraction.attribution.attributions import find_attributions
from service.extraction.attribution.dialogue import dialogue_passages
from service.extraction.entities.mentions import Mentions
from service.extraction.text.lexicon import SPEECH, Lexicon, lexicon_for
from service.extraction.text.paragraphs import ParagraphKind, kind_at, paragraphs_of
from service.extraction.text.quotes import find_passages, speech_passages, with_unmarked
from service.extraction.text.sentences import segment
from service.extraction.text.spans import Span


def read(text: str, language: str | None = "en", words: Lexicon | None = None) -> list[Attribution]:
    """The attributions of an article."""
    words = lexicon_for(SPEECH, language) if words is None else words
    sentences, paragraphs = segment(text, language), paragraphs_of(text, words)
    spoken = (
        one
        for one in dialogue_passages(text, paragraphs, words)
        if kind_at(paragraphs, one.start) is not ParagraphKind.TURN
    )
    speech = with_unmarked(speech_passages(text, find_passages(text)), list(spoken))
    return find_attributions(text, paragraphs, sentences, speech, Mentions(text, sentences, speech, words), words)


def said(text: str, language: str | None = "en") -> list[tuple[str | None, str | None, list[str]]]:
    """Speaker, cue and words of each attribution of an article."""

    def words(span: Span | None) -> str | None:
        return text[span.start : span.end] if span else None

    return [(words(a.speaker), words(a.cue), [text[p.start : p.end] for p in a.parts]) for a in read(text, language)]
