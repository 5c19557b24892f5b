"""Inserts that do no harm when they are done twice."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table[Any], row: dict[str, Any]) -> bool:
    """Insert the row; false, and nothing changed, where its key is there already."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    new = insert(table).values(row).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(new).one_or_none() is not None
