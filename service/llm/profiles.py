"""What each kind of OpenAI-compatible server can do, and how it wants to be asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.llm.dialect import Dialect, Form
from service.settings import ProfileName

OPENAI_URL = "https://api.openai.com/v1"
"""Where OpenAI's own server is, which is asked if no other is named."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of server.

    Args:
        dialect: how it is asked, at first where it `adapts`.
        context_tokens: default size of prompt and answer together.
        window_tokens: default for the article's tokens in one call.
        answer_seconds: a call without an answer for this long is given up and repeated.
        adapts: whether the dialect changes with what the server refuses; otherwise only temperature is left out.
        extra_body: parameters of this server alone.
        cuts_in_silence: whether the server shortens a prompt that is too long instead of refusing it.
        lean: whether it heeds a schema that lets properties be left out, so that null costs no tokens.
        bounded: whether lists in the answer need a limit, since its models may never end one by themselves.
    """

    name: ProfileName
    dialect: Dialect
    context_tokens: int
    window_tokens: int
    answer_seconds: float
    adapts: bool = False
    extra_body: Mapping[str, object] = field(default_factory=dict)
    cuts_in_silence: bool = False
    lean: bool = False
    bounded: bool = False


PROFILES: Mapping[ProfileName, Profile] = {
    profile.name: profile
    for profile in (
        # Begins as OpenAI documents it and goes on as the server turns out to want it.
        Profile(
            name=ProfileName.AUTO,
            dialect=Dialect(),
            context_tokens=128_000,
            window_tokens=3_000,
            answer_seconds=180.0,
            adapts=True,
        ),
        Profile(
            name=ProfileName.OPENAI,
            dialect=Dialect(),
            context_tokens=128_000,
            window_tokens=3_000,
            answer_seconds=180.0,
        ),
        # The schema becomes a grammar; the model is told about the fields by the prompt file alone, because a
        # small model on a small machine pays for each prompt token. Calls queue for a slot: hence the long wait.
        Profile(
            name=ProfileName.LLAMA_CPP,
            dialect=Dialect(strict=False, limit="max_tokens"),
            context_tokens=8_192,
            window_tokens=600,
            answer_seconds=600.0,
            extra_body={"cache_prompt": True},
            lean=True,
            bounded=True,
        ),
        # Constrains with and without `strict`; a reasoning parser may file the JSON under reasoning.
        Profile(
            name=ProfileName.VLLM,
            dialect=Dialect(strict=False, limit="max_tokens"),
            context_tokens=32_768,
            window_tokens=3_000,
            answer_seconds=300.0,
        ),
        Profile(
            name=ProfileName.OLLAMA,
            dialect=Dialect(strict=False, limit="max_tokens", schema_in_prompt=True),
            context_tokens=4_096,
            window_tokens=1_200,
            answer_seconds=600.0,
            cuts_in_silence=True,
            bounded=True,
        ),
        # DeepSeek and others: valid JSON is promised, its form is not.
        Profile(
            name=ProfileName.JSON_OBJECT,
            dialect=Dialect(Form.JSON_OBJECT, strict=False, limit="max_tokens"),
            context_tokens=64_000,
            window_tokens=3_000,
            answer_seconds=180.0,
        ),
    )
}
