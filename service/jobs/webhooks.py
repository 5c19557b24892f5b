"""Webhooks: who wants to know is told that a job has ended.

Each is sent at least once, on the schedule that https://www.standardwebhooks.com proposes. Whoever gets one twice
knows it by its `webhook-id`, which is the same in every attempt.
"""

import asyncio
import random
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import httpcore2
import httpx2
import structlog

from service.jobs.addresses import CallbackRefusedError, GuardedNetwork, check_url
from service.jobs.notice import Notice, Signer
from service.jobs.states import Callback
from service.jobs.store import JobStore

MINUTE, HOUR = 60.0, 3600.0
PAUSES = (5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
"""Seconds between attempts, as the standard proposes; the last one repeats."""
ATTEMPTS = len(PAUSES) + 1

SECONDS = 10.0
"""Time for an attempt, redirects included."""
CONNECT_SECONDS = 3.0
"""Time for a connection to one address."""
LEASE = timedelta(seconds=60)
"""Longer than an attempt and its bookkeeping take; after it another process sends what a dead one has begun."""
REDIRECTS = 3
REDIRECTED = frozenset({301, 302, 307, 308})
"""Answers after which the same message goes to another address. 303 asks for a GET, which would not deliver it."""
GONE = 410

NETWORK_FAULTS = (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError, OSError)

log = structlog.get_logger(__name__)


class DeliveryError(Exception):
    """An attempt has failed; the message is for the job's owner. `again_after` is the wait that was asked for."""

    def __init__(self, detail: str, *, again_after: float = 0.0, final: bool = False) -> None:
        super().__init__(detail)
        self.again_after = again_after
        self.final = final


class Webhooks:
    """Sends what is due. Used on one event loop.

    Args:
        store: knows what is due.
        secrets: see `Signer`.
        allow_private: whether they may go to private and loopback addresses, and over `http`.
        public_url: address under which callers reach the service; where it is empty, `result_url` is a path.
        attempts: tries per webhook.
        concurrency: attempts at a time.
        seconds: time for an attempt.
        now: the time, UTC.
        jitter: makes a pause of the one that is planned.
        network: where connections are made.
        certificates: which receivers are trusted; unset, those that the machine trusts.

    Raises:
        ValueError: see `Signer`.

    """

    def __init__(
        self,
        store: JobStore,
        *,
        secrets: Sequence[str],
        allow_private: bool,
        public_url: str = "",
        attempts: int = ATTEMPTS,
        concurrency: int = 32,
        seconds: float = SECONDS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        jitter: Callable[[float], float] = lambda pause: random.uniform(pause, 1.2 * pause),  # noqa: S311 -- spreads load
        network: GuardedNetwork | None = None,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        self._store = store
        self._signer = Signer(secrets)
        self._allow_private = allow_private
        self._public_url = public_url.rstrip("/")
        self._attempts = attempts
        self._concurrency = concurrency
        self._seconds = seconds
        self._now = now
        self._jitter = jitter
        self._network = network or GuardedNetwork(allow_private=allow_private)
        self._certificates = certificates or httpx2.create_ssl_context()

    async def deliver_due(self) -> int:
        """Make an attempt for each of the webhooks that are due, up to `concurrency`; how many.

        What goes wrong at a receiver is kept in the store. An exception means that the store is out of reach: then
        the lease ends, and the webhook is sent again.
        """
        due = await asyncio.to_thread(self._store.due_callbacks, self._concurrency, LEASE)
        outcomes = await asyncio.gather(*map(self._deliver, due), return_exceptions=True)
        for outcome in outcomes:
            if outcome is not None:
                raise outcome
        return len(due)

    async def _deliver(self, callback: Callback) -> None:
        job_id = callback.job.id
        try:
            status = await self._attempt(callback)
        except DeliveryError as error:
            await self._failed(callback, error)
        else:
            await asyncio.to_thread(self._store.callback_done, job_id, status)
            log.info("webhook delivered", job=job_id, attempt=callback.attempt, status=status)

    async def _failed(self, callback: Callback, error: DeliveryError) -> None:
        job_id, detail = callback.job.id, str(error)
        if error.final or callback.attempt >= self._attempts:
            await asyncio.to_thread(self._store.callback_failed, job_id, detail, again_at=None)
            log.warning("webhook given up", job=job_id, attempt=callback.attempt, detail=detail)
            return
        planned = self._jitter(PAUSES[min(callback.attempt, len(PAUSES)) - 1])
        pause = max(planned, min(error.again_after, PAUSES[-1]))
        again_at = self._now() + timedelta(seconds=pause)
        await asyncio.to_thread(self._store.callback_failed, job_id, detail, again_at=again_at)
        log.warning("webhook put off", job=job_id, attempt=callback.attempt, detail=detail, seconds=round(pause, 1))

    async def _attempt(self, callback: Callback) -> int:
        """Send a webhook; the status with which it was taken.

        Raises:
            DeliveryError: it was not taken.

        """
        body = Notice.of(callback.job, self._public_url).model_dump_json()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "dragoman",
            "Connection": "close",
            **self._signer.headers(callback.job, self._now(), body),
        }
        try:
            async with asyncio.timeout(self._seconds):
                status, answered = await self._follow(callback.url, headers, body.encode())
        except TimeoutError:
            raise DeliveryError(f"no answer within {self._seconds:g} s") from None
        except CallbackRefusedError as refused:
            raise DeliveryError(f"refused: {refused}", final=True) from None
        except NETWORK_FAULTS as fault:
            raise DeliveryError(_meaning_of(fault)) from None
        if 200 <= status < 300:
            return status
        raise DeliveryError(f"HTTP {status}", again_after=_wait_asked_for(answered), final=status == GONE)

    async def _follow(self, address: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str]]:
        """Post to an address, or to the one that it leads to; each is checked like the first."""
        url = check_url(address, allow_private=self._allow_private)
        for _ in range(REDIRECTS + 1):
            status, answered = await self._post(url, headers, body)
            if status not in REDIRECTED or "location" not in answered:
                return status, answered
            url = check_url(_joined(url, answered["location"]), allow_private=self._allow_private)
        raise DeliveryError(f"more than {REDIRECTS} redirects")

    async def _post(self, url: httpx2.URL, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str]]:
        """Status and headers of the answer. Its body is never read: it may have no end.

        A pool per request, so that no connection is used for a second one, and none waits for another.
        """
        # A certificate is never for a name with the dot of the root.
        name = url.raw_host.decode("ascii").removesuffix(".")
        target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        async with (
            httpcore2.AsyncConnectionPool(ssl_context=self._certificates, network_backend=self._network) as pool,
            pool.stream(
                "POST",
                target,
                headers=[("Host", url.netloc.decode("ascii")), *headers.items()],
                content=body,
                extensions={"timeout": {"connect": CONNECT_SECONDS}, "sni_hostname": name},
            ) as response,
        ):
            answered = {field.decode("latin-1").lower(): value.decode("latin-1") for field, value in response.headers}
            return response.status, answered


def _wait_asked_for(answered: Mapping[str, str]) -> float:
    """`Retry-After` in seconds; where it is a date, the planned pause has to do."""
    asked = answered.get("retry-after", "")
    return float(asked) if asked.isascii() and asked.isdecimal() else 0.0


def _joined(url: httpx2.URL, location: str) -> str:
    try:
        return str(url.join(location))
    except (httpx2.InvalidURL, ValueError):
        raise DeliveryError("a redirect to what is no URL") from None


def _meaning_of(fault: Exception) -> str:
    if isinstance(fault, socket.gaierror):
        return "the name of the receiver has no address"
    # Not the cause: the pool raises its errors anew, from None.
    if isinstance(fault.__context__, ssl.SSLCertVerificationError):
        return "the receiver has no certificate that is trusted for its name"
    return "the connection failed"
