"""What of a server's words may be read and logged: all but our key and the article, both of which they may repeat."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

MOST_SHOWN = 300
_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_ESCAPE = re.compile(r"\S{0,200}(?:\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}|&#\d{1,6};)\S{0,200}")
"""Words written in another way, which are not looked up."""
_LONG = re.compile(r"[A-Za-z0-9+/=_-]{40,}")
"""Something encoded."""
_KEY = re.compile(r"\b(?:sk|pk|gsk|key|Bearer)[-_ ](?=\S{0,80}[\d*])[A-Za-z0-9*._-]{6,200}|\bAIza[\w-]{10,200}")
_MOST_READ = 4_000
_SHORTEST_SECRET = 6
"""A shorter one is no secret, and stands in too many words."""
_RUN = 3
"""Words in a row that are the article's rather than chance."""
_SHORTEST_NAME = 4
_HIDDEN = "…"


def quotable(message: str, sent: Iterable[str], secrets: Iterable[str] = ()) -> str:
    """A server's message on one line, without what must not be logged.

    Args:
        message: the server's words.
        sent: the texts that were sent: of these, three words in a row and every name are left out.
        secrets: left out wherever they stand.
    """
    message = message[:_MOST_READ]
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            message = re.sub(re.escape(secret), _HIDDEN, message, flags=re.IGNORECASE)
    message = _LONG.sub(_HIDDEN, _ESCAPE.sub(_HIDDEN, _KEY.sub(_HIDDEN, message)))
    known = _Known(sent)
    # Figures stand between the words of a list of tokens; they are hidden with the words around them alone.
    words = [word for word in _WORD.finditer(message) if not word[0].isdecimal()]
    lower = [word[0].casefold() for word in words]
    hidden = {
        place
        for first in range(len(words) - _RUN + 1)
        if tuple(lower[first : first + _RUN]) in known.runs
        for place in range(first, first + _RUN)
    }
    hidden |= {place for place, word in enumerate(words) if word[0] in known.names}
    return " ".join(_without(message, words, hidden).split())


def texts_of(body: Mapping[str, Any]) -> list[str]:
    """The article and what was answered about it, of a request: all messages but the rules."""
    return [
        message["content"]
        for message in body.get("messages", ())
        if message.get("role") != "system" and isinstance(message.get("content"), str)
    ]


class _Known:
    """The runs of words and the names of the texts that were sent."""

    def __init__(self, sent: Iterable[str]) -> None:
        self.runs: set[tuple[str, ...]] = set()
        self.names: set[str] = set()
        for text in sent:
            words = [word[0] for word in _WORD.finditer(text) if not word[0].isdecimal()]
            lower = [word.casefold() for word in words]
            self.runs.update(zip(*(lower[shift:] for shift in range(_RUN)), strict=False))
            usual = set(words)
            # A capital at the beginning of a sentence is no name where the word stands without it elsewhere.
            self.names.update(word for word in words if _is_name(word) and word.lower() not in usual)


def _is_name(word: str) -> bool:
    return len(word) >= _SHORTEST_NAME and (not word.isascii() or (word[0].isupper() and word[1:].islower()))


def _without(message: str, words: list[re.Match[str]], hidden: set[int]) -> str:
    parts: list[str] = []
    done = 0
    for place, word in enumerate(words):
        if place not in hidden:
            continue
        if place - 1 not in hidden:
            parts += [message[done : word.start()], _HIDDEN]
        done = word.end()
    return "".join([*parts, message[done:]])
