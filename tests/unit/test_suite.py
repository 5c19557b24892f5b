"""The suite's own promises: nothing beyond loopback is reached, and no file of it is long."""

import socket
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
MOST_LINES = 499
DOCUMENTATION_ADDRESS = "192.0.2.1"  # RFC 5737: nobody's


def test_connection_beyond_loopback_is_blocked() -> None:
    # pytest-socket warns before it raises, and a warning is an error here.
    with pytest.raises(UserWarning, match=rf'host "{DOCUMENTATION_ADDRESS}"'):
        socket.create_connection((DOCUMENTATION_ADDRESS, 80), timeout=0.2)


@pytest.mark.disable_socket
def test_test_without_sockets_has_an_event_loops_own_pair_alone() -> None:
    with pytest.raises(UserWarning, match=r"tried to use socket\.socket"):
        socket.create_server(("127.0.0.1", 0))

    for end in socket.socketpair():
        end.close()


def test_no_file_of_tests_is_long() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in TESTS.rglob("*.py")}

    assert lengths
    assert [f"{path.relative_to(TESTS)}: {lines}" for path, lines in lengths.items() if lines > MOST_LINES] == []
