"""Pages of other sites may not call, whoever has them open in a browser on a machine that may.

A browser sends what any page asks it to send, to its own machine too. Unlike a program it says for whom. What it says
in `Sec-Fetch-Site`, which no page can set, decides. It leaves that out over plain HTTP to another machine, and an old
one everywhere; then `Origin` decides, which has to be the address that was called. Nothing here is for other sites to
read or show either, so all this holds for every method, and no answer gives leave by CORS.

A name that is made to lead to this machine (DNS rebinding) makes another site's page one of ours to its browser. Such a
page has no key; where none is needed, `Host` tells the name.
"""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.urls import iri_to_uri

from service.http.auth import is_loopback
from service.http.problems import Problem, ProblemError

PAGES = frozenset({"page.index", "page.result"})
"""Endpoints that links on other sites may lead to."""

CROSS_SITE = Problem(
    403,
    "cross_site",
    "A browser sent this for a page of another site; it may call for the service's own page alone. "
    "Where a proxy changes the Host header, set DRAGOMAN_PUBLIC_URL to the address that browsers show.",
)
HOST_UNKNOWN = Problem(
    403,
    "host_unknown",
    "This service has no keys, so it answers to localhost, 127.0.0.1 and [::1] alone. "
    "To call it by another name, set DRAGOMAN_API_KEYS, or DRAGOMAN_PUBLIC_URL to an address with that name.",
)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    # As little as with `no-referrer` is told to other sites; but with that the page's own requests may have no Origin.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""What every answer has, unless its view says otherwise."""

_OURS = frozenset({"same-origin", "none"})
"""What `Sec-Fetch-Site` says of our page, and of what users do themselves."""
_ORIGIN = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[^\s:/?#@\[\]\\,]+)(?::([0-9]{0,5}))?")
_PORTS = {"http": "80", "https": "443"}


class Origin(NamedTuple):
    scheme: str
    host: str
    port: str


def register(app: Flask, *, has_keys: bool, public_url: str) -> None:
    """Refuse what other sites' pages send, and give every answer the headers that keep it from them.

    Args:
        app: refuses and answers.
        has_keys: whether callers need a key.
        public_url: address under which callers reach the service, if it is known; else empty.

    Raises:
        ValueError: `public_url` is no such address.

    """
    public = _origin_of(public_url) if public_url else None

    @app.before_request
    def check() -> None:
        if not has_keys and not _is_known(request.headers.get("Host", ""), public):
            raise ProblemError(HOST_UNKNOWN)
        if _is_of_another_site(public) and not _follows_link():
            raise ProblemError(CROSS_SITE)

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


def _is_known(host: str, public: Origin | None) -> bool:
    """Whether `host` is this machine's in all of the world's DNS. No browser leaves it out."""
    if not host:
        return True
    called = _origin(f"http://{host}")
    if called is None:
        return False
    return is_loopback(called.host.strip("[]").removesuffix(".")) or (public is not None and called.host == public.host)


def _is_of_another_site(public: Origin | None) -> bool:
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in _OURS
    if sent := request.headers.get("Origin"):
        origin = _origin(sent)
        # The scheme may be a proxy's, which speaks plain HTTP to us.
        return origin is None or origin not in {public, _origin(f"{origin.scheme}://{request.headers.get('Host', '')}")}
    return False


def _follows_link() -> bool:
    """Whether one of our pages is opened in a window of its own, which shows it to nobody but the user."""
    return (
        request.endpoint in PAGES
        and request.method in {"GET", "HEAD"}
        and request.headers.get("Sec-Fetch-Mode") == "navigate"
        and request.headers.get("Sec-Fetch-Dest") == "document"
    )


def _origin_of(url: str) -> Origin:
    parts = urlsplit(iri_to_uri(url))
    origin = _origin(f"{parts.scheme}://{parts.netloc}")
    if origin is None:
        raise ValueError("the address has to begin with https:// or http:// and the name of a host")
    return origin


def _origin(said: str) -> Origin | None:
    """What is said, if it is an origin that anybody could call."""
    found = _ORIGIN.fullmatch(said.lower())
    if found is None:
        return None
    scheme, host, port = found.groups()
    return Origin(scheme, host, port or _PORTS[scheme])
