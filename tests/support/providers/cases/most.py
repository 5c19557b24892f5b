"""A limit that is higher than the model's or the account's."""

from tests.support.model_server import Received, Scripted, refusal
from tests.support.providers.cases.case import Case, Compatible, Plain, first_calls, invalid, top_level, when
from tests.support.providers.gateways import BedrockGateway
from tests.support.providers.hosted import (
    Anthropic,
    DeepSeek,
    Groq,
)
from tests.support.providers.local import VLLM, SGLang
from tests.support.providers.provider import Provider
from tests.support.providers.reading import read_tokens


def _most(
    does: str,
    provider: Provider,
    fault: Scripted,
    *,
    most: int,
    shared: bool = False,
    tries: int = 1,
    confirmed: bool = True,
) -> Case:
    """So much room is asked for that it is refused, `tries` times; the prompt may have a share in `most`."""

    def too_much(request: Received) -> bool:
        asked: int = max(request.body.get(name, 0) for name in ("max_tokens", "max_completion_tokens"))
        return asked > most - shared * read_tokens(request.body["messages"])

    calls, refused = first_calls(provider)
    return Case(
        does,
        provider,
        calls=(calls + tries,),
        refused=refused + tries,
        log=("no answer as long|does not fit",),
        then=when(too_much, fault, provider),
        env={"DRAGOMAN_ANSWER_TOKENS": "40000"},
        confirmed=confirmed,
    )


MOST = (
    _most(
        "at most 4096 completion tokens",
        Plain(),
        invalid(
            "max_tokens is too large: 40000. This model supports at most 4096 completion tokens, whereas you provided "
            "40000.",
            param="max_tokens",
        ),
        most=4_096,
    ),
    _most(
        "the valid range is [1, 8192]",
        DeepSeek(thinks=0),
        DeepSeek().wrong("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]"),
        most=8_192,
    ),
    _most(
        "less than or equal to 16384",
        Groq(thinks=0),
        refusal(
            400,
            "`max_completion_tokens` must be less than or equal to `16384`, the maximum value for "
            "`max_completion_tokens` "
            "is less than the `context_window` for this model",
            type="invalid_request_error",
            param="max_completion_tokens",
        ),
        most=16_384,
    ),
    _most(
        "the maximum allowed number of output tokens",
        Anthropic(thinks=0),
        refusal(
            400,
            "max_tokens: 40000 > 8192, which is the maximum allowed number of output tokens for claude-opus-5",
            type="invalid_request_error",
            code="invalid_request_error",
        ),
        most=8_192,
        confirmed=False,
    ),
    _most(
        "exceeds the model limit",
        BedrockGateway(thinks=0),
        BedrockGateway.validation(
            "The maximum tokens you requested exceeds the model limit of 8192. Try again with lower."
        ),
        most=8_192,
    ),
    _most(
        "too large for what the context leaves",
        VLLM(thinks=0),
        refusal(
            400,
            "'max_tokens' or 'max_completion_tokens' is too large: 40000. This model's maximum context length is 16384 "
            "tokens and your request has 1941 input tokens (40000 > 16384 - 1941).",
            type="BadRequestError",
            param="max_tokens",
            code=400,
        ),
        most=16_384,
        shared=True,
    ),
    _most(
        "more than the context has, together with the prompt",
        SGLang(thinks=0),
        top_level(
            400,
            "Requested token count exceeds the model's maximum context length of 16384 tokens. You requested a total "
            "of "
            "41941 tokens: 1941 tokens from the input messages and 40000 tokens for the completion.",
        ),
        most=16_384,
        shared=True,
        confirmed=False,
    ),
    _most(
        "`max_new_tokens` must be less",
        Compatible(),
        Scripted(
            422,
            {
                "error": "Input validation error: `max_new_tokens` must be <= 2048. Given: 40000",
                "error_type": "validation",
            },
        ),
        most=2_048,
    ),
    _most(
        "a value above the maximum (Volcengine)",
        Compatible(),
        refusal(
            400,
            "The parameter `max_completion_tokens` specified in the request are not valid: integer above maximum "
            "value, "
            "expected a value <= 12288, but got 40000 instead.",
            code="InvalidParameter",
            param="max_completion_tokens",
            type="BadRequest",
        ),
        most=12_288,
    ),
    _most(
        "416: the limit is limited (Scaleway)",
        Compatible(),
        refusal(416, "max_completion_tokens is limited for this model"),
        most=16_384,
        tries=2,
    ),
    _most(
        "the sentence in the place of the parameter's name (Xiaomi)",
        Compatible(),
        refusal(
            400,
            "Param Incorrect",
            type="upstream_error",
            param="max_tokens is too large: 40000. This model supports at most 8192 completion tokens",
            code="400",
        ),
        most=8_192,
    ),
)
