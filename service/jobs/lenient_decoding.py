"""Makes the AMQP library ignore message properties that it cannot decode.

AMQP allows strings of any bytes, and times long after the year 9999. When the library cannot decode one, it closes the
connection. The broker then delivers the message again and again until it is dead-lettered, together with those that
were prefetched with it, and it also breaks the connection of whoever lists the dead letters.
"""

from collections.abc import Callable
from typing import Any

from pamqp import decode

Decoder = Callable[..., tuple[int, Any]]
"""Takes bytes; returns how many of them it has read, and the value."""


def ignore_undecodable_properties() -> None:
    """Treat properties that cannot be decoded as absent, in this whole process."""
    decode.METHODS.update(
        shortstr=_lenient(decode.short_str, lambda data: 1 + data[0]),
        timestamp=_lenient(decode.timestamp, lambda _: 8),
        table=_lenient(decode.field_table, lambda data: 4 + int.from_bytes(data[:4], "big")),
    )


def _lenient(read: Decoder, length: Callable[[bytes], int]) -> Decoder:
    def decoder(data: bytes) -> tuple[int, Any]:
        try:
            return read(data)
        except (ValueError, OverflowError, RecursionError):
            return length(data), None

    return decoder
