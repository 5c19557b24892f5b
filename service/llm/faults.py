"""What a server means when it refuses a request: the error of ours for what it said.

The server's own words never get into an error's message, since they may repeat our key or the article;
`service.llm.quoting` says what of them may be logged. Where the forms come from: docs/model-servers.md.
"""

import math
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from service.errors import (
    AnswerRefusedError,
    ContextTooLongError,
    DragomanError,
    ModelCredentialsError,
    ModelRequestError,
    ModelUnavailableError,
)
from service.llm.refusals import Refusal

WORTH_REPEATING = frozenset({408, 409, 429})
QUOTA_SPENT = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_balance"}
)
CREDENTIALS = re.compile(r"api key not valid|api_key_invalid|invalid api[ _-]key|incorrect api key", re.IGNORECASE)
FILTERED = frozenset({"content_filter", "content_policy_violation", "invalid_prompt", "moderation"})
FILTERED_PROSE = re.compile(
    r"content (?:management |usage )?polic|content[ _]filter|contentpolicyviolation|responsibleaipolicyviolation"
    r"|content exists risk|was flagged|safety system|prohibited_content|guardrail",
    re.IGNORECASE,
)
TOO_LONG = frozenset({"context_length_exceeded", "exceed_context_size_error", "string_above_max_length"})
TOO_LONG_PROSE = re.compile(
    r"context (?:size|length|limit|window)|contextwindow|maximum model length|prompt is too long|input is too long"
    r"|(?:input )?token count.{0,30}exceed|input tokens exceed|maximum prompt length|too large for model"
    r"|number of tokens to keep|inputs` must have less|request too large|body too large|prompt tokens limit exceeded"
    r"|longer than the model|please reduce the length|inputs` tokens \+",
    re.IGNORECASE | re.DOTALL,
)
LIMIT_TOO_HIGH = re.compile(
    r"(?:max_(?:completion_|new_|output_)?tokens|maximum tokens|fewer max_tokens|token limit)", re.IGNORECASE
)
TOO_HIGH_PROSE = re.compile(r"too large|too high|is limited|above maximum|exceeds", re.IGNORECASE)
THOUGHT_TOO_LONG = re.compile(r"could not finish the message because max_tokens", re.IGNORECASE)
UNKNOWN_MODEL = re.compile(
    r"\bmodels?\b.{0,120}?(?:does not exist|do not have access|not found|not exist|not a valid)|unknown model"
    r"|invalid model|unsupported model|deployment.{0,40}does not exist|not a valid model",
    re.IGNORECASE | re.DOTALL,
)
UNKNOWN_MODEL_NAMES = frozenset({"model_not_found", "deploymentnotfound", "invalid_model"})
WRONG_ADDRESS = re.compile(r"unexpected endpoint|^\W*(?:404)?\W*(?:page )?not found\W*$", re.IGNORECASE)
NOT_FOUND = re.compile(r"not_?found", re.IGNORECASE)
BROKEN_ANSWER = frozenset({"json_validate_failed", "tool_use_failed"})
"""Groq's codes for an answer of the model that does not fit: no fault of the request."""
LACKING = re.compile(
    r"unsupported|not supported|does(?:n't| not) support|unimplemented|not implemented|requires? --jinja"
    r"|unrecognized|unknown (?:field|parameter|name)",
    re.IGNORECASE,
)
"""How some servers say with a 500 that they lack something that was asked for."""
PARAMETERS = re.compile(
    r"temperature|response_format|max_(?:completion_)?tokens|tool_choice|reasoning_effort|json_schema|minItems|maxItems"
)
"""What a request may be refused for, even if the sentence speaks of the model as well."""
EXCEEDED = re.compile(r"exceed|too long|longer than", re.IGNORECASE)
LEAST_ANSWER = 100
"""Tokens; an account that affords no more than this is empty."""


class RequestRefusedError(ModelRequestError):
    """The request was refused as it is; a request of another form may not be. `refusal` says what is known."""

    def __init__(self, message: str, refusal: Refusal | None = None) -> None:
        self.refusal = refusal or Refusal(400)
        super().__init__(message, hint=f" ({self.refusal.status})")


class LimitTooHighError(ModelRequestError):
    """Fewer tokens are written than were asked for.

    `most` is how many are, if the server tells; `lasts` whether that is the model's own and not the account's.
    """

    def __init__(self, message: str, *, most: int | None = None, lasts: bool = True) -> None:
        super().__init__(message, hint=": it writes no answer as long as was asked for")
        self.most = most
        self.lasts = lasts


class PromptTooLongError(ContextTooLongError):
    """`context_tokens` is what prompt and answer may have together, if the server tells."""

    def __init__(self, message: str, *, context_tokens: int | None = None) -> None:
        super().__init__(message)
        self.context_tokens = context_tokens


class ThoughtTooLongError(ModelRequestError):
    """The model used all of its room for thinking, and the server calls that an error."""


def meaning_of(refusal: Refusal, headers: Mapping[str, str] | None = None) -> DragomanError:
    """The error of ours for what a server said. `ModelUnavailableError` means: worth another try."""
    return (
        _of_the_account(refusal)
        or _of_the_content(refusal)
        or _of_the_length(refusal)
        or _passing(refusal, headers or {})
        or _of_the_request(refusal)
    )


def _of_the_account(refusal: Refusal) -> DragomanError | None:
    if refusal.status == 402 and (refusal.most_allowed or 0) > LEAST_ANSWER:
        return LimitTooHighError(
            "our account at the model server affords no answer as long", most=refusal.most_allowed, lasts=False
        )
    if refusal.status == 402 or refusal.names & QUOTA_SPENT:
        return ModelCredentialsError("the quota of our account at the model server is spent")
    if refusal.status == 401 or (refusal.status == 400 and CREDENTIALS.search(refusal.message)):
        return ModelCredentialsError(f"the model server refused our credentials ({refusal.status})")
    return None


def _of_the_content(refusal: Refusal) -> DragomanError | None:
    if refusal.status < 500 and (refusal.names & FILTERED or FILTERED_PROSE.search(refusal.message)):
        return AnswerRefusedError("the model server refused the prompt because of its content")
    if refusal.status == 403:
        return ModelCredentialsError("the model server refused our credentials (403)")
    return None


def _of_the_length(refusal: Refusal) -> DragomanError | None:
    """A prompt or a limit that is too long. A rate limit that no wait cures is of this sort too."""
    message = f"{refusal.message} {refusal.param}"
    if THOUGHT_TOO_LONG.search(message):
        return ThoughtTooLongError("the model used up its room before it had written an answer")
    long = TOO_LONG_PROSE.search(message) and (
        refusal.status in (400, 413, 416, 422, 429) or (refusal.status == 500 and EXCEEDED.search(message))
    )
    if refusal.status == 413 or refusal.names & TOO_LONG or long:
        return PromptTooLongError("the prompt does not fit the model's context", context_tokens=refusal.context_tokens)
    high = refusal.most_allowed or TOO_HIGH_PROSE.search(message)
    if refusal.status in (400, 416, 422) and LIMIT_TOO_HIGH.search(message) and high:
        return LimitTooHighError("the model writes no answer as long as was asked for", most=refusal.most_allowed)
    return None


def _passing(refusal: Refusal, headers: Mapping[str, str]) -> DragomanError | None:
    lacking = refusal.status == 501 or (refusal.status == 500 and LACKING.search(refusal.message))
    if refusal.status in WORTH_REPEATING or (refusal.status >= 500 and not lacking):
        asked = wait_asked_for(headers)
        return ModelUnavailableError(f"the model server answered {refusal.status}", retry_after=asked)
    return None


def _of_the_request(refusal: Refusal) -> DragomanError:
    status = refusal.status
    if 300 <= status < 400:
        return ModelRequestError(
            f"the model server redirects to another address ({status}): check its base URL",
            hint=f": it redirects to another address ({status})",
        )
    named = refusal.param or PARAMETERS.search(refusal.message)
    missing = status == 404 and any(map(NOT_FOUND.search, refusal.names)) and "model" in refusal.message
    unknown = UNKNOWN_MODEL.search(refusal.message) and not named
    if missing or refusal.names & UNKNOWN_MODEL_NAMES or unknown:
        return ModelRequestError(
            f"the model server does not know the model ({status})", hint=f": it does not know the model ({status})"
        )
    if WRONG_ADDRESS.search(refusal.message) or (status == 404 and not refusal.message):
        return ModelRequestError(
            f"there is no chat at the model server's address ({status}): check its base URL",
            hint=f": it has no chat at that address ({status})",
        )
    told = ", ".join(filter(None, [str(status), refusal.code]))
    return RequestRefusedError(f"the model server refused the request ({told})", refusal)


def wait_asked_for(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from `retry-after-ms` or either form of `Retry-After` (RFC 9110, 10.2.3)."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    asked = headers.get("retry-after")
    seconds = _number(asked)
    if seconds is not None or asked is None:
        return seconds
    until = _moment(asked)
    if until is None:
        return None
    # The server's own clock, where it tells, makes up for ours being off.
    now = _moment(headers.get("date"))
    return max(0.0, until - (time.time() if now is None else now))


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _moment(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text or "").timestamp()
    except (ValueError, OverflowError):
        return None
