"""How long tests wait for what must happen."""

PATIENCE = 180.0
"""Seconds. What hangs is told by its name after them; a busy machine may need more than a minute."""
