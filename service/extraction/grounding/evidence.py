"""Which sentences state a record: those that the model cites, checked against the record's own words."""

from collections.abc import Sequence

from pydantic import BaseModel

from schemas.draft import CITATIONS
from schemas.fields import Record
from service.extraction.grounding.finder import WordFinder, copied_words
from service.extraction.text.sentences import Sentence
from service.extraction.text.spans import Span
from service.extraction.text.windows import ShownSentences

_ENOUGH = 2
"""Different words of a record that tell its sentence when the model cited none that holds any."""


def stating_sentences(
    finder: WordFinder, record: type[Record], draft: BaseModel, shown: ShownSentences, *, as_cited: bool
) -> list[Sentence]:
    """The sentences that state a record: those cited, if its words stand in any of them, and its passage's.

    Where they stand in none, the model has miscounted, and the sentence that holds most of the words is taken, if it
    holds two of them.

    Args:
        finder: of the article's words.
        record: the kind.
        draft: what the model said of it.
        shown: the sentences that it was shown.
        as_cited: whether the sentences cited are the evidence even if none of the words stands in them.

    """
    said = set(getattr(draft, CITATIONS))
    cited = [sentence for sentence in shown.sentences if sentence.number in said]
    words = list(copied_words(record, draft))
    # Two may say the same: whose words they are is told by the sentence that is cited.
    spans = [*(sentence.span for sentence in cited), Span(shown.start, shown.end)]
    found = [finder.find(one, spans, shown, label=label) for one, label in words]
    passages = [mention for mention, (_, label) in zip(found, words, strict=True) if label]
    numbers = {s.number for s in shown.sentences for p in passages if p and s.start <= p.start < s.end}
    if (as_cited and cited) or any(_held(finder, words, sentence, shown) for sentence in cited):
        numbers |= {sentence.number for sentence in cited}
    elif not numbers:
        known = [one for one, mention in zip(words, found, strict=True) if mention]
        best = max(shown.sentences, key=lambda sentence: _held(finder, known, sentence, shown))
        numbers = {best.number} if _held(finder, known, best, shown) >= _ENOUGH else set()
    return [sentence for sentence in shown.sentences if sentence.number in numbers]


def _held(finder: WordFinder, words: Sequence[tuple[str, bool]], sentence: Sentence, shown: ShownSentences) -> int:
    """How many of a draft's different words a sentence holds."""
    found = (finder.find(one, [sentence.span], shown, label=label) for one, label in words)
    return len({mention.text for mention in found if mention and sentence.start <= mention.start < sentence.end})
