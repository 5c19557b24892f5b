"""Protection from requests that browsers send on behalf of other sites (CSRF and DNS rebinding).

A browser sends requests for any page, even to its own machine, but it says for whom: `Sec-Fetch-Site`, which pages
cannot set, decides. Browsers omit it over plain HTTP to another machine, and old ones always do. Then `Origin` decides,
which must be the address that was called. Other sites may not read anything here either, so the check applies to every
method, and no response has CORS headers.

With DNS rebinding, another site's host name leads to this machine, and its pages are of the same origin to the browser.
They have no key. If none is needed, the `Host` header shows the foreign name.
"""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.urls import iri_to_uri

from service.http.auth import is_loopback
from service.http.problems import Problem, ProblemError

PAGES = frozenset({"page.index", "page.result"})
"""Endpoints that other sites may link to."""

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
    # Other sites learn as little as with `no-referrer`, with which the page's own requests may lack an Origin.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every response, unless the view sets others."""

_SAME_SITE = frozenset({"same-origin", "none"})
"""Values of `Sec-Fetch-Site` for our own page, and for what users do themselves."""
_ORIGIN = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[^\s:/?#@\[\]\\,]+)(?::([0-9]{0,5}))?")
_PORTS = {"http": "80", "https": "443"}


class Origin(NamedTuple):
    scheme: str
    host: str
    port: str


def register(app: Flask, *, has_keys: bool, public_url: str) -> None:
    """Refuse requests of other sites' pages, and add the headers that keep responses from them.

    Args:
        app: the application to protect.
        has_keys: whether callers need a key.
        public_url: address under which callers reach the service; empty if it is not configured.

    Raises:
        ValueError: `public_url` is not an http(s) address.

    """
    public = _parse_url(public_url) if public_url else None

    @app.before_request
    def check() -> None:
        if not has_keys and not _is_our_host(request.headers.get("Host", ""), public):
            raise ProblemError(HOST_UNKNOWN)
        if _is_cross_site(public) and not _is_navigation():
            raise ProblemError(CROSS_SITE)

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


def _is_our_host(host: str, public: Origin | None) -> bool:
    """Whether `host` is a name that can only mean this service. Browsers always send it."""
    if not host:
        return True
    called = _parse_origin(f"http://{host}")
    if called is None:
        return False
    return is_loopback(called.host.strip("[]").removesuffix(".")) or (public is not None and called.host == public.host)


def _is_cross_site(public: Origin | None) -> bool:
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in _SAME_SITE
    if sent := request.headers.get("Origin"):
        origin = _parse_origin(sent)
        # The scheme is taken from `Origin`: a proxy may have terminated TLS.
        return origin is None or origin not in {
            public,
            _parse_origin(f"{origin.scheme}://{request.headers.get('Host', '')}"),
        }
    return False


def _is_navigation() -> bool:
    """Whether one of our pages is opened as a top-level document, which other sites cannot read."""
    return (
        request.endpoint in PAGES
        and request.method in {"GET", "HEAD"}
        and request.headers.get("Sec-Fetch-Mode") == "navigate"
        and request.headers.get("Sec-Fetch-Dest") == "document"
    )


def _parse_url(url: str) -> Origin:
    parts = urlsplit(iri_to_uri(url))
    origin = _parse_origin(f"{parts.scheme}://{parts.netloc}")
    if origin is None:
        raise ValueError("the address has to begin with https:// or http:// and the name of a host")
    return origin


def _parse_origin(text: str) -> Origin | None:
    """Parse an origin; None if the text is not an http(s) origin."""
    found = _ORIGIN.fullmatch(text.lower())
    if found is None:
        return None
    scheme, host, port = found.groups()
    return Origin(scheme, host, port or _PORTS[scheme])
