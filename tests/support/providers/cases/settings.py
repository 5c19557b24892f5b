"""What a wrong setting looks like."""

from tests.support.model_server import Scripted, refusal
from tests.support.providers.cases.case import CREDENTIALS, REQUEST, Case, Compatible, Plain, sends, when
from tests.support.providers.gateways import BedrockGateway, LiteLLM, OpenRouter
from tests.support.providers.hosted import (
    Anthropic,
    Azure,
    DeepSeek,
    Gemini,
    Mistral,
    OpenAI,
)
from tests.support.providers.local import TGI, VLLM, Ollama
from tests.support.providers.provider import Provider


def _unknown(provider: Provider, *, confirmed: bool = True) -> Case:
    return Case(
        "does not know the model",
        provider,
        gets=(REQUEST,),
        refused=1,
        log=("does not know the model",),
        env={"DRAGOMAN_MODEL": "no-such-model"},
        confirmed=confirmed,
    )


def _wrong_key(does: str, provider: Provider, then: Scripted | None = None, *, confirmed: bool = True) -> Case:
    return Case(
        f"refuses the key: {does}",
        provider,
        then=then,
        gets=(CREDENTIALS,),
        refused=1,
        log=("credentials",),
        detail="refused this service",
        env={"OPENAI_API_KEY": "wrong"},
        confirmed=confirmed,
    )


_INVALID_SCHEMA = refusal(
    400,
    "Invalid schema for response_format 'SanctionAnswer': schema must have a 'type' key.",
    type="invalid_request_error",
    param="response_format",
    code=None,
)

SETTINGS = (
    Case("is called at a deployment, with `api-version` and `api-key`", Azure(thinks=0), calls=(2,), refused=1),
    *(_unknown(kind()) for kind in (Azure, Gemini, LiteLLM, BedrockGateway, VLLM, Ollama)),
    *(_unknown(kind(), confirmed=False) for kind in (OpenAI, Anthropic, Mistral, DeepSeek, OpenRouter)),
    Case(
        "refuses every schema",
        Plain(),
        then=when(sends("response_format", "tools"), _INVALID_SCHEMA, Compatible()),
        calls=(6,),
        refused=5,
        log=("Invalid schema for response_format",),
    ),
    Case(
        "refuses every schema (profile `openai`)",
        Plain(),
        then=_INVALID_SCHEMA,
        gets=(REQUEST,),
        refused=1,
        log=("Invalid schema for response_format",),
        env={"DRAGOMAN_PROFILE": "openai"},
    ),
    Case(
        "redirects",
        Plain(),
        then=Scripted(308, b"", {"Location": "https://elsewhere.example/v1"}),
        gets=(REQUEST,),
        refused=1,
        log=("redirects",),
        detail="redirects",
    ),
    Case(
        "has no chat at that address",
        OpenRouter(),
        gets=(REQUEST,),
        refused=1,
        log=("base URL",),
        detail="has no chat at that address",
        env={"OPENAI_BASE_URL": "https://openrouter.ai/v1"},
    ),
    _wrong_key("401", OpenAI(), confirmed=False),
    _wrong_key('401 with the code "401"', Azure()),
    _wrong_key("400, in a list", Gemini()),
    _wrong_key("401, outside of any error object", Mistral()),
    _wrong_key("401 with a `detail`", BedrockGateway()),
    _wrong_key("401 with a text", VLLM(), Scripted(401, {"error": "Unauthorized"}), confirmed=False),
    _wrong_key("401 without a body", TGI(), Scripted(401, b"")),
)
