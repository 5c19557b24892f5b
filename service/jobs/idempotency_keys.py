"""Idempotency keys (draft-ietf-httpapi-idempotency-key-header): a request that is sent twice does its work once."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import Connection, delete, select, update

from service.jobs.errors import IdempotencyConflictError, IdempotencyInProgressError
from service.jobs.inserts import insert_if_absent
from service.jobs.rows import StorePart
from service.jobs.tables import idempotency_keys

LOCK_DURATION = timedelta(seconds=60)
"""How long the first request with a key has before another one with that key may do its work."""
KEY_RETENTION = timedelta(hours=24)
"""How long a key is remembered."""


@dataclass(frozen=True, slots=True)
class KeyReservation:
    """What is known of a key. If there is a `location`, the work is done; else the request has to do it.

    `reserved` is the id for the job or batch that the request creates. A later request that takes the work over has the
    same one, so that only one job or batch is created.
    """

    reserved: str
    location: str | None = None


class IdempotencyKeys(StorePart):
    """Each caller (`scope`) has keys of its own. Only hashes of scope and key are stored."""

    def reserve_key(self, scope: str, key: str, fingerprint: str) -> KeyReservation:
        """Begin a request with a key.

        Raises:
            IdempotencyConflictError: the key was sent with another payload before.
            IdempotencyInProgressError: the first request with the key is still being processed.

        """
        digest, holder, reserved = _digest(scope, key), uuid4().hex, uuid4().hex

        def transaction(connection: Connection) -> KeyReservation:
            now = self._now()
            held = {"holder": holder, "locked_until": now + LOCK_DURATION}
            fresh = {
                "digest": digest,
                "fingerprint": fingerprint,
                "reserved": reserved,
                "expires_at": now + KEY_RETENTION,
            }
            connection.execute(
                delete(idempotency_keys).where(
                    idempotency_keys.c.digest == digest, idempotency_keys.c.expires_at <= now
                )
            )
            if insert_if_absent(connection, idempotency_keys, {**fresh, **held}):
                return KeyReservation(reserved)
            known = connection.execute(
                select(idempotency_keys).where(idempotency_keys.c.digest == digest).with_for_update()
            ).one()
            if known.fingerprint != fingerprint:
                raise IdempotencyConflictError("the key was used with another payload")
            if known.location is None:
                if known.holder != holder and known.locked_until > now:
                    raise IdempotencyInProgressError("the first request with this key is still in progress")
                connection.execute(update(idempotency_keys).where(idempotency_keys.c.digest == digest).values(held))
            return KeyReservation(known.reserved, known.location)

        return self._database.write(transaction)

    def complete_key(self, scope: str, key: str, location: str) -> None:
        """Record that the request has created what is at `location`; repeated requests get the same."""
        known = (
            update(idempotency_keys).where(idempotency_keys.c.digest == _digest(scope, key)).values(location=location)
        )
        self._database.write(lambda connection: connection.execute(known))

    def release_key(self, scope: str, key: str) -> None:
        """Free the key, because its request has failed."""
        unanswered = delete(idempotency_keys).where(
            idempotency_keys.c.digest == _digest(scope, key), idempotency_keys.c.location.is_(None)
        )
        self._database.write(lambda connection: connection.execute(unanswered))


def _digest(scope: str, key: str) -> str:
    return hashlib.sha256(f"{scope}\0{key}".encode(errors="surrogatepass")).hexdigest()
