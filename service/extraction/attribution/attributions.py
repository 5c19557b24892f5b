"""Who is given words, found by code: passages in quotation marks and clauses beside a verb of saying.

Newswire prose attributes in few forms: "words," X said · X said that words · according to X, words · "words," said X,
"words". Code reads these forms off the punctuation and the cues of the language; it does not understand. What it
finds is a proposal: the model confirms the speaker and says who that is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from service.extraction.attribution.clauses import CLOSING, WORD, Clause, masked
from service.extraction.attribution.coreference import Attribution, resolved
from service.extraction.entities.lexicon import Cues
from service.extraction.entities.mentions import Mentions
from service.extraction.entities.names import after_dateline
from service.extraction.text.matching import Span
from service.extraction.text.quotes import Passage, within
from service.extraction.text.sentences import Sentence

_MOST_ATTRIBUTION_WORDS = 8
_ENDED = re.compile(r"[.!?…]")
_CRIED = re.compile(rf"[!?…][{CLOSING}]\s*$")


def attributions(
    text: str, sentences: Sequence[Sentence], speech: Sequence[Passage], mentions: Mentions, cues: Cues
) -> list[Attribution]:
    """All words of an article that code can see to be somebody's, in order.

    Args:
        text: the article.
        sentences: all of it.
        speech: its passages in quotation marks that somebody says (`service.extraction.text.quotes.spoken`).
        mentions: whom it names.
        cues: of the section `SPEECH`.

    """
    reader = _Reader(text, speech, cues)
    read: list[Attribution] = []
    last: tuple[Sentence, ...] = ()
    for unit in _units(text, sentences, speech, cues):
        mine = reader.read(unit)
        if mine and mine[0].cue is None and read and last and last == read[-1].sentences[-len(last) :]:
            # Quoted sentences that follow an attribution without a cue of their own go on with it.
            follows = reader.quoted_whole(unit)
            if follows:
                before = read[-1]
                read[-1] = replace(before, sentences=before.sentences + unit, parts=before.parts + mine[0].parts)
                last = unit
                continue
        read.extend(mine)
        last = unit if mine else ()
    return resolved(text, read, sentences, mentions, cues)


def _units(
    text: str, sentences: Sequence[Sentence], speech: Sequence[Passage], cues: Cues
) -> Iterator[tuple[Sentence, ...]]:
    """Sentences one by one; those which one passage spans, and what says whose it is, together."""
    unit: list[Sentence] = []
    spanning = [p for p in speech if "\n" in text[p.start : p.end] or _ENDED.search(text, p.start, p.end)]
    for sentence in sentences:
        if unit and not (
            within(spanning, sentence.start, unit[-1].end)
            or (_CRIED.search(unit[-1].text) and _attributes(sentence, cues))
        ):
            yield tuple(unit)
            unit = []
        unit.append(sentence)
    if unit:
        yield tuple(unit)


def _attributes(sentence: Sentence, cues: Cues) -> bool:
    """Whether a sentence only says whose the words before it are: "Ilsa Varn warned."."""
    words = len(WORD.findall(sentence.text))
    cue = cues["cues"].search(sentence.text)
    return cue is not None and words <= _MOST_ATTRIBUTION_WORDS and not WORD.search(sentence.text, cue.end())


@dataclass(frozen=True, slots=True)
class _Reader:
    text: str
    speech: Sequence[Passage]
    cues: Cues

    def read(self, unit: tuple[Sentence, ...]) -> list[Attribution]:
        start, end = unit[0].start + after_dateline(unit[0].text), unit[-1].end
        clauses = self._clauses(start, end)
        found = [said for clause in clauses for said in clause.attributed()]
        passages = tuple(passage for clause in clauses for passage in clause.passages)
        if not found and passages and self.quoted_whole(unit):
            return [Attribution(unit, passages, None, None)]
        return [Attribution(unit, parts, cue, speaker) for parts, cue, speaker in found if parts]

    def _clauses(self, start: int, end: int) -> list[Clause]:
        """Some sentences whole, or, where somebody speaks on each side of a semicolon, in their parts."""
        passages = [Span(max(p.start, start), min(p.end, end)) for p in within(self.speech, start, end)]
        hidden = masked(self.text, start, end, passages)
        cuts = [start, *(start + semicolon.end() for semicolon in re.finditer(";", hidden)), end]
        clauses = [
            Clause(self.text, a, hidden[a - start : b - start], [p for p in passages if a <= p.start < b], self.cues)
            for a, b in pairwise(cuts)
        ]
        if all(self.cues["cues"].search(clause.masked) for clause in clauses):
            return clauses
        return [Clause(self.text, start, hidden, passages, self.cues)]

    def quoted_whole(self, unit: tuple[Sentence, ...]) -> bool:
        """Whether quotation marks hold nearly all of some sentences."""
        start, end = unit[0].start, unit[-1].end
        inside = sum(min(p.end, end) - max(p.start, start) for p in within(self.speech, start, end))
        return inside >= 0.8 * (end - start)
