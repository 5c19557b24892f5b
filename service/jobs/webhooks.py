"""Sends the webhooks that tell callers that a job has ended.

Each is sent at least once, on the schedule that https://www.standardwebhooks.com proposes. Receivers recognize a
repeated one by its `webhook-id`, which is the same in every attempt.
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
from service.jobs.states import Callback
from service.jobs.store import JobStore
from service.jobs.webhook_payload import WebhookPayload, WebhookSigner

MINUTE, HOUR = 60.0, 3600.0
RETRY_DELAYS = (5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
"""Seconds between attempts, as the standard proposes; the last value repeats."""
MAX_ATTEMPTS = len(RETRY_DELAYS) + 1

ATTEMPT_SECONDS = 10.0
"""Time for an attempt, redirects included."""
CONNECT_SECONDS = 3.0
"""Time for a connection to one address."""
LEASE = timedelta(seconds=60)
"""Longer than an attempt and its bookkeeping take. After it another process sends what a dead one had started."""
MAX_REDIRECTS = 3
REDIRECT_STATUSES = frozenset({301, 302, 307, 308})
"""Statuses after which the same POST goes to another address. Not 303, which asks for a GET."""
GONE = 410

NETWORK_ERRORS = (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError, OSError)

log = structlog.get_logger(__name__)


class DeliveryError(Exception):
    """An attempt has failed; the message is for the job's owner. `retry_after` is the delay that was asked for."""

    def __init__(self, detail: str, *, retry_after: float = 0.0, final: bool = False) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        self.final = final


class Webhooks:
    """Sends the webhooks that are due. Used on one event loop.

    Args:
        store: has the webhooks.
        secrets: see `WebhookSigner`.
        allow_private: whether they may go to private and loopback addresses, and over `http`.
        public_url: address under which callers reach the service; if it is empty, `result_url` is a path.
        attempts: most attempts per webhook.
        concurrency: attempts at the same time.
        seconds: time for an attempt.
        now: returns the current time, UTC.
        jitter: chooses a delay, given the planned one.
        network: makes the connections.
        certificates: the certificate authorities to trust; None for the system's.

    Raises:
        ValueError: see `WebhookSigner`.

    """

    def __init__(
        self,
        store: JobStore,
        *,
        secrets: Sequence[str],
        allow_private: bool,
        public_url: str = "",
        attempts: int = MAX_ATTEMPTS,
        concurrency: int = 32,
        seconds: float = ATTEMPT_SECONDS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        jitter: Callable[[float], float] = lambda delay: random.uniform(delay, 1.2 * delay),  # noqa: S311 -- spreads load
        network: GuardedNetwork | None = None,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        self._store = store
        self._signer = WebhookSigner(secrets)
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
        """Make an attempt for each webhook that is due, up to `concurrency` of them. Returns how many.

        Failures of receivers are recorded in the store. An exception means that the store is out of reach: then the
        lease expires, and the webhook is sent again.
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
            status = await self._send(callback)
        except DeliveryError as error:
            await self._record_failure(callback, error)
        else:
            await asyncio.to_thread(self._store.callback_done, job_id, status)
            log.info("webhook delivered", job=job_id, attempt=callback.attempt, status=status)

    async def _record_failure(self, callback: Callback, error: DeliveryError) -> None:
        job_id, detail = callback.job.id, str(error)
        if error.final or callback.attempt >= self._attempts:
            await asyncio.to_thread(self._store.callback_failed, job_id, detail, retry_at=None)
            log.warning("webhook given up", job=job_id, attempt=callback.attempt, detail=detail)
            return
        planned = self._jitter(RETRY_DELAYS[min(callback.attempt, len(RETRY_DELAYS)) - 1])
        delay = max(planned, min(error.retry_after, RETRY_DELAYS[-1]))
        retry_at = self._now() + timedelta(seconds=delay)
        await asyncio.to_thread(self._store.callback_failed, job_id, detail, retry_at=retry_at)
        log.warning(
            "webhook will be retried", job=job_id, attempt=callback.attempt, detail=detail, seconds=round(delay, 1)
        )

    async def _send(self, callback: Callback) -> int:
        """Send a webhook. Returns the status with which it was accepted.

        Raises:
            DeliveryError: it was not accepted.

        """
        body = WebhookPayload.of(callback.job, self._public_url).model_dump_json()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "dragoman",
            "Connection": "close",
            **self._signer.headers(callback.job, self._now(), body),
        }
        try:
            async with asyncio.timeout(self._seconds):
                status, response_headers = await self._post_following_redirects(callback.url, headers, body.encode())
        except TimeoutError:
            raise DeliveryError(f"no answer within {self._seconds:g} s") from None
        except CallbackRefusedError as refused:
            raise DeliveryError(f"refused: {refused}", final=True) from None
        except NETWORK_ERRORS as error:
            raise DeliveryError(_describe_error(error)) from None
        if 200 <= status < 300:
            return status
        raise DeliveryError(f"HTTP {status}", retry_after=_retry_after(response_headers), final=status == GONE)

    async def _post_following_redirects(
        self, address: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str]]:
        """Post to a URL and follow its redirects. Each target is checked like the first URL."""
        url = check_url(address, allow_private=self._allow_private)
        for _ in range(MAX_REDIRECTS + 1):
            status, response_headers = await self._post(url, headers, body)
            if status not in REDIRECT_STATUSES or "location" not in response_headers:
                return status, response_headers
            url = check_url(_resolve_redirect(url, response_headers["location"]), allow_private=self._allow_private)
        raise DeliveryError(f"more than {MAX_REDIRECTS} redirects")

    async def _post(self, url: httpx2.URL, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str]]:
        """Post once; returns status and headers of the response. Its body is not read, since it may be endless.

        Each request has a connection pool of its own, so that requests share no connection and do not queue for one.
        """
        # Certificates name hosts without the trailing dot of the DNS root.
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
            response_headers = {
                field.decode("latin-1").lower(): value.decode("latin-1") for field, value in response.headers
            }
            return response.status, response_headers


def _retry_after(response_headers: Mapping[str, str]) -> float:
    """`Retry-After` in seconds; 0 if it is a date, and then the planned delay applies."""
    asked = response_headers.get("retry-after", "")
    return float(asked) if asked.isascii() and asked.isdecimal() else 0.0


def _resolve_redirect(url: httpx2.URL, location: str) -> str:
    try:
        return str(url.join(location))
    except (httpx2.InvalidURL, ValueError):
        raise DeliveryError("redirected to something that is not a URL") from None


def _describe_error(error: Exception) -> str:
    if isinstance(error, socket.gaierror):
        return "the receiver's host name has no address"
    # The context and not the cause: the pool raises its errors again `from None`.
    if isinstance(error.__context__, ssl.SSLCertVerificationError):
        return "the receiver has no trusted certificate for its host name"
    return "the connection failed"
