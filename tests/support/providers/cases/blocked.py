"""Content that is not wanted, and the articles after it."""

from tests.support.model_server import Script, Scripted, answer
from tests.support.plausible import ARTICLE
from tests.support.providers.cases.case import (
    BANNED,
    DONE,
    Case,
    Compatible,
    Plain,
    banned,
    changed,
    finished,
    first_calls,
    when,
)
from tests.support.providers.gateways import BedrockGateway, LiteLLM, OpenRouter
from tests.support.providers.hosted import (
    BLOCKED_BY_AZURE,
    Azure,
    DeepSeek,
    Gemini,
    blocked_by_azure,
)
from tests.support.providers.provider import Provider

REFUSED = "`partial`, 0 records, failure `answer_refused`"
_LITELLM_FILTER = (
    "litellm.BadRequestError: litellm.ContentPolicyViolationError: litellm.ContentPolicyViolationError: "
    f"AzureException - {BLOCKED_BY_AZURE} model=azure/gpt-4o. content_policy_fallback=None. fallbacks=None."
)


def _blocking(
    does: str, provider: Provider, fault: Script, *, calls: int = 1, refused: int = 0, confirmed: bool = True
) -> Case:
    """Articles that are blocked, more than the breaker waits for, and one that is not."""
    return Case(
        does,
        provider,
        articles=(ARTICLE, *(BANNED,) * 6, ARTICLE),
        gets=(DONE, *(REFUSED,) * 6, DONE),
        calls=(first_calls(provider)[0], *(calls,) * 6, 1),
        refused=first_calls(provider)[1] + refused,
        log=("because of its content",) if refused else (),
        then=when(banned, fault, provider),
        confirmed=confirmed,
    )


BLOCKED = (
    _blocking(
        "blocks a prompt: 200 without choices",
        Gemini(thinks=0),
        Scripted(body={"choices": []}),
        calls=2,
        confirmed=False,
    ),
    _blocking("the same, `choices` null", Gemini(thinks=0), Scripted(body={"choices": None}), calls=2, confirmed=False),
    _blocking(
        "the same, as Google's own API puts it",
        Gemini(thinks=0),
        Scripted(body={"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}),
    ),
    *(
        _blocking(
            f"ends an answer with `{reason}`",
            Gemini(thinks=0),
            changed(Gemini(thinks=0), finished(reason, role="assistant", content=None)),
        )
        for reason in ("SAFETY", "PROHIBITED_CONTENT")
    ),
    _blocking(
        "ends an answer with `sensitive` (z.ai)",
        Compatible(),
        changed(Compatible(), finished("sensitive", role="assistant", content="")),
    ),
    _blocking(
        "ends an answer with `guardrail_intervened`",
        BedrockGateway(thinks=0),
        changed(BedrockGateway(thinks=0), finished("guardrail_intervened", role="assistant", content="Blocked.")),
    ),
    _blocking("blocks a prompt: 400 `content_filter`", Azure(thinks=0), blocked_by_azure(), refused=6),
    _blocking("the same, wrapped twice", LiteLLM(thinks=0), LiteLLM.error(_LITELLM_FILTER), refused=6),
    _blocking(
        "blocks a prompt: 400 `Content Exists Risk`",
        DeepSeek(thinks=0),
        DeepSeek().wrong("Content Exists Risk"),
        refused=6,
    ),
    _blocking(
        "blocks a prompt: 403 with reasons",
        OpenRouter(thinks=0),
        OpenRouter.error(
            403,
            "Input was flagged by moderation.",
            reasons=["violence"],
            flagged_input="The court heard how…",
            provider_name="OpenAI",
            model_slug="gpt-4o",
        ),
        confirmed=False,
        refused=6,
    ),
    _blocking(
        "refuses in the model's own words (`refusal`)",
        Plain(),
        answer(None, refusal="I'm sorry, I can't help with that."),
    ),
)
