"""A text in which other ways to write a quotation mark are one, character for character: offsets stay as they are.

LaTeX writes ``words''; pages that were taken apart badly have &ldquo;words&rdquo;. Characters that show nothing, such
as U+200B and U+200E, stand around names that were copied from pages and chats.
"""

import html
import re
from functools import lru_cache

_ENTITY = re.compile(r"&(?:#\d{2,5}|[a-z]{2,6});")
_PLAIN = "“”„‘’‚«»\"'\u00a0\u200c\u200e\u200f"
"""What is put in the place of its entity."""
_BACKTICKS = "``"
_APOSTROPHES = re.compile(r"''")
_INVISIBLE = re.compile("(?<!\\w)[\u200b-\u200f\u2060\ufeff\u00ad]|[\u200b-\u200f\u2060\ufeff\u00ad](?!\\w)")
_CLOSING = "”’»“\"'"


@lru_cache(maxsize=16)
def readable(text: str) -> str:
    """The text with plain quotation marks and without what shows nothing, of the same length."""
    if "&" in text:
        text = _ENTITY.sub(lambda entity: _in_place(entity, text), text)
    if _BACKTICKS in text:
        text = _APOSTROPHES.sub("” ", text.replace(_BACKTICKS, " “"))
    return _INVISIBLE.sub(" ", text)


def _in_place(entity: re.Match[str], text: str) -> str:
    """A character beside the word that its entity stood beside, with spaces for the rest of it."""
    said = html.unescape(entity[0])
    if said not in _PLAIN:
        return entity[0]
    behind = entity.start() and not text[entity.start() - 1].isspace()
    return said.ljust(len(entity[0])) if behind and said in _CLOSING else said.rjust(len(entity[0]))
