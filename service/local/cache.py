"""The cache directory of weights, in which a file gets its final name only once it is complete and checked.

A download grows in `<name>.partial` beside the final name. It is resumed from its length alone, because the pieces have
known sizes. Whatever a crash may have left in it, the digest of the complete file is checked at the end.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click
import platformdirs

from service.local.errors import WeightsCorruptError, WeightsStorageError
from service.local.weights import Weights, check_weights
from service.settings import Settings


def cache_directory() -> Path:
    """`DRAGOMAN_CACHE_DIR`, or the user's cache directory by the custom of the platform."""
    return Settings().cache_dir or platformdirs.user_cache_path("dragoman")


@contextmanager
def exclusive(final: Path) -> Iterator[None]:
    """Hold the lock of one file of weights, waiting while another process has it.

    Raises:
        WeightsStorageError: whatever the disk refuses while the lock is held.
    """
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        with final.with_name(f"{final.name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                click.echo(f"Waiting: another process is fetching {final.name} ...", err=True)
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise _storage_error(final.parent, error) from error


def _storage_error(directory: Path, error: OSError) -> WeightsStorageError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return WeightsStorageError(
            f"The disk is full: {directory}. What was fetched is kept: free some space and run it again."
        )
    return WeightsStorageError(f"Cannot write {error.filename or directory}: {error.strerror or error}.")


def require_space(directory: Path, needed: int) -> None:
    """Fail before the first byte is fetched where `needed` bytes are not free.

    Raises:
        WeightsStorageError: they are not.
    """
    free = shutil.disk_usage(directory).free
    if free < needed:
        raise WeightsStorageError(
            f"The disk is full: {directory} has {free / 1e6:.0f} MB free, {needed / 1e6:.0f} MB are needed."
        )


def partial_of(final: Path) -> Path:
    return final.with_name(f"{final.name}.partial")


def open_partial(partial: Path) -> BinaryIO:
    """Open for writing, with what is there kept and the position at its end."""
    file = partial.open("r+b" if partial.exists() else "w+b")
    file.seek(0, os.SEEK_END)
    return file


def flush_to_disk(file: BinaryIO) -> None:
    """Have everything written so far on the disk itself."""
    file.flush()
    os.fsync(file.fileno())


def publish(partial: Path, final: Path, sha256: str | None) -> Weights:
    """Give a whole file its final name.

    Raises:
        WeightsCorruptError: it is not the file it should be. It is removed, so that the next run starts anew.
    """
    try:
        whole = check_weights(partial, sha256)
    except WeightsCorruptError as error:
        partial.unlink()
        raise WeightsCorruptError(f"{error} It was removed: run it again to fetch it anew.") from error
    partial.replace(final)
    directory = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return Weights(final, whole.sha256)
