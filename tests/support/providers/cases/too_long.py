"""A prompt that is too long, in everybody's words."""

import dataclasses

from tests.support.model_server import Scripted, answer, refusal
from tests.support.providers.cases.case import (
    LONG,
    LONGER,
    OPENROUTER,
    TWENTY_DONE,
    Case,
    Compatible,
    Plain,
    above,
    first_calls,
    invalid,
    top_level,
    when,
)
from tests.support.providers.gateways import BedrockGateway, LiteLLM, OpenRouter
from tests.support.providers.hosted import (
    Anthropic,
    DeepSeek,
    Gemini,
    Groq,
    Mistral,
    google,
)
from tests.support.providers.local import TGI, VLLM, LlamaCpp, LMStudio, SGLang
from tests.support.providers.provider import Provider

_TPM = (
    "Request too large for model `openai/gpt-oss-120b` in organization `org_1` service tier `on_demand` on tokens per "
    "minute (TPM): Limit 6000, Requested 6755, please reduce your message size and try again. Need more tokens? Upgrade"
)


def _long(does: str, provider: Provider, fault: Scripted, *, confirmed: bool = True) -> Case:
    """Half of the article fits, the whole of it does not."""
    calls, refused = first_calls(provider)
    return Case(
        does,
        provider,
        articles=(LONG,),
        gets=(TWENTY_DONE,),
        calls=(calls + 2,),
        refused=refused + int(fault.status != 200),
        log=("does not fit",) if fault.status != 200 or "error" in fault.body else (),
        then=when(above(60), fault, provider),
        confirmed=confirmed,
    )


TOO_LONG = (
    _long(
        "maximum context length, with the numbers of prompt and answer",
        Plain(),
        invalid(
            "This model's maximum context length is 6000 tokens. However, you requested 6755 tokens (4755 in the "
            "messages, "
            "2000 in the completion). Please reduce the length of the messages or completion.",
            param="messages",
            code="context_length_exceeded",
        ),
    ),
    _long(
        "input tokens exceed the configured limit",
        Plain(),
        invalid("Input tokens exceed the configured limit of 4096 tokens. Your messages resulted in 4755 tokens."),
    ),
    _long(
        "429: request too large, which no wait cures",
        Plain(),
        refusal(
            429,
            "Request too large for gpt-4o in organization org-1 on tokens per min (TPM): Limit 6000, Requested 6755.",
            type="tokens",
            code="rate_limit_exceeded",
        ),
    ),
    _long(
        "input token count exceeds the maximum, in a list",
        Gemini(thinks=0),
        google(
            400, "The input token count (4755) exceeds the maximum number of tokens allowed (4096).", "INVALID_ARGUMENT"
        ),
    ),
    _long(
        "prompt is too long",
        BedrockGateway(thinks=0),
        BedrockGateway.validation("prompt is too long: 4755 tokens > 4096 maximum"),
    ),
    _long(
        "prompt is too long",
        Anthropic(thinks=0),
        refusal(
            400,
            "prompt is too long: 4755 tokens > 4096 maximum",
            type="invalid_request_error",
            code="invalid_request_error",
        ),
    ),
    _long(
        "too large for model",
        Mistral(thinks=0),
        Scripted(
            400,
            {
                "object": "error",
                "message": "Prompt contains 4755 tokens, too large for model with 4096 maximum context length",
                "type": "invalid_request_prompt",
                "param": None,
                "code": "3051",
            },
        ),
        confirmed=False,
    ),
    _long("413: tokens per minute", Groq(thinks=0), refusal(413, _TPM, type="tokens", code="rate_limit_exceeded")),
    _long(
        "maximum context length, as an invalid request",
        DeepSeek(thinks=0),
        DeepSeek().wrong(
            "This model's maximum context length is 6000 tokens. However, you requested 6755 tokens (4755 in the "
            "messages, "
            "2000 in the completion). Please reduce the length of the messages or completion."
        ),
    ),
    _long(
        "this endpoint's maximum context length",
        OPENROUTER,
        OpenRouter.error(
            400,
            "This endpoint's maximum context length is 4096 tokens. However, you requested about 4755 tokens (4755 of "
            "text "
            'input). Please reduce the length of either one, or use the "middle-out" transform to compress your prompt '
            "automatically.",
        ),
    ),
    _long(
        "ContextWindowExceededError",
        LiteLLM(thinks=0),
        LiteLLM.error(
            "litellm.ContextWindowExceededError: litellm.BadRequestError: AnthropicError - "
            '{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 4755 tokens > 4096 '
            'maximum"}}. Received Model Group=claude'
        ),
    ),
    _long(
        "input is too long for requested model",
        BedrockGateway(thinks=0),
        BedrockGateway.validation("Input is too long for requested model."),
    ),
    _long(
        "maximum context length, in the newer words",
        VLLM(thinks=0),
        refusal(
            400,
            "This model's maximum context length is 4096 tokens. However, your request has 4755 input tokens. Please "
            "reduce "
            "the length of the input messages. (parameter=input_tokens, value=4755)",
            type="BadRequestError",
            param="input_tokens",
            code=400,
        ),
    ),
    _long(
        "the input is longer than the context",
        SGLang(thinks=0),
        top_level(400, "The input (4755 tokens) is longer than the model's context length (4096 tokens)."),
    ),
    _long(
        "`inputs` tokens + `max_new_tokens`",
        TGI(),
        Scripted(
            422,
            {
                "error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4755 "
                "`inputs` "
                "tokens and 2000 `max_new_tokens`",
                "error_type": "validation",
            },
        ),
    ),
    _long(
        "`inputs` must have less",
        TGI(),
        Scripted(
            422,
            {
                "error": "Input validation error: `inputs` must have less than 4096 tokens. Given: 4755",
                "error_type": "validation",
            },
        ),
    ),
    _long(
        "tokens to keep",
        LMStudio(),
        Scripted(
            400,
            {
                "error": "The number of tokens to keep from the initial prompt is greater than the context length "
                "(n_keep: 4755>= n_ctx: 4096). Try to load the model with a larger context length, or provide a "
                "shorter input."
            },
        ),
    ),
    _long(
        "tokens to keep, in the older words",
        LMStudio(),
        Scripted(
            400,
            {
                "error": "Trying to keep the first 4755 tokens when context the overflows. However, the model is "
                "loaded with "
                "context length of only 4096 tokens, which is not enough."
            },
        ),
    ),
    _long(
        "tokens to keep, with status 200",
        LMStudio(),
        Scripted(
            200,
            {"error": "The number of tokens to keep from the initial prompt is greater than the context length."},
        ),
        confirmed=False,
    ),
    _long(
        "exceed_context_size_error",
        LlamaCpp(thinks=0),
        LlamaCpp().too_long(4_755, 4_096, 0),
    ),
    _long(
        "exceed_context_size_error, with status 200",
        LlamaCpp(thinks=0),
        dataclasses.replace(LlamaCpp().too_long(4_755, 4_096, 0), status=200),
    ),
    _long(
        "maximum prompt length (xAI)",
        Compatible(),
        refusal(400, "This model's maximum prompt length is 4096 but the request contains 4755 tokens."),
    ),
    _long(
        "413: request body too large (GitHub Models)",
        Compatible(),
        refusal(413, "Request body too large for gpt-4o model. Max size: 4096 tokens.", code="tokens_limit_reached"),
    ),
    _long(
        "prompt token count exceeds the limit (GitHub Copilot)",
        Compatible(),
        refusal(400, "prompt token count of 4755 exceeds the limit of 4096", code="", type="", param=""),
    ),
    _long(
        "ends an empty answer with `model_context_window_exceeded` (z.ai)",
        Compatible(),
        answer("", finish_reason="model_context_window_exceeded"),
    ),
    Case(
        "has 4,096 tokens, each shorter than we reckon",
        LlamaCpp(thinks=0, context=4_096),
        articles=(LONGER, LONGER),
        gets=(TWENTY_DONE, TWENTY_DONE),
        calls=(3, 2),
        refused=1,
        env={"DRAGOMAN_WINDOW_TOKENS": "6000"},
    ),
)
