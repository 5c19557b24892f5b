"""Webhooks over real connections on loopback; only the way to the receiver is bent, where its name is a public one."""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import uuid4

import httpcore2

from schemas.article import Article
from service.jobs.addresses import GuardedNetwork
from service.jobs.states import CallbackState, JobOutcome, JobRequest, State
from service.jobs.store import JobStore
from service.jobs.webhooks import Webhooks
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


def webhooks(store: JobStore, clock: Clock, **changes: Any) -> Webhooks:
    """Webhooks that may go to loopback, with delays as planned."""
    values: dict[str, Any] = {"secrets": [SECRET], "allow_private": True, "now": clock, "jitter": lambda pause: pause}
    return Webhooks(store, **values | changes)


def ended(store: JobStore, url: str, job_outcome: JobOutcome | None = None, *, job_id: str | None = None) -> str:
    """A job with a webhook, carried out."""
    job_request = JobRequest(article=Article(text=WORDS, id="a1"), callback_url=url)
    job = store.add(job_request, fingerprint=uuid4().hex, job_id=job_id)
    claim = store.claim(job.id, timedelta(seconds=30))
    assert claim is not None
    assert store.finish(claim, job_outcome or JobOutcome(State.COMPLETE, {"id": job.id}))
    return job.id


def state(store: JobStore, job_id: str) -> CallbackState:
    found = store.callback_state(job_id)
    assert found is not None
    return found


def lasting(seconds: float, clock: Clock) -> datetime:
    return clock.time + timedelta(seconds=seconds)
