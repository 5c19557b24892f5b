"""Items of the lists in an answer, picked out while the answer is being written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

_IN_A_LIST = ["{", "["]


class Item(NamedTuple):
    """An item that is whole: the name of its list, as written between its quotation marks, and its JSON."""

    of: str
    text: str


@dataclass(slots=True)
class Items:
    """Follows the first JSON object in what is written, and no further than its lists' items.

    What comes before the object may be anything without braces and quotation marks. It is only ever too early an end:
    nothing is picked out of what is no such object, and the answer itself is read when it is whole.
    """

    _text: str = ""
    _at: int = 0
    _open: list[str] = field(default_factory=list)
    _string: int | None = None
    """Where the string begins that is open."""
    _key: str = ""
    _item: int = 0

    def feed(self, piece: str) -> Iterator[Item]:
        """Take the next piece; the items that are whole with it."""
        self._text += piece
        while self._at < len(self._text):
            at, sign = self._at, self._text[self._at]
            if sign == "\\" and self._string is not None:
                if at + 1 == len(self._text):
                    return  # what is escaped comes with the next piece
                self._at += 2
                continue
            self._at += 1
            if sign == '"':
                self._quote(at)
            elif self._string is None and sign in "{[":
                if sign == "{" and self._open == _IN_A_LIST:
                    self._item = at
                self._open.append(sign)
            elif self._string is None and sign in "}]" and self._open:
                self._open.pop()
                if sign == "}" and self._open == _IN_A_LIST:
                    yield Item(self._key, self._text[self._item : at + 1])

    def _quote(self, at: int) -> None:
        if self._string is None:
            self._string = at
            return
        if self._open == ["{"]:
            self._key = self._text[self._string + 1 : at]
        self._string = None
