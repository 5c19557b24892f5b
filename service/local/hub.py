"""Fetching one file from a model hub, over HTTPS and with resuming.

The hub's own conventions: `/ORG/REPO/resolve/main/FILE` answers or redirects to a store; for a large file the
answer before the redirect carries `X-Linked-Size` and, as `X-Linked-ETag`, its SHA-256.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Self
from urllib.parse import quote

import httpx2

from service.local.errors import LocalModelError, WeightsNotFoundError, WeightsUnreachableError
from service.local.progress import Report

_REFERENCE = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+):(?P<file>[^:]+\.gguf)", re.ASCII)
_MOST_REDIRECTS = 5
_TIMEOUT = httpx2.Timeout(30.0)


@dataclass(frozen=True, slots=True)
class HubFile:
    """`repository` is ORG/REPO; `file` may lie in folders of it."""

    repository: str
    file: str

    @classmethod
    def parse(cls, reference: str) -> "HubFile | None":
        """Read ORG/REPO:FILE.gguf; None where `reference` is nothing of that form."""
        found = _REFERENCE.fullmatch(reference)
        if found is None or not all(_is_plain(name) for name in re.split("[/:]", reference)):
            return None
        return cls(found["repository"], found["file"])

    @property
    def path(self) -> str:
        return f"/{self.repository}/resolve/main/{quote(self.file)}"


@dataclass(frozen=True, slots=True)
class HubEntry:
    """What the hub says about a file; `version` changes with its content, `sha256` is known for large files."""

    size: int
    version: str
    sha256: str | None


class HubClient:
    """One hub; `token` is sent to it alone, not to the store it redirects to."""

    def __init__(self, endpoint: str, token: str | None = None) -> None:
        headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._client = httpx2.Client(base_url=endpoint, headers=headers, timeout=_TIMEOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def look_up(self, file: HubFile) -> HubEntry:
        """Ask how large the file is and which version.

        Raises:
            WeightsNotFoundError: no such repository or file, or it is not for us.
            WeightsUnreachableError: the hub does not answer, or not as a hub does.
        """
        url = file.path
        for _ in range(_MOST_REDIRECTS):
            try:
                response = self._client.head(url)
            except httpx2.TransportError as error:
                raise _no_answer() from error
            # The store behind the last redirect answers no HEAD: what the hub itself says is enough.
            if response.has_redirect_location and "x-linked-etag" not in response.headers:
                url = response.headers["location"]
                continue
            if response.status_code >= httpx2.codes.BAD_REQUEST:
                raise _refusal(file, response)
            return _entry(response.headers)
        raise WeightsUnreachableError("The model hub redirects without end.")

    def fetch(self, file: HubFile, entry: HubEntry, partial: BinaryIO, report: Report) -> None:
        """Write what `partial` lacks of the file to its end; go on after a break while every try brings bytes.

        Raises:
            WeightsNotFoundError, WeightsUnreachableError: as `look_up`.
        """
        while (start := partial.tell()) < entry.size:
            try:
                self._fetch_from(start, file, partial, report)
            except httpx2.TransportError as error:
                if partial.tell() == start:
                    raise _no_answer() from error
            else:
                if partial.tell() <= start:
                    raise WeightsUnreachableError("The model hub answers with nothing.")

    def _fetch_from(self, start: int, file: HubFile, partial: BinaryIO, report: Report) -> None:
        headers = {"Range": f"bytes={start}-"} if start else {}
        with self._client.stream("GET", file.path, headers=headers, follow_redirects=True) as response:
            if response.status_code >= httpx2.codes.BAD_REQUEST:
                raise _refusal(file, response)
            if not response.headers.get("content-range", "").startswith(f"bytes {start}-"):
                partial.seek(0)
                partial.truncate()
            for chunk in response.iter_bytes():
                partial.write(chunk)
                report(partial.tell())


def _is_plain(name: str) -> bool:
    return name not in ("", ".", "..")


def _entry(headers: Mapping[str, str]) -> HubEntry:
    size = headers.get("x-linked-size") or headers.get("content-length")
    version = (headers.get("x-linked-etag") or headers.get("etag") or "").removeprefix("W/").strip('"')
    if size is None or not size.isdecimal() or not version:
        raise WeightsUnreachableError("The model hub does not say which file it has.")
    return HubEntry(int(size), version, version if re.fullmatch("[0-9a-f]{64}", version) else None)


def _refusal(file: HubFile, response: httpx2.Response) -> LocalModelError:
    status = response.status_code
    if status in (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN):
        return WeightsNotFoundError(
            f"The model hub shows no repository {file.repository}. If it is not public, set HF_TOKEN."
        )
    if status == httpx2.codes.NOT_FOUND:
        return WeightsNotFoundError(f"The model hub has no {file.repository}:{file.file}.")
    return WeightsUnreachableError(f"The model hub answers with status {status}. Run it again later.")


def _no_answer() -> WeightsUnreachableError:
    return WeightsUnreachableError(
        "No network: the model hub does not answer. What was fetched is kept: run it again to go on."
    )
