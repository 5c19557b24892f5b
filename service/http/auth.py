"""Authentication: callers need a bearer key, or, if no keys are configured, must call from this machine."""

import hmac
from collections.abc import Sequence
from hashlib import sha256
from ipaddress import ip_address

from flask import Flask, request

from service.http.problems import Problem, ProblemError

PUBLIC = frozenset(
    {
        *("health.healthz", "health.readyz", "openapi.index", "asyncapi.index"),
        *("page.index", "page.result", "page.asset"),
    }
)
"""Endpoints that need no key, since probes, client generators and browsers that open the page have none. They reveal
nothing of articles."""

CHALLENGE = 'Bearer realm="dragoman"'

MISSING = Problem(401, "key_missing", "This address needs a bearer key.", headers={"WWW-Authenticate": CHALLENGE})
WRONG = Problem(
    401,
    "key_wrong",
    "The bearer key is not one of this service's keys.",
    headers={"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'},
)
NOT_LOCAL = Problem(403, "loopback_only", "This service has no keys, so it answers its own machine only.")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address. Names other than `localhost` do not count."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class KeysNeededError(Exception):
    """Other machines could reach the service, and it has no keys. The message says what to do."""


def require_keys_beyond_loopback(host: str, keys: Sequence[object]) -> None:
    """Refuse an address that other machines can reach if there are no keys.

    Raises:
        KeysNeededError: other machines can reach the address.

    """
    if not keys and not is_loopback(host):
        raise KeysNeededError(
            f"Without keys Dragoman serves this machine only, and {host} can be reached from others. "
            "Set DRAGOMAN_API_KEYS, or DRAGOMAN_HOST to 127.0.0.1."
        )


def register(app: Flask, keys: Sequence[str]) -> None:
    """Require a key for everything but `PUBLIC`.

    If there are no keys, the caller's address is checked, whatever address the server is bound to.
    """
    digests = [_digest(key.encode()) for key in keys]

    @app.before_request
    def check() -> None:
        if not digests:
            if not is_loopback(request.remote_addr or ""):
                raise ProblemError(NOT_LOCAL)
        elif request.endpoint not in PUBLIC:
            _check_key(digests)


def _check_key(digests: Sequence[bytes]) -> None:
    sent = request.authorization
    if sent is None or sent.type != "bearer" or not sent.token:
        raise ProblemError(MISSING)
    # WSGI hands header bytes over as Latin-1 (PEP 3333).
    digest = _digest(sent.token.encode("latin-1", "replace"))
    known = False
    for each in digests:  # all keys are compared, so that the time reveals nothing
        known |= hmac.compare_digest(each, digest)
    if not known:
        raise ProblemError(WRONG)


def _digest(key: bytes) -> bytes:
    return sha256(key).digest()
