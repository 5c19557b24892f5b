"""One HTTP call to an OpenAI-compatible server: connection pool, time limits, translation of errors."""

import asyncio
import ipaddress
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import httpx2
from openai import APIConnectionError, APIStatusError, AsyncOpenAI, AsyncStream, OpenAIError, omit
from pydantic import BaseModel, ValidationError

from schemas.result import Usage
from service.errors import AnswerRefusedError, DragomanError, ModelUnavailableError
from service.extraction.model import UsageMeter
from service.llm.bodies import Arriving, BrokenOffError, Hear, parsed
from service.llm.breaker import Breaker
from service.llm.completion import Completion
from service.llm.faults import BROKEN_ANSWER, meaning_of
from service.llm.profiles import OPENAI_URL
from service.llm.quoting import MOST_SHOWN, quotable, texts_of
from service.llm.refusals import Refusal

logger = logging.getLogger(__name__)

AZURE = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
"""Hosts that want the key in a header of their own."""
CHAT = "/chat/completions"
MOST_PORT = 65_535
CONNECT_SECONDS = 5.0
READY_SECONDS = 2.0
SPARE_CONNECTIONS = 8
WITHOUT_LIST = frozenset({404, 405, 501})
"""How servers answer that are there and list no models."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a server says about its models.

    Args:
        status: of the answer; None where there was none.
        models: their names, if it tells.
        reason: why there was no answer, or the server's own words.
    """

    status: int | None
    models: tuple[str, ...] = ()
    reason: str = ""


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
        headers: sent with every call, beside ours.

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
        headers: Mapping[str, str] | None = None,
    ) -> None:
        url = _checked_url(base_url or OPENAI_URL)
        key = _checked_key(api_key)
        # A password in the address and the members of its query may be keys too.
        secrets = (key, url.password, *dict(url.params).values(), *(headers or {}).values())
        self._answer_seconds = answer_seconds
        self._breaker = breaker
        self._slots = asyncio.Semaphore(max_calls)
        # One for each kind and form: the first message holds a kind's instructions, and may hold the schema.
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(max_calls_per_prompt or max_calls)
        )
        at_azure = url.host.endswith(AZURE)
        sent: dict[str, Any] = {
            **({} if key and not at_azure else {"Authorization": omit}),
            **({"api-key": key} if key and at_azure else {}),
            **(headers or {}),
        }

        def options() -> Any:
            return {"headers": sent}

        def quoted(words: str, texts: Iterable[str]) -> str:
            return quotable(words, texts, secrets)

        # Functions, because what is an attribute is shown where objects are.
        self._options, self._quoted = options, quoted
        connections = max_calls + SPARE_CONNECTIONS
        self._openai = PlainClient(
            base_url=str(url.copy_with(query=None)),
            default_query=dict(url.params),
            api_key=key or "none",  # the SDK insists on one; without a key of ours the header is left out
            max_retries=0,
            http_client=httpx2.AsyncClient(
                timeout=httpx2.Timeout(answer_seconds, connect=CONNECT_SECONDS),
                limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
                # A proxy named in the environment is meant for the internet, never for this machine.
                trust_env=not _is_loopback(url.host),
            ),
        )

    async def complete(
        self, body: Mapping[str, Any], *, usage: UsageMeter, repeats: Usage, hear: Hear | None = None
    ) -> Completion:
        """Send one request; what it cost is added to `usage` even if it fails.

        Args:
            body: the JSON to send.
            usage: where the call and its tokens are counted.
            repeats: says whether this call repeats another, as a retry or as a re-ask.
            hear: hears what the model writes while it writes, where the body asks for a stream and one is sent.

        Raises:
            BreakerOpenError: the server was not called, because it keeps failing.
            ModelUnavailableError: a failure that may pass: worth another try.
            ModelCallError, AnswerError: a failure that will not pass.
        """
        # The breaker is asked last: it may open while a call waits for its turn.
        async with self._turns[body["messages"][0]["content"]], self._slots:
            with self._breaker.call():
                usage.add(Usage(calls=1) + repeats)
                response = await (self._post(body) if hear is None else self._listen(body, hear))
                completion = self._read(response, body)
                usage.add(completion.usage)
                if (refusal := completion.refused()) is not None:
                    raise self._refused(refusal, body, response.headers)
                self._check_choice(completion)
        return completion

    async def _post(self, body: Mapping[str, Any]) -> "_Response":
        async with self._answering():
            return _whole(await self._send(body))

    async def _listen(self, body: Mapping[str, Any], hear: Hear) -> "_Response":
        """Have an answer sent piece by piece."""
        async with self._answering():
            response = await self._send(body, stream=True, stream_cls=AsyncStream[Any])
            if not response.is_success:
                return _whole(response)
            arriving = Arriving(hear)
            try:
                async for data in response.aiter_bytes():
                    arriving.take(data)
            finally:
                await response.aclose()
        try:
            return _Response(response.status_code, response.headers, said=arriving.parsed())
        except BrokenOffError:
            raise ModelUnavailableError("the model server broke its answer off") from None

    async def _send(self, body: Mapping[str, Any], **how: Any) -> httpx2.Response:
        try:
            response: httpx2.Response = await self._openai.post(
                CHAT, body=body, cast_to=httpx2.Response, options=self._options(), **how
            )
        except APIStatusError as refused:
            return refused.response
        return response

    @asynccontextmanager
    async def _answering(self) -> AsyncIterator[None]:
        """Get an answer inside, in time and over a connection that holds."""
        try:
            async with asyncio.timeout(self._answer_seconds):
                yield
        except TimeoutError:
            raise ModelUnavailableError(f"the model server gave no answer within {self._answer_seconds:g} s") from None
        except (APIConnectionError, httpx2.TransportError) as broken:
            raise ModelUnavailableError("the connection to the model server failed") from broken

    def _read(self, response: "_Response", body: Mapping[str, Any]) -> Completion:
        if httpx2.codes.is_success(response.status):
            return Completion.of(response.said)
        refusal = Refusal.of(response.status, response.content)
        if refusal.names & BROKEN_ANSWER and refusal.generation is not None:
            # Groq refuses to pass on what does not fit; it is an answer all the same, and billed.
            return Completion.written(refusal.generation)
        raise self._refused(refusal, body, response.headers)

    def _refused(self, refusal: Refusal, body: Mapping[str, Any], headers: Mapping[str, str]) -> DragomanError:
        """Log why, in the server's words as far as they may be; what it means.

        What it repeats of the article is no word of the server's: it is not read either.
        """
        words = self._quoted(refusal.message, texts_of(body))
        meaning = meaning_of(replace(refusal, message=words), headers)
        named = [] if str(refusal.status) in str(meaning) else [f"status {refusal.status}", refusal.code]
        shown = words[:MOST_SHOWN] or "it does not say why"
        logger.warning("%s: %s", meaning, ", ".join(filter(None, [*named, shown])))
        return meaning

    def _check_choice(self, completion: Completion) -> None:
        """Log why there is no answer, as for a status that is not 200."""
        try:
            completion.chosen()
        except AnswerRefusedError as refused:
            logger.warning("%s: status 200", refused)
            raise

    async def ready(self) -> bool:
        """Whether the server answers: a call that no server bills."""
        status = (await self.listing(READY_SECONDS)).status
        return status == 200 or status in WITHOUT_LIST

    async def listing(self, seconds: float) -> Listing:
        """Ask the server which models it has; no server bills that."""
        try:
            async with asyncio.timeout(seconds):
                answer = await self._openai.get("/models", cast_to=httpx2.Response, options=self._options())
        except APIStatusError as refused:
            refusal = Refusal.of(refused.status_code, refused.response.content)
            return Listing(refused.status_code, reason=self._quoted(refusal.message, ()))
        except TimeoutError:
            return Listing(None, reason=f"no answer within {seconds:g} s")
        except OpenAIError as broken:
            return Listing(None, reason=str(broken.__cause__ or broken) or type(broken).__name__)
        names = _names(answer.content)
        reason = "what it says is no list of models" if names is None else ""
        return Listing(answer.status_code, names or (), reason)

    async def close(self) -> None:
        await self._openai.close()


class _Response(NamedTuple):
    status: int
    headers: Mapping[str, str]
    content: bytes = b""
    said: Mapping[str, Any] | None = None
    """The JSON of a completion."""


def _whole(response: httpx2.Response) -> _Response:
    said = parsed(response.content) if response.is_success else None
    return _Response(response.status_code, response.headers, response.content, said)


class _Model(BaseModel):
    id: str


class _Models(BaseModel):
    data: list[_Model]


def _names(body: bytes) -> tuple[str, ...] | None:
    try:
        return tuple(model.id for model in _Models.model_validate_json(body).data)
    except ValidationError:
        return None


def _checked_url(text: str) -> httpx2.URL:
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL:
        url = httpx2.URL()
    if url.scheme not in ("http", "https") or not url.host or not 0 <= (url.port or 0) <= MOST_PORT:
        raise ValueError("the model server's address has to be http(s)://host[:port]/v1")
    return url.copy_with(path=url.path.rstrip("/").removesuffix(CHAT) or "/")


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
