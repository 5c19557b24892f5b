"""Who is given words, found by code: passages in quotation marks and clauses beside a speech verb.

Newswire prose attributes in few forms: "words," X said · X said that words · according to X, words · "words," said X,
"words". Code reads these forms off the punctuation and the word lists of the language; it does not understand. What it
finds is a proposal: the model confirms the speaker and says who that is.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

import regex

from service.extraction.attribution.attribution import Attribution, ClauseAttribution
from service.extraction.attribution.coreference import resolve_speakers
from service.extraction.attribution.dialogue import by_turns
from service.extraction.attribution.masking import MaskedClause
from service.extraction.attribution.turns import headline_speech, sentences_between, turns_of
from service.extraction.attribution.units import UnitReader, units_of, without_asides
from service.extraction.entities.mentions import Mentions
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.paragraphs import SAYS_NOTHING, Paragraph, ParagraphKind
from service.extraction.text.quotes import Passage
from service.extraction.text.sentences import Sentence
from service.extraction.text.spans import Span

_AROUND = " .,;:!?…"
_SENTENCE_END = regex.compile(r"[.!?…]\s+(?=\p{Lu})")
_LEAST_REPEATED = 12
"""Code points of a quotation that is not the same as another one by chance."""
_DASHES = tuple("-–—")
"""What opens the words of the next speaker of a dialogue."""


def find_attributions(
    text: str,
    paragraphs: Sequence[Paragraph],
    sentences: Sequence[Sentence],
    speech: Sequence[Passage],
    mentions: Mentions,
    lexicon: Lexicon,
) -> list[Attribution]:
    """All words of an article that code can see to be somebody's, in order.

    Args:
        text: the article.
        paragraphs: all of it.
        sentences: all of it.
        speech: its passages in quotation marks that may be somebody's words (`text.quotes.speech_passages`).
        mentions: the persons and organisations that it names.
        lexicon: the words of the section `SPEECH`.

    """
    turns = turns_of(text, paragraphs, sentences, mentions, lexicon)
    headlines = headline_speech(text, paragraphs, sentences, mentions, lexicon)
    taken = [Span(one.start, one.end) for one in paragraphs if one.kind in (*SAYS_NOTHING, ParagraphKind.TURN)]
    taken += [Span(said.sentences[0].start, said.sentences[-1].end) for said in headlines]
    taken.sort(key=lambda span: span.start)
    speech = [passage for passage in without_asides(text, speech, lexicon) if not _is_within(passage, taken)]
    prose = [sentence for sentence in sentences if not _is_within(sentence, taken)]
    gathered = _Gathered(UnitReader(text, speech, lexicon))
    for unit in units_of(text, prose, speech, lexicon):
        gathered.add(unit)
    resolved = by_turns(text, resolve_speakers(text, gathered.found, sentences, mentions, lexicon), paragraphs)
    told = [*_repeated(text, _with_items(text, resolved, paragraphs, sentences)), *turns, *headlines]
    return sorted(told, key=lambda said: said.parts[0].start) if turns or headlines else told


class _Gathered:
    """What the units of an article attribute, in order; a unit may go on with what the one before it attributes."""

    def __init__(self, reader: UnitReader) -> None:
        self.found: list[Attribution] = []
        self._reader = reader
        self._before: tuple[Sentence, ...] = ()
        """The last unit."""
        self._last: tuple[Sentence, ...] = ()
        """The last unit, if it attributes anything."""
        self._announced: tuple[ClauseAttribution, int] | None = None
        """Who is about to speak, and in which paragraph."""

    def add(self, unit: tuple[Sentence, ...]) -> None:
        """Read the next unit."""
        own = self._reader.read(unit) or self._read_backwards(unit)
        further = self._further_words(unit, own)
        if further:
            said = self.found[-1]
            self.found[-1] = replace(said, sentences=said.sentences + unit, parts=(*said.parts, *further))
            self._last = self._before = unit
            return
        if (
            own
            and own[0].cue is None
            and own[0].speaker is None
            and self._announced
            and self._announced[1] == unit[0].paragraph
        ):
            announced, _ = self._announced
            own = [replace(own[0], cue=announced.cue, speaker=announced.speaker)]
        said_next = self._reader.announces(unit)
        self._announced = (said_next, unit[-1].paragraph) if said_next else None
        self.found.extend(own)
        self._before, self._last = unit, unit if own else ()

    def _read_backwards(self, unit: tuple[Sentence, ...]) -> list[Attribution]:
        """What a unit attributes that only tells whose the words before it are, unless they are somebody's."""
        near = self._before and not self._last and unit[0].paragraph - self._before[-1].paragraph <= 1
        return self._reader.read_backwards(self._before, unit) if near else []

    def _further_words(self, unit: tuple[Sentence, ...], own: Sequence[Attribution]) -> tuple[Span, ...]:
        """The words by which a unit goes on with the last attribution, without a cue of its own."""
        last = self._last
        if not last or not self.found or last != self.found[-1].sentences[-len(last) :]:
            return ()
        if not own:
            said = self._reader.whole(unit) if self._reader.goes_on_reporting(unit) else None
            return (said,) if said else ()
        another = unit[0].paragraph != last[-1].paragraph and unit[0].text[:1] in _DASHES
        goes_on = not own[0].cue and not own[0].speaker and not another and self._reader.is_quotation(unit)
        return own[0].parts if goes_on else ()


def _with_items(
    text: str, said: Sequence[Attribution], paragraphs: Sequence[Paragraph], sentences: Sequence[Sentence]
) -> list[Attribution]:
    """Attributions, of which one that ends with a colon has the items of the list behind it, unless others have."""
    attributed = {sentence.number for one in said for sentence in one.sentences}
    starts = [one.start for one in paragraphs]
    found: list[Attribution] = []
    for one in said:
        last = one.sentences[-1]
        items: list[Sentence] = []
        following = bisect_right(starts, last.start) if last.text.endswith(":") else len(paragraphs)
        for paragraph in paragraphs[following:]:
            inside = sentences_between(sentences, paragraph.start, paragraph.end)
            if paragraph.kind is not ParagraphKind.LIST_ITEM or any(each.number in attributed for each in inside):
                break
            items.extend(inside)
        words = [MaskedClause(text, each.start, each.text, ()).trimmed(0, len(each.text)) for each in items]
        parts = (*one.parts, *(part for spans in words for part in spans))
        found.append(replace(one, sentences=(*one.sentences, *items), parts=parts) if items else one)
    return found


def _repeated(text: str, said: Sequence[Attribution]) -> Iterator[Attribution]:
    """Attributions, of which one that names nobody is whoever's who says the same sentence elsewhere: a headline's."""
    speakers: dict[str, set[Span]] = {}
    for one in said:
        spoken = (text[part.start : part.end] for part in one.parts)
        for words in (sentence for part in spoken for sentence in (part, *_SENTENCE_END.split(part))):
            if one.cue and one.speaker:
                speakers.setdefault(words.strip(_AROUND), set()).add(one.speaker)
    for one in said:
        words = " ".join(text[part.start : part.end] for part in one.parts).strip(_AROUND)
        open_ = one.speaker is None and one.cue is None and len(words) >= _LEAST_REPEATED
        same = speakers.get(words, set()) if open_ else set()
        yield replace(one, speaker=next(iter(same))) if len(same) == 1 else one


def _is_within(piece: Passage | Sentence, taken: Sequence[Span]) -> bool:
    """Whether a piece of the article lies in one of some stretches in order."""
    at = bisect_right(taken, piece.start, key=lambda span: span.start)
    return at > 0 and piece.start < taken[at - 1].end
