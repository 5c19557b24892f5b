"""Faults of the model server as a caller of `POST /v1/extractions` sees them.

`docs/faults.md` is made of these cases (`make faults`): each is played to the application, with nothing replaced but
the passing of time.
"""

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from schemas.result import Usage
from service.app import create_app, runtime_of
from service.extraction.model import UsageMeter
from service.llm.backoff import Backoff
from service.llm.bodies import OnText
from service.llm.chat import Chat
from service.llm.client import InstructorModel
from service.llm.completion import Completion
from service.llm.profiles import PROFILES
from service.settings import ProfileName, Settings
from tests.support.model_server import ModelServer, Received, Script, Scripted, answer, refusal
from tests.support.plausible import ARTICLE, LINE, plausible_answer
from tests.support.still_time import StillTime

KIND = "sanctions"


@dataclass(frozen=True)
class ArticleFault:
    """One fault, played to one article about which there is one question, or one for each window.

    Args:
        script: what the server does first.
        then: what it does after that.
        windows: whether the article is cut into windows of two sentences.
        answer_seconds: limit for one call, where the case needs a short one.
        down: whether there is no server.
    """

    fault: str
    script: tuple[Script, ...] = ()
    then: Script | None = None
    windows: bool = False
    profile: ProfileName = ProfileName.AUTO
    answer_seconds: float | None = None
    deadline_seconds: float = 100.0
    down: bool = False


@dataclass
class Seen:
    """What came of it.

    Args:
        calls: what was sent to the server, whether it was there or not.
        different: how many of the requests that it got were different ones.
        late: by how many seconds the answer came after the deadline.
    """

    status: int
    body: Mapping[str, Any]
    retry_after: str | None
    calls: int
    different: int
    waits: Sequence[float]
    late: float


@dataclass
class Counting:
    """A `Chat` that counts the calls of another one."""

    chat: Chat
    calls: int = 0

    async def complete(
        self, body: Mapping[str, Any], *, usage: UsageMeter, repeats: Usage, on_text: OnText | None = None
    ) -> Completion:
        own = UsageMeter()
        try:
            return await self.chat.complete(body, usage=own, repeats=repeats, on_text=on_text)
        finally:
            self.calls += own.total.calls
            usage.add(own.total)

    async def ready(self) -> bool:
        return await self.chat.ready()

    async def close(self) -> None:
        await self.chat.close()


@contextmanager
def application(
    server: ModelServer,
    *,
    backoff: Backoff | None = None,
    profile: ProfileName = ProfileName.AUTO,
    answer_seconds: float | None = None,
    wrap: Callable[[Chat], Chat] | None = None,
    **chosen: Any,
) -> Iterator[Flask]:
    """The service on a scripted server, with the settings' own defaults."""
    settings = Settings(openai_base_url=server.base_url, model="scripted", profile=profile, **chosen)
    kind = PROFILES[profile]
    model = InstructorModel(
        profile=kind if answer_seconds is None else dataclasses.replace(kind, answer_seconds=answer_seconds),
        model=settings.model,
        base_url=settings.openai_base_url,
        max_calls=settings.max_calls,
        max_attempts=settings.max_attempts,
        reasks=settings.reasks,
        breaker_failures=settings.breaker_failures,
        breaker_seconds=settings.breaker_seconds,
        backoff=backoff,
        wrap=wrap,
    )
    app = create_app(settings, model)
    try:
        yield app
    finally:
        runtime_of(app).close()


def post(app: Flask, *, deadline_seconds: float = 100.0, kinds: Sequence[str] = (KIND,)) -> TestResponse:
    body = {"article": {"text": ARTICLE}, "kinds": list(kinds), "deadline_seconds": deadline_seconds}
    return app.test_client().post("/v1/extractions", json=body)


def play(case: ArticleFault) -> Seen:
    """Post the article while the server plays the case, in time that nobody has to wait for."""
    counting: list[Counting] = []

    def counted(chat: Chat) -> Chat:
        counting.append(Counting(chat))
        return counting[0]

    with ModelServer(*case.script, otherwise=case.then) as server:
        if case.down:
            server.stop()
        window = 64 if case.windows else None
        others = [] if case.down else [server.loop]
        with (
            StillTime(*others) as still,
            application(
                server,
                backoff=still.backoff,
                profile=case.profile,
                answer_seconds=case.answer_seconds,
                window_tokens=window,
                wrap=counted,
            ) as app,
        ):
            started = still.now
            response = post(app, deadline_seconds=case.deadline_seconds)
            late = still.now - started - case.deadline_seconds
        assert server.unscripted == 0, case.fault
        return seen(response, server, counting[0].calls, still.waits, late)


def seen(
    response: TestResponse, server: ModelServer, calls: int, waits: Sequence[float] = (), late: float = -1.0
) -> Seen:
    asked = [json.dumps(chat.body, sort_keys=True) for chat in server.chats]
    return Seen(
        response.status_code,
        json.loads(response.data),
        response.headers.get("Retry-After"),
        calls,
        len(set(asked)),
        waits,
        late,
    )


def sentences(request: Received) -> int:
    """How many sentences of the article a request shows."""
    return len(LINE.findall(request.body["messages"][-1]["content"]))


def instead(fault: Script, when: Callable[[Received], bool]) -> Script:
    """The fault for some requests, a plausible answer for the others."""

    def reply(request: Received) -> Scripted:
        script = fault if when(request) else plausible_answer
        return script if isinstance(script, Scripted) else script(request)

    return reply


def wrapped(change: Callable[[str], Scripted]) -> Script:
    """A good answer, changed."""

    def reply(request: Received) -> Scripted:
        return change(plausible_answer(request).body["choices"][0]["message"]["content"])

    return reply


def _broken_off(request: Received) -> Scripted:
    return dataclasses.replace(plausible_answer(request), breaks="reset_in_body")


def _stalled(request: Received) -> Scripted:
    return dataclasses.replace(plausible_answer(request), breaks="stalled_body")


def _until_a_date(_: object) -> Scripted:
    now = 1_700_000_000
    return refusal(429, headers={"Retry-After": formatdate(now + 7, usegmt=True), "Date": formatdate(now, usegmt=True)})


def _inventing(request: Received) -> Scripted:
    said = json.loads(plausible_answer(request).body["choices"][0]["message"]["content"])
    said[KIND][0]["targets"] = [{"name": "Atlantis", "target_type": "country"}]
    return answer(said)


def _miscounting(request: Received) -> Scripted:
    said = json.loads(plausible_answer(request).body["choices"][0]["message"]["content"])
    said[KIND][0]["sentences"] = [99]
    return answer(said)


def _cut_behind_the_first_record(request: Received) -> Scripted:
    text = plausible_answer(request).body["choices"][0]["message"]["content"]
    if sentences(request) < 2:
        return answer(text)
    cut = text[:-2] + ', {"sentences": ['
    return answer(cut, finish_reason="length", usage=(sum(map(len, _texts(request))) // 4, len(cut) // 4, 0))


def _thinking(request: Received) -> Scripted:
    room = request.body["max_completion_tokens"]
    return plausible_answer(request) if room > 8_000 else answer("", finish_reason="length", usage=(500, room, 0))


def _texts(request: Received) -> list[str]:
    return [message["content"] for message in request.body["messages"]]


FINE = plausible_answer
BUSY = refusal(429, code="rate_limit_exceeded")
DOWN = refusal(503)
SILENCE = answer({}, delay=3600)
ENDLESS = Scripted(breaks="endless_headers")
UNFIT = answer({KIND: [{"sentences": "all"}]})
CUT = answer('{"sanctions": [{"sentences": [1', finish_reason="length")
TOO_LONG = refusal(400, code="context_length_exceeded")
HALF_JSON = Scripted(body=b'{"choices": [')
PROXY_PAGE = Scripted(body=b"<html>Bad gateway</html>", headers={"Content-Type": "text/html"})
EMPTY = Scripted(body={"choices": []})
REFUSAL = answer(None, refusal="I cannot help with that.")

PASSING = (
    ArticleFault("429, without `Retry-After`", (BUSY,), FINE),
    ArticleFault("429, `Retry-After` in seconds", (refusal(429, headers={"Retry-After": "7"}),), FINE),
    ArticleFault("429, `Retry-After` as a date", (_until_a_date,), FINE),
    *(ArticleFault(f"{status}", (refusal(status),), FINE) for status in (408, 500, 502, 503)),
    ArticleFault("connection reset before the answer", (Scripted(breaks="reset"),), FINE),
    ArticleFault("connection closed without an answer", (Scripted(breaks="closed"),), FINE),
    ArticleFault("connection reset in the body", (_broken_off,), FINE),
    ArticleFault("nothing comes back", (SILENCE,), FINE, answer_seconds=1.0),
    ArticleFault("headers without end", (ENDLESS,), FINE, answer_seconds=1.0),
    ArticleFault("body that stalls", (_stalled,), FINE, answer_seconds=1.0),
    ArticleFault("200 with a proxy's page", (PROXY_PAGE,), FINE),
    ArticleFault("200 with half of its JSON", (HALF_JSON,), FINE),
    ArticleFault("empty `choices`", (EMPTY,), FINE),
)
STAYING = (
    ArticleFault("401", (refusal(401),)),
    ArticleFault("403", (refusal(403),)),
    ArticleFault("404, unknown model", (refusal(404, code="model_not_found"),)),
    ArticleFault("400 that does not say why, to the first article", then=refusal(400, type="invalid_request_error")),
    ArticleFault("400 that does not say why (profile `openai`)", (refusal(400),), profile=ProfileName.OPENAI),
    ArticleFault("404, no such address", (Scripted(404, body=b"404 page not found"),)),
    ArticleFault("429, quota spent", (refusal(429, code="insufficient_quota"),)),
    ArticleFault("307 to another place", (Scripted(307, headers={"Location": "/elsewhere"}),)),
    ArticleFault("refusal", (REFUSAL,)),
    ArticleFault("empty `choices`, twice", (EMPTY, EMPTY)),
    ArticleFault("content filter", (answer(None, finish_reason="content_filter"),)),
    ArticleFault("400, content policy", (refusal(400, code="content_policy_violation"),)),
    ArticleFault("refusal for one window of three", then=instead(REFUSAL, lambda r: "[1]" in _shown(r)), windows=True),
    ArticleFault("401 for one window of three", then=instead(refusal(401), lambda r: "[1]" in _shown(r)), windows=True),
)
ANSWERS = (
    ArticleFault("fenced JSON", (wrapped(lambda text: answer(f"Here it is:\n```json\n{text}\n```")),)),
    ArticleFault("`<think>` text before it", (wrapped(lambda text: answer(f"<think>Who? {{}}</think>\n{text}")),)),
    ArticleFault(
        "in `reasoning_content`, content null (vLLM)",
        (wrapped(lambda text: answer(None, reasoning_content=text)),),
        profile=ProfileName.VLLM,
    ),
    ArticleFault("no `usage`", (wrapped(lambda text: answer(text, usage=None)),)),
    ArticleFault("content null", (answer(None),), FINE),
    ArticleFault("no JSON", (answer("Sorry, which article?"),), FINE),
    ArticleFault("JSON that breaks off", (answer('{"sanctions": [{"sentences": [1'),), FINE),
    ArticleFault("the wrong schema", (UNFIT,), FINE),
    ArticleFault("the wrong schema, twice", (UNFIT, UNFIT)),
    ArticleFault("content null, twice", (answer(None), answer(None))),
    ArticleFault("a target that is not in the article", (_inventing,), FINE),
    ArticleFault("a record of a sentence that is not in the article", (_miscounting,), FINE),
    ArticleFault("a record of a sentence that is not in the article, twice", (_miscounting, _miscounting)),
)
SPLITTING = (
    ArticleFault("`finish_reason=length` above three sentences", then=instead(CUT, lambda r: sentences(r) > 3)),
    ArticleFault("`finish_reason=length` always", then=CUT),
    ArticleFault("`finish_reason=length` behind the first record", then=_cut_behind_the_first_record),
    ArticleFault("`finish_reason=length`, all of it thinking, below 8,000 tokens", then=_thinking),
    ArticleFault("400, context too long above two sentences", then=instead(TOO_LONG, lambda r: sentences(r) > 2)),
    ArticleFault("400, context too long always", then=TOO_LONG),
    ArticleFault("413 above three sentences", then=instead(refusal(413), lambda r: sentences(r) > 3)),
    ArticleFault(
        "prompt cut in silence above three sentences (Ollama)",
        then=instead(answer({KIND: []}, usage=(5, 5, 0)), lambda r: sentences(r) > 3),
        profile=ProfileName.OLLAMA,
    ),
)
"""The answer or the prompt is too long: less is asked about, and never the same again."""


def _shown(request: Received) -> str:
    return str(request.body["messages"][-1]["content"])


def _all_but_the_first_window(request: Received) -> bool:
    return "[1]" not in _shown(request)


ENDURING = {
    "429 for ever": BUSY,
    "429, `Retry-After` of a minute": refusal(429, headers={"Retry-After": "60"}),
    "503 for ever": DOWN,
    "connection reset for ever": Scripted(breaks="reset"),
    "nothing comes back": SILENCE,
    "headers without end": ENDLESS,
    "body that stalls": _stalled,
    "half of the JSON for ever": HALF_JSON,
    "empty `choices` for ever": EMPTY,
    "the wrong schema for ever": UNFIT,
    "`finish_reason=length` for ever": CUT,
}
"""Faults that do not end before the deadline."""


def enduring(deadline_seconds: float, faults: Sequence[str] = tuple(ENDURING)) -> Iterator[ArticleFault]:
    """Such faults: first for two windows of three, then for all calls."""
    for fault in faults:
        some = instead(ENDURING[fault], _all_but_the_first_window)
        yield ArticleFault(f"{fault}, for two windows of three", (), some, True, deadline_seconds=deadline_seconds)
    for fault in faults:
        yield ArticleFault(fault, then=ENDURING[fault], deadline_seconds=deadline_seconds)


OUTAGES = (
    ArticleFault("503 seven times in a row", (DOWN,) * 7, FINE),
    ArticleFault("503 for ever", then=DOWN),
    ArticleFault("429 for ever", then=BUSY),
    ArticleFault("500 for ever", then=refusal(500)),
    ArticleFault("connection refused", down=True),
)
