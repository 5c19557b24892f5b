"""Which addresses webhooks may go to, and a network that goes to no other.

A caller names the address and the service connects to it from inside: unguarded, anybody could have it call the
database beside it or the metadata of its cloud. A name proves nothing, since its owner may change its addresses
between a check and a call. So names are resolved where the connection is made, every address that comes out is
checked, and the connection goes to an address that was checked.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import httpcore2
import httpx2

from service.errors import RequestError

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a name, for a port."""

MOST_TRIED = 4
"""A name may have any number of addresses; this many of them are connected to before the connection has failed."""

RESOLVED_AT_ONCE = 8

PRIVATE = tuple(
    map(
        ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10", "::1/128", "fc00::/7"),
    )
)
"""What `allow_private` adds. Link-local addresses are not in it: clouds keep their credentials there."""

UNICAST = IPv6Network("2000::/3")
"""What IANA has given out to hosts; older Pythons take parts of the rest for global."""

NAT64 = IPv6Network("64:ff9b::/96")

LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
NAME = re.compile(rf"(?=.{{1,253}}$)(?:{LABEL}\.)*(?!(?:\d+|0x[0-9a-f]*)\.?$){LABEL}\.?")
"""A host name. Its last label is no number: `127.1` and `0x7f000001` are addresses to a resolver."""


class CallbackRefusedError(RequestError):
    """No webhook goes there. The message is for the caller and repeats nothing of the address."""

    code = "callback_refused"


@dataclass(frozen=True, slots=True)
class CallbackRule:
    """Which webhooks are taken.

    Args:
        signed: whether there is a secret to sign them with; without one there are none.
        allow_private: see `is_allowed`.

    """

    signed: bool
    allow_private: bool

    def check(self, url: str | None) -> None:
        """Pass if there is none, or it may be called.

        Raises:
            CallbackRefusedError: why not.

        """
        if url is None:
            return
        if not self.signed:
            raise CallbackRefusedError("no webhooks are sent here: their sender has no secret to sign them with")
        check_url(url, allow_private=self.allow_private)


def check_url(text: str, *, allow_private: bool) -> httpx2.URL:
    """The address of a webhook, as far as it can be checked without resolving its name.

    Args:
        text: an absolute URL.
        allow_private: whether private and loopback addresses are allowed, and `http`.

    Raises:
        CallbackRefusedError: it may not be called.

    """
    try:
        url = httpx2.URL(text)
    except (httpx2.InvalidURL, ValueError):
        raise CallbackRefusedError("this is no URL") from None
    if url.scheme != "https" and not (allow_private and url.scheme == "http"):
        raise CallbackRefusedError(f"the URL has to begin with https://{' or http://' if allow_private else ''}")
    if url.userinfo:
        raise CallbackRefusedError("a URL with a user name or a password is not taken")
    if url.port is not None and not 0 < url.port < 65_536:
        raise CallbackRefusedError("there is no such port")
    _check_host(url.raw_host.decode("ascii"), allow_private=allow_private)
    return url


def _check_host(host: str, *, allow_private: bool) -> None:
    literal = _literal(host)
    if literal is not None:
        allowed = is_allowed(literal, allow_private=allow_private)
    elif NAME.fullmatch(host):
        allowed = allow_private or not _is_localhost(host)
    else:
        raise CallbackRefusedError("this is no name of a host")
    if not allowed:
        raise _not_public()


def _is_localhost(name: str) -> bool:
    """RFC 6761, 6.3."""
    return f".{name.removesuffix('.')}".endswith(".localhost")


def _literal(host: str) -> Address | None:
    """An address written out; one with a zone, which means something on this machine alone, is none."""
    try:
        return None if "%" in host else ip_address(host)
    except ValueError:
        return None


def is_allowed(address: Address, *, allow_private: bool) -> bool:
    """Whether webhooks may go to an address."""
    meant = _meant(address)
    if meant.is_global and not meant.is_multicast and (isinstance(meant, IPv4Address) or meant in UNICAST):
        return True
    return allow_private and any(meant in network for network in PRIVATE)


def _meant(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that leads to it, or else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _not_public() -> CallbackRefusedError:
    return CallbackRefusedError("the address is not a public one")


class SystemResolver:
    """The system's resolver, on threads of its own: names that nobody answers for would hold up all other work."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=RESOLVED_AT_ONCE, thread_name_prefix="resolver")

    async def __call__(self, name: str, port: int) -> list[str]:
        """The addresses of a name.

        Raises:
            socket.gaierror: it has none.

        """
        look_up = partial(socket.getaddrinfo, name, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        return [str(entry[4][0]) for entry in found]


class GuardedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to allowed addresses alone. Names stay what the `Host` header and the certificate are about.

    Args:
        allow_private: whether private and loopback addresses are allowed.
        resolve: gives the addresses of a name; unset, the system does.
        network: makes the connection to an address.

    """

    def __init__(
        self,
        *,
        allow_private: bool,
        resolve: Resolver | None = None,
        network: httpcore2.AsyncNetworkBackend | None = None,
    ) -> None:
        self._allow_private = allow_private
        self._resolve = resolve or SystemResolver()
        self._network = network or httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- the interface's own
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first address of a host that answers.

        Raises:
            CallbackRefusedError: one of its addresses is not allowed. None was connected to.
            socket.gaierror: it has none.

        """
        failure: Exception | None = None
        for address in (await self._allowed(host, port))[:MOST_TRIED]:
            try:
                return await self._network.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or socket.gaierror("no address")

    async def _allowed(self, host: str, port: int) -> list[Address]:
        literal = _literal(host)
        addresses = [literal] if literal else [ip_address(found) for found in await self._resolve(host, port)]
        if not all(is_allowed(address, allow_private=self._allow_private) for address in addresses):
            raise _not_public()
        return list(dict.fromkeys(addresses))
