"""Articles posted to the service while a scripted provider answers."""

import json
import logging
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from flask import Flask

from service.app import build_model, create_app, runtime_of
from service.llm import client
from service.llm.server_capabilities import ServerCapabilities
from service.settings import Settings
from tests.support.fast_time import FastTime
from tests.support.model_server import ModelServer, Received, Script, Scripted
from tests.support.plausible import ARTICLE
from tests.support.providers.cases.case import Case
from tests.support.providers.provider import Provider

KIND = "sanctions"
_OURS = ("DRAGOMAN_", "OPENAI_", "HF_")


@dataclass
class Came:
    """What came of one article.

    Args:
        calls: requests that the server got.
        refused: of these, answered with an error.
        log: what the service logged.
    """

    status: int
    body: Mapping[str, Any]
    calls: int
    refused: int
    log: Sequence[str]

    @property
    def billed(self) -> int:
        return self.calls - self.refused

    @property
    def gets(self) -> str:
        """What the caller gets, in a few words."""
        if self.status != 200:
            return f"{self.status} `{self.body['code']}`"
        records = self.body["records"][KIND]
        said = [f"`{self.body['status']}`, {_count(len(records), 'record')}"]
        most = max((len(record["targets"]) for record in records), default=0)
        said += [f"one with {most} targets"] if most > 2 else []
        said += [f"{len(self.body['rejected'])} rejected"] if self.body["rejected"] else []
        said += sorted({f"failure `{failure['code']}`" for failure in self.body["failures"]})
        return ", ".join(said)

    @property
    def detail(self) -> str:
        """Why there is nothing or not all, as the caller is told."""
        failures: Sequence[Mapping[str, str]] = self.body.get("failures", ())
        return self.body.get("detail") or "; ".join(dict.fromkeys(failure["reason"] for failure in failures))


@dataclass
class Recorded:
    """A script that notes what it is asked and how it answers."""

    script: Script
    first: Sequence[Script] = ()
    exchanges: list[tuple[Received, Scripted]] = field(default_factory=list)

    def __call__(self, request: Received) -> Scripted:
        now = self.first[len(self.exchanges)] if len(self.exchanges) < len(self.first) else self.script
        scripted = now if isinstance(now, Scripted) else now(request)
        self.exchanges.append((request, scripted))
        return scripted


@dataclass
class Play:
    """The service on a scripted provider; `log` grows while it is used."""

    app: Flask
    capabilities: ServerCapabilities
    recorded: Recorded
    log: list[str]

    def post(self, text: str = ARTICLE, *, streamed: bool = False) -> Came:
        """Post an article, and have it answered at once or as it comes; what came of it in the end."""
        before, logged = len(self.recorded.exchanges), len(self.log)
        asked = {"article": {"text": text}, "kinds": [KIND], "deadline_seconds": 600}
        headers = {"Accept": LINES} if streamed else {}
        response = self.app.test_client().post("/v1/extractions", json=asked, headers=headers)
        status, body = (
            _last(response.data) if response.mimetype == LINES else (response.status_code, response.get_json())
        )
        exchanges = self.recorded.exchanges[before:]
        return Came(
            status=status,
            body=body,
            calls=len(exchanges),
            refused=sum(scripted.status >= 300 for _, scripted in exchanges),
            log=self.log[logged:],
        )


@contextmanager
def played(
    provider: Provider,
    *,
    script: Script | None = None,
    first: Sequence[Script] = (),
    optional: bool = False,
    env: Mapping[str, str] | None = None,
) -> Iterator[Play]:
    """The service as its `.env` has it, on a scripted provider.

    Args:
        provider: whose lines of `.env` hold, and who answers.
        script: answers instead.
        first: what is done with the first requests.
        optional: whether the optional lines hold as well.
        env: settings that hold instead.
    """
    passed = FastTime()
    recorded = Recorded(script or provider, first)
    with ExitStack() as stack:
        server = stack.enter_context(ModelServer(otherwise=recorded))
        said = {**provider.settings(optional=optional), **(env or {})}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        if "DRAGOMAN_MODEL" in said:
            server.models = Scripted(body={"object": "list", "data": [{"id": said["DRAGOMAN_MODEL"]}]})
        said["OPENAI_BASE_URL"] = _at(said.get("OPENAI_BASE_URL") or "https://api.openai.com/v1", server.port)
        stack.enter_context(patch.dict(os.environ, {**kept, **said, "NO_PROXY": "*"}, clear=True))
        stack.enter_context(patch.object(socket, "getaddrinfo", _on_loopback))
        stack.enter_context(patch.object(client, "Backoff", lambda: passed.backoff))
        log = stack.enter_context(_logged())
        settings = Settings()
        model = build_model(settings)
        app = create_app(settings, model)
        stack.callback(runtime_of(app).close)
        yield Play(app, model.capabilities, recorded, log)


def play(case: Case, *, streamed: bool = False) -> tuple[list[Came], ServerCapabilities]:
    """What came of the articles of a case, and what the service has learnt."""
    with played(case.provider, script=case.then, first=case.first, env=case.env) as playing:
        return [playing.post(text, streamed=streamed) for text in case.articles], playing.capabilities


def tried(kind: type[Provider], *, optional: bool = False) -> tuple[list[Came], ServerCapabilities]:
    """What comes of the first two articles on a provider on its best behaviour, and what the service has learnt."""
    with played(kind(), optional=optional) as playing:
        return [playing.post(), playing.post()], playing.capabilities


def _last(data: bytes) -> tuple[int, Any]:
    """The end of a stream as an answer in one piece."""
    last = json.loads(data.splitlines()[-1])
    return (last["problem"]["status"], last["problem"]) if last["event"] == "problem" else (200, last["extraction"])


def _at(address: str, port: int) -> str:
    """The same address at a port of this machine."""
    host, slash, path = address.split("://", 1)[1].partition("/")
    return f"http://{host.partition(':')[0]}:{port}{slash}{path}"


LINES = "application/x-ndjson"
_LOOKED_UP = socket.getaddrinfo


def _on_loopback(host: Any, *others: Any, **more: Any) -> Any:
    """Every name leads to this machine, so that providers are called by their own names and nothing leaves it."""
    return _LOOKED_UP("127.0.0.1", *others, **more)


@contextmanager
def _logged() -> Iterator[list[str]]:
    """What the part that speaks to model servers logs meanwhile, and where else it would go is nowhere."""
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logger, handler = logging.getLogger("service.llm"), Lines(logging.WARNING)
    before = logger.level, logger.propagate
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.level, logger.propagate = before


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
