"""One package per kind of record."""
