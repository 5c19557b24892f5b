"""Finds the words of a draft in the article: copied words, or a passage in quotation marks named by its number."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from schemas.draft import has_role
from schemas.fields import Mention
from service.extraction.text.matching import TextIndex
from service.extraction.text.quotes import Passage, numbered_passages, without_numbers
from service.extraction.text.spans import Span
from service.extraction.text.windows import ShownSentences

_LABEL = re.compile(r"\s*Q(\d{1,4})\W*$", re.IGNORECASE)


def is_label(words: str) -> bool:
    """Whether words are the number of a passage: "Q3"."""
    return _LABEL.match(words) is not None


class WordFinder:
    """Finds words in one article, which is prepared for searching once. Safe to share between windows."""

    def __init__(self, text: str, passages: Sequence[Passage]) -> None:
        self._text = text
        self._index = TextIndex(text)
        self._passages = passages

    def find(self, words: str, spans: Sequence[Span], shown: ShownSentences, *, label: bool) -> Mention | None:
        """The article's own form of some words; None where they are not there.

        Args:
            words: as the model copied them.
            spans: where they are looked for, the first that has them counting.
            shown: the sentences that the model was shown, in which passages are numbered.
            label: whether the words may be a passage's number.

        """
        named = _LABEL.match(words) if label else None
        found = self._passage(int(named[1]), shown) if named else self._index.find(words, spans)
        if found is None and (bare := without_numbers(words)) != words:
            found = self._index.find(bare, spans)  # who copies a sentence copies the numbers shown in it
        if found is None:
            return None
        return Mention(start=found.start, end=found.end, text=self._text[found.start : found.end])

    def _passage(self, number: int, shown: ShownSentences) -> Span | None:
        known = numbered_passages(self._text, self._passages, shown)
        return Span(known[number - 1].start, known[number - 1].end) if 0 < number <= len(known) else None


def copied_words(model: type[BaseModel], draft: BaseModel) -> Iterator[tuple[str, bool]]:
    """All words of a draft that should be the article's, and whether each may be a passage's number instead."""
    for name, field in model.model_fields.items():
        said = getattr(draft, name, None)
        inner: Any = next(iter(get_args(field.annotation)), field.annotation)
        for item in said if isinstance(said, list) else [said]:
            if isinstance(item, BaseModel):
                yield from copied_words(inner, item)
            elif isinstance(item, str) and inner is Mention:
                yield item, has_role(field, "words")
