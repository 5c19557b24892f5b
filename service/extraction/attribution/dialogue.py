"""Speech that a dash opens at the beginning of a paragraph: "– Ми підпишемо, – сказала вона. – Завтра.".

The speaker's words stand between such a dash and the next one, behind which the author's words begin with a speech
verb; a dash without one behind it is the speaker's own.
"""

from collections.abc import Iterator, Sequence

import regex

from service.extraction.text.lexicon import Lexicon
from service.extraction.text.paragraphs import Paragraph
from service.extraction.text.quotes import Passage

_OPENING = regex.compile(r"[>\s]*[-–—]{1,2}\s*(?=[\p{Lu}\p{N}¿¡…«“„\"])")
_DASH = regex.compile(r"(?<=[,.!?…»”\"])\s*[–—-]{1,2}\s+|\s[–—-]{1,2}(?=\p{L})|[–—](?=[.,;:]\s)|[–—]\s(?=\p{Lu})")
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
    for paragraph in paragraphs:
        if opening := _OPENING.match(text, paragraph.start, paragraph.end):
            yield from _spoken(text, opening.end(), paragraph.end, lexicon)


def _spoken(text: str, start: int, end: int, lexicon: Lexicon) -> Iterator[Passage]:
    """The stretches of a paragraph that are a speaker's; none where the author says nothing between them."""
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
        if author:
            author, begin = False, dash.end()
            begin += len(text[begin:end]) - len(text[begin:end].lstrip(".,;: \u00a0"))
        elif says:
            author = told = True
    if told:
        yield from spoken


def _is_authors(text: str, start: int, end: int, lexicon: Lexicon) -> bool:
    """Whether what follows a dash begins with a speech verb, or with a pronoun and one."""
    words = regex.match(rf"\s*(?:[\w’'-]+\s*){{1,{_FIRST_WORDS}}}", text[start : min(end, start + 80)])
    if words is None or not words[0].lstrip()[:1].islower():
        return False
    return any(lexicon[name].search(words[0]) for name in ("speech_verbs", "quote_only_verbs", "ambiguous_verbs"))
