"""What each kind of OpenAI-compatible server can do, and how it wants to be asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from service.settings import ProfileName


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of server.

    Args:
        response_format: how the form of the answer is asked for.
        strict: whether `strict: true` goes with a JSON Schema.
        schema_in_prompt: whether the model must read the schema in the prompt, because the server shows it to
            nobody or enforces it loosely.
        limit: name of the parameter that bounds the answer.
        context_tokens: default size of prompt and answer together.
        window_tokens: default for the article's tokens in one call.
        answer_seconds: a call without an answer for this long is given up and repeated.
        temperature: sent as it is; a model that refuses it is asked without.
        extra_body: parameters of this server alone.
        reads_reasoning: whether an answer with empty content may stand in the reasoning.
        cuts_in_silence: whether the server shortens a prompt that is too long instead of refusing it.
        lean: whether it heeds a schema that lets properties be left out, so that null costs no tokens.
    """

    name: ProfileName
    response_format: Literal["json_schema", "json_object"]
    strict: bool
    schema_in_prompt: bool
    limit: Literal["max_completion_tokens", "max_tokens"]
    context_tokens: int
    window_tokens: int
    answer_seconds: float
    temperature: float = 0.0
    extra_body: Mapping[str, object] = field(default_factory=dict)
    reads_reasoning: bool = False
    cuts_in_silence: bool = False
    lean: bool = False


PROFILES: Mapping[ProfileName, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            name=ProfileName.OPENAI,
            response_format="json_schema",
            strict=True,
            schema_in_prompt=False,
            limit="max_completion_tokens",
            context_tokens=128_000,
            window_tokens=6_000,
            answer_seconds=180.0,
        ),
        # The schema becomes a grammar; the model is told about the fields by the prompt file alone, because a
        # small model on a small machine pays for each prompt token. Calls queue for a slot: hence the long wait.
        Profile(
            name=ProfileName.LLAMA_CPP,
            response_format="json_schema",
            strict=False,
            schema_in_prompt=False,
            limit="max_tokens",
            context_tokens=8_192,
            window_tokens=600,
            answer_seconds=600.0,
            extra_body={"cache_prompt": True},
            lean=True,
        ),
        # Constrains with and without `strict`; a reasoning parser may file the JSON under reasoning.
        Profile(
            name=ProfileName.VLLM,
            response_format="json_schema",
            strict=False,
            schema_in_prompt=False,
            limit="max_tokens",
            context_tokens=32_768,
            window_tokens=4_000,
            answer_seconds=300.0,
            reads_reasoning=True,
        ),
        Profile(
            name=ProfileName.OLLAMA,
            response_format="json_schema",
            strict=False,
            schema_in_prompt=True,
            limit="max_tokens",
            context_tokens=4_096,
            window_tokens=1_200,
            answer_seconds=600.0,
            cuts_in_silence=True,
        ),
        # DeepSeek and others: valid JSON is promised, its form is not.
        Profile(
            name=ProfileName.JSON_OBJECT,
            response_format="json_object",
            strict=False,
            schema_in_prompt=True,
            limit="max_tokens",
            context_tokens=64_000,
            window_tokens=6_000,
            answer_seconds=180.0,
        ),
    )
}
