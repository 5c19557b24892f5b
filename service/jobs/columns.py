"""Column types whose values are the same on SQLite and on PostgreSQL."""

import json
import string
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

_UNESCAPED = "".join(sorted(set(string.printable) - set("%\t\n\r\x0b\x0c")))


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time. SQLite stores no time zones: there it is stored in UTC, and the zone is added when read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone could be any time")
        return value.astimezone(UTC) if dialect.name == "postgresql" else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- SQLAlchemy's signature
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo is not None else value.replace(tzinfo=UTC)


class AnyText(TypeDecorator[str]):
    """Any short text. All but printable ASCII is escaped, since PostgreSQL cannot store NUL and lone surrogates."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- SQLAlchemy's signature
        return None if value is None else quote(value, safe=_UNESCAPED, errors="surrogatepass")

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- SQLAlchemy's signature
        return None if value is None else unquote(value, errors="surrogatepass")


class Json(TypeDecorator[Any]):
    """A JSON document as text. Strings with NUL or lone surrogates are stored too: JSON escapes them."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 -- SQLAlchemy's signature
        if value is None:
            return None
        document = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        try:
            document.encode()
        except UnicodeEncodeError:
            return json.dumps(value, separators=(",", ":"))
        return document

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 -- SQLAlchemy's signature
        return None if value is None else json.loads(value)
