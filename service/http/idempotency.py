"""The header `Idempotency-Key`: a request that is sent again is carried out once.

As draft-ietf-httpapi-idempotency-key-header says: the same key with another payload is 422, with a request that is
still being dealt with 409. A key belongs to the caller who sent it, and is remembered for a day.
"""

from collections.abc import Callable
from hashlib import sha256

from flask import request
from openapi_pydantic import Parameter, Schema

from service.http.problems import Problem, ProblemError
from service.jobs.errors import StoreError
from service.jobs.store import JobStore

HEADER = "Idempotency-Key"
LONGEST = 255

UNUSABLE_KEY = Problem(400, "idempotency_key_unusable", f"{HEADER} has to be 1 to {LONGEST} visible ASCII characters.")
KEY_HEADER = Parameter.model_validate(
    {
        "name": HEADER,
        "in": "header",
        "description": "The same key with the same body leads to the same job, however often it is sent within a day.",
        "schema": Schema(type="string", pattern=f"^[!-~]{{1,{LONGEST}}}$"),
    }
)


class Idempotency:
    """Remembers what requests with a key have led to."""

    def __init__(self, store: JobStore) -> None:
        self._store = store

    def once(self, data: bytes, act: Callable[[str | None], str]) -> str:
        """The path that the request in work has led to, now or before.

        Args:
            data: its body.
            act: does what is asked, under an id that is reserved for it (None: any), and returns the path.

        Raises:
            ProblemError: 400, the key cannot be one; whatever `act` raises.
            IdempotencyConflictError: the key came with another payload before.
            IdempotencyInProgressError: the first request with it is still in work.

        """
        key = request.headers.get(HEADER)
        if key is None:
            return act(None)
        if not (0 < len(key) <= LONGEST and all("!" <= character <= "~" for character in key)):
            raise ProblemError(UNUSABLE_KEY)
        scope = sha256(request.headers.get("Authorization", "").encode()).hexdigest()
        payload = sha256(request.mimetype.encode() + b"\n" + data).hexdigest()
        use = self._store.begin(scope, key, payload)
        if use.location is not None:
            return use.location
        try:
            location = act(use.reserved)
        except StoreError:
            # Nobody knows whether it was stored. Whoever asks again, once the lock is over, asks for the same job.
            raise
        except BaseException:
            self._store.abandon(scope, key)
            raise
        self._store.conclude(scope, key, location)
        return location
