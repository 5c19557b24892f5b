"""An OpenAI-compatible server on loopback which answers by a script and remembers what it was asked.

In tests: `with ModelServer(...) as server:`. As a program, for benchmarks and the container test:

    python -m tests.support.model_server --port 9000 --delay 5

answers every chat with the smallest answer that fits the schema it was sent.
"""

import argparse
import asyncio
import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from tests.support.still_time import WatchedLoop

NEVER = 3600.0
RESTART_SECONDS = 0.2
BACKLOG = 2_048
LIMIT = 2**22


Breaks = Literal["", "reset", "closed", "endless_headers", "stalled_body", "reset_in_body", "closed_in_body", "restart"]


@dataclass(frozen=True)
class Received:
    """One request as it arrived; header names in lower case, `path` with its query, `body` parsed."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    at: float


@dataclass(frozen=True)
class Scripted:
    """One thing the server does with one request.

    Args:
        body: sent as it is if bytes, as JSON otherwise.
        delay: seconds before the first byte.
        writes: seconds over which an answer is written, where it is sent piece by piece.
        streams: whether an answer is sent piece by piece where the request asks for that.
        together: how many requests have to be there before this one is answered.
        breaks: what goes wrong on the wire, if anything. A restart cuts all connections and refuses new ones for a
            moment, or until `come_back`.
    """

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    writes: float = 0.0
    streams: bool = True
    together: int = 1
    breaks: Breaks = ""


PIECE = 4
"""Characters of an answer in a piece, about a token."""


def pieces_of(completion: Mapping[str, Any], asked: Mapping[str, Any]) -> list[bytes]:
    """A chat completion as the events in which servers stream it, with its usage unless that is not wanted."""
    choice = completion["choices"][0]
    text = choice["message"].get("content") or ""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": text[at : at + PIECE]} for at in range(0, len(text), PIECE)]
    deltas += [{name: value} for name, value in choice["message"].items() if name not in ("role", "content")]
    common = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
    common |= {name: completion[name] for name in ("system_fingerprint",) if name in completion}
    chunks = [{**common, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks.append({**common, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]})
    if asked.get("stream_options", {"include_usage": True}).get("include_usage") and "usage" in completion:
        chunks.append({**common, "choices": [], "usage": completion["usage"]})
    lines = [json.dumps(chunk, ensure_ascii=False) for chunk in chunks]
    return [f"data: {line}\n\n".encode() for line in (*lines, "[DONE]")]


Script = Scripted | Callable[[Received], Scripted]


def answer(
    content: Any,
    *,
    finish_reason: str = "stop",
    usage: Any = (100, 20, 0),
    delay: float = 0.0,
    writes: float = 0.0,
    breaks: Breaks = "",
    **message: Any,
) -> Scripted:
    """A chat completion, sent piece by piece where a request asks for a stream.

    Args:
        content: the message's content; anything but a string or None is written as JSON.
        usage: prompt, completion and cached tokens; None leaves it out; a dict is sent as it is.
        message: further members of the message, such as `refusal`.
    """
    text = content if content is None or isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    body: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [
            {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", "content": text, **message}}
        ],
    }
    if isinstance(usage, tuple):
        prompt, completion, cached = usage
        body["usage"] = {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": cached},
        }
    elif usage is not None:
        body["usage"] = usage
    return Scripted(body=body, delay=delay, writes=writes, breaks=breaks)


def refusal(
    status: int,
    message: str = "scripted",
    *,
    headers: Mapping[str, str] | None = None,
    **error: Any,
) -> Scripted:
    """An error in OpenAI's form: `error` gives `code`, `type` and `param`."""
    return Scripted(status=status, body={"error": {"message": message, **error}}, headers=headers or {})


def smallest(schema: Mapping[str, Any]) -> Any:
    """The smallest value that fits a closed, `$ref`-free schema."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        branches = schema["anyOf"]
        return None if {"type": "null"} in branches else smallest(branches[0])
    kind = schema.get("type")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: smallest(properties[name]) for name in schema.get("required", [])}
    if kind == "array":
        return [smallest(schema.get("items", {}))] * schema.get("minItems", 0)
    if kind in ("integer", "number"):
        return schema.get("minimum", 0)
    return {"string": "x" * schema.get("minLength", 0), "boolean": False}.get(str(kind))


def smallest_answer(request: Received) -> Scripted:
    """An answer without records, in the form that the request asks for."""
    asked = (request.body or {}).get("response_format", {})
    schema = asked.get("json_schema", {}).get("schema")
    return answer(smallest(schema) if schema else {"records": []})


class ModelServer:
    """The server, on a thread with a loop of its own.

    Args:
        script: what to do with the chat requests, in order.
        otherwise: what to do when the script is over; None answers 500 and counts the call in `unscripted`.
        delay: seconds added before every chat answer.
        remembers: whether `chats` holds what was asked; a server that runs for long should not.
    """

    def __init__(
        self,
        *script: Script,
        otherwise: Script | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        delay: float = 0.0,
        remembers: bool = True,
    ) -> None:
        self.pages: dict[str, Callable[[], Any]] = {}
        """JSON to answer with at other paths, beside the list of models."""
        self.models: Scripted = Scripted(body={"object": "list", "data": [{"id": "scripted", "object": "model"}]})
        self.chats: list[Received] = []
        self.others: list[Received] = []
        self.unscripted = 0
        self.most_at_once = 0
        self.left = 0
        """How often a client has left before it had its answer."""
        self.connections = 0
        self._script: deque[Script] = deque(script)
        self._otherwise = otherwise
        self._delay = delay
        self._remembers = remembers
        self._at_once = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._readers: dict[asyncio.StreamWriter, asyncio.StreamReader] = {}
        self._restarting: asyncio.Task[None] | None = None
        # Listening starts here, so that the port is known and taken before anybody asks for it.
        self._socket = socket.create_server((host, port), backlog=BACKLOG, reuse_port=True)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.host, self.port = self._socket.getsockname()[:2]
        self.loop = WatchedLoop()
        self._stop, self._back = asyncio.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self.run, name="model-server", daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://{self.host}:{self.port}/v1"

    @property
    def unplayed(self) -> int:
        """How much of the script nobody asked for."""
        return len(self._script)

    def then(self, *script: Script) -> None:
        """Add to the script."""
        self._script.extend(script)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Cut every connection and wait until the thread is gone."""
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
        else:
            self.loop.close()
        self._socket.close()

    def come_back(self) -> None:
        """End a restart."""
        self.loop.call_soon_threadsafe(self._back.set)

    def run(self) -> None:
        """Serve until `stop`, or until interrupted."""
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._server = await asyncio.start_server(self._accepted, sock=self._socket, limit=LIMIT)
        try:
            await self._stop.wait()
        finally:
            if self._restarting is not None:
                self._restarting.cancel()
            await self._cut_all()

    async def _cut_all(self) -> None:
        """Take no more connections and cut those that there are."""
        self._server.close()
        for _ in range(3):  # turns of the loop: a connection that was just accepted is there in the second
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            # A task that was cancelled before it began has closed nothing.
            for writer in tuple(self._writers):
                writer.transport.abort()
            self._writers.clear()
            await asyncio.sleep(0)

    async def _restart(self) -> None:
        """Be away for a moment. A socket that does not listen keeps the port meanwhile."""
        self._back.clear()
        with socket.socket() as keeper:
            keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            keeper.bind((self.host, self.port))
            await self._cut_all()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._back.wait(), RESTART_SECONDS)
            self._server = await asyncio.start_server(
                self._accepted, self.host, self.port, backlog=BACKLOG, limit=LIMIT, reuse_port=True
            )
        self._restarting = None

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        task = asyncio.create_task(self._connected(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._readers[writer] = reader
        try:
            while (request := await _read(reader)) is not None and await self._reply(request, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
            del self._readers[writer]

    async def _reply(self, request: Received, writer: asyncio.StreamWriter) -> bool:
        """Play the next thing; whether the connection can be used again."""
        if (page := self.pages.get(request.path)) is not None:
            return await _send(Scripted(body=page()), writer)
        if not request.path.partition("?")[0].endswith("/chat/completions"):
            self.others.append(request)
            return await _send(self.models, writer)
        if self._remembers:
            self.chats.append(request)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            scripted = self._next(request)
            while self.most_at_once < scripted.together:  # noqa: ASYNC110 - requests come one by one
                await asyncio.sleep(0.005)
            if not await self._stays(self._delay + scripted.delay, writer):
                return False
            whole = scripted.body if isinstance(scripted.body, dict) else {}
            if request.body.get("stream") and scripted.streams and whole.get("choices"):
                return await self._stream(scripted, pieces_of(whole, request.body), writer)
        except ConnectionError:  # gone while a piece was being sent
            self.left += 1
            raise
        finally:
            self._at_once -= 1
        if scripted.breaks == "restart":
            self._restarting = self._restarting or asyncio.create_task(self._restart())
            await asyncio.sleep(NEVER)  # until it is cut like all the others
        return await _send(scripted, writer)

    async def _stays(self, seconds: float, writer: asyncio.StreamWriter) -> bool:
        """Wait, unless the client leaves meanwhile; whether it is still there."""
        is_slow = seconds < NEVER  # and not silent
        self.loop.busy(is_slow)
        until = self.loop.time() + seconds
        while (left := until - self.loop.time()) > 0 and not self._readers[writer].at_eof():  # noqa: ASYNC110
            await asyncio.sleep(min(left, 0.02))
        self.loop.busy(-is_slow)
        if self._readers[writer].at_eof():
            self.left += 1
            return False
        return True

    async def _stream(self, scripted: Scripted, pieces: Sequence[bytes], writer: asyncio.StreamWriter) -> bool:
        """Send the events of a stream, up to the middle of it where it breaks."""
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        kept = pieces[: len(pieces) // 2] if scripted.breaks else pieces
        for piece in kept:
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            await writer.drain()
            if not await self._stays(scripted.writes / len(pieces), writer):
                return False
        if scripted.breaks == "stalled_body":
            return await self._stays(NEVER, writer)
        if scripted.breaks == "reset_in_body":
            return _cut(writer, reset=True)
        writer.write(b"0\r\n\r\n")  # a proxy that gives up in the middle ends the body politely
        await writer.drain()
        return True

    def _next(self, request: Received) -> Scripted:
        script = self._script.popleft() if self._script else self._otherwise
        if script is None:
            self.unscripted += 1
            return refusal(500, "the script is over")
        return script if isinstance(script, Scripted) else script(request)


async def _read(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _version = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, path, headers, json.loads(raw) if raw else None, time.monotonic())


async def _send(scripted: Scripted, writer: asyncio.StreamWriter) -> bool:
    if scripted.breaks in ("reset", "closed"):
        return _cut(writer, reset=scripted.breaks == "reset")
    body = scripted.body if isinstance(scripted.body, bytes) else json.dumps(scripted.body).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **scripted.headers}
    writer.write(f"HTTP/1.1 {scripted.status} Scripted\r\n".encode())
    if scripted.breaks == "endless_headers":
        for number in range(int(NEVER)):
            writer.write(f"X-{number}: 1\r\n".encode())
            await writer.drain()
            await asyncio.sleep(0.02)
    writer.write("".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n")
    if scripted.breaks in ("stalled_body", "reset_in_body", "closed_in_body"):
        writer.write(body[: len(body) // 2])
        await writer.drain()
        if scripted.breaks == "stalled_body":
            await asyncio.sleep(NEVER)
        return _cut(writer, reset=scripted.breaks == "reset_in_body")
    writer.write(body)
    await writer.drain()
    return True


def _cut(writer: asyncio.StreamWriter, *, reset: bool) -> bool:
    """End the connection: with a reset packet, or politely but without an answer."""
    if reset:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000, help="0 takes a free one")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--answer", help="JSON to answer with, instead of the smallest that fits")
    chosen = parser.parse_args(arguments)
    otherwise: Script = answer(chosen.answer) if chosen.answer else smallest_answer
    server = ModelServer(otherwise=otherwise, host=chosen.host, port=chosen.port, delay=chosen.delay)
    print(f"listening on {server.base_url}", flush=True)  # noqa: T201 - the program's one line
    with suppress(KeyboardInterrupt):
        server.run()


if __name__ == "__main__":
    main()
