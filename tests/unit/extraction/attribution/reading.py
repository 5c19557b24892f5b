"""Attributions of short articles, as the tests of their reading compare them."""

from service.extraction.attribution.attribution import Attribution
from service.extraction.attribution.attributions import find_attributions
from service.extraction.entities.mentions import Mentions
from service.extraction.text.lexicon import SPEECH, Lexicon, lexicon_for
from service.extraction.text.paragraphs import paragraphs_of
from service.extraction.text.quotes import find_passages, speech_passages
from service.extraction.text.sentences import segment
from service.extraction.text.spans import Span


def read(text: str, language: str | None = "en", words: Lexicon | None = None) -> list[Attribution]:
    """The attributions of an article."""
    words = lexicon_for(SPEECH, language) if words is None else words
    sentences, speech = segment(text, language), speech_passages(text, find_passages(text))
    return find_attributions(
        text, paragraphs_of(text, words), sentences, speech, Mentions(text, sentences, speech, words), words
    )


def said(text: str, language: str | None = "en") -> list[tuple[str | None, str | None, list[str]]]:
    """Speaker, cue and words of each attribution of an article."""

    def words(span: Span | None) -> str | None:
        return text[span.start : span.end] if span else None

    return [(words(a.speaker), words(a.cue), [text[p.start : p.end] for p in a.parts]) for a in read(text, language)]
