"""The header `Idempotency-Key`: a request that is sent again is carried out once.

As draft-ietf-httpapi-idempotency-key-header says: the key is a quoted string, the same key with another payload is 422,
with a request that is still being dealt with 409. A key belongs to the caller who sent it, and is remembered for a day.
"""

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Protocol, TypeVar

import structlog
from flask import request
from openapi_pydantic import Parameter, Schema

from service.http.problems import Problem, ProblemError
from service.jobs.errors import StoreError
from service.jobs.store import JobStore

HEADER = "Idempotency-Key"
LONGEST = 255

# The string of RFC 9651 is one expression: a library for the whole of structured fields would earn its place only with
# a second such header.
_QUOTED = rf'"([ !#-\[\]-~]|\\["\\]){{1,{LONGEST}}}"'
_BARE = rf"[!#-~][!-~]{{0,{LONGEST - 1}}}"
"""No such string, but what most clients send."""
_KEY = f"{_QUOTED}|{_BARE}"

UNUSABLE_KEY = Problem(
    400,
    "idempotency_key_unusable",
    f'{HEADER} has to be a string of 1 to {LONGEST} ASCII characters in double quotes, such as "8e03978e". '
    'Inside, \\" stands for a quote and \\\\ for a backslash.',
)
KEY_HEADER = Parameter.model_validate(
    {
        "name": HEADER,
        "in": "header",
        "description": "A string in double quotes. The same key with the same body leads to the same job, however "
        "often it is sent within a day. Without the quotes, and then without white space, it is the same key.",
        "schema": Schema(type="string", pattern=f"^({_KEY})$"),
        "example": '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
    }
)

log = structlog.get_logger(__name__)


class Placed(Protocol):
    """What a request has made."""

    @property
    def path(self) -> str:
        """Its address."""


Made = TypeVar("Made", bound=Placed)


class Idempotency:
    """Remembers what requests with a key have led to."""

    def __init__(self, store: JobStore) -> None:
        self._store = store

    def once(self, data: bytes, act: Callable[[str | None], Made], recall: Callable[[str], Made]) -> Made:
        """What the request in work has led to, now or before.

        Args:
            data: its body.
            act: does what is asked, under an id that is reserved for it (None: any).
            recall: finds what was made before, by its path.

        Raises:
            ProblemError: 400, the key cannot be one; whatever `act` and `recall` raise.
            IdempotencyConflictError: the key came with another payload before.
            IdempotencyInProgressError: the first request with it is still in work.

        """
        sent = request.headers.get(HEADER)
        if sent is None:
            return act(None)
        key = _key(sent)
        scope = sha256(request.headers.get("Authorization", "").encode()).hexdigest()
        payload = sha256(request.mimetype.encode() + b"\n" + data).hexdigest()
        use = self._store.begin(scope, key, payload)
        if use.location is not None:
            return recall(use.location)
        try:
            made = act(use.reserved)
        except StoreError:
            # Nobody knows whether it was stored. Whoever asks again, once the lock is over, asks for the same job.
            raise
        except BaseException:
            self._store.abandon(scope, key)
            raise
        try:
            self._store.conclude(scope, key, made.path)
        except StoreError as error:
            # It is taken in, and its id is reserved: whoever asks again, once the lock is over, gets the same.
            log.warning("a key was not concluded", error=error.code)
        return made


def _key(sent: str) -> str:
    """The key, however it was sent.

    Raises:
        ProblemError: 400, it is none.

    """
    if not re.fullmatch(_KEY, sent):
        raise ProblemError(UNUSABLE_KEY)
    return re.sub(r"\\(.)", r"\1", sent[1:-1]) if sent.startswith('"') else sent
