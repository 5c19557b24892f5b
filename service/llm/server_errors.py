"""Translates error responses of model servers into our own errors.

The server's words never get into the message of an error, since they may contain our key or article text.
`service.llm.redaction` decides what of them may be logged. For the sources of the patterns see docs/model-servers.md.
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
from service.llm.error_response import ErrorResponse

RETRYABLE_STATUSES = frozenset({408, 409, 429})
QUOTA_NAMES = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_balance"}
)
CREDENTIALS_PROSE = re.compile(
    r"api key not valid|api_key_invalid|invalid api[ _-]key|incorrect api key", re.IGNORECASE
)
FILTER_NAMES = frozenset({"content_filter", "content_policy_violation", "invalid_prompt", "moderation"})
FILTER_PROSE = re.compile(
    r"content (?:management |usage )?polic|content[ _]filter|contentpolicyviolation|responsibleaipolicyviolation"
    r"|content exists risk|was flagged|safety system|prohibited_content|guardrail",
    re.IGNORECASE,
)
TOO_LONG_NAMES = frozenset({"context_length_exceeded", "exceed_context_size_error", "string_above_max_length"})
TOO_LONG_PROSE = re.compile(
    r"context (?:size|length|limit|window)|contextwindow|maximum model length|prompt is too long|input is too long"
    r"|(?:input )?token count.{0,30}exceed|input tokens exceed|maximum prompt length|too large for model"
    r"|number of tokens to keep|inputs` must have less|request too large|body too large|prompt tokens limit exceeded"
    r"|longer than the model|please reduce the length|inputs` tokens \+",
    re.IGNORECASE | re.DOTALL,
)
LIMIT_PROSE = re.compile(
    r"(?:max_(?:completion_|new_|output_)?tokens|maximum tokens|fewer max_tokens|token limit)", re.IGNORECASE
)
TOO_HIGH_PROSE = re.compile(r"too large|too high|is limited|above maximum|exceeds", re.IGNORECASE)
THOUGHT_TOO_LONG_PROSE = re.compile(r"could not finish the message because max_tokens", re.IGNORECASE)
UNKNOWN_MODEL_PROSE = re.compile(
    r"\bmodels?\b.{0,120}?(?:does not exist|do not have access|not found|not exist|not a valid)|unknown model"
    r"|invalid model|unsupported model|deployment.{0,40}does not exist|not a valid model",
    re.IGNORECASE | re.DOTALL,
)
UNKNOWN_MODEL_NAMES = frozenset({"model_not_found", "deploymentnotfound", "invalid_model"})
WRONG_ADDRESS_PROSE = re.compile(r"unexpected endpoint|^\W*(?:404)?\W*(?:page )?not found\W*$", re.IGNORECASE)
NOT_FOUND = re.compile(r"not_?found", re.IGNORECASE)
UNFIT_ANSWER_CODES = frozenset({"json_validate_failed", "tool_use_failed"})
"""Groq's codes for an answer of the model that does not fit the schema: not an error of the request."""
UNSUPPORTED_PROSE = re.compile(
    r"unsupported|not supported|does(?:n't| not) support|unimplemented|not implemented|requires? --jinja"
    r"|unrecognized|unknown (?:field|parameter|name)",
    re.IGNORECASE,
)
"""How some servers say, with status 500, that they do not support something."""
PARAMETERS = re.compile(
    r"temperature|response_format|max_(?:completion_)?tokens|tool_choice|reasoning_effort|json_schema|minItems|maxItems"
)
"""Parameters for which a request may be refused, even if the message mentions the model as well."""
EXCEEDED_PROSE = re.compile(r"exceed|too long|longer than", re.IGNORECASE)
MIN_ANSWER_TOKENS = 100
"""Tokens. An account that pays for no more than this counts as empty."""


class RequestRefusedError(ModelRequestError):
    """The request was refused in this format; another format may be accepted. `error_response` has the details."""

    def __init__(self, message: str, error_response: ErrorResponse | None = None) -> None:
        self.error_response = error_response or ErrorResponse(400)
        super().__init__(message, hint=f" ({self.error_response.status})")


class LimitTooHighError(ModelRequestError):
    """The requested token limit is too high.

    `reported_limit` is the highest one, if the server reports it. `is_model_limit` tells it from the account's.
    """

    def __init__(self, message: str, *, reported_limit: int | None = None, is_model_limit: bool = True) -> None:
        super().__init__(message, hint=": it writes no answer as long as was asked for")
        self.reported_limit = reported_limit
        self.is_model_limit = is_model_limit


class PromptTooLongError(ContextTooLongError):
    """The prompt does not fit the context, whose size is `context_tokens`, if the server reports it."""

    def __init__(self, message: str, *, context_tokens: int | None = None) -> None:
        super().__init__(message)
        self.context_tokens = context_tokens


class ThoughtTooLongError(ModelRequestError):
    """Reasoning used up the token limit, and the server reports that as an error."""


def error_for(error_response: ErrorResponse, headers: Mapping[str, str] | None = None) -> DragomanError:
    """Our error for an error response. `ModelUnavailableError` means that another attempt may succeed."""
    return (
        _account_error(error_response)
        or _content_error(error_response)
        or _length_error(error_response)
        or _transient_error(error_response, headers or {})
        or _request_error(error_response)
    )


def _account_error(error_response: ErrorResponse) -> DragomanError | None:
    if error_response.status == 402 and (error_response.max_allowed or 0) > MIN_ANSWER_TOKENS:
        return LimitTooHighError(
            "our account at the model server affords no answer as long",
            reported_limit=error_response.max_allowed,
            is_model_limit=False,
        )
    if error_response.status == 402 or error_response.names & QUOTA_NAMES:
        return ModelCredentialsError("the quota of our account at the model server is spent")
    if error_response.status == 401 or (
        error_response.status == 400 and CREDENTIALS_PROSE.search(error_response.message)
    ):
        return ModelCredentialsError(f"the model server refused our credentials ({error_response.status})")
    return None


def _content_error(error_response: ErrorResponse) -> DragomanError | None:
    if error_response.status < 500 and (
        error_response.names & FILTER_NAMES or FILTER_PROSE.search(error_response.message)
    ):
        return AnswerRefusedError("the model server refused the prompt because of its content")
    if error_response.status == 403:
        return ModelCredentialsError("the model server refused our credentials (403)")
    return None


def _length_error(error_response: ErrorResponse) -> DragomanError | None:
    """The error for a prompt or a limit that is too long, or for a rate limit that one request alone exceeds."""
    message = f"{error_response.message} {error_response.param}"
    if THOUGHT_TOO_LONG_PROSE.search(message):
        return ThoughtTooLongError("the model used up its room before it had written an answer")
    long = TOO_LONG_PROSE.search(message) and (
        error_response.status in (400, 413, 416, 422, 429)
        or (error_response.status == 500 and EXCEEDED_PROSE.search(message))
    )
    if error_response.status == 413 or error_response.names & TOO_LONG_NAMES or long:
        return PromptTooLongError(
            "the prompt does not fit the model's context", context_tokens=error_response.context_tokens
        )
    high = error_response.max_allowed or TOO_HIGH_PROSE.search(message)
    if error_response.status in (400, 416, 422) and LIMIT_PROSE.search(message) and high:
        return LimitTooHighError(
            "the model writes no answer as long as was asked for", reported_limit=error_response.max_allowed
        )
    return None


def _transient_error(error_response: ErrorResponse, headers: Mapping[str, str]) -> DragomanError | None:
    lacking = error_response.status == 501 or (
        error_response.status == 500 and UNSUPPORTED_PROSE.search(error_response.message)
    )
    if error_response.status in RETRYABLE_STATUSES or (error_response.status >= 500 and not lacking):
        requested = parse_retry_after(headers)
        return ModelUnavailableError(f"the model server answered {error_response.status}", retry_after=requested)
    return None


def _request_error(error_response: ErrorResponse) -> DragomanError:
    status = error_response.status
    if 300 <= status < 400:
        return ModelRequestError(
            f"the model server redirects to another address ({status}): check its base URL",
            hint=f": it redirects to another address ({status})",
        )
    named = error_response.param or PARAMETERS.search(error_response.message)
    missing = status == 404 and any(map(NOT_FOUND.search, error_response.names)) and "model" in error_response.message
    unknown = UNKNOWN_MODEL_PROSE.search(error_response.message) and not named
    if missing or error_response.names & UNKNOWN_MODEL_NAMES or unknown:
        return ModelRequestError(
            f"the model server does not know the model ({status})", hint=f": it does not know the model ({status})"
        )
    if WRONG_ADDRESS_PROSE.search(error_response.message) or (status == 404 and not error_response.message):
        return ModelRequestError(
            f"there is no chat at the model server's address ({status}): check its base URL",
            hint=f": it has no chat at that address ({status})",
        )
    told = ", ".join(filter(None, [str(status), error_response.code]))
    return RequestRefusedError(f"the model server refused the request ({told})", error_response)


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from `retry-after-ms` or either form of `Retry-After` (RFC 9110, 10.2.3)."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    requested = headers.get("retry-after")
    seconds = _number(requested)
    if seconds is not None or requested is None:
        return seconds
    until = _moment(requested)
    if until is None:
        return None
    # Compared with the server's clock, if it is sent: ours may be off.
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
