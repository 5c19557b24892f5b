import hashlib
import http.server
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import pytest

from service.local.errors import WeightsCorruptError, WeightsNotFoundError, WeightsUnreachableError
from service.local.hub import HubClient, HubFile
from service.local.pull import find_weights, pull_hub_file

from .conftest import CONTENT

FILE = HubFile("org/tiny-GGUF", "tiny q4.gguf")
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class LoopbackHub:
    """A hub and its store, on two ports: what they serve, what they were asked, and how they misbehave."""

    content: bytes = CONTENT
    digest: str = DIGEST
    status: int = 200
    ignores_range: bool = False
    breaks_after: int | None = None
    asked: list[str] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)
    authorized: list[tuple[str, str | None]] = field(default_factory=list)
    endpoint: str = ""
    store: str = ""


class _Door(http.server.ThreadingHTTPServer):
    """One port of the loopback hub: the `hub` itself or its `store`."""

    def __init__(self, hub: LoopbackHub, place: str) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.hub = hub
        self.place = place
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


class _Answer(http.server.BaseHTTPRequestHandler):
    server: _Door

    def log_message(self, *args: object) -> None:
        pass

    def answer(self) -> None:
        hub, place = self.server.hub, self.server.place
        hub.asked.append(f"{self.command} {place} {self.path}")
        hub.authorized.append((place, self.headers["Authorization"]))
        if hub.status != 200:
            self.close_with(hub.status)
        elif place == "hub" and self.path.startswith("/old-name/"):
            self.close_with(302, {"Location": f"/{FILE.repository}/resolve/main/tiny%20q4.gguf"})
        elif place == "hub":
            linked = {"X-Linked-Size": str(len(hub.content)), "X-Linked-ETag": f'"{hub.digest}"'}
            self.close_with(302, {"Location": f"{hub.store}/blob", **linked})
        elif self.command == "HEAD":
            self.close_with(403)
        else:
            self.send_blob(hub)

    do_GET = do_HEAD = answer  # noqa: N815 -- the names that http.server looks for

    def close_with(self, status: int, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": "0", **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def send_blob(self, hub: LoopbackHub) -> None:
        wanted = self.headers["Range"]
        hub.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and not hub.ignores_range else 0
        body = hub.content[start:]
        whole = len(hub.content)
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: hub.breaks_after])


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    loopback = LoopbackHub()
    with _Door(loopback, "hub") as front, _Door(loopback, "store") as store:
        loopback.endpoint, loopback.store = front.url, store.url
        yield loopback
        front.shutdown()
        store.shutdown()


def pull(hub: LoopbackHub, cache: Path, file: HubFile = FILE, sha256: str | None = None) -> Path:
    with HubClient(hub.endpoint) as client:
        return pull_hub_file(file, cache, client, sha256).path


def partial_in(cache: Path) -> Path:
    return cache / "hub/org/tiny-GGUF" / f"tiny q4.gguf.{DIGEST[:16]}.partial"


def test_reference_is_read_as_repository_and_file() -> None:
    assert HubFile.parse("org/tiny-GGUF:q4/tiny.gguf") == HubFile("org/tiny-GGUF", "q4/tiny.gguf")


@pytest.mark.parametrize(
    "reference",
    [
        "tiny.gguf",
        "org/tiny",
        "org/tiny:model.bin",
        "a/b/c:x.gguf",
        "org/tiny:../x.gguf",
        "../tiny:x.gguf",
        "o/t:/x.gguf",
    ],
)
def test_reference_of_another_form_is_none(reference: str) -> None:
    assert HubFile.parse(reference) is None


def test_hub_file_is_fetched_from_the_store_and_checked(hub: LoopbackHub, cache: Path) -> None:
    path = pull(hub, cache)
    assert path == cache / "hub/org/tiny-GGUF/tiny q4.gguf"
    assert path.read_bytes() == CONTENT
    assert hub.asked == [
        "HEAD hub /org/tiny-GGUF/resolve/main/tiny%20q4.gguf",
        "GET hub /org/tiny-GGUF/resolve/main/tiny%20q4.gguf",
        "GET store /blob",
    ]
    assert list(path.parent.glob("*.partial")) == []


def test_hub_file_that_is_there_is_used_without_asking(hub: LoopbackHub, cache: Path) -> None:
    pull(hub, cache)
    hub.asked.clear()
    assert pull(hub, cache).read_bytes() == CONTENT
    assert hub.asked == []


def test_token_goes_to_the_hub_and_not_to_the_store(hub: LoopbackHub, cache: Path) -> None:
    with HubClient(hub.endpoint, token="secret") as client:
        pull_hub_file(FILE, cache, client)
    assert hub.authorized == [("hub", "Bearer secret"), ("hub", "Bearer secret"), ("store", None)]


def test_renamed_repository_is_followed(hub: LoopbackHub, cache: Path) -> None:
    assert pull(hub, cache, HubFile("old-name/tiny", "tiny q4.gguf")).read_bytes() == CONTENT


def test_interrupted_fetch_goes_on_with_a_range(hub: LoopbackHub, cache: Path) -> None:
    partial_in(cache).parent.mkdir(parents=True)
    partial_in(cache).write_bytes(CONTENT[:1234])
    assert pull(hub, cache).read_bytes() == CONTENT
    assert hub.ranges == ["bytes=1234-"]


def test_broken_connection_is_taken_up_again_while_it_brings_bytes(hub: LoopbackHub, cache: Path) -> None:
    hub.breaks_after = 3_000
    assert pull(hub, cache).read_bytes() == CONTENT
    assert hub.ranges == [None, "bytes=3000-", "bytes=6000-"]


def test_connection_that_brings_nothing_is_given_up(hub: LoopbackHub, cache: Path) -> None:
    hub.breaks_after = 0
    with pytest.raises(WeightsUnreachableError, match="No network"):
        pull(hub, cache)
    assert hub.ranges == [None]


def test_store_without_ranges_sends_the_file_anew(hub: LoopbackHub, cache: Path) -> None:
    partial_in(cache).parent.mkdir(parents=True)
    partial_in(cache).write_bytes(b"GGUF and something else")
    hub.ignores_range = True
    assert pull(hub, cache).read_bytes() == CONTENT


def test_partial_of_another_version_is_dropped(hub: LoopbackHub, cache: Path) -> None:
    other = partial_in(cache).with_name("tiny q4.gguf.0123456789abcdef.partial")
    other.parent.mkdir(parents=True)
    other.write_bytes(b"GGUF of last week")
    assert pull(hub, cache).read_bytes() == CONTENT
    assert hub.ranges == [None]
    assert not other.exists()


def test_file_with_another_digest_than_the_hub_says_is_removed(hub: LoopbackHub, cache: Path) -> None:
    hub.digest = "0" * 64
    with pytest.raises(WeightsCorruptError, match=r"Wrong digest.*expected 0000"):
        pull(hub, cache)
    assert [path for path in cache.rglob("*") if path.suffix in (".gguf", ".partial")] == []


def test_digest_of_the_user_outranks_the_one_of_the_hub(hub: LoopbackHub, cache: Path) -> None:
    with pytest.raises(WeightsCorruptError, match=r"expected 1111"):
        pull(hub, cache, sha256="1" * 64)


def test_page_in_place_of_weights_is_refused(hub: LoopbackHub, cache: Path) -> None:
    hub.content = b"<!doctype html>"
    hub.digest = "weak-etag"
    with pytest.raises(WeightsCorruptError, match="Not a GGUF file"):
        pull(hub, cache)


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (404, WeightsNotFoundError, "has no org/tiny-GGUF:tiny q4.gguf"),
        (401, WeightsNotFoundError, "set HF_TOKEN"),
        (503, WeightsUnreachableError, "status 503"),
    ],
)
def test_refusal_of_the_hub_is_said_in_one_line(
    hub: LoopbackHub, cache: Path, status: int, error: type[Exception], words: str
) -> None:
    hub.status = status
    with pytest.raises(error, match=words) as raised:
        pull(hub, cache)
    assert "\n" not in str(raised.value)


def test_hub_without_network_is_said_in_one_line(hub: LoopbackHub, cache: Path, unused_tcp_port: int) -> None:
    hub.endpoint = f"http://127.0.0.1:{unused_tcp_port}"
    with pytest.raises(WeightsUnreachableError, match="No network"):
        pull(hub, cache)


def test_local_file_is_used_where_it_lies(tmp_path: Path, cache: Path) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(CONTENT)
    with HubClient("http://127.0.0.1:9") as client:
        assert find_weights(str(file), cache, client, DIGEST) == (file, DIGEST)
    assert not cache.exists()


def test_source_that_is_neither_file_nor_reference_is_not_found(cache: Path) -> None:
    with HubClient("http://127.0.0.1:9") as client, pytest.raises(WeightsNotFoundError, match="There is no file"):
        find_weights("nowhere.gguf", cache, client)
