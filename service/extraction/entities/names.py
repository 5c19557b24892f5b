"""Names in sentences, by their capitals: what a model may choose from instead of copying.

Scripts without capitals have none. German capitalises every noun; there the choice is wider and does no harm.
"""

from collections.abc import Mapping, Sequence
from functools import cache

import regex

from service.extraction.normalize import countries
from service.extraction.text.lexicon import SPEECH, Lexicon, lexicon_for
from service.extraction.text.sentences import Sentence

_DATELINE = regex.compile(r"^\p{Lu}{3,}(?:[ -]\p{Lu}{2,}){0,3}(?:,[^—–\n]{0,50}|\s*\([^)\n]{0,40}\))*\s*(?:—|–|\s-)\s")
_TIME_STAMP = regex.compile(
    r"[\[(]?\p{N}{1,2}[:.]\p{N}{2}(?:[:.]\p{N}{2})?[\])]?(?:\s?\p{Ll}\.?m\.?)?(?:\s+[-–—|:])?\s+(?=\P{Ll})"
)
_WORD = r"\p{Lu}(?:\.\p{Lu})+\.|\p{Lu}[\w’'\-]*"
_POSSESSIVE = regex.compile(r"[’']s?$")
_OPENING = regex.compile(r"[^\w]*\Z|.*[.:!?…]\s*[^\w]*\Z|.*[\"“„«‘]\Z", regex.DOTALL)
"""Before a word that has a capital because something begins with it."""
_APOSTROPHES = ("'", "’")
_MOST = 16


def find_names(sentences: Sequence[Sentence], language: str | None) -> Mapping[int, tuple[str, ...]]:
    """Capitalised phrases of each sentence, by its number: in order, without its dateline, at most 16.

    A single word that begins a sentence is a name if it is one elsewhere in the article, in capitals or a country's.

    Args:
        sentences: all of an article, since one tells what is a name in another.
        language: BCP 47 tag; without one, the words of all languages that are no names count.

    """
    words = lexicon_for(SPEECH, language)
    found = {sentence.number: _phrases(sentence.text, words) for sentence in sentences}
    inside = (name.split()[1:] if opens else name.split() for phrases in found.values() for name, opens in phrases)
    sure = {word for words in inside for word in words}
    return {
        number: tuple(
            dict.fromkeys(
                name
                for name, opens in phrases
                if not opens or " " in name or name.isupper() or name in sure or countries.code_of(name, language)
            )
        )[:_MOST]
        for number, phrases in found.items()
    }


def is_no_name(word: str, language: str | None = None) -> bool:
    """Whether a word is no name though it may have a capital: "However", "Monday", "His"."""
    return lexicon_for(SPEECH, language)["not_names"].fullmatch(word) is not None


def dateline_end(sentence: str) -> int:
    """Where the words after a dateline ("DOHA, March 12 (Wire) — ") or a time ("14:05 ") begin, from the start."""
    opening = _DATELINE.match(sentence) or _TIME_STAMP.match(sentence)
    return opening.end() if opening else 0


@cache
def title_expression(words: Lexicon) -> str:
    """A regular expression for a title before a name, whose full stop ends no sentence: "Gen. "."""
    return rf"{words.expression('titles')}\.\s+"


@cache
def _name_pattern(words: Lexicon) -> regex.Pattern[str]:
    joined = rf"\s+(?:{words.opening('name_connectors', 'name_particles')}){{0,2}}"
    elided = words.expression("elided_words")
    word = rf"(?!(?i:{elided})\p{{Lu}})(?:{_WORD})"
    return regex.compile(
        rf"(?:(?<![\w’'])|(?<=\b(?i:{elided})))(?:{title_expression(words)})?{word}(?:{joined}{word})*"
    )


def _phrases(sentence: str, lexicon: Lexicon) -> list[tuple[str, bool]]:
    """Each capitalised phrase of a sentence, and whether it opens the sentence or a quotation in it."""
    start = dateline_end(sentence)
    phrases: list[tuple[str, bool]] = []
    for match in _name_pattern(lexicon).finditer(sentence, start):
        # What an apostrophe joins to a word is no part of the name, and the name does not open the sentence.
        elided = sentence[match.start() - 1 : match.start()] in _APOSTROPHES
        opens = not elided and (match.start() == start or _OPENING.match(sentence[: match.start()]) is not None)
        words = match[0].split()
        while words and _is_no_part(words[0], lexicon, opens=opens):
            words = words[1:]
            opens = False
        if opens and len(words) > 2 and _are_of(words, lexicon):
            words = words[2:]  # "Envoys of Vostria" are many, and Vostria is the name
            opens = False
        name = _POSSESSIVE.sub("", " ".join(words))
        if len(name) > 1:
            phrases.append((name, opens))
    return phrases


def _is_no_part(word: str, lexicon: Lexicon, *, opens: bool) -> bool:
    """Whether the first word of a phrase is no part of the name: "However", "M."; but "El" in "El Salvador" is."""
    if not opens and lexicon["name_articles"].fullmatch(word):
        return False
    return lexicon["not_names"].fullmatch(word.rstrip(".")) is not None


def _are_of(words: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether words begin with a noun for several and "of"."""
    several = any(noun.end() == len(words[0]) for noun in lexicon["plural_nouns"].finditer(words[0]))
    return several and lexicon["genitive_prepositions"].fullmatch(words[1]) is not None
