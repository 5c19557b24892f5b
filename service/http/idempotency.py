"""The header `Idempotency-Key`: a request that is sent again is executed once.

It follows draft-ietf-httpapi-idempotency-key-header. The key is a quoted string. The same key with another payload is
answered with 422, and with 409 while the first request is still in progress. A key belongs to the caller who sent it
and is remembered for a day.
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
MAX_KEY_LENGTH = 255

# A string of RFC 9651 is one regular expression. A library for all structured fields would be too much for one header.
_QUOTED_KEY = rf'"([ !#-\[\]-~]|\\["\\]){{1,{MAX_KEY_LENGTH}}}"'
_UNQUOTED_KEY = rf"[!#-~][!-~]{{0,{MAX_KEY_LENGTH - 1}}}"
"""Not a string of RFC 9651, but what most clients send."""
_KEY = f"{_QUOTED_KEY}|{_UNQUOTED_KEY}"

UNUSABLE_KEY = Problem(
    400,
    "idempotency_key_unusable",
    f'{HEADER} has to be a string of 1 to {MAX_KEY_LENGTH} ASCII characters in double quotes, such as "8e03978e". '
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


class HasPath(Protocol):
    """What a request has created."""

    @property
    def path(self) -> str:
        """Its path in the API."""


Created = TypeVar("Created", bound=HasPath)


class Idempotency:
    """Executes requests with an idempotency key once."""

    def __init__(self, store: JobStore) -> None:
        self._store = store

    def run_once(self, data: bytes, create: Callable[[str | None], Created], find: Callable[[str], Created]) -> Created:
        """Execute the current request, unless one with its key was executed before. Returns what was created.

        Args:
            data: body of the request.
            create: executes the request, under the id that is reserved for what it creates (None for any id).
            find: finds what was created before, by its path.

        Raises:
            ProblemError: 400, the key is malformed; also whatever `create` and `find` raise.
            IdempotencyConflictError: the key was sent with another payload before.
            IdempotencyInProgressError: the first request with the key is still in progress.

        """
        sent = request.headers.get(HEADER)
        if sent is None:
            return create(None)
        key = _parse_key(sent)
        scope = sha256(request.headers.get("Authorization", "").encode()).hexdigest()
        payload = sha256(request.mimetype.encode() + b"\n" + data).hexdigest()
        reservation = self._store.reserve_key(scope, key, payload)
        if reservation.location is not None:
            return find(reservation.location)
        try:
            made = create(reservation.reserved)
        except StoreError:
            # It may have been stored or not. A repeated request, after the lock has expired, creates the same job.
            raise
        except BaseException:
            self._store.release_key(scope, key)
            raise
        try:
            self._store.complete_key(scope, key, made.path)
        except StoreError as error:
            # It is created, and its id stays reserved: a repeated request, after the lock has expired, gets the same.
            log.warning("idempotency key not completed", error=error.code)
        return made


def _parse_key(sent: str) -> str:
    """The key, whether it was sent with quotes or without.

    Raises:
        ProblemError: 400, it is malformed.

    """
    if not re.fullmatch(_KEY, sent):
        raise ProblemError(UNUSABLE_KEY)
    return re.sub(r"\\(.)", r"\1", sent[1:-1]) if sent.startswith('"') else sent
