"""Parameters, forms and keywords that are refused or ignored."""

from collections.abc import Callable
from typing import Any

from tests.support.model_server import Received, Script, Scripted, refusal
from tests.support.plausible import ARTICLE
from tests.support.providers.cases.case import DONE, REQUEST, Case, Compatible, asks_for, invalid, sends, when
from tests.support.providers.gateways import LiteLLM, OpenRouter
from tests.support.providers.hosted import (
    Anthropic,
    DeepSeek,
    Gemini,
    Groq,
    Mistral,
    OpenAI,
    forbidden,
    google,
)
from tests.support.providers.local import TGI, VLLM, LMStudio, Older
from tests.support.providers.provider import Body, Provider


class Dropping(OpenRouter):
    """OpenRouter with an upstream that has no schemas."""

    thinking = 0
    heeds = frozenset()


_ANTHROPIC_TEMPERATURE = (
    'BedrockException - {"message":"This model doesn\'t support the temperature field. Remove temperature and try '
    'again."}'
)


def _refusing_temperature(message: str) -> Script:
    fine = LiteLLM(thinks=0)
    return when(
        lambda request: "temperature" in request.body, LiteLLM.error(f"litellm.BadRequestError: {message}"), fine
    )


def _without_either(request: Received) -> Scripted:
    sent = next((name for name in ("max_completion_tokens", "max_tokens") if name in request.body), None)
    if sent is None:
        return Compatible()(request)
    told = f"Unsupported parameter: '{sent}' is not supported."
    return refusal(400, told, type="invalid_request_error", param=sent, code="unsupported_parameter")


def _refusing(keyword: str, fault: Script, provider: Provider) -> Script:
    return when(asks_for(keyword), fault, provider)


class OtherMistral(Mistral):
    """Mistral with another wrapping of the same complaint."""

    thinking = 0

    def __init__(self, wrap: Callable[[list[dict[str, Any]]], Any]) -> None:
        super().__init__()
        self.wrap = wrap

    def extra(self, body: Body, names: list[str]) -> Scripted:
        return Scripted(422, self.wrap(forbidden(body, names)))


_OLD_VLLM = (
    "[{'type': 'extra_forbidden', 'loc': ('body', 'max_completion_tokens'), 'msg': 'Extra inputs are not permitted', "
    "'input': 2000}]"
)

PARAMETERS = (
    Case(
        "refuses the temperature and names no parameter", LiteLLM(thinks=0), calls=(2,), refused=1, log=("temperature",)
    ),
    Case(
        "the same, in an upstream's words",
        LiteLLM(thinks=0),
        then=_refusing_temperature(_ANTHROPIC_TEMPERATURE),
        calls=(2,),
        refused=1,
        log=("without `temperature`",),
    ),
    Case(
        "the same, as a list of parameters",
        LiteLLM(thinks=0),
        then=_refusing_temperature(
            "litellm.UnsupportedParamsError: LlmProviders.AZURE does not support parameters: {'temperature': 0.0}, for "
            "model=gpt-5-mini. To drop these, set `litellm.drop_params=True`"
        ),
        calls=(2,),
        refused=1,
        log=("without `temperature`",),
    ),
    Case("refuses `max_completion_tokens`: 422", Mistral(thinks=0), calls=(2,), refused=1, log=("`max_tokens`",)),
    Case(
        "the same, as a bare `detail`",
        OtherMistral(lambda detail: {"detail": detail}),
        calls=(2,),
        refused=1,
        log=("`max_tokens`",),
    ),
    Case(
        "the same, in a list",
        OtherMistral(
            lambda detail: {"object": "Error", "message": detail, "type": "invalid_request_error", "code": 3001}
        ),
        calls=(2,),
        refused=1,
        log=("`max_tokens`",),
    ),
    Case(
        "the same, as a Python list in a text (old versions)",
        VLLM(thinks=0),
        then=when(
            lambda request: "max_completion_tokens" in request.body,
            Scripted(
                400,
                {"object": "error", "message": _OLD_VLLM, "type": "BadRequestError", "param": None, "code": 400},
            ),
            VLLM(thinks=0),
        ),
        calls=(2,),
        refused=1,
        log=("`max_tokens`",),
    ),
    Case(
        "refuses the limit by either name",
        Compatible(),
        then=_without_either,
        calls=(3,),
        refused=2,
        log=("`max_tokens`", "without a limit"),
    ),
    Case(
        "refuses `max_tokens`, which a named profile sends (profile `vllm`)",
        OpenAI(),
        gets=(REQUEST,),
        refused=1,
        log=("max_tokens",),
        env={"DRAGOMAN_PROFILE": "vllm"},
    ),
    Case("refuses `minItems` in the schema", Groq(), calls=(2,), refused=1, log=("without `minItems`",)),
    Case(
        "refuses a bound in the schema: the request has an invalid argument, and no more is said",
        Gemini(thinks=0),
        then=_refusing(
            "minItems",
            google(400, "Request contains an invalid argument.", "INVALID_ARGUMENT"),
            Gemini(thinks=0),
        ),
        calls=(4,),
        refused=3,
        log=("bounds in the schema",),
    ),
    Case(
        "refuses a bound in the schema: not supported by its grammars",
        VLLM(thinks=0),
        then=_refusing(
            "minItems",
            refusal(
                400,
                "The provided JSON schema contains features not supported by xgrammar.",
                type="BadRequestError",
                param=None,
                code=400,
            ),
            VLLM(thinks=0),
        ),
        calls=(2,),
        refused=1,
        log=("bounds in the schema",),
    ),
    Case(
        "refuses `maxItems` in the schema, which `auto` does not send",
        Compatible(),
        then=_refusing(
            "maxItems",
            invalid("output_config.format.schema: For 'array' type, property 'maxItems' is not supported"),
            Compatible(),
        ),
    ),
    Case(
        "refuses the schema with a 500: a key that its grammars lack",
        VLLM(thinks=0),
        then=_refusing(
            "minItems",
            refusal(500, 'Grammar error: Unimplemented keys: ["minItems"]', type="InternalServerError", code=500),
            VLLM(thinks=0),
        ),
        calls=(2,),
        refused=1,
        log=("without `minItems`",),
    ),
    Case(
        "refuses OpenAI's `response_format`: 422 of plain text", TGI(), calls=(2,), refused=1, log=("call of a tool",)
    ),
    Case(
        "knows tools, and no `response_format`",
        LMStudio(),
        then=when(sends("response_format"), refusal(400, "response_format is not supported"), LMStudio()),
        calls=(2,),
        refused=1,
        log=("call of a tool",),
    ),
    Case(
        "knows neither JSON Schema nor forced tools",
        DeepSeek(),
        calls=(3,),
        refused=2,
        log=("call of a tool", "JSON object"),
    ),
    Case("knows nothing but a chat", Older(), calls=(5,), refused=4, log=("by the prompt alone",)),
    Case(
        "refuses what it does not know, all at once and without a word",
        Older(),
        then=when(
            sends("response_format", "tools", "max_completion_tokens", "temperature"),
            Scripted(400, b""),
            Older(),
        ),
        calls=(7,),
        refused=6,
        log=("by the prompt alone",),
    ),
    Case(
        "ignores `response_format`: free prose",
        Anthropic(),
        articles=(ARTICLE, ARTICLE),
        gets=(DONE, DONE),
        calls=(3, 1),
        refused=1,
        log=("schema in the prompt",),
    ),
    Case(
        "drops the schema that the upstream lacks: free prose",
        Dropping(),
        articles=(ARTICLE, ARTICLE),
        gets=(DONE, DONE),
        calls=(2, 1),
        log=("schema in the prompt",),
    ),
)
