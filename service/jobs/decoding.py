"""What stands beside a message may be anything: AMQP has names of any bytes, and times long after the year 9999.

The library breaks the connection over what it cannot read. The message then comes again and again, until it is dead
together with those that were fetched with it, and breaks the connection of whoever lists the dead letters, too.
"""

from collections.abc import Callable
from typing import Any

from pamqp import decode

Decoder = Callable[..., tuple[int, Any]]
"""From bytes to how many of them were read, and what they are."""


def leave_out_the_unreadable() -> None:
    """Have properties that cannot be read count as not there, in this whole process."""
    decode.METHODS.update(
        shortstr=_or_nothing(decode.short_str, lambda data: 1 + data[0]),
        timestamp=_or_nothing(decode.timestamp, lambda _: 8),
        table=_or_nothing(decode.field_table, lambda data: 4 + int.from_bytes(data[:4], "big")),
    )


def _or_nothing(read: Decoder, length: Callable[[bytes], int]) -> Decoder:
    def decoder(data: bytes) -> tuple[int, Any]:
        try:
            return read(data)
        except (ValueError, OverflowError, RecursionError):
            return length(data), None

    return decoder
