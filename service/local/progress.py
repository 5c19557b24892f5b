"""How far a download is, on stderr: one bar at a terminal, a line every few seconds elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

LINE_EVERY_SECONDS = 5.0

Report = Callable[[int], None]
"""Takes the bytes that are there by now."""


@contextmanager
def progress(title: str, total: int, *, clock: Callable[[], float] = time.monotonic) -> Iterator[Report]:
    """Show progress towards `total` bytes while the block runs."""
    if sys.stderr.isatty():
        with _bar(title, total) as report:
            yield report
    else:
        yield _lines(title, total, clock)


@contextmanager
def _bar(title: str, total: int) -> Iterator[Report]:
    # Imported here because only the extra `local` has it, and only a terminal needs it.
    import rich.console  # noqa: PLC0415 -- see above
    import rich.progress as columns  # noqa: PLC0415 -- see above

    shown = (
        "{task.description}",
        columns.BarColumn(),
        columns.DownloadColumn(),
        columns.TransferSpeedColumn(),
        columns.TimeRemainingColumn(),
    )
    with columns.Progress(*shown, console=rich.console.Console(stderr=True)) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)


def _lines(title: str, total: int, clock: Callable[[], float]) -> Report:
    said_at = -LINE_EVERY_SECONDS + clock()

    def report(done: int) -> None:
        nonlocal said_at
        if clock() - said_at >= LINE_EVERY_SECONDS or done == total:
            said_at = clock()
            click.echo(f"{title}: {done / 1e6:.0f} of {total / 1e6:.0f} MB ({done / total:.0%})", err=True)

    return report
