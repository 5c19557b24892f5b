"""Numbered sentences with exact offsets.

Segmentation is `sentencex`' (Wikimedia); offsets are Unicode code points of the text as posted, which is never
changed.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise

import regex
import sentencex

from prompts.languages import pack
from service.extraction.text.language import subtag
from service.extraction.text.layout import paragraph_breaks
from service.extraction.text.spans import Span

MAX_SENTENCE = 1_200
"""Code points in one sentence. A longer one (tables, minified text, no punctuation at all) is cut at white space."""

_DEFAULT_LANGUAGE = "en"
"""Whose rules are applied where the language is not known."""

_STRETCH = 10_000
"""Code points of one paragraph that are cut into sentences at a time."""

_WIDE_SPACE = re.compile(r"[^\S\x00-\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LAST_WORD = re.compile(r"[\w.]*\s*$")
_NUMBER = re.compile(r"\s*\(?\d{1,3}[.)]\s*")
_OPENING_MARK = re.compile(r"(?<=\s)[“„«‘]\s*\Z|(?<=[.!?…]\s)[\"]\s*\Z")
_AUTHOR = regex.compile(r"\s*[-–—]{1,2}\s?\p{Ll}")
_LONGEST_TITLE = 20
"""Code points, with the white space behind it."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text[start:end]` of the article, without surrounding white space. `number` counts from 1."""

    number: int
    start: int
    end: int
    text: str
    paragraph: int

    @property
    def span(self) -> Span:
        """Its place in the article."""
        return Span(self.start, self.end)


def split_text(text: str, language: str | None = None) -> Iterator[str]:
    """Cut text into sentences and the white space between them; joined, they are the text again.

    Args:
        text: any text.
        language: BCP 47 tag; unknown ones and None fall back on the rules for English.

    """
    code = subtag(language) or _DEFAULT_LANGUAGE
    for block in _blocks(text):
        for sentence in _sentences(block, code) if block.strip() else [block]:
            yield from _cut(sentence, MAX_SENTENCE)


def segment(text: str, language: str | None = None) -> list[Sentence]:
    """Number the sentences of an article.

    What ends a paragraph (`text.layout`) ends a sentence, too.

    Args:
        text: the article.
        language: BCP 47 tag; unknown ones and None fall back on general rules.

    """
    breaks = deque(paragraph_breaks(text))
    sentences: list[Sentence] = []
    position = paragraph = 0
    for piece in split_text(text, language):
        bare = piece.strip()
        if bare:
            start = position + piece.index(bare)
            sentences.append(Sentence(len(sentences) + 1, start, start + len(bare), bare, paragraph))
        position += len(piece)
        while breaks and breaks[0].end <= position:
            breaks.popleft()
            paragraph += 1
    return sentences


def _sentences(block: str, language: str) -> Iterator[str]:
    """Cut a block into sentences, a stretch at a time: of a very long one sentencex takes the square of the time."""
    start = 0
    while start < len(block):
        stretch = next(_cut(block[start : start + _STRETCH + 1], _STRETCH))
        lengths = list(_lengths(sentencex.segment(language, _readable(stretch)), language)) or [len(stretch)]
        if start + len(stretch) < len(block) and len(lengths) > 1:
            lengths.pop()  # it may go on in the next stretch
        for length in lengths:
            yield block[start : start + length]
            start += length


def _lengths(sentences: Iterable[str], language: str) -> Iterator[int]:
    """The lengths of sentences.

    One goes on that ends with a title of the language, "a dit M. Tarn", or is only the number of a point, "1.", or
    behind which a dash opens what an author says of it, "– Готові? – спитала вона."; a quotation mark that opens the
    next one is its own.
    """
    own = pack(language)
    titles = frozenset(f"{title}." for title in own.names.titles) if own else frozenset()
    length = 0
    for sentence, following in pairwise(chain(sentences, [""])):
        length += len(sentence)
        last = _LAST_WORD.search(sentence, max(0, len(sentence) - _LONGEST_TITLE))
        if (last is not None and last[0].strip() in titles) or _NUMBER.fullmatch(sentence):
            continue
        if _AUTHOR.match(following):
            continue
        mark = _OPENING_MARK.search(sentence)
        yield length - (len(mark[0]) if mark else 0)
        length = len(mark[0]) if mark else 0
    if length:
        yield length


def _readable(block: str) -> str:
    """The block, character for character, without what sentencex panics at: "Non\u00a0..." and halves of characters."""
    return _SURROGATE.sub("\ufffd", _WIDE_SPACE.sub(" ", block))


def _blocks(text: str) -> Iterator[str]:
    """The paragraphs of a text, each with the break that ends it."""
    start = 0
    for stop in paragraph_breaks(text):
        yield text[start : stop.end]
        start = stop.end
    if start < len(text):
        yield text[start:]


def _cut(piece: str, longest: int) -> Iterator[str]:
    """A piece of text in parts that are not too long, cut at white space or a comma where there is one."""
    while len(piece) > longest:
        space = max(piece.rfind(mark, 0, longest) for mark in " \t\u00a0\u3000,;，、")
        end = space + 1 if space > 0 else longest
        yield piece[:end]
        piece = piece[end:]
    yield piece
