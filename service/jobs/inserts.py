"""Inserts that may be repeated."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_if_absent(connection: Connection, table: Table[Any], row: dict[str, Any]) -> bool:
    """Insert the row. False, and nothing is changed, if there is a row with its primary key already."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    new = insert(table).values(row).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(new).one_or_none() is not None
