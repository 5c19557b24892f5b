"""The queue worker: messages in, jobs carried out, results in the store and on the exchange.

A message is acknowledged after the end of its job is stored and told. Until then it is the broker's, so that whatever
happens to a worker, the message comes again; and as the store has one claim for a job at a time and one end for each,
a message that comes twice is no job done twice.

Work does not depend on the connection that its message came over. Where that breaks, the article is read to its end,
and the same message that comes again over the next connection finds it done, or waits.
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
from service.jobs.broker import Broker, label, waits
from service.jobs.connection import BrokerUnavailableError, Session, answered
from service.jobs.errors import StoreUnavailableError
from service.jobs.messages import IdReusedError, PoisonError
from service.jobs.states import DIRECT, ENDED, Announcement, Ending, Job, Order, State, Trouble
from service.jobs.stopping import Stop, first_of
from service.jobs.store import JobStore
from service.jobs.work import Carrier, claimed

QUICK_WAITS = 6
"""So often a message waits for the shortest time while somebody else has its job; then for a longer one."""
STORE_SECONDS = 5.0
"""Pause of a message while the store is out of reach."""
HELD_SECONDS = 60.0
"""So long messages that have come already wait here for the model server; then others may have them."""
FAULT = "internal_error"
BUG = "a bug, see the log"
PROMPT_SECONDS = 0.05
"""A model server that is there lets a call through in this time."""

log = structlog.get_logger(__name__)


class Worker:
    """Consumes articles.

    Args:
        store: has the jobs.
        carrier: carries them out.
        broker: has the messages.
        concurrency: jobs in work at a time, and messages that are fetched for them.
        available: returns when the model server is worth calling; until then no messages are taken.
        accept: raises a `RequestError` for an order that this service does not take.

    """

    def __init__(
        self,
        store: JobStore,
        carrier: Carrier,
        broker: Broker,
        *,
        concurrency: int,
        available: Callable[[], Awaitable[None]] | None = None,
        accept: Callable[[Order], None] | None = None,
    ) -> None:
        self._store = store
        self._carrier = carrier
        self._broker = broker
        self._concurrency = concurrency
        self._available = available
        self._accept = accept
        self._slots = asyncio.Semaphore(concurrency)
        self._held = asyncio.Event()
        """A message has come and could not be worked on: the model server is out of reach."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._stop = Stop()

    async def run(self) -> None:
        """Work until `stop`, and then finish what is begun. Cancelled, jobs in work are put back for others."""
        try:
            while not self._stop:
                if self._available is not None:
                    await self._stop.or_result(self._available())
                session = await self._stop.or_result(self._broker.connection.session())
                if session is not None:
                    await self._consume(session)
            await asyncio.gather(*self._tasks)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def stop(self) -> None:
        """Take no more messages."""
        self._stop.give()

    def wake(self) -> None:
        """The broker tells by itself what is new."""

    async def _consume(self, session: Session) -> None:
        """Take messages until the session is lost, or the model server, or until `stop`."""
        self._held.clear()
        try:
            async with answered():
                channel = await session.consuming(self._concurrency)
                queue = await channel.get_queue(self._broker.topology.articles, ensure=False)
                tag = await queue.consume(self._receive)
        except BrokerUnavailableError:
            await session.close()
            return
        try:
            await self._stop.or_result(first_of(session.lost, self._held))
        finally:
            # What is given back from now on must not come back here.
            try:
                async with answered():
                    await queue.cancel(tag)
            except BrokerUnavailableError:
                await session.close()
        if self._held.is_set():
            log.warning("no messages are taken: the model server is out of reach")

    async def _receive(self, message: AbstractIncomingMessage) -> None:
        """Take a message over. What aio-pika runs here it cancels with the connection, so the work is not done here."""
        task = asyncio.create_task(self._serve(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, message: AbstractIncomingMessage) -> None:
        try:
            async with self._slots:
                if self._stop:
                    await _give_back(message)
                else:
                    await self._settle(message)
        except asyncio.CancelledError:
            await asyncio.shield(_give_back(message))
            raise
        except BrokerUnavailableError:
            # Done or not, it is not acknowledged; where the store has its end, it is told of when it comes again.
            await _give_back(message)

    async def _settle(self, message: AbstractIncomingMessage) -> None:
        """Do what a message asks for; afterwards it is acknowledged, or waits in a queue of its own."""
        try:
            await self._work_or_bury(message)
        except StoreUnavailableError:
            log.warning("the store of jobs is out of reach")
            await self._broker.delay(message, message.message_id, STORE_SECONDS)
        async with answered():
            await message.ack()

    async def _work_or_bury(self, message: AbstractIncomingMessage) -> None:
        try:
            await self._work(message)
        except (BrokerUnavailableError, StoreUnavailableError):
            raise
        except Exception:
            name = label(message).id
            log.exception("unexpected exception", job=name)
            await self._end(name, Trouble(FAULT, BUG))
            job = await asyncio.to_thread(self._store.job, name) if name is not None else None
            if job is None or job.state is State.FAILED:
                await self._broker.bury(message, name or message.message_id, code=FAULT, reason=BUG, attempts=0)
            else:
                await self._wait(message, job.id)

    async def _work(self, message: AbstractIncomingMessage) -> None:
        name = label(message).id
        try:
            order = _with_reply(messages.read(message.body).order, message.reply_to)
            await self._take_in(order, name)
        except (PoisonError, RequestError) as error:
            log.warning("a message is poison", code=error.code)
            if _is_about_its_job(error, message, name):
                await self._end(name, Trouble(error.code, str(error)))
            await self._broker.refuse(message, error)
            return
        if name is None:
            # Without one, the same message that comes again would be another job.
            await self._broker.send_again(message, uuid4().hex)
        elif await self._is_available():
            await self._carry_out(message, name)
        else:
            await self._broker.delay(message, name, HELD_SECONDS)

    async def _take_in(self, order: Order, name: str | None) -> None:
        """Have an order in the store, if it has a name. One that is known was checked by whoever took it in.

        Raises:
            IdReusedError: another order has this name.
            RequestError: it is none that this service takes.

        """
        known = await self._is_known(order, name)
        fingerprint = self._carrier.fingerprint(order)
        if self._accept is not None and not known:
            self._accept(order)
        if name is not None:
            await asyncio.to_thread(self._store.add, order, fingerprint=fingerprint, job_id=name, sent=True)
            if not known:
                # Somebody else may have been faster with another order.
                await self._is_known(order, name)

    async def _is_known(self, order: Order, name: str | None) -> bool:
        """Whether this very order is in the store. Its fingerprint does not tell: that is another with each model."""
        stored = await asyncio.to_thread(self._store.order, name) if name is not None else None
        if stored is not None and not order.asks_the_same(stored):
            raise IdReusedError
        return stored is not None

    async def _end(self, name: str | None, trouble: Trouble) -> None:
        """End a job that is in the store and that no worker like this one can ever read."""
        if name is None:
            return
        claim = await asyncio.to_thread(self._store.claim, name, self._carrier.lease)
        if claim is not None:
            await asyncio.to_thread(self._store.finish, claim, Ending(State.FAILED, trouble=trouble))

    async def _is_available(self) -> bool:
        """Wait for the model server, but not for long: false where it stays away."""
        if self._available is None:
            return True
        waiting = asyncio.ensure_future(self._available())
        try:
            await asyncio.wait([waiting], timeout=PROMPT_SECONDS)
            if not waiting.done():
                self._held.set()
                await self._stop.or_result(asyncio.wait([waiting], timeout=HELD_SECONDS))
            return waiting.done()
        finally:
            waiting.cancel()

    async def _carry_out(self, message: AbstractIncomingMessage, name: str) -> None:
        claim = await claimed(self._store, partial(self._store.claim, name, self._carrier.lease))
        if claim is not None:
            outcome = await self._carrier.carry_out(claim)
            if outcome.again_at is not None:
                await self._broker.delay(message, name, _until(outcome.again_at))
                return
        job = await asyncio.to_thread(self._store.job, name)
        if job is None:
            return
        if job.state in ENDED:
            await self._tell(message, job)
        elif job.not_before is not None and _until(job.not_before) > 0:
            await self._broker.delay(message, name, _until(job.not_before))
        else:
            # Somebody else has it, or died with it a moment ago.
            await self._wait(message, name)

    async def _wait(self, message: AbstractIncomingMessage, name: str) -> None:
        """Have a message come back to see what has become of its job."""
        quick, slow = sorted(self._broker.topology.pauses)[:2]
        waited = waits(message)
        await self._broker.delay(message, name, quick if waited < QUICK_WAITS else slow, waits=waited + 1)

    async def _tell(self, message: AbstractIncomingMessage, job: Job) -> None:
        """Tell how a job has ended, unless that was done by whoever had this message before."""
        untold = await asyncio.to_thread(self._store.announcement, job.id)
        if job.trouble is not None and job.state is State.FAILED and (untold is not None or message.redelivered):
            await self._broker.bury(
                message, job.id, code=job.trouble.code, reason=job.trouble.detail, attempts=job.attempts
            )
        reply_to = label(message).reply_to
        if untold is not None:
            await self._broker.announce(untold, reply_to=reply_to, correlation_id=message.correlation_id)
            await asyncio.to_thread(self._store.mark_announced, [job.id])
        elif reply_to:
            told = Announcement(job, reply_to, await asyncio.to_thread(self._store.result, job.id))
            await self._broker.reply(told, reply_to, message.correlation_id)


async def _give_back(message: AbstractIncomingMessage) -> None:
    """Have the broker deliver a message again; where the connection is lost it does so anyway."""
    with suppress(BrokerUnavailableError):
        async with answered():
            await message.nack(requeue=True)


def _is_about_its_job(error: Exception, message: AbstractIncomingMessage, name: str | None) -> bool:
    """Whether poison says something of the job whose name it has, and is not just called the same."""
    if isinstance(error, IdReusedError):
        return False
    return not isinstance(error, PoisonError) or message.message_id == name


def _with_reply(order: Order, reply_to: str | None) -> Order:
    """The order, with the message's own `reply_to` where it names none: who restarts the job knows it then."""
    if order.reply_to or not reply_to or reply_to.startswith(DIRECT):
        return order
    return order.model_copy(update={"reply_to": reply_to})


def _until(moment: datetime) -> float:
    return (moment - datetime.now(UTC)).total_seconds()
