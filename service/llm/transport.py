"""One HTTP call to an OpenAI-compatible server: connection pool, time limits and error translation."""

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
from service.llm.bodies import OnText, StreamBrokenError, StreamedBody, parsed
from service.llm.circuit_breaker import CircuitBreaker
from service.llm.completion import Completion
from service.llm.error_response import ErrorResponse
from service.llm.profiles import OPENAI_URL
from service.llm.redaction import MAX_SHOWN, redact, texts_of
from service.llm.server_errors import UNFIT_ANSWER_CODES, error_for

logger = logging.getLogger(__name__)

AZURE = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
"""Hosts of Azure, which expects the key in the header `api-key`."""
CHAT = "/chat/completions"
MAX_PORT = 65_535
CONNECT_SECONDS = 5.0
READY_SECONDS = 2.0
SPARE_CONNECTIONS = 8
NO_LISTING_STATUSES = frozenset({404, 405, 501})
"""Statuses of servers that are there and do not list their models."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The response to a request for the list of models.

    Args:
        status: of the response; None if there was none.
        models: their names, if the server lists them.
        reason: why there was no response, or the server's own words.
    """

    status: int | None
    models: tuple[str, ...] = ()
    reason: str = ""


class PlainClient(AsyncOpenAI):
    """The SDK's client without the headers that it takes from the environment or that describe this machine."""

    @property
    def default_headers(self) -> dict[str, Any]:
        return {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "dragoman"}


class ChatClient:
    """Calls one server. The pool opens connections on first use, on the event loop of the call.

    Args:
        base_url: with its `/v1`; None for OpenAI's own.
        api_key: None if the server needs none.
        answer_seconds: longest wait for one response.
        max_calls: most calls in flight; more of them wait.
        max_calls_per_prompt: of these, calls whose first message is the same; None sets no limit.
        breaker: the circuit breaker, which allows each call and observes how it ends.
        headers: sent with every call, beside ours.

    Raises:
        ValueError: the address or the key cannot be used. The message contains neither.
    """

    def __init__(
        self,
        *,
        base_url: str | None,
        api_key: str | None,
        answer_seconds: float,
        max_calls: int,
        max_calls_per_prompt: int | None = None,
        breaker: CircuitBreaker,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        url = _checked_url(base_url or OPENAI_URL)
        key = _checked_key(api_key)
        # The password and the query parameters of the address may be keys too.
        secrets = (key, url.password, *dict(url.params).values(), *(headers or {}).values())
        self._answer_seconds = answer_seconds
        self._breaker = breaker
        self._slots = asyncio.Semaphore(max_calls)
        # One for each kind and form: the first message holds a kind's instructions, and may hold the schema.
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(max_calls_per_prompt or max_calls)
        )
        is_azure = url.host.endswith(AZURE)
        sent: dict[str, Any] = {
            **({} if key and not is_azure else {"Authorization": omit}),
            **({"api-key": key} if key and is_azure else {}),
            **(headers or {}),
        }

        def options() -> Any:
            return {"headers": sent}

        def redacted(words: str, texts: Iterable[str]) -> str:
            return redact(words, texts, secrets)

        # In closures and not in attributes, which tools that show objects would show.
        self._options, self._redacted = options, redacted
        connections = max_calls + SPARE_CONNECTIONS
        self._openai = PlainClient(
            base_url=str(url.copy_with(query=None)),
            default_query=dict(url.params),
            api_key=key or "none",  # the SDK requires one; without a key the header is omitted
            max_retries=0,
            http_client=httpx2.AsyncClient(
                timeout=httpx2.Timeout(answer_seconds, connect=CONNECT_SECONDS),
                limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
                # A proxy in the environment is meant for the internet, not for this machine.
                trust_env=not _is_loopback(url.host),
            ),
        )

    async def complete(
        self, body: Mapping[str, Any], *, usage: UsageMeter, repeats: Usage, on_text: OnText | None = None
    ) -> Completion:
        """Send one request. Its usage is added to `usage` even if it fails.

        Args:
            body: the JSON to send.
            usage: where the call and its tokens are counted.
            repeats: whether this call is a retry or a re-ask, as a `Usage` that is added.
            on_text: called with the pieces of the answer, if the body asks for a stream and the server sends one.

        Raises:
            BreakerOpenError: the circuit breaker is open; no call was made.
            ModelUnavailableError: a transient failure; another attempt may succeed.
            ModelCallError, AnswerError: a permanent failure.
        """
        # The breaker comes last: it may open while a call waits for the semaphores.
        async with self._turns[body["messages"][0]["content"]], self._slots:
            with self._breaker.call():
                usage.add(Usage(calls=1) + repeats)
                response = await (self._post(body) if on_text is None else self._post_streamed(body, on_text))
                completion = self._read(response, body)
                usage.add(completion.usage)
                if (error_response := completion.embedded_error()) is not None:
                    raise self._log_and_translate(error_response, body, response.headers)
                self._check_choice(completion)
        return completion

    async def _post(self, body: Mapping[str, Any]) -> "_Response":
        async with self._call_errors():
            return _complete_response(await self._send(body))

    async def _post_streamed(self, body: Mapping[str, Any], on_text: OnText) -> "_Response":
        """Receive a streamed answer."""
        async with self._call_errors():
            response = await self._send(body, stream=True, stream_cls=AsyncStream[Any])
            if not response.is_success:
                return _complete_response(response)
            streamed = StreamedBody(on_text)
            try:
                async for data in response.aiter_bytes():
                    streamed.feed(data)
            finally:
                await response.aclose()
        try:
            return _Response(response.status_code, response.headers, said=streamed.parsed())
        except StreamBrokenError:
            raise ModelUnavailableError("the model server broke its answer off") from None

    async def _send(self, body: Mapping[str, Any], **how: Any) -> httpx2.Response:
        try:
            response: httpx2.Response = await self._openai.post(
                CHAT, body=body, cast_to=httpx2.Response, options=self._options(), **how
            )
        except APIStatusError as error:
            return error.response
        return response

    @asynccontextmanager
    async def _call_errors(self) -> AsyncIterator[None]:
        """Make a call inside: limits its time, and translates connection errors."""
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
        error_response = ErrorResponse.from_body(response.status, response.content)
        if error_response.names & UNFIT_ANSWER_CODES and error_response.generation is not None:
            # Groq returns an answer that does not fit as an error. It is billed, and validated here like any other.
            return Completion.of_text(error_response.generation)
        raise self._log_and_translate(error_response, body, response.headers)

    def _log_and_translate(
        self, error_response: ErrorResponse, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> DragomanError:
        """Log an error response, redacted, and translate it into one of our errors.

        The translation uses the redacted message, so that article text in it cannot be mistaken for the server's words.
        """
        words = self._redacted(error_response.message, texts_of(body))
        error = error_for(replace(error_response, message=words), headers)
        named = (
            [] if str(error_response.status) in str(error) else [f"status {error_response.status}", error_response.code]
        )
        shown = words[:MAX_SHOWN] or "it does not say why"
        logger.warning("%s: %s", error, ", ".join(filter(None, [*named, shown])))
        return error

    def _check_choice(self, completion: Completion) -> None:
        """Log a refusal of the model or a content filter, like an error response."""
        try:
            completion.first_choice()
        except AnswerRefusedError as error:
            logger.warning("%s: status 200", error)
            raise

    async def ready(self) -> bool:
        """Whether the server answers. Servers do not bill this call."""
        status = (await self.listing(READY_SECONDS)).status
        return status == 200 or status in NO_LISTING_STATUSES

    async def listing(self, seconds: float) -> Listing:
        """Ask the server for its models. Servers do not bill this call."""
        try:
            async with asyncio.timeout(seconds):
                answer = await self._openai.get("/models", cast_to=httpx2.Response, options=self._options())
        except APIStatusError as error:
            error_response = ErrorResponse.from_body(error.status_code, error.response.content)
            return Listing(error.status_code, reason=self._redacted(error_response.message, ()))
        except TimeoutError:
            return Listing(None, reason=f"no answer within {seconds:g} s")
        except OpenAIError as broken:
            return Listing(None, reason=str(broken.__cause__ or broken) or type(broken).__name__)
        names = _names(answer.content)
        reason = "its response is not a list of models" if names is None else ""
        return Listing(answer.status_code, names or (), reason)

    async def close(self) -> None:
        await self._openai.close()


class _Response(NamedTuple):
    status: int
    headers: Mapping[str, str]
    content: bytes = b""
    said: Mapping[str, Any] | None = None
    """The JSON of a completion."""


def _complete_response(response: httpx2.Response) -> _Response:
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
    if url.scheme not in ("http", "https") or not url.host or not 0 <= (url.port or 0) <= MAX_PORT:
        raise ValueError("the model server's address must be http(s)://host[:port]/v1")
    return url.copy_with(path=url.path.rstrip("/").removesuffix(CHAT) or "/")


def _checked_key(text: str | None) -> str:
    """Check a key: headers allow visible ASCII only, and the error that other characters cause would show the key."""
    key = (text or "").strip()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("the key for the model server has characters that are not allowed in HTTP headers")
    return key


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
