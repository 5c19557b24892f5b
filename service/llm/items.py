"""Finds the list items of an answer while it is being written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

_INSIDE_A_LIST = ["{", "["]


class Item(NamedTuple):
    """A complete item: the name of its list, as written between quotation marks, and its JSON."""

    list_name: str
    text: str


@dataclass(slots=True)
class ItemScanner:
    """Scans the first JSON object of a text for complete items of its lists. Deeper levels are not parsed.

    The text before the object may be anything without braces and quotation marks. If there are some, items are missed;
    no harm is done, since the complete answer is parsed as well.
    """

    _text: str = ""
    _position: int = 0
    _open_brackets: list[str] = field(default_factory=list)
    _string_start: int | None = None
    """Where the currently open string begins."""
    _list_name: str = ""
    _item_start: int = 0

    def feed(self, piece: str) -> Iterator[Item]:
        """Take the next piece of text; yield the items that are complete with it."""
        self._text += piece
        while self._position < len(self._text):
            position, character = self._position, self._text[self._position]
            if character == "\\" and self._string_start is not None:
                if position + 1 == len(self._text):
                    return  # the escaped character comes with the next piece
                self._position += 2
                continue
            self._position += 1
            if character == '"':
                self._on_quotation_mark(position)
            elif self._string_start is None and character in "{[":
                if character == "{" and self._open_brackets == _INSIDE_A_LIST:
                    self._item_start = position
                self._open_brackets.append(character)
            elif self._string_start is None and character in "}]" and self._open_brackets:
                self._open_brackets.pop()
                if character == "}" and self._open_brackets == _INSIDE_A_LIST:
                    yield Item(self._list_name, self._text[self._item_start : position + 1])

    def _on_quotation_mark(self, position: int) -> None:
        if self._string_start is None:
            self._string_start = position
            return
        if self._open_brackets == ["{"]:
            self._list_name = self._text[self._string_start + 1 : position]
        self._string_start = None
