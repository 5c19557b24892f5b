import asyncio
import socket
import threading
from collections.abc import Iterable, Sequence
from ipaddress import ip_address

import httpcore2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.jobs.addresses import (
    MAX_ADDRESSES_TRIED,
    CallbackRefusedError,
    GuardedNetwork,
    SystemResolver,
    check_url,
    is_allowed,
)
from tests.support.patience import PATIENCE

PUBLIC = [
    "93.184.215.14",
    "8.8.8.8",
    "2606:2800:220:1:248:1893:25c8:1946",
    "::ffff:8.8.8.8",  # IPv4-mapped
    "64:ff9b::808:808",  # NAT64
]
PRIVATE_NETWORKS = [
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "127.0.0.1",
    "127.8.8.8",
    "100.64.0.1",  # carrier-grade NAT
    "::1",
    "fd00:ec2::254",
    "::ffff:127.0.0.1",
    "::ffff:a00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",  # 6to4 of 127.0.0.1
    "2002:c0a8:101::1",
]
NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",  # a cloud's metadata
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "198.18.0.1",
    "::",
    "::127.0.0.1",  # IPv4-compatible
    "::8.8.8.8",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",  # a network's own NAT64
    "::ffff:169.254.169.254",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
    "2001:db8::1",
    "2002:a9fe:a9fe::",
    "5f00::1",
    "100::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_allowed(address: str) -> None:
    assert is_allowed(ip_address(address), allow_private=False)
    assert is_allowed(ip_address(address), allow_private=True)


@pytest.mark.parametrize("address", PRIVATE_NETWORKS)
def test_private_address_needs_permission(address: str) -> None:
    assert not is_allowed(ip_address(address), allow_private=False)
    assert is_allowed(ip_address(address), allow_private=True)


@pytest.mark.parametrize("address", NEVER)
def test_link_local_and_special_addresses_are_never_allowed(address: str) -> None:
    assert not is_allowed(ip_address(address), allow_private=False)
    assert not is_allowed(ip_address(address), allow_private=True)


@given(st.ip_addresses(v=6))
def test_ipv6_address_that_holds_an_ipv4_one_is_no_way_round(address: object) -> None:
    inside = int(ip_address(str(address))) & 0xFFFF_FFFF
    alone = is_allowed(ip_address(inside), allow_private=False)

    assert is_allowed(ip_address(f"::ffff:{ip_address(inside)}"), allow_private=False) is alone
    assert is_allowed(ip_address(int(ip_address("64:ff9b::")) + inside), allow_private=False) is alone


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com",
        "https://hooks.example.com:8443/a/b?c=d",
        "HTTPS://Hooks.Example.COM./",
        "https://my_service.example.com/",
        "https://bücher.example/hook",
        "https://93.184.215.14/",
        "https://[2606:2800:220:1:248:1893:25c8:1946]:8443/",
        "https://123.example.com/",
        "https://intranet/",  # what it resolves to is seen at delivery
    ],
)
def test_public_url_is_taken(url: str) -> None:
    check_url(url, allow_private=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "https://localhost/",
        "https://LOCALHOST.:8080/",
        "https://api.localhost/",
        "https://127.0.0.1/",
        "https://10.0.0.1:8080/",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:127.0.0.1]/",
    ],
)
def test_private_url_needs_permission(url: str) -> None:
    with pytest.raises(CallbackRefusedError):
        check_url(url, allow_private=False)

    check_url(url, allow_private=True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com/x",
        "//hooks.example.com/x",
        "/x",
        "https:",
        "https:///x",
        "https:hooks.example.com",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "gopher://hooks.example.com/",
        "javascript:alert(1)",
        "https://user@hooks.example.com/",
        "https://user:secret@hooks.example.com/",
        "https://hooks.example.com\\@127.0.0.1/",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:65536/",
        "https://hooks.example.com:-1/",
        "https://hooks.example.com:port/",
        "https://hooks..example.com/",
        "https://.example.com/",
        "https://hooks example.com/",
        "https://hooks%2eexample.com/",
        "https://hooks.example.com%00.evil.example/",
        "https://hooks.example.com\r\nX-Header: 1/",
        "https://hooks.example.com/\x00",
        "https://hooks.example.com/\ud800",
        "https://" + "a" * 64 + ".example/",
        "https://" + "a." * 127 + "aa/",
        "https://-a.example/",
        # Forms of 127.0.0.1 that resolvers take
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.0.0.1./",
        "https://127.0.1/",
        "https://１２７.0.0.1/",
        "https://ⓛocalhost/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fe80::1%25eth0]/",
        "https://[::1%25eth0]/",
        "https://[::]/",
        "https://0.0.0.0/",
    ],
)
@pytest.mark.parametrize("allow_private", [False, True])
def test_url_that_is_none_or_leads_astray_is_refused(url: str, allow_private: bool) -> None:
    with pytest.raises(CallbackRefusedError):
        check_url(url, allow_private=allow_private)


@given(st.text(max_size=60), st.sampled_from(["", "https://", "http://", "https://a.example:", "https://["]))
def test_any_text_is_taken_or_refused(text: str, before: str) -> None:
    try:
        url = check_url(before + text, allow_private=True)
    except CallbackRefusedError:
        return
    assert url.scheme in ("http", "https")
    assert url.raw_host


def test_refusal_does_not_repeat_the_url() -> None:
    for url in ("https://user:s3cret@hooks.example.com/", "s3cret", "https://s3cret..example/", "ftp://s3cret/"):
        with pytest.raises(CallbackRefusedError) as refused:
            check_url(url, allow_private=False)
        assert "s3cret" not in str(refused.value)
        assert refused.value.__cause__ is None


class Wire(httpcore2.AsyncNetworkBackend):
    """Notes where connections go. Those to `dead` addresses fail."""

    def __init__(self, *dead: str) -> None:
        self.dialled: list[tuple[str, int]] = []
        self._dead = dead

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        self.dialled.append((host, port))
        if host in self._dead:
            raise httpcore2.ConnectError("scripted")
        return httpcore2.AsyncMockStream([])


def network(wire: Wire, *answers: Sequence[str], allow_private: bool = False) -> GuardedNetwork:
    """A network whose resolver gives these answers, one after the other."""
    left = list(answers)

    async def scripted(name: str, port: int) -> Sequence[str]:
        return left.pop(0)

    return GuardedNetwork(allow_private=allow_private, resolve=scripted, network=wire)


async def test_connection_goes_to_the_address_that_was_checked() -> None:
    wire = Wire()

    await network(wire, ["93.184.215.14"]).connect_tcp("hooks.example", 443)

    assert wire.dialled == [("93.184.215.14", 443)]


async def test_name_with_one_private_address_is_not_connected_to() -> None:
    wire = Wire()

    with pytest.raises(CallbackRefusedError):
        await network(wire, ["93.184.215.14", "2606:2800::1", "10.0.0.1"]).connect_tcp("hooks.example", 443)

    assert wire.dialled == []


async def test_name_that_turns_private_is_not_connected_to() -> None:
    wire = Wire()
    rebinding = network(wire, ["93.184.215.14"], ["127.0.0.1"])
    await rebinding.connect_tcp("hooks.example", 443)

    with pytest.raises(CallbackRefusedError):
        await rebinding.connect_tcp("hooks.example", 443)

    assert wire.dialled == [("93.184.215.14", 443)]


async def test_private_name_is_connected_to_where_that_is_allowed() -> None:
    wire = Wire()

    await network(wire, ["10.0.0.1"], allow_private=True).connect_tcp("hooks.internal", 8080)

    assert wire.dialled == [("10.0.0.1", 8080)]


async def test_literal_address_is_checked_and_not_resolved() -> None:
    wire = Wire()

    await network(wire).connect_tcp("93.184.215.14", 443)
    with pytest.raises(CallbackRefusedError):
        await network(wire).connect_tcp("127.0.0.1", 443)

    assert wire.dialled == [("93.184.215.14", 443)]


async def test_next_address_is_tried_where_one_is_dead() -> None:
    wire = Wire("93.184.215.14")

    await network(wire, ["93.184.215.14", "93.184.215.14", "8.8.8.8"]).connect_tcp("hooks.example", 443)

    assert [host for host, _ in wire.dialled] == ["93.184.215.14", "8.8.8.8"]


async def test_dead_addresses_are_tried_up_to_a_limit() -> None:
    addresses = [f"8.8.8.{last}" for last in range(100)]
    wire = Wire(*addresses)

    with pytest.raises(httpcore2.ConnectError):
        await network(wire, addresses).connect_tcp("hooks.example", 443)

    assert [host for host, _ in wire.dialled] == addresses[:MAX_ADDRESSES_TRIED]


async def test_address_beyond_the_limit_is_checked_too() -> None:
    wire = Wire()

    with pytest.raises(CallbackRefusedError):
        await network(wire, [*(f"8.8.8.{last}" for last in range(10)), "127.0.0.1"]).connect_tcp("hooks.example", 443)

    assert wire.dialled == []


async def test_name_without_an_address_is_an_error_of_the_resolver() -> None:
    with pytest.raises(socket.gaierror):
        await network(Wire(), []).connect_tcp("hooks.example", 443)


async def test_system_resolver_gives_plain_addresses() -> None:
    resolve = SystemResolver()

    assert await resolve("127.0.0.1", 443) == ["127.0.0.1"]
    assert await resolve("::1", 443) == ["::1"]


async def test_name_without_an_answer_does_not_hold_up_other_work(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def unanswered(*_: object, **__: object) -> None:
        answered.wait(PATIENCE)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unanswered)
    resolve = SystemResolver()
    waiting = [asyncio.create_task(resolve("hooks.example", 443)) for _ in range(40)]
    await asyncio.sleep(0)

    async with asyncio.timeout(60):
        await asyncio.gather(*(asyncio.to_thread(threading.current_thread) for _ in range(40)))

    assert not any(one.done() for one in waiting)
    answered.set()
    assert all(isinstance(one, socket.gaierror) for one in await asyncio.gather(*waiting, return_exceptions=True))
