"""Errors in the place of answers."""

from tests.support.model_server import Scripted, refusal
from tests.support.providers.cases.case import (
    CREDENTIALS,
    OPENROUTER,
    REQUEST,
    Case,
    Plain,
    asks_for,
    changed,
    finished,
    when,
)
from tests.support.providers.gateways import OpenRouter
from tests.support.providers.hosted import (
    Anthropic,
    DeepSeek,
    Mistral,
)
from tests.support.providers.local import LMStudio
from tests.support.providers.provider import as_text

_RAW = as_text(
    {
        "error": {
            "message": "Invalid schema for response_format 'Records': In context=(), 'minItems' is not permitted.",
            "type": "invalid_request_error",
            "param": "response_format",
            "code": None,
        }
    }
)
_AFFORDS = (
    "This request requires more credits, or fewer max_tokens. You requested up to 2000 tokens, but can only afford "
    "1200. "
    "To increase, visit https://openrouter.ai/settings/credits and upgrade to a paid account"
)

IN_PLACE = (
    Case(
        "200 with an error of code 429 inside, once",
        OPENROUTER,
        first=(OpenRouter.error(429, "Provider returned error", status=200, raw="Too Many Requests"),),
        calls=(2,),
        log=("the model server answered 429",),
    ),
    Case(
        "200 with an error of code 402 inside: a shorter answer would be affordable",
        OPENROUTER,
        then=lambda request: (
            OpenRouter.error(402, _AFFORDS, status=200)
            if request.body["max_completion_tokens"] > 1_200
            else OPENROUTER(request)
        ),
        calls=(2,),
        log=("affords no answer as long",),
    ),
    Case(
        "200 with an error of code 402 inside",
        OPENROUTER,
        then=OpenRouter.error(402, "Insufficient credits. Add more using https://openrouter.ai/credits", status=200),
        gets=(CREDENTIALS,),
        log=("quota",),
        confirmed=False,
    ),
    Case(
        "200 with an error of code 400 inside: the upstream refuses a keyword of the schema",
        OPENROUTER,
        then=when(
            asks_for("minItems"),
            OpenRouter.error(400, "Provider returned error", status=200, raw=_RAW, provider_name="OpenAI"),
            OPENROUTER,
        ),
        calls=(2,),
        log=("without `minItems`",),
    ),
    Case(
        "an error inside the choice, once",
        OPENROUTER,
        first=(
            Scripted(
                body={
                    "choices": [
                        {
                            "finish_reason": "error",
                            "error": {"code": 502, "message": "Upstream error"},
                            "message": {"role": "assistant", "content": ""},
                        }
                    ]
                }
            ),
        ),
        calls=(2,),
        confirmed=False,
    ),
    Case(
        "ends an answer with `error`, once",
        OPENROUTER,
        first=(changed(OPENROUTER, finished("error")),),
        calls=(2,),
        log=("broke its answer off",),
    ),
    Case(
        "ends an answer with `insufficient_system_resource`, once",
        DeepSeek(thinks=0),
        first=(DeepSeek(thinks=0), changed(DeepSeek(thinks=0), finished("insufficient_system_resource"))),
        calls=(3,),
        refused=1,
        log=("broke its answer off",),
    ),
    Case(
        "200 with an error for an address without `/v1`",
        LMStudio(),
        gets=(REQUEST,),
        log=("base URL",),
        env={"OPENAI_BASE_URL": "http://localhost:1234"},
    ),
    Case(
        "429: money spent",
        Plain(),
        then=refusal(
            429,
            "You exceeded your current quota, please check your plan and billing details.",
            type="insufficient_quota",
            param=None,
            code="insufficient_quota",
        ),
        gets=(CREDENTIALS,),
        refused=1,
        log=("quota",),
    ),
    Case(
        "402: balance spent",
        DeepSeek(),
        then=refusal(402, "Insufficient Balance", type="unknown_error", param=None, code="invalid_request_error"),
        gets=(CREDENTIALS,),
        refused=1,
        log=("quota",),
    ),
    Case(
        "429 for a lack of capacity, typed as an invalid request, once",
        Mistral(thinks=0),
        first=(
            Scripted(
                429,
                {
                    "object": "error",
                    "message": "Service tier capacity exceeded for this model.",
                    "type": "invalid_request_error",
                    "param": None,
                    "code": None,
                },
            ),
        ),
        calls=(3,),
        refused=2,
        log=("the model server answered 429",),
    ),
    Case(
        "529, overloaded, once",
        Anthropic(thinks=0),
        first=(refusal(529, "Overloaded", type="overloaded_error", code="overloaded_error"),),
        calls=(4,),
        refused=2,
        log=("the model server answered 529",),
        confirmed=False,
    ),
)
