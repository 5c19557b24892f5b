"""Recorded articles, played once for all tests that look at them."""

from collections.abc import Callable
from functools import cache

import pytest

from tests.replay.playing import Played, play


@pytest.fixture(scope="session")
def played() -> Callable[[str], Played]:
    """The recorded article of that name, played."""
    return cache(play)
