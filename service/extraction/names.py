"""Names in a sentence, by their capitals: what a model may choose from instead of copying.

Scripts without capitals have none. German capitalises every noun; there the choice is wider and does no harm.
"""

import regex

_DATELINE = regex.compile(r"^\p{Lu}{2}[^—–]{2,60}(?:—|–|\s-)\s")
_WORD = r"\p{Lu}(?:\.\p{Lu})+\.|\p{Lu}[\w’'\-]*"
_TITLE = r"(?:(?:Mr|Mrs|Ms|Dr|Gen|Col|Lt|Sen|Rep|Gov)\.\s+)?"
_JOINED = r"(?:\s+(?:of|for|the|de|del|da|al|el|von|van|bin|ibn)){0,2}"
_NAME = regex.compile(rf"(?<![\w’'])(?:{_TITLE})(?:{_WORD})(?:{_JOINED}\s+(?:{_WORD}))*")
_POSSESSIVE = regex.compile(r"[’']s?$")
_MOST = 16


def names(sentence: str) -> list[str]:
    """Capitalised phrases of a sentence, in order and without its dateline, at most 16."""
    dateline = _DATELINE.match(sentence)
    found: dict[str, None] = {}
    for match in _NAME.finditer(sentence, dateline.end() if dateline else 0):
        words = match[0].split()
        while words and words[0].lower() in _NOT_NAMES:
            words = words[1:]
        name = _POSSESSIVE.sub("", " ".join(words))
        if len(name) > 1:
            found.setdefault(name)
    return list(found)[:_MOST]


_NOT_NAMES = frozenset(
    # What begins a sentence with a capital and is no name, and English days and months.
    (
        *("the", "a", "an", "in", "on", "at", "it", "he", "she", "they", "its", "his", "her", "their", "this", "that"),
        *("these", "those", "but", "and", "as", "for", "from", "with", "after", "before", "during", "while", "when"),
        *("if", "no", "not", "both", "neither", "each", "all", "some", "we", "our", "you", "i", "there", "then", "now"),
        *("yet", "still", "also", "earlier", "later", "what", "who", "which", "where", "how", "why", "under", "over"),
        *("by", "to", "of", "or", "so", "since", "until", "about"),
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march"),
        *("april", "may", "june", "july", "august", "september", "october", "november", "december"),
    )
)
