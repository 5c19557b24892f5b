"""Downloads weights by name, checks them, and returns their file."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from service.local.cache import exclusive, flush_to_disk, open_partial, partial_of, publish, require_space
from service.local.errors import WeightsCorruptError, WeightsNotFoundError
from service.local.hub import HubClient, HubFile
from service.local.index import append_piece, fetch_part
from service.local.progress import Report, progress
from service.local.release import Release
from service.local.weights import Weights, check_weights


def pull_release(release: Release, cache: Path) -> Weights:
    """Have the file of a release in `cache`: fetch it where it is absent, check it where it is there.

    Raises:
        LocalModelError: in one line, what is in the way.
    """
    final = cache / release.file_name
    with exclusive(final):
        return _cached(final, release.sha256) or _fetch_release(release, final)


def _cached(final: Path, sha256: str | None) -> Weights | None:
    if not final.exists():
        return None
    try:
        return check_weights(final, sha256)
    except WeightsCorruptError as error:
        click.echo(f"{error} It is fetched anew.", err=True)
        return None


def _fetch_release(release: Release, final: Path) -> Weights:
    for left_by_a_killed_run in final.parent.glob(f"{_scratch_prefix(final)}*"):
        shutil.rmtree(left_by_a_killed_run)
    with open_partial(partial_of(final)) as partial, progress(release.model, release.size) as report:
        missing = list(release.parts)
        done = 0
        while missing and done + missing[0].size <= partial.tell():
            done += missing.pop(0).size
        partial.seek(done)
        partial.truncate()
        report(done)
        # While a wheel is unpacked it is there twice: as pip's download and as its result.
        require_space(final.parent, release.size - done + 2 * max((part.size for part in missing), default=0))
        for part in missing:
            with TemporaryDirectory(prefix=_scratch_prefix(final), dir=final.parent) as scratch:
                append_piece(fetch_part(part, Path(scratch), _from(done, report)), part, partial)
            flush_to_disk(partial)
            done += part.size
    return publish(partial_of(final), final, release.sha256)


def _from(done: int, report: Report) -> Report:
    return lambda share: report(done + share)


def _scratch_prefix(final: Path) -> str:
    return f"{final.name}.part-"


def pull_hub_file(file: HubFile, cache: Path, hub: HubClient, sha256: str | None = None) -> Weights:
    """Have a hub's file in `cache`. One that is there is used without asking the hub.

    Raises:
        LocalModelError: in one line, what is in the way.
    """
    final = cache / "hub" / file.repository / file.file
    with exclusive(final):
        if whole := _cached(final, sha256):
            return whole
        entry = hub.look_up(file)
        # The version is in the name, so that two versions of a file are never mixed.
        partial_path = partial_of(final.with_name(f"{final.name}.{entry.version[:16]}"))
        for other in set(final.parent.glob(f"{final.name}.*.partial")) - {partial_path}:
            other.unlink()
        with open_partial(partial_path) as partial, progress(file.file, entry.size) as report:
            require_space(final.parent, entry.size - partial.tell())
            hub.fetch(file, entry, partial, report)
            flush_to_disk(partial)
        return publish(partial_path, final, sha256 or entry.sha256)


def find_weights(source: str, cache: Path, hub: HubClient, sha256: str | None = None) -> Weights:
    """Find weights by path or by ORG/REPO:FILE.gguf. A local file is used where it lies; it is not copied.

    Raises:
        LocalModelError: in one line, what is in the way.
    """
    path = Path(source).expanduser()
    if path.is_file():
        return check_weights(path.absolute(), sha256)
    file = HubFile.parse(source)
    if file is None:
        raise WeightsNotFoundError(f"There is no file {source}, and it is no ORG/REPO:FILE.gguf of a model hub.")
    return pull_hub_file(file, cache, hub, sha256)
