"""A file of weights: is it GGUF, and which one."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from service.local.errors import WeightsCorruptError, WeightsNotFoundError

GGUF_MAGIC = b"GGUF"


class Weights(NamedTuple):
    """A whole file whose digest is known."""

    path: Path
    sha256: str


def check_weights(path: Path, sha256: str | None = None) -> Weights:
    """Check that a file is GGUF and, if `sha256` is given, that it has this digest.

    Raises:
        WeightsNotFoundError: there is no such file.
        WeightsCorruptError: it is something else.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(len(GGUF_MAGIC))
            if magic != GGUF_MAGIC:
                raise WeightsCorruptError(f"Not a GGUF file: {path}.")
            file.seek(0)
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WeightsNotFoundError(f"Cannot read {path}: {error.strerror}.") from error
    if sha256 is not None and found != sha256.lower():
        raise WeightsCorruptError(f"Wrong digest: {path} has SHA-256 {found}, expected {sha256.lower()}.")
    return Weights(path, found)
