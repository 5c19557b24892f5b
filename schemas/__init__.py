"""What Dragoman reads and what it answers, as pydantic models.

`schemas.kinds` holds one package per kind of record, `schemas.registry` finds them. This package imports nothing
else of Dragoman, so that a client may depend on it alone.
"""
