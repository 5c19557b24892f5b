"""One module per kind of record."""
