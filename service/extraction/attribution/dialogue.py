"""Speech that a dash opens at the beginning of a paragraph: "– Ми підпишемо, – сказала вона. – Завтра.".

The speaker's words stand between such a dash and the next one, behind which the author's words begin with a speech
verb; a dash without one behind it is the speaker's own. Where two have begun to talk so, they speak by turns, and the
author need not say who does.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

import regex

from service.extraction.attribution.attribution import Attribution
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.paragraphs import Paragraph
from service.extraction.text.quotes import Passage
from service.extraction.text.spans import Span

_OPENING = regex.compile(r"[>\s]*[-–—]{1,2}\s*(?=[\p{Lu}\p{N}¿¡…«“„\"])")
_DASH = regex.compile(
    r"(?<=[,.!?…»”\"])\s*[–—-]{1,2}\s+|\s[–—-]{1,2}(?=\p{L})|[–—](?=[.,;:]\s)|(?<=\S)[–—]\s|[–—]\s(?=\p{Lu})"
    r"|(?<=[?!…])\s+(?=\p{Ll})"
)
"""What ends the words of a speaker or of the author: a dash, or none where a question ends in mid-sentence."""
_FIRST_WORDS = 3
"""Words of the author's, among which is the verb."""
_SPACES = " \t\r\n\u00a0,"


def dialogue_passages(text: str, paragraphs: Sequence[Paragraph], lexicon: Lexicon) -> Iterator[Passage]:
    """The words of speakers in the paragraphs that a dash opens and in which an author says who speaks.

    Args:
        text: the article.
        paragraphs: all of it.
        lexicon: the words of the section `SPEECH`.

    """
    for is_dialogue, together in groupby(paragraphs, lambda one: _OPENING.match(text, one.start, one.end) is not None):
        spoken = [_spoken(text, one, lexicon) for one in together] if is_dialogue else []
        begun = False
        for before, passages in zip([None, *spoken], spoken, strict=False):
            if passages.is_told or begun:
                yield from passages.words
            begun = begun or bool(before and before.is_told and passages.is_told)


def by_turns(text: str, said: Sequence[Attribution], paragraphs: Sequence[Paragraph]) -> list[Attribution]:
    """Attributions of an article, in which those of a dialogue that name nobody are given to whose turn it is.

    Args:
        text: the article.
        said: its attributions, in order.
        paragraphs: all of it.

    """
    numbers = {one.start: number for number, one in enumerate(paragraphs) if _OPENING.match(text, one.start, one.end)}
    starts = [one.start for one in paragraphs]
    spoke: dict[int, Span | None] = {}
    found: list[Attribution] = []
    for told in said:
        one = told
        number = numbers.get(starts[bisect_right(starts, told.sentences[0].start) - 1])
        if number is not None and one.cue is None and number not in spoke:
            before, other = spoke.get(number - 2), spoke.get(number - 1)
            one = replace(told, speaker=before if other and other != before else None)
        if number is not None:
            spoke.setdefault(number, one.speaker)
        found.append(one)
    return found


class _Spoken(NamedTuple):
    """The stretches of a paragraph that are a speaker's, and whether the author tells that somebody speaks."""

    words: Sequence[Passage]
    is_told: bool


def _spoken(text: str, paragraph: Paragraph, lexicon: Lexicon) -> _Spoken:
    opening = _OPENING.match(text, paragraph.start, paragraph.end)
    start, end = opening.end() if opening else paragraph.start, paragraph.end
    spoken: list[Passage] = []
    author = told = False
    begin = start
    for dash in [*_DASH.finditer(text, start, end), None]:
        stop = dash.start() if dash else end
        says = dash is not None and not author and _is_authors(text, dash.end(), end, lexicon)
        if not author and (says or dash is None):
            words = text[begin:stop]
            if any(char.isalnum() for char in words):
                spoken.append(
                    Passage(begin + len(words) - len(words.lstrip(_SPACES)), begin + len(words.rstrip(_SPACES)))
                )
        if dash is None:
            break
        if author and dash[0].strip():
            author, begin = False, dash.end()
            begin += len(text[begin:end]) - len(text[begin:end].lstrip(".,;: \u00a0"))
        elif says:
            author = told = True
    return _Spoken(spoken, told)


def _is_authors(text: str, start: int, end: int, lexicon: Lexicon) -> bool:
    """Whether what follows a dash begins with a speech verb, or with a pronoun and one."""
    words = regex.match(rf"\s*(?:[\w’'-]+\s*){{1,{_FIRST_WORDS}}}", text[start : min(end, start + 80)])
    if words is None or not words[0].lstrip()[:1].islower():
        return False
    return any(lexicon[name].search(words[0]) for name in ("speech_verbs", "quote_only_verbs", "ambiguous_verbs"))
