from collections.abc import Iterator

import pytest

from tests.support.model_server import ModelServer


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """A scripted server; its script has to be played to the end, and nothing more may be asked of it."""
    with ModelServer() as running:
        yield running
    assert running.unscripted == 0
    assert running.unplayed == 0
