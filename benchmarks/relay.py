"""Lets a model that is anywhere, or a person, answer the service's real questions: by files.

    python -m benchmarks.relay FOLDER                 serves on 127.0.0.1 until Ctrl-C; --port 9100, --wait 0
    python -m benchmarks.relay FOLDER --list          the questions that nobody has answered

An OpenAI-compatible server which writes each question into FOLDER/questions and answers it from FOLDER/answers. The
name of a question is a hash of all that is sent for it. `NAME.md` is what whoever answers reads: the messages, and the
form of the answer. `answers/NAME.json`, the JSON of the answer and nothing else, is what the model then has said.

A question without an answer is refused at once, as a model refuses, so that a run ends and leaves all its questions;
with the answers there, the same run is done again, until it leaves none. `--wait` holds a question open for so many
seconds instead. Whoever answers reads the question and nothing else. Tokens are estimated, four bytes each. Those of a
prompt count as cached that a provider's prefix cache would have had by then, in steps of 128 from 1,024 on, as OpenAI
documents it (https://platform.openai.com/docs/guides/prompt-caching): the schema first, then the messages.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from service.extraction.text.windows import estimate_tokens

LARGE, RELAYED = "large", "relayed"
"""What a model whose answers are relayed is called in tables, and as a model."""
LEAST_CACHED, CACHED_STEP = 1_024, 128
"""Tokens of the shortest prefix that is cached, and by how many a longer one grows."""
NOT_YET = "nobody has answered this question yet"
LOOK_SECONDS = 0.2


class Folder:
    """Questions and answers as files."""

    def __init__(self, root: Path, wait: float = 0.0) -> None:
        self.questions = root / "questions"
        self.answers = root / "answers"
        self._wait = wait
        for folder in (self.questions, self.answers):
            folder.mkdir(parents=True, exist_ok=True)

    def unanswered(self) -> list[str]:
        """Names of the questions without an answer, in their order."""
        return sorted(path.stem for path in self.questions.glob("*.md") if self._answer(path.stem) is None)

    def ask(self, body: Mapping[str, Any]) -> str | None:
        """Write a question down; its answer, if there is one."""
        name = name_of(body)
        path = self.questions / f"{name}.md"
        if not path.exists():
            # Whole or not at all: somebody may be reading the folder.
            partial = path.with_suffix(".partial")
            partial.write_text(readable(body), encoding="utf-8")
            partial.replace(path)
        until = time.monotonic() + self._wait
        while (said := self._answer(name)) is None and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)
        return said

    def _answer(self, name: str) -> str | None:
        path = self.answers / f"{name}.json"
        return path.read_text(encoding="utf-8").strip() if path.exists() else None


def name_of(body: Mapping[str, Any]) -> str:
    """The same for the same messages and form of the answer: 16 hexadecimal digits."""
    asked = [body.get("messages"), body.get("response_format"), body.get("tools")]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def readable(body: Mapping[str, Any]) -> str:
    """A question as text: every message under its role, then the JSON Schema of the answer, if one was sent."""
    parts = [f"## {message['role']}\n\n{message.get('content') or ''}" for message in body["messages"]]
    schema = schema_of(body)
    if schema is not None:
        told = json.dumps(schema, ensure_ascii=False, indent=1)
        parts.append(
            f"## Form of the answer\n\nOne JSON object that fits this JSON Schema, and nothing else:\n\n{told}"
        )
    return "\n\n".join(parts) + "\n"


def schema_of(body: Mapping[str, Any]) -> Any:
    """The JSON Schema that a request asks for, if it does."""
    called = next(iter(body.get("tools") or ()), {}).get("function", {}).get("parameters")
    return called or (body.get("response_format") or {}).get("json_schema", {}).get("schema")


class PrefixCache:
    """What a provider would have in its prefix cache after the requests so far."""

    def __init__(self) -> None:
        self._seen: list[str] = []

    def cached(self, body: Mapping[str, Any]) -> int:
        """Tokens of a request's longest prefix that an earlier request had too; the request counts from then on."""
        prompt = _prompt(body)
        longest = max((_common(prompt, before) for before in self._seen), default=0)
        self._seen.append(prompt)
        whole = estimate_tokens(prompt[:longest]) // CACHED_STEP * CACHED_STEP
        return whole if whole >= LEAST_CACHED else 0


def _prompt(body: Mapping[str, Any]) -> str:
    """All that a model reads of a request, in the order in which a provider's cache has it."""
    schema = schema_of(body)
    told = [json.dumps(schema, ensure_ascii=False, separators=(",", ":"))] if schema is not None else []
    return "\n".join([*told, *(str(message.get("content") or "") for message in body["messages"])])


def _common(first: str, second: str) -> int:
    """How many characters two texts begin with together."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((at for at, (ours, theirs) in pairs if ours != theirs), min(len(first), len(second)))


def completion(body: Mapping[str, Any], said: str | None, cached: int = 0) -> dict[str, Any]:
    """The answer as OpenAI's servers give it; a refusal where there is none."""
    message: dict[str, Any] = {"role": "assistant", "content": said, "refusal": None if said is not None else NOT_YET}
    read, written = estimate_tokens(_prompt(body)), estimate_tokens(said) if said else 0
    return {
        "id": name_of(body),
        "object": "chat.completion",
        "created": 0,
        "model": body.get("model", "relayed"),
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
            "prompt_tokens_details": {"cached_tokens": cached},
        },
    }


def server(folder: Folder, port: int = 0) -> ThreadingHTTPServer:
    """Make the server; `serve_forever` starts it."""

    cache, one_at_a_time = PrefixCache(), Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._send({"object": "list", "data": [{"id": "relayed", "object": "model"}]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with one_at_a_time:
                cached = cache.cached(body)
            self._send(completion(body, folder.ask(body), cached))

        def log_message(self, *_: Any) -> None:
            """Say nothing: the folder tells what was asked."""

        def _send(self, said: Mapping[str, Any]) -> None:
            content = json.dumps(said, ensure_ascii=False).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


@contextmanager
def serving(folder: Folder) -> Iterator[str]:
    """Serve a folder meanwhile; the value is the address for OPENAI_BASE_URL."""
    with server(folder) as running:
        thread = Thread(target=running.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}/v1"
        finally:
            running.shutdown()
            thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--wait", type=float, default=0.0, help="seconds to hold a question open")
    parser.add_argument("--list", action="store_true", help="the questions that nobody has answered")
    options = parser.parse_args()
    folder = Folder(options.folder, options.wait)
    if options.list:
        print(*folder.unanswered(), sep="\n")
        return
    with server(folder, options.port) as serving:
        print(f"export OPENAI_BASE_URL=http://127.0.0.1:{serving.server_port}/v1 DRAGOMAN_MODEL=relayed", flush=True)
        try:
            serving.serve_forever()
        except KeyboardInterrupt:
            print(f"{len(folder.unanswered())} questions are not answered")


if __name__ == "__main__":
    main()
