"""Webhooks over real connections on loopback; only the way to the receiver is bent, where its name is a public one."""

import asyncio
import json
import os
import shutil
import ssl
import subprocess
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpcore2
import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from structlog.testing import capture_logs

from schemas.article import Article
from service.jobs.addresses import GuardedNetwork
from service.jobs.notice import Signer
from service.jobs.states import CallbackState, Delivery, Ending, Job, Order, State, Trouble
from service.jobs.store import JobStore
from service.jobs.webhooks import ATTEMPTS, PAUSES, Webhooks
from tests.support.databases import Clock

SECRET = "whsec_QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC"
NEW_SECRET = "whsec_" + "QUFB" * 8
WORDS = "Estonia froze the assets of two shipping companies on Monday."
PUBLIC = "93.184.215.14"
OK = b"HTTP/1.1 204 No Content\r\n\r\n"

NAME = "hooks.example"


class Received:
    """A request as it arrived."""

    def __init__(self, head: str, body: str) -> None:
        first, *lines = head.strip().split("\r\n")
        self.method, self.target, _ = first.split(" ", 2)
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.body = body

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(self.body)["data"]  # type: ignore[no-any-return]


Reply = bytes | Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Receiver:
    """An HTTP(S) server on loopback which plays replies in order; the last one again and again."""

    def __init__(self, *replies: Reply, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self.names: list[str | None] = []
        self.connections = 0
        self._replies = list(replies or [OK])
        self._tls = tls
        if tls is not None:
            tls.sni_callback = lambda _socket, name, _context: self.names.append(name)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            request = Received(head, "")
            request.body = (await reader.readexactly(int(request.headers["content-length"]))).decode()
            self.received.append(request)
            reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
            if isinstance(reply, bytes):
                writer.write(reply)
                await writer.drain()
            else:
                await reply(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def answer(status: int, **headers: str) -> bytes:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Scripted\r\nContent-Length: 0\r\n{lines}\r\n".encode()


class Internet(httpcore2.AsyncNetworkBackend):
    """Notes which addresses are connected to; all of them are the receiver."""

    def __init__(self, receiver: Receiver) -> None:
        self.dialled: list[tuple[str, int]] = []
        self._receiver = receiver

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        self.dialled.append((host, port))
        return await httpcore2.AnyIOBackend().connect_tcp("127.0.0.1", self._receiver.port, timeout)

    def guarded(self, *answers: Sequence[str]) -> GuardedNetwork:
        """With a resolver that gives these answers in order; the last one again and again."""
        left = list(answers)

        async def resolve(name: str, port: int) -> Sequence[str]:
            return left.pop(0) if len(left) > 1 else left[0]

        return GuardedNetwork(allow_private=False, resolve=resolve, network=self)


@pytest.fixture
def clock() -> Clock:
    """From the real time on: receivers refuse what was signed at another."""
    clock = Clock()
    clock.time = datetime.now(UTC).replace(microsecond=0)
    return clock


@pytest.fixture
def store(opened: Callable[..., JobStore], sqlite_url: str) -> JobStore:
    """One database will do: the store's own tests run on both."""
    return opened(sqlite_url)


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    with capture_logs() as lines:
        yield lines


@pytest.fixture(scope="session")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for `NAME`, which signs itself, and its key, made anew in each run."""
    if shutil.which("openssl") is None and "CI" not in os.environ:
        pytest.skip("no openssl here to make a certificate with")
    folder = tmp_path_factory.mktemp("receiver")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-days", "2"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate


@pytest.fixture
def certificates(signed: Path) -> ssl.SSLContext:
    """What trusts the receiver's certificate."""
    return ssl.create_default_context(cafile=signed)


@pytest.fixture
def tls(signed: Path) -> ssl.SSLContext:
    """What the receiver shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed, signed.with_name("key.pem"))
    return context


def webhooks(store: JobStore, clock: Clock, **changes: Any) -> Webhooks:
    """Webhooks that may go to loopback, with pauses as planned."""
    values: dict[str, Any] = {"secrets": [SECRET], "allow_private": True, "now": clock, "jitter": lambda pause: pause}
    return Webhooks(store, **values | changes)


def ended(store: JobStore, url: str, ending: Ending | None = None, *, job_id: str | None = None) -> str:
    """A job with a webhook, carried out."""
    order = Order(article=Article(text=WORDS, id="a1"), callback_url=url)
    job = store.add(order, fingerprint=uuid4().hex, job_id=job_id)
    claim = store.claim(job.id, timedelta(seconds=30))
    assert claim is not None
    assert store.finish(claim, ending or Ending(State.COMPLETE, {"id": job.id}))
    return job.id


def state(store: JobStore, job_id: str) -> CallbackState:
    found = store.callback_state(job_id)
    assert found is not None
    return found


def lasting(seconds: float, clock: Clock) -> datetime:
    return clock.time + timedelta(seconds=seconds)


# What is sent


async def test_webhook_tells_of_the_job(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        job_id = ended(store, receiver.url("/hook?token=1"))

        assert await webhooks(store, clock, public_url="https://dragoman.example/").deliver_due() == 1

    [request] = receiver.received
    assert (request.method, request.target) == ("POST", "/hook?token=1")
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.body) == {
        "type": "job.complete",
        "timestamp": clock.time.isoformat().replace("+00:00", "Z"),
        "data": {
            "id": job_id,
            "article_id": "a1",
            "batch_id": None,
            "state": "complete",
            "result_url": f"https://dragoman.example/v1/jobs/{job_id}/result",
        },
    }
    assert state(store, job_id) == CallbackState(
        receiver.url("/hook?token=1"), Delivery.DELIVERED, 1, "answered 204", None
    )


@pytest.mark.parametrize(
    ("ending", "result"),
    [
        (Ending(State.PARTIAL, {"id": "1"}), True),
        (Ending(State.FAILED, trouble=Trouble("article_empty", "the article has no text")), False),
    ],
)
async def test_type_is_the_state_and_result_is_named_where_there_is_one(
    store: JobStore, clock: Clock, ending: Ending, result: bool
) -> None:
    async with Receiver() as receiver:
        job_id = ended(store, receiver.url(), ending)
        await webhooks(store, clock).deliver_due()

    [request] = receiver.received
    assert json.loads(request.body)["type"] == f"job.{ending.state}"
    assert request.data["result_url"] == (f"/v1/jobs/{job_id}/result" if result else None)


async def test_cancelled_job_has_a_webhook(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        order = Order(article=Article(text=WORDS), callback_url=receiver.url())
        store.cancel(store.add(order, fingerprint="f").id)

        assert await webhooks(store, clock).deliver_due() == 1

    assert json.loads(receiver.received[0].body)["type"] == "job.cancelled"


async def test_unfinished_job_has_none(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        store.add(Order(article=Article(text=WORDS), callback_url=receiver.url()), fingerprint="f")

        assert await webhooks(store, clock).deliver_due() == 0

    assert receiver.connections == 0


async def test_webhook_is_sent_once(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        ended(store, receiver.url())
        sender = webhooks(store, clock)
        await sender.deliver_due()
        clock.pass_by(seconds=90_000)

        assert await sender.deliver_due() == 0

    assert len(receiver.received) == 1


async def test_two_processes_do_not_send_the_same(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        for _ in range(6):
            ended(store, receiver.url())

        counts = await asyncio.gather(webhooks(store, clock).deliver_due(), webhooks(store, clock).deliver_due())

    assert sum(counts) == 6
    assert len({request.data["id"] for request in receiver.received}) == len(receiver.received) == 6


async def test_ipv6_address_is_a_receiver(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        internet = Internet(receiver)
        ended(store, "http://[2606:2800:220::1]:81/hook")
        await webhooks(store, clock, network=internet.guarded()).deliver_due()

    assert internet.dialled == [("2606:2800:220::1", 81)]
    assert receiver.received[0].headers["host"] == "[2606:2800:220::1]:81"


# Signatures


async def test_signature_is_what_receivers_verify(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        ended(store, receiver.url())
        await webhooks(store, clock).deliver_due()

    [request] = receiver.received
    assert Webhook(SECRET).verify(request.body, request.headers)["type"] == "job.complete"
    assert request.headers["webhook-timestamp"] == str(int(clock.time.timestamp()))
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body.replace("complete", "failed"), request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW_SECRET).verify(request.body, request.headers)


async def test_every_secret_signs(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        ended(store, receiver.url())
        await webhooks(store, clock, secrets=[NEW_SECRET, SECRET]).deliver_due()

    [request] = receiver.received
    for secret in (SECRET, NEW_SECRET):
        Webhook(secret).verify(request.body, request.headers)


async def test_retry_has_the_same_id_and_body_and_its_own_time(store: JobStore, clock: Clock) -> None:
    async with Receiver(answer(500), OK) as receiver:
        ended(store, receiver.url())
        sender = webhooks(store, clock)
        await sender.deliver_due()
        clock.pass_by(seconds=PAUSES[0])
        await sender.deliver_due()

    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == PAUSES[0]
    Webhook(SECRET).verify(second.body, second.headers)


async def test_id_has_no_dot_though_the_job_has(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        ended(store, receiver.url(), job_id="feed.1")
        ended(store, receiver.url(), job_id="feed.2")
        await webhooks(store, clock).deliver_due()

    ids = {request.headers["webhook-id"] for request in receiver.received}
    assert len(ids) == 2
    assert not any("." in one for one in ids)


def test_time_of_any_zone_is_signed_as_it_is_sent(clock: Clock) -> None:
    job = Job("1", State.COMPLETE, clock.time, clock.time)

    headers = Signer([SECRET]).headers(job, clock.time.astimezone(timezone(timedelta(hours=5))), "{}")

    Webhook(SECRET).verify("{}", headers)


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC",
        "whsec_c2hvcnQ=",
        "whsec_QkJCQkJCQkJCQkJCQkJCQkJCQ2La LaSw",
        "whsec_QkJCQkJCQkJCQkJCQkJCQkJCQ2LaLa-_",
        "whsec_ключQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC",
        "whsec_" + "QUFB" * 22,
    ],
)
def test_text_that_is_no_secret_is_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(ValueError, match="a secret for webhooks is whsec_") as refused:
        Signer([SECRET, secret])

    assert not secret.removeprefix("whsec_") or secret.removeprefix("whsec_") not in str(refused.value)


def test_unpadded_secret_is_taken(clock: Clock) -> None:
    unpadded = "whsec_" + "QUFB" * 8 + "QQ"
    job = Job("1", State.COMPLETE, clock.time, clock.time)

    Webhook(unpadded).verify("{}", Signer([unpadded]).headers(job, clock.time, "{}"))


def test_webhooks_need_a_secret(store: JobStore, clock: Clock) -> None:
    with pytest.raises(ValueError, match="need a secret"):
        webhooks(store, clock, secrets=[])


# Receivers that fail


@pytest.mark.parametrize("status", [300, 303, 304, 400, 401, 404, 408, 429, 500, 502, 503])
async def test_failed_webhook_is_put_off(store: JobStore, clock: Clock, status: int) -> None:
    async with Receiver(answer(status, Location="/elsewhere")) as receiver:
        job_id = ended(store, receiver.url())
        sender = webhooks(store, clock)
        await sender.deliver_due()

        assert len(receiver.received) == 1
        found = state(store, job_id)
        assert (found.state, found.attempts, found.detail) == (Delivery.PENDING, 1, f"HTTP {status}")
        assert found.next_at == lasting(5, clock)
        assert await sender.deliver_due() == 0


async def test_webhook_is_given_up_visibly_after_the_schedule(
    store: JobStore, clock: Clock, logged: list[MutableMapping[str, Any]]
) -> None:
    pauses: list[float] = []
    async with Receiver(answer(500)) as receiver:
        job_id = ended(store, receiver.url())
        sender = webhooks(store, clock)
        while (due := await sender.deliver_due()) and (found := state(store, job_id)).next_at is not None:
            pauses.append((found.next_at - clock.time).total_seconds())
            clock.time = found.next_at

    assert due == 1
    assert tuple(pauses) == PAUSES
    assert len(receiver.received) == ATTEMPTS
    found = state(store, job_id)
    assert (found.state, found.attempts, found.next_at) == (Delivery.GIVEN_UP, ATTEMPTS, None)
    assert logged[-1] == {
        "event": "webhook given up",
        "log_level": "warning",
        "job": job_id,
        "attempt": ATTEMPTS,
        "detail": "HTTP 500",
    }


async def test_attempts_are_as_many_as_wanted(store: JobStore, clock: Clock) -> None:
    async with Receiver(answer(500)) as receiver:
        job_id = ended(store, receiver.url())
        sender = webhooks(store, clock, attempts=2)
        await sender.deliver_due()
        clock.pass_by(seconds=5)
        await sender.deliver_due()

    assert state(store, job_id).state is Delivery.GIVEN_UP


async def test_pauses_are_spread(store: JobStore, clock: Clock) -> None:
    async with Receiver(answer(500)) as receiver:
        ids = [ended(store, receiver.url()) for _ in range(5)]
        await Webhooks(store, secrets=[SECRET], allow_private=True, now=clock).deliver_due()

    pauses = {(state(store, job_id).next_at or clock.time) - clock.time for job_id in ids}
    assert len(pauses) == 5
    assert all(timedelta(seconds=5) <= pause <= timedelta(seconds=6) for pause in pauses)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [("120", 120), ("1", 5), ("999999999", 86_400), ("soon", 5), ("Wed, 21 Oct 2026 07:28:00 GMT", 5), ("-9", 5)],
)
async def test_wait_that_a_receiver_asks_for_is_kept(store: JobStore, clock: Clock, asked: str, seconds: float) -> None:
    async with Receiver(answer(503, Retry_After=asked)) as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock).deliver_due()

    assert state(store, job_id).next_at == lasting(seconds, clock)


async def test_receiver_that_is_gone_is_given_up_at_once(store: JobStore, clock: Clock) -> None:
    async with Receiver(answer(410)) as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock).deliver_due()

    found = state(store, job_id)
    assert (found.state, found.detail, found.attempts) == (Delivery.GIVEN_UP, "HTTP 410", 1)


async def test_receiver_that_does_not_answer_is_left(store: JobStore, clock: Clock) -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with Receiver(silent) as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock, seconds=0.2).deliver_due()

    assert (state(store, job_id).state, state(store, job_id).detail) == (Delivery.PENDING, "no answer within 0.2 s")


async def test_headers_that_trickle_are_left(store: JobStore, clock: Clock) -> None:
    async def trickling(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: 1\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with Receiver(trickling) as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock, seconds=0.2).deliver_due()

    assert state(store, job_id).detail == "no answer within 0.2 s"


async def test_answer_without_an_end_is_not_read(store: JobStore, clock: Clock) -> None:
    written = 0
    cut = asyncio.Event()

    async def endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()
                written += 65_536
        finally:
            cut.set()

    async with Receiver(endless) as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock).deliver_due()
        async with asyncio.timeout(5):
            await cut.wait()

    assert state(store, job_id).state is Delivery.DELIVERED
    assert written < 32 * 1024 * 1024  # what the buffers of two sockets hold


@pytest.mark.parametrize(
    "reply", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\nX" + b"x" * 300_000]
)
async def test_answer_that_is_none_is_a_failed_connection(store: JobStore, clock: Clock, reply: bytes) -> None:
    async with Receiver(reply) as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock).deliver_due()

    assert (state(store, job_id).state, state(store, job_id).detail) == (Delivery.PENDING, "the connection failed")


async def test_refused_connection_is_put_off(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        url = receiver.url()
    job_id = ended(store, url)
    await webhooks(store, clock).deliver_due()

    assert (state(store, job_id).state, state(store, job_id).detail) == (Delivery.PENDING, "the connection failed")


async def test_name_without_an_address_is_put_off(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        job_id = ended(store, "https://hooks.example/")
        await webhooks(store, clock, network=Internet(receiver).guarded([])).deliver_due()

    found = state(store, job_id)
    assert (found.state, found.detail) == (Delivery.PENDING, "the name of the receiver has no address")


async def test_slow_receiver_does_not_keep_the_others(store: JobStore, clock: Clock) -> None:
    there = asyncio.Barrier(4)

    async def when_all_are_there(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await there.wait()
        writer.write(OK)

    async with Receiver(when_all_are_there) as receiver:
        ids = [ended(store, receiver.url()) for _ in range(4)]
        assert await webhooks(store, clock).deliver_due() == 4

    assert [state(store, job_id).state for job_id in ids] == [Delivery.DELIVERED] * 4


async def test_attempts_at_a_time_are_bounded(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        for _ in range(5):
            ended(store, receiver.url())
        sender = webhooks(store, clock, concurrency=3)

        assert [await sender.deliver_due() for _ in range(3)] == [3, 2, 0]


async def test_store_that_fails_for_one_does_not_keep_the_others(
    store: JobStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Receiver() as receiver:
        lost, *others = [ended(store, receiver.url()) for _ in range(3)]
        done = store.callback_done

        def failing(job_id: str, status: int) -> None:
            if job_id == lost:
                raise ConnectionError
            done(job_id, status)

        sender = webhooks(store, clock)
        monkeypatch.setattr(store, "callback_done", failing)
        with pytest.raises(ConnectionError):
            await sender.deliver_due()
        assert [state(store, job_id).state for job_id in others] == [Delivery.DELIVERED] * 2

        monkeypatch.setattr(store, "callback_done", done)
        clock.pass_by(seconds=61)
        assert await sender.deliver_due() == 1

    assert state(store, lost).state is Delivery.DELIVERED
    assert [request.data["id"] for request in receiver.received].count(lost) == 2


# Redirects


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirect_gets_the_same_message(store: JobStore, clock: Clock, status: int) -> None:
    async with Receiver() as target, Receiver(answer(status, Location=target.url("/new"))) as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock).deliver_due()

    [first], [second] = receiver.received, target.received
    assert (second.method, second.target, second.body) == ("POST", "/new", first.body)
    assert second.headers["host"] == f"127.0.0.1:{target.port}"
    Webhook(SECRET).verify(second.body, second.headers)
    assert state(store, job_id).state is Delivery.DELIVERED


async def test_relative_redirect_is_followed(store: JobStore, clock: Clock) -> None:
    async with Receiver(answer(308, Location="../b"), OK) as receiver:
        ended(store, receiver.url("/a/x/hook"))
        await webhooks(store, clock).deliver_due()

    assert [request.target for request in receiver.received] == ["/a/x/hook", "/a/b"]


async def test_redirects_in_a_circle_are_left(store: JobStore, clock: Clock) -> None:
    async with Receiver(answer(307, Location="/again")) as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock).deliver_due()

    assert len(receiver.received) == 4
    assert (state(store, job_id).state, state(store, job_id).detail) == (Delivery.PENDING, "more than 3 redirects")


@pytest.mark.parametrize("location", ["http://[", "https://hooks.example:port/"])
async def test_redirect_to_no_url_is_no_delivery(store: JobStore, clock: Clock, location: str) -> None:
    async with Receiver(answer(307, Location=location)) as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock).deliver_due()

    assert state(store, job_id).state is not Delivery.DELIVERED
    assert len(receiver.received) == 1


# Where webhooks do not go


@pytest.mark.parametrize("url", ["https://127.0.0.1:{port}/", "http://127.0.0.1:{port}/", "https://localhost:{port}/"])
async def test_private_address_is_refused_for_good(store: JobStore, clock: Clock, url: str) -> None:
    async with Receiver() as receiver:
        job_id = ended(store, url.format(port=receiver.port))
        await webhooks(store, clock, allow_private=False).deliver_due()

    found = state(store, job_id)
    assert found.state is Delivery.GIVEN_UP
    assert (found.detail or "").startswith("refused: ")
    assert receiver.connections == 0


async def test_name_of_a_private_address_is_refused(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        internet = Internet(receiver)
        job_id = ended(store, "https://hooks.example/")
        sender = webhooks(store, clock, allow_private=False, network=internet.guarded([PUBLIC, "10.0.0.1"]))
        await sender.deliver_due()

    found = state(store, job_id)
    assert (found.state, found.detail) == (Delivery.GIVEN_UP, "refused: the address is not a public one")
    assert internet.dialled == []


async def test_name_that_turns_private_between_attempts_is_refused(
    store: JobStore, clock: Clock, tls: ssl.SSLContext, certificates: ssl.SSLContext
) -> None:
    async with Receiver(answer(500), tls=tls) as receiver:
        internet = Internet(receiver)
        job_id = ended(store, "https://hooks.example/")
        sender = webhooks(
            store,
            clock,
            allow_private=False,
            network=internet.guarded([PUBLIC], ["127.0.0.1"]),
            certificates=certificates,
        )
        await sender.deliver_due()
        assert state(store, job_id).detail == "HTTP 500"
        clock.pass_by(seconds=5)
        await sender.deliver_due()

    assert state(store, job_id).state is Delivery.GIVEN_UP
    assert internet.dialled == [(PUBLIC, 443)]
    assert receiver.connections == 1


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/",
        "https://user:password@hooks.example/",
        "http://hooks.example/",
        "file:///etc/passwd",
    ],
)
async def test_redirect_to_a_forbidden_address_is_refused(
    store: JobStore, clock: Clock, tls: ssl.SSLContext, certificates: ssl.SSLContext, location: str
) -> None:
    async with Receiver(answer(307, Location=location), tls=tls) as receiver:
        internet = Internet(receiver)
        job_id = ended(store, "https://hooks.example/")
        sender = webhooks(
            store, clock, allow_private=False, network=internet.guarded([PUBLIC]), certificates=certificates
        )
        await sender.deliver_due()

    found = state(store, job_id)
    assert found.state is Delivery.GIVEN_UP
    assert (found.detail or "").startswith("refused: ")
    assert internet.dialled == [(PUBLIC, 443)]


async def test_redirect_to_a_name_of_a_private_address_is_refused(
    store: JobStore, clock: Clock, tls: ssl.SSLContext, certificates: ssl.SSLContext
) -> None:
    """The same name too: it is resolved and checked anew."""
    async with Receiver(answer(307, Location="/again"), tls=tls) as receiver:
        internet = Internet(receiver)
        job_id = ended(store, "https://hooks.example/")
        network = internet.guarded([PUBLIC], ["127.0.0.1"])
        await webhooks(store, clock, allow_private=False, network=network, certificates=certificates).deliver_due()

    assert state(store, job_id).state is Delivery.GIVEN_UP
    assert internet.dialled == [(PUBLIC, 443)]


# Encryption


@pytest.mark.parametrize("host", ["hooks.example", "hooks.example."])
async def test_certificate_is_checked_for_the_name_and_not_for_the_address(
    store: JobStore, clock: Clock, tls: ssl.SSLContext, certificates: ssl.SSLContext, host: str
) -> None:
    async with Receiver(tls=tls) as receiver:
        internet = Internet(receiver)
        job_id = ended(store, f"https://{host}:8443/hook")
        sender = webhooks(
            store, clock, allow_private=False, network=internet.guarded([PUBLIC]), certificates=certificates
        )
        await sender.deliver_due()

    assert state(store, job_id).state is Delivery.DELIVERED
    assert internet.dialled == [(PUBLIC, 8443)]
    assert receiver.names == ["hooks.example"]
    assert receiver.received[0].headers["host"] == f"{host}:8443"


@pytest.mark.parametrize("trusted", [True, False])
async def test_certificate_for_another_name_or_of_a_stranger_is_not_trusted(
    store: JobStore, clock: Clock, tls: ssl.SSLContext, certificates: ssl.SSLContext, trusted: bool
) -> None:
    async with Receiver(tls=tls) as receiver:
        job_id = ended(store, f"https://{'other' if trusted else 'hooks'}.example/")
        sender = webhooks(
            store,
            clock,
            allow_private=False,
            network=Internet(receiver).guarded([PUBLIC]),
            certificates=certificates if trusted else None,
        )
        await sender.deliver_due()

    found = state(store, job_id)
    assert found.state is Delivery.PENDING
    assert found.detail == "the receiver has no certificate that is trusted for its name"
    assert receiver.received == []


# What stays inside


async def test_proxy_of_the_environment_is_not_used(
    store: JobStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with Receiver() as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock).deliver_due()

    assert state(store, job_id).state is Delivery.DELIVERED


async def test_cookies_and_addresses_are_not_carried_from_receiver_to_receiver(store: JobStore, clock: Clock) -> None:
    async with Receiver(answer(200, Set_Cookie="a=1")) as receiver:
        ended(store, receiver.url("/one"))
        ended(store, receiver.url("/two"))
        sender = webhooks(store, clock, concurrency=1)
        await sender.deliver_due()
        await sender.deliver_due()

    assert receiver.connections == 2
    allowed = {"host", "content-type", "content-length", "user-agent", "connection"}
    signed = {"webhook-id", "webhook-timestamp", "webhook-signature"}
    assert all(set(request.headers) == allowed | signed for request in receiver.received)


async def test_neither_article_nor_secret_nor_address_is_logged_or_kept(
    store: JobStore, clock: Clock, logged: list[MutableMapping[str, Any]]
) -> None:
    words = b"HTTP/1.1 500 the receivers own words\r\nContent-Length: 4\r\n\r\nword"
    async with Receiver(OK, words, answer(410), answer(307, Location="https://u:p4ss@x.example/")) as receiver:
        ids = [ended(store, receiver.url("/hook-t0ken")) for _ in range(4)]
        sender = webhooks(store, clock, concurrency=1)
        for _ in ids:
            await sender.deliver_due()

    said = str(logged) + "".join(state(store, job_id).detail or "" for job_id in ids)
    assert all(job_id in said for job_id in ids)
    for hidden in (WORDS, SECRET.removeprefix("whsec_"), "t0ken", "p4ss", "own words", "127.0.0.1"):
        assert hidden not in said
    assert all(WORDS not in request.body for request in receiver.received)
