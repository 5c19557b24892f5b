"""One HTTP call to an OpenAI-compatible server: connection pool, time limits, translation of errors."""

import asyncio
import ipaddress
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import httpx2
from openai import APIConnectionError, APIStatusError, AsyncOpenAI, BadRequestError, OpenAIError, omit

from schemas.result import Usage
from service.extraction.errors import DragomanError, ModelUnavailableError
from service.extraction.model import UsageMeter
from service.llm.breaker import Breaker
from service.llm.completion import Completion
from service.llm.faults import meaning_of

OPENAI_URL = "https://api.openai.com/v1"
CONNECT_SECONDS = 5.0
READY_SECONDS = 2.0
SPARE_CONNECTIONS = 8


class PlainClient(AsyncOpenAI):
    """The SDK's client without headers that come from the environment or tell about this machine."""

    @property
    def default_headers(self) -> dict[str, Any]:
        return {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "dragoman"}


class ChatClient:
    """Calls one server. The pool opens its connections on first use, on the loop that calls.

    Args:
        base_url: with its `/v1`; None is OpenAI's own.
        api_key: None sends no key.
        answer_seconds: longest wait for one answer.
        max_calls: calls in flight; more wait for their turn.
        max_calls_per_prompt: of these, calls whose first message is the same; None sets no limit.
        breaker: told how each call ends; while it is open, none is made.

    Raises:
        ValueError: no such address or key can be sent. The message holds neither.
    """

    def __init__(
        self,
        *,
        base_url: str | None,
        api_key: str | None,
        answer_seconds: float,
        max_calls: int,
        max_calls_per_prompt: int | None = None,
        breaker: Breaker,
    ) -> None:
        url = _checked_url(base_url or OPENAI_URL)
        key = _checked_key(api_key)
        self._answer_seconds = answer_seconds
        self._breaker = breaker
        self._slots = asyncio.Semaphore(max_calls)
        # One for each kind at most: the first message is a kind's instructions.
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(max_calls_per_prompt or max_calls)
        )
        self._takes_temperature = True
        self._headers = {} if key else {"Authorization": omit}
        connections = max_calls + SPARE_CONNECTIONS
        self._openai = PlainClient(
            base_url=str(url),
            api_key=key or "none",  # the SDK insists on one; without a key of ours the header is left out
            max_retries=0,
            http_client=httpx2.AsyncClient(
                timeout=httpx2.Timeout(answer_seconds, connect=CONNECT_SECONDS),
                limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
                # A proxy named in the environment is meant for the internet, never for this machine.
                trust_env=not _is_loopback(url.host),
            ),
        )

    async def complete(self, body: Mapping[str, Any], *, usage: UsageMeter, repeats: Usage) -> Completion:
        """Send one request; what it cost is added to `usage` even if it fails.

        Args:
            body: the JSON to send; its temperature is left out for a model that takes none.
            usage: where the call and its tokens are counted.
            repeats: says whether this call repeats another, as a retry or as a re-ask.

        Raises:
            BreakerOpenError: the server was not called, because it keeps failing.
            ModelUnavailableError: a failure that may pass: worth another try.
            ModelCallError, AnswerError: a failure that will not pass.
        """
        # The breaker is asked last: it may open while a call waits for its turn.
        async with self._turns[body["messages"][0]["content"]], self._slots:
            with self._breaker.call():
                usage.add(Usage(calls=1) + repeats)
                completion = Completion.read(await self._answer(body, usage))
                usage.add(completion.usage)
                completion.chosen()
        return completion

    async def _answer(self, body: Mapping[str, Any], usage: UsageMeter) -> bytes:
        """Post it; once more where the model turns out to choose its own temperature."""
        if self._takes_temperature:
            try:
                return await self._post(body)
            except _TemperatureRefusedError:
                self._takes_temperature = False
                usage.add(Usage(calls=1, retries=1))
        return await self._post({name: value for name, value in body.items() if name != "temperature"})

    async def _post(self, body: Mapping[str, Any]) -> bytes:
        failure: DragomanError
        try:
            async with asyncio.timeout(self._answer_seconds):
                answer = await self._openai.post(
                    "/chat/completions", body=body, cast_to=httpx2.Response, options={"headers": self._headers}
                )
        except TimeoutError:
            failure = ModelUnavailableError(f"the model server gave no answer within {self._answer_seconds:g} s")
        except APIStatusError as refused:
            failure = _meaning_of(refused, body)
        except APIConnectionError as broken:
            raise ModelUnavailableError("the connection to the model server failed") from broken
        else:
            return answer.content
        # Raised out here, because the SDK's error holds the server's words and would stay attached as its context.
        raise failure

    async def ready(self) -> bool:
        """Whether the server lists its models: a call that no server bills."""
        try:
            async with asyncio.timeout(READY_SECONDS):
                answer = await self._openai.get("/models", cast_to=httpx2.Response, options={"headers": self._headers})
        except (OpenAIError, TimeoutError):
            return False
        return answer.status_code == 200

    async def close(self) -> None:
        await self._openai.close()


class _TemperatureRefusedError(DragomanError):
    """The model chooses its own temperature."""


def _meaning_of(refused: APIStatusError, body: Mapping[str, Any]) -> DragomanError:
    if isinstance(refused, BadRequestError) and refused.param == "temperature" and "temperature" in body:
        return _TemperatureRefusedError("the model chooses its own temperature")
    return meaning_of(refused)


def _checked_url(text: str) -> httpx2.URL:
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL:
        url = httpx2.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("the model server's address has to be http(s)://host[:port]/v1")
    return url


def _checked_key(text: str | None) -> str:
    """A header takes visible ASCII only; anything else would surface in an error that shows the key."""
    key = (text or "").strip()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("the key for the model server has characters that no HTTP header can carry")
    return key


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
