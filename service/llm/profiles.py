"""The profiles: what each kind of OpenAI-compatible server supports, and how it is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.llm.request_format import OutputMode, RequestFormat
from service.settings import ProfileName

OPENAI_URL = "https://api.openai.com/v1"
"""OpenAI's own server, which is used if no other is configured."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of server.

    Args:
        request_format: how the server is asked; if `adapts`, only at first.
        context_tokens: default size of the context.
        window_tokens: default for the article's tokens in one call.
        answer_seconds: a call without a response for this long is cancelled and retried.
        adapts: whether the request format changes with what the server refuses. Otherwise only
            `OPTIONAL_PARAMETERS` are left out.
        extra_body: parameters that only this kind of server has.
        truncates_silently: whether the server truncates a prompt that is too long instead of refusing it.
        lean: whether the server enforces schemas with optional properties, so that null values cost no tokens.
        bounded: whether lists in answers need a maximum length, since the models may never end one by themselves.
    """

    name: ProfileName
    request_format: RequestFormat
    context_tokens: int
    window_tokens: int
    answer_seconds: float
    adapts: bool = False
    extra_body: Mapping[str, object] = field(default_factory=dict)
    truncates_silently: bool = False
    lean: bool = False
    bounded: bool = False


PROFILES: Mapping[ProfileName, Profile] = {
    profile.name: profile
    for profile in (
        # Starts as OpenAI documents it and adapts to what the server accepts.
        Profile(
            name=ProfileName.AUTO,
            request_format=RequestFormat(),
            context_tokens=128_000,
            window_tokens=3_000,
            answer_seconds=180.0,
            adapts=True,
        ),
        Profile(
            name=ProfileName.OPENAI,
            request_format=RequestFormat(),
            context_tokens=128_000,
            window_tokens=3_000,
            answer_seconds=180.0,
        ),
        # The schema becomes a grammar; the model is told about the fields by the prompt file alone, because a
        # small model on a small machine pays for each prompt token. Calls queue for a slot: hence the long wait.
        Profile(
            name=ProfileName.LLAMA_CPP,
            request_format=RequestFormat(strict=False, limit_name="max_tokens"),
            context_tokens=8_192,
            window_tokens=600,
            answer_seconds=600.0,
            extra_body={"cache_prompt": True},
            lean=True,
            bounded=True,
        ),
        # Enforces the schema with and without `strict`; a reasoning parser may put the JSON into the reasoning.
        Profile(
            name=ProfileName.VLLM,
            request_format=RequestFormat(strict=False, limit_name="max_tokens"),
            context_tokens=32_768,
            window_tokens=3_000,
            answer_seconds=300.0,
        ),
        Profile(
            name=ProfileName.OLLAMA,
            request_format=RequestFormat(strict=False, limit_name="max_tokens", schema_in_prompt=True),
            context_tokens=4_096,
            window_tokens=1_200,
            answer_seconds=600.0,
            truncates_silently=True,
            bounded=True,
        ),
        # DeepSeek and others: they guarantee valid JSON, but not that it fits the schema.
        Profile(
            name=ProfileName.JSON_OBJECT,
            request_format=RequestFormat(OutputMode.JSON_OBJECT, strict=False, limit_name="max_tokens"),
            context_tokens=64_000,
            window_tokens=3_000,
            answer_seconds=180.0,
        ),
    )
}
