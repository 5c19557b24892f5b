"""Which addresses webhooks may go to, and a network backend that connects to no others (protection from SSRF).

A caller chooses the callback URL, and the service connects to it from inside its own network. Without a check, callers
could reach the database or the metadata service of the cloud. Checking the host name is not enough, since its owner may
change its addresses between the check and the connection (DNS rebinding). So the name is resolved when the connection
is made, all of its addresses are checked, and the connection goes to one of these.
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
"""Takes a host name and a port; returns the addresses of the name."""

MAX_ADDRESSES_TRIED = 4
"""How many addresses of a name are tried before the connection counts as failed."""

RESOLVER_THREADS = 8

PRIVATE_NETWORKS = tuple(
    map(
        ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10", "::1/128", "fc00::/7"),
    )
)
"""Networks that `allow_private` allows. Not link-local addresses, where clouds serve credentials."""

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""The addresses that IANA has allocated to hosts; older Pythons report parts of the rest as global too."""

NAT64 = IPv6Network("64:ff9b::/96")

DNS_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
HOST_NAME = re.compile(rf"(?=.{{1,253}}$)(?:{DNS_LABEL}\.)*(?!(?:\d+|0x[0-9a-f]*)\.?$){DNS_LABEL}\.?")
"""A host name. Its last label must not be a number: resolvers read `127.1` and `0x7f000001` as addresses."""


class CallbackRefusedError(RequestError):
    """The callback URL is not allowed. The message is for the caller and does not repeat the URL."""

    code = "callback_refused"


@dataclass(frozen=True, slots=True)
class CallbackPolicy:
    """Which callback URLs are accepted.

    Args:
        signed: whether there is a secret to sign webhooks with; without one no callback URL is accepted.
        allow_private: see `is_allowed`.

    """

    signed: bool
    allow_private: bool

    def check(self, url: str | None) -> None:
        """Pass if there is no URL or if it is allowed.

        Raises:
            CallbackRefusedError: it is not allowed; the message says why.

        """
        if url is None:
            return
        if not self.signed:
            raise CallbackRefusedError("webhooks are not configured here: there is no secret to sign them with")
        check_url(url, allow_private=self.allow_private)


def check_url(text: str, *, allow_private: bool) -> httpx2.URL:
    """Parse a callback URL and check it, as far as that is possible without resolving its host name.

    Args:
        text: an absolute URL.
        allow_private: whether private and loopback addresses are allowed, and `http`.

    Raises:
        CallbackRefusedError: it is not allowed.

    """
    try:
        url = httpx2.URL(text)
    except (httpx2.InvalidURL, ValueError):
        raise CallbackRefusedError("this is not a URL") from None
    if url.scheme != "https" and not (allow_private and url.scheme == "http"):
        raise CallbackRefusedError(f"the URL must begin with https://{' or http://' if allow_private else ''}")
    if url.userinfo:
        raise CallbackRefusedError("a URL with a user name or a password is not accepted")
    if url.port is not None and not 0 < url.port < 65_536:
        raise CallbackRefusedError("the port must be between 1 and 65535")
    _check_host(url.raw_host.decode("ascii"), allow_private=allow_private)
    return url


def _check_host(host: str, *, allow_private: bool) -> None:
    parsed = _parse_ip(host)
    if parsed is not None:
        allowed = is_allowed(parsed, allow_private=allow_private)
    elif HOST_NAME.fullmatch(host):
        allowed = allow_private or not _is_localhost(host)
    else:
        raise CallbackRefusedError("this is not a host name")
    if not allowed:
        raise _not_public_error()


def _is_localhost(name: str) -> bool:
    """RFC 6761, 6.3."""
    return f".{name.removesuffix('.')}".endswith(".localhost")


def _parse_ip(host: str) -> Address | None:
    """The host as an IP address; None if it is a name, or an address with a zone, which is local to a machine."""
    try:
        return None if "%" in host else ip_address(host)
    except ValueError:
        return None


def is_allowed(address: Address, *, allow_private: bool) -> bool:
    """Whether webhooks may go to an address."""
    effective = _effective_address(address)
    if (
        effective.is_global
        and not effective.is_multicast
        and (isinstance(effective, IPv4Address) or effective in GLOBAL_UNICAST)
    ):
        return True
    return allow_private and any(effective in network for network in PRIVATE_NETWORKS)


def _effective_address(address: Address) -> Address:
    """The IPv4 address that an IPv6 address embeds (mapped, 6to4, NAT64), or else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _not_public_error() -> CallbackRefusedError:
    return CallbackRefusedError("the address is not public")


class SystemResolver:
    """The system's resolver, on threads of its own, so that slow look-ups do not block other work."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=RESOLVER_THREADS, thread_name_prefix="resolver")

    async def __call__(self, name: str, port: int) -> list[str]:
        """The addresses of a name.

        Raises:
            socket.gaierror: it has none.

        """
        look_up = partial(socket.getaddrinfo, name, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        return [str(entry[4][0]) for entry in found]


class GuardedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to allowed addresses only. The `Host` header and the certificate check still use the host name.

    Args:
        allow_private: whether private and loopback addresses are allowed.
        resolve: resolves host names; None uses the system's resolver.
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
            CallbackRefusedError: one of its addresses is not allowed; no connection was made.
            socket.gaierror: it has none.

        """
        failure: Exception | None = None
        for address in (await self._resolve_allowed(host, port))[:MAX_ADDRESSES_TRIED]:
            try:
                return await self._network.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or socket.gaierror("no address")

    async def _resolve_allowed(self, host: str, port: int) -> list[Address]:
        parsed = _parse_ip(host)
        addresses = [parsed] if parsed else [ip_address(found) for found in await self._resolve(host, port)]
        if not all(is_allowed(address, allow_private=self._allow_private) for address in addresses):
            raise _not_public_error()
        return list(dict.fromkeys(addresses))
