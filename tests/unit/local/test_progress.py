import sys

import pytest

from service.local.progress import progress


def test_progress_elsewhere_than_at_a_terminal_is_a_line_every_five_seconds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = [100.0]
    with progress("model", 200_000_000, clock=lambda: now[0]) as report:
        for second in range(8):
            now[0] = 100.0 + second
            report(second * 20_000_000)
        report(200_000_000)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "model: 0 of 200 MB (0%)",
        "model: 100 of 200 MB (50%)",
        "model: 200 of 200 MB (100%)",
    ]


def test_progress_at_a_terminal_is_one_bar_on_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with progress("model", 200_000_000) as report:
        report(150_000_000)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "150.0/200.0 MB" in captured.err
