"""The queue worker: consumes messages, runs their jobs, and puts the results into the store and on the exchange.

A message is acknowledged only after the outcome of its job is stored and published. If the worker dies before that, the
broker delivers the message again. The store has one valid claim and one outcome for each job, so a message that is
delivered twice does not run its job twice.

A running job does not depend on the connection that its message came over. If that breaks, the job runs to its
end; when the message is delivered again over the next connection, its job has ended, or is waited for.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import structlog
from aio_pika.abc import AbstractIncomingMessage

from service.errors import RequestError
from service.jobs import messages
from service.jobs.broker import Broker, envelope_of, wait_count
from service.jobs.connection import BrokerUnavailableError, Session, broker_call
from service.jobs.errors import StoreUnavailableError
from service.jobs.job_runner import JobRunner, claim_job
from service.jobs.messages import IdReusedError, PoisonError
from service.jobs.states import (
    DIRECT_REPLY_TO,
    TERMINAL_STATES,
    Announcement,
    Job,
    JobError,
    JobOutcome,
    JobRequest,
    State,
)
from service.jobs.stop_signal import StopSignal, wait_for_any
from service.jobs.store import JobStore

SHORT_WAITS = 6
"""While another worker has its job, a message waits this many times for the shortest retry delay, then for the next."""
STORE_RETRY_SECONDS = 5.0
"""Retry delay of a message while the store is out of reach."""
MODEL_WAIT_SECONDS = 60.0
"""How long messages that were already delivered wait here for the model server before they go back to a queue."""
INTERNAL_ERROR = "internal_error"
INTERNAL_ERROR_DETAIL = "an unexpected error inside the service, see its log"
MODEL_CHECK_SECONDS = 0.05
"""If the circuit breaker lets no call through within this time, the model server counts as unavailable."""

log = structlog.get_logger(__name__)


class Worker:
    """Consumes article messages and runs their jobs.

    Args:
        store: has the jobs.
        job_runner: runs them.
        broker: has the messages.
        concurrency: jobs that run at the same time, and messages that are prefetched for them.
        available: returns once the circuit breaker lets calls through; no messages are consumed before.
        check_request: raises a `RequestError` for a request that this service does not accept.

    """

    def __init__(
        self,
        store: JobStore,
        job_runner: JobRunner,
        broker: Broker,
        *,
        concurrency: int,
        available: Callable[[], Awaitable[None]] | None = None,
        check_request: Callable[[JobRequest], None] | None = None,
    ) -> None:
        self._store = store
        self._job_runner = job_runner
        self._broker = broker
        self._concurrency = concurrency
        self._available = available
        self._check_request = check_request
        self._slots = asyncio.Semaphore(concurrency)
        self._model_away = asyncio.Event()
        """Set when a message was delivered whose job cannot run, because the model server is unavailable."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._stop = StopSignal()

    async def run(self) -> None:
        """Consume until `stop`, then finish the jobs that have started. If cancelled, they are released instead."""
        try:
            while not self._stop:
                if self._available is not None:
                    await self._stop.until_stopped(self._available())
                session = await self._stop.until_stopped(self._broker.connection.session())
                if session is not None:
                    await self._consume(session)
            await asyncio.gather(*self._tasks)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def stop(self) -> None:
        """Consume no more messages."""
        self._stop.set()

    def wake(self) -> None:
        """Do nothing: the broker delivers new messages by itself."""

    async def _consume(self, session: Session) -> None:
        """Consume messages until the session is lost, the model server becomes unavailable, or `stop` is called."""
        self._model_away.clear()
        try:
            async with broker_call():
                channel = await session.consumer_channel(self._concurrency)
                queue = await channel.get_queue(self._broker.topology.articles, ensure=False)
                tag = await queue.consume(self._receive)
        except BrokerUnavailableError:
            await session.close()
            return
        try:
            await self._stop.until_stopped(wait_for_any(session.lost, self._model_away))
        finally:
            # Messages that are returned to the queue from now on must not be delivered to this worker again.
            try:
                async with broker_call():
                    await queue.cancel(tag)
            except BrokerUnavailableError:
                await session.close()
        if self._model_away.is_set():
            log.warning("consuming paused: the model server is unavailable")

    async def _receive(self, message: AbstractIncomingMessage) -> None:
        """Handle a message in a task of our own: aio-pika cancels its callbacks when the connection is lost."""
        task = asyncio.create_task(self._handle(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle(self, message: AbstractIncomingMessage) -> None:
        try:
            async with self._slots:
                if self._stop:
                    await _nack(message)
                else:
                    await self._process(message)
        except asyncio.CancelledError:
            await asyncio.shield(_nack(message))
            raise
        except BrokerUnavailableError:
            # Not acknowledged. If its outcome is stored already, that is published when the message comes again.
            await _nack(message)

    async def _process(self, message: AbstractIncomingMessage) -> None:
        """Process a message, then acknowledge it; where it has to wait, a copy of it is in a retry queue by then."""
        try:
            await self._process_or_dead_letter(message)
        except StoreUnavailableError:
            log.warning("job store unavailable")
            await self._broker.delay(message, message.message_id, STORE_RETRY_SECONDS)
        async with broker_call():
            await message.ack()

    async def _process_or_dead_letter(self, message: AbstractIncomingMessage) -> None:
        try:
            await self._process_article(message)
        except (BrokerUnavailableError, StoreUnavailableError):
            raise
        except Exception:
            job_id = envelope_of(message).id
            log.exception("unexpected exception", job=job_id)
            await self._fail_job(job_id, JobError(INTERNAL_ERROR, INTERNAL_ERROR_DETAIL))
            job = await asyncio.to_thread(self._store.job, job_id) if job_id is not None else None
            if job is None or job.state is State.FAILED:
                await self._broker.dead_letter(
                    message, job_id or message.message_id, code=INTERNAL_ERROR, reason=INTERNAL_ERROR_DETAIL, attempts=0
                )
            else:
                await self._check_again_later(message, job.id)

    async def _process_article(self, message: AbstractIncomingMessage) -> None:
        job_id = envelope_of(message).id
        try:
            job_request = _with_reply_to(messages.parse_article_message(message.body).job_request, message.reply_to)
            await self._store_request(job_request, job_id)
        except (PoisonError, RequestError) as error:
            log.warning("poison message", code=error.code)
            if _is_about_its_job(error, message, job_id):
                await self._fail_job(job_id, JobError(error.code, str(error)))
            await self._broker.refuse(message, error)
            return
        if job_id is None:
            # Published again under a new id. Without one, a second delivery of this message would be a second job.
            await self._broker.republish(message, uuid4().hex)
        elif await self._is_available():
            await self._run_job(message, job_id)
        else:
            await self._broker.delay(message, job_id, MODEL_WAIT_SECONDS)

    async def _store_request(self, job_request: JobRequest, job_id: str | None) -> None:
        """Store a request if it has a job id. One that is stored already was checked when it was stored.

        Raises:
            IdReusedError: a different request is stored under this id.
            RequestError: this service does not accept the request.

        """
        is_stored = await self._is_stored(job_request, job_id)
        fingerprint = self._job_runner.fingerprint(job_request)
        if self._check_request is not None and not is_stored:
            self._check_request(job_request)
        if job_id is not None:
            await asyncio.to_thread(
                self._store.add, job_request, fingerprint=fingerprint, job_id=job_id, already_published=True
            )
            if not is_stored:
                # Another process may have stored a different request under this id just before.
                await self._is_stored(job_request, job_id)

    async def _is_stored(self, job_request: JobRequest, job_id: str | None) -> bool:
        """Whether this request is in the store. Fingerprints cannot tell: they change with the model."""
        stored = await asyncio.to_thread(self._store.job_request, job_id) if job_id is not None else None
        if stored is not None and not job_request.is_equivalent(stored):
            raise IdReusedError
        return stored is not None

    async def _fail_job(self, job_id: str | None, error: JobError) -> None:
        """Fail a job that is in the store and that no worker of this version can run."""
        if job_id is None:
            return
        claim = await asyncio.to_thread(self._store.claim, job_id, self._job_runner.lease)
        if claim is not None:
            await asyncio.to_thread(self._store.finish, claim, JobOutcome(State.FAILED, error=error))

    async def _is_available(self) -> bool:
        """Whether the model server is available; waits for it, but no longer than `MODEL_WAIT_SECONDS`."""
        if self._available is None:
            return True
        waiting = asyncio.ensure_future(self._available())
        try:
            await asyncio.wait([waiting], timeout=MODEL_CHECK_SECONDS)
            if not waiting.done():
                self._model_away.set()
                await self._stop.until_stopped(asyncio.wait([waiting], timeout=MODEL_WAIT_SECONDS))
            return waiting.done()
        finally:
            waiting.cancel()

    async def _run_job(self, message: AbstractIncomingMessage, job_id: str) -> None:
        claim = await claim_job(self._store, partial(self._store.claim, job_id, self._job_runner.lease))
        if claim is not None:
            outcome = await self._job_runner.run(claim)
            if outcome.retry_at is not None:
                await self._broker.delay(message, job_id, _seconds_until(outcome.retry_at))
                return
        job = await asyncio.to_thread(self._store.job, job_id)
        if job is None:
            return
        if job.state in TERMINAL_STATES:
            await self._announce(message, job)
        elif job.not_before is not None and _seconds_until(job.not_before) > 0:
            await self._broker.delay(message, job_id, _seconds_until(job.not_before))
        else:
            # Another worker runs it, or died a moment ago and its lease has not expired yet.
            await self._check_again_later(message, job_id)

    async def _check_again_later(self, message: AbstractIncomingMessage, job_id: str) -> None:
        """Have the message delivered again later, to see how its job has ended."""
        quick, slow = sorted(self._broker.topology.retry_delays)[:2]
        waited = wait_count(message)
        await self._broker.delay(message, job_id, quick if waited < SHORT_WAITS else slow, wait_count=waited + 1)

    async def _announce(self, message: AbstractIncomingMessage, job: Job) -> None:
        """Publish how a job has ended, unless that was done when this message was delivered before."""
        announcement = await asyncio.to_thread(self._store.announcement, job.id)
        if job.error is not None and job.state is State.FAILED and (announcement is not None or message.redelivered):
            await self._broker.dead_letter(
                message, job.id, code=job.error.code, reason=job.error.detail, attempts=job.attempts
            )
        reply_to = envelope_of(message).reply_to
        if announcement is not None:
            await self._broker.announce(announcement, reply_to=reply_to, correlation_id=message.correlation_id)
            await asyncio.to_thread(self._store.mark_announced, [job.id])
        elif reply_to:
            announcement = Announcement(job, reply_to, await asyncio.to_thread(self._store.result, job.id))
            await self._broker.reply(announcement, reply_to, message.correlation_id)


async def _nack(message: AbstractIncomingMessage) -> None:
    """Have the broker deliver a message again. If the connection is lost, it does so anyway."""
    with suppress(BrokerUnavailableError):
        async with broker_call():
            await message.nack(requeue=True)


def _is_about_its_job(error: Exception, message: AbstractIncomingMessage, job_id: str | None) -> bool:
    """Whether an error of a message is one of the job with its id, and not of a message that reuses that id."""
    if isinstance(error, IdReusedError):
        return False
    return not isinstance(error, PoisonError) or message.message_id == job_id


def _with_reply_to(job_request: JobRequest, reply_to: str | None) -> JobRequest:
    """The request, with the message's own `reply_to` if it names none: a restarted job still knows where to reply."""
    if job_request.reply_to or not reply_to or reply_to.startswith(DIRECT_REPLY_TO):
        return job_request
    return job_request.model_copy(update={"reply_to": reply_to})


def _seconds_until(moment: datetime) -> float:
    return (moment - datetime.now(UTC)).total_seconds()
