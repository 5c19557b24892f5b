"""Redacts the messages of model servers, which may contain our key and article text, before they are logged."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

MAX_SHOWN = 300
_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_ESCAPE = re.compile(r"\S{0,200}(?:\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}|&#\d{1,6};)\S{0,200}")
"""Escaped text, in which words of the article would not be recognized."""
_ENCODED = re.compile(r"[A-Za-z0-9+/=_-]{40,}")
"""Text that is encoded, or a key."""
_KEY = re.compile(r"\b(?:sk|pk|gsk|key|Bearer)[-_ ](?=\S{0,80}[\d*])[A-Za-z0-9*._-]{6,200}|\bAIza[\w-]{10,200}")
_MAX_LENGTH = 4_000
_MIN_SECRET_LENGTH = 6
"""Characters. Shorter secrets are not redacted: they are part of too many words."""
_RUN_LENGTH = 3
"""This many consecutive words of the article are taken for a quotation from it."""
_MIN_NAME_LENGTH = 4
_ELLIPSIS = "…"


def redact(message: str, sent: Iterable[str], secrets: Iterable[str] = ()) -> str:
    """A server's message on one line, without secrets and article text.

    Args:
        message: the server's words.
        sent: the texts that were sent. Three consecutive words of these are redacted, and every name in them.
        secrets: redacted wherever they are.
    """
    message = message[:_MAX_LENGTH]
    for secret in secrets:
        if len(secret) >= _MIN_SECRET_LENGTH:
            message = re.sub(re.escape(secret), _ELLIPSIS, message, flags=re.IGNORECASE)
    message = _ENCODED.sub(_ELLIPSIS, _ESCAPE.sub(_ELLIPSIS, _KEY.sub(_ELLIPSIS, message)))
    known = _SentText(sent)
    # Numbers are skipped, so that they do not separate consecutive words; they are hidden only between hidden words.
    words = [word for word in _WORD.finditer(message) if not word[0].isdecimal()]
    lower = [word[0].casefold() for word in words]
    hidden = {
        place
        for first in range(len(words) - _RUN_LENGTH + 1)
        if tuple(lower[first : first + _RUN_LENGTH]) in known.runs
        for place in range(first, first + _RUN_LENGTH)
    }
    hidden |= {place for place, word in enumerate(words) if word[0] in known.names}
    return " ".join(_hide(message, words, hidden).split())


def texts_of(body: Mapping[str, Any]) -> list[str]:
    """The texts of a request that may contain article text: all messages but the system message."""
    return [
        message["content"]
        for message in body.get("messages", ())
        if message.get("role") != "system" and isinstance(message.get("content"), str)
    ]


class _SentText:
    """The word sequences and the names in the texts that were sent."""

    def __init__(self, sent: Iterable[str]) -> None:
        self.runs: set[tuple[str, ...]] = set()
        self.names: set[str] = set()
        for text in sent:
            words = [word[0] for word in _WORD.finditer(text) if not word[0].isdecimal()]
            lower = [word.casefold() for word in words]
            self.runs.update(zip(*(lower[shift:] for shift in range(_RUN_LENGTH)), strict=False))
            usual = set(words)
            # A capitalized word is not a name if the texts have it in lower case as well.
            self.names.update(word for word in words if _is_name(word) and word.lower() not in usual)


def _is_name(word: str) -> bool:
    return len(word) >= _MIN_NAME_LENGTH and (not word.isascii() or (word[0].isupper() and word[1:].islower()))


def _hide(message: str, words: list[re.Match[str]], hidden: set[int]) -> str:
    parts: list[str] = []
    done = 0
    for place, word in enumerate(words):
        if place not in hidden:
            continue
        if place - 1 not in hidden:
            parts += [message[done : word.start()], _ELLIPSIS]
        done = word.end()
    return "".join([*parts, message[done:]])
