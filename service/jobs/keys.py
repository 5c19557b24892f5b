"""Idempotency keys, as draft-ietf-httpapi-idempotency-key-header has them: a request sent twice does its work once."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import Connection, delete, select, update

from service.jobs.errors import IdempotencyConflictError, IdempotencyInProgressError
from service.jobs.inserting import insert_new
from service.jobs.rows import Stored
from service.jobs.tables import keys

LOCK = timedelta(seconds=60)
"""How long the first request with a key has before another one may do its work."""
KEPT = timedelta(hours=24)
"""How long a key is remembered."""


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What a request with a key has to do: nothing where it has a `location` already, else its work.

    `reserved` is the id for what it makes: the same for whoever takes the work over, so that it is made once.
    """

    reserved: str
    location: str | None = None


class Keys(Stored):
    """Keys are told apart by the caller (`scope`); neither is kept in clear."""

    def begin(self, scope: str, key: str, fingerprint: str) -> KeyUse:
        """Begin a request.

        Raises:
            IdempotencyConflictError: the key came with another payload before.
            IdempotencyInProgressError: the first request with it is not answered yet.

        """
        digest, holder, reserved = _digest(scope, key), uuid4().hex, uuid4().hex

        def work(connection: Connection) -> KeyUse:
            now = self._now()
            held = {"holder": holder, "locked_until": now + LOCK}
            fresh = {"digest": digest, "fingerprint": fingerprint, "reserved": reserved, "expires_at": now + KEPT}
            connection.execute(delete(keys).where(keys.c.digest == digest, keys.c.expires_at <= now))
            if insert_new(connection, keys, {**fresh, **held}):
                return KeyUse(reserved)
            known = connection.execute(select(keys).where(keys.c.digest == digest).with_for_update()).one()
            if known.fingerprint != fingerprint:
                raise IdempotencyConflictError("the key was used with another payload")
            if known.location is None:
                if known.holder != holder and known.locked_until > now:
                    raise IdempotencyInProgressError("the first request with this key is in work")
                connection.execute(update(keys).where(keys.c.digest == digest).values(held))
            return KeyUse(known.reserved, known.location)

        return self._database.write(work)

    def conclude(self, scope: str, key: str, location: str) -> None:
        """The request has led to `location`; whoever repeats it is sent there."""
        known = update(keys).where(keys.c.digest == _digest(scope, key)).values(location=location)
        self._database.write(lambda connection: connection.execute(known))

    def abandon(self, scope: str, key: str) -> None:
        """The request has failed: the key is free again."""
        unanswered = delete(keys).where(keys.c.digest == _digest(scope, key), keys.c.location.is_(None))
        self._database.write(lambda connection: connection.execute(unanswered))


def _digest(scope: str, key: str) -> str:
    return hashlib.sha256(f"{scope}\0{key}".encode(errors="surrogatepass")).hexdigest()
