"""Names in sentences, by their capitals: what a model may choose from instead of copying.

Scripts without capitals have none. German capitalises every noun; there the choice is wider and does no harm.
"""

from collections.abc import Mapping, Sequence

import regex

from service.extraction.normalize import countries
from service.extraction.text.sentences import Sentence

_DATELINE = regex.compile(r"^\p{Lu}{3,}(?:[ -]\p{Lu}{2,}){0,3}(?:,[^—–\n]{0,50}|\s*\([^)\n]{0,40}\))*\s*(?:—|–|\s-)\s")
_WORD = r"\p{Lu}(?:\.\p{Lu})+\.|\p{Lu}[\w’'\-]*"
TITLE = r"(?:Mr|Mrs|Ms|Dr|Prof|St|Gen|Maj|Brig|Col|Capt|Lt|Sgt|Adm|Cmdr|Sen|Rep|Gov|Amb|Rev)\.\s+"
"""A pattern: what stands before a name and has a full stop that ends no sentence."""
_JOINED = r"(?:\s+(?:of|for|the|de|del|da|al|el|von|van|bin|ibn)){0,2}"
_NAME = regex.compile(rf"(?<![\w’'])(?:{TITLE})?(?:{_WORD})(?:{_JOINED}\s+(?:{_WORD}))*")
_POSSESSIVE = regex.compile(r"[’']s?$")
_OPENING = regex.compile(r"[^\w]*\Z|.*[.:!?…]\s*[^\w]*\Z|.*[\"“„«‘]\Z", regex.DOTALL)
"""Before a word that has a capital because something begins with it."""
_MOST = 16


def names(sentences: Sequence[Sentence], language: str | None) -> Mapping[int, tuple[str, ...]]:
    """Capitalised phrases of each sentence, by its number: in order, without its dateline, at most 16.

    A single word that begins a sentence is a name if it is one elsewhere in the article, in capitals or a country's.
    """
    found = {sentence.number: list(_phrases(sentence.text)) for sentence in sentences}
    inside = (name.split()[1:] if opens else name.split() for said in found.values() for name, opens in said)
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


def after_dateline(sentence: str) -> int:
    """Where the words after a dateline begin ("DOHA, March 12 (Wire) — "), counted from the sentence's start."""
    dateline = _DATELINE.match(sentence)
    return dateline.end() if dateline else 0


def _phrases(sentence: str) -> list[tuple[str, bool]]:
    """Each capitalised phrase, and whether it opens the sentence or a quotation in it."""
    start = after_dateline(sentence)
    phrases: list[tuple[str, bool]] = []
    for match in _NAME.finditer(sentence, start):
        opens = match.start() == start or _OPENING.match(sentence[: match.start()]) is not None
        words = match[0].split()
        while words and words[0].lower() in NO_NAMES:
            words = words[1:]
            opens = False
        if opens and len(words) > 2 and words[0].endswith("s") and words[1] == "of":
            words = words[2:]  # "Envoys of Vostria" are many, and Vostria is the name
            opens = False
        name = _POSSESSIVE.sub("", " ".join(words))
        if len(name) > 1:
            phrases.append((name, opens))
    return phrases


NO_NAMES = frozenset(
    (
        *("the", "a", "an", "in", "on", "at", "it", "he", "she", "they", "its", "his", "her", "their", "this", "that"),
        *("these", "those", "but", "and", "as", "for", "from", "with", "after", "before", "during", "while", "when"),
        *("if", "no", "not", "both", "neither", "each", "all", "some", "we", "our", "you", "i", "there", "then", "now"),
        *("yet", "still", "also", "earlier", "later", "what", "who", "which", "where", "how", "why", "under", "over"),
        *("by", "to", "of", "or", "so", "since", "until", "about", "although", "though", "because", "despite", "once"),
        *("unless", "whereas", "whether", "however", "meanwhile", "was", "were", "is", "are", "did", "does", "do"),
        *("has", "have", "had", "will", "would", "can", "could", "should", "may", "must", "asked", "many", "most"),
        *("several", "few", "other", "another", "more"),
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march"),
        *("april", "may", "june", "july", "august", "september", "october", "november", "december"),
    )
)
"""What begins a sentence with a capital and is no name, and English days and months."""
