"""What a failed HTTP call means. Server words never get into a message: they may repeat our key or the article."""

import math
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from openai import APIStatusError

from service.extraction.errors import (
    AnswerRefusedError,
    ContextTooLongError,
    DragomanError,
    ModelCredentialsError,
    ModelRequestError,
    ModelUnavailableError,
)

WORTH_REPEATING = frozenset({408, 409, 429})
QUOTA_SPENT = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
REFUSED = frozenset({"content_filter", "content_policy_violation", "invalid_prompt"})
TOO_LONG = frozenset({"context_length_exceeded", "exceed_context_size_error"})
# vLLM and others say it in prose alone.
TOO_LONG_PROSE = re.compile(
    r"maximum context length|maximum model length|context (?:size|length|window)|prompt is too long", re.IGNORECASE
)


def meaning_of(error: APIStatusError) -> DragomanError:
    """The error of ours for an answer that is not 200. `ModelUnavailableError` means: worth another try."""
    status = error.status_code
    names = {name for name in (error.code, error.type) if isinstance(name, str)}
    if names & QUOTA_SPENT:
        return ModelCredentialsError("the quota of our account at the model server is spent")
    if status in WORTH_REPEATING or status >= 500:
        asked = wait_asked_for(error.response.headers)
        return ModelUnavailableError(f"the model server answered {status}", retry_after=asked)
    if status in (401, 403):
        return ModelCredentialsError(f"the model server refused our credentials ({status})")
    if names & REFUSED:
        return AnswerRefusedError("the model server refused the prompt")
    if status == 413 or names & TOO_LONG or (status in (400, 422) and TOO_LONG_PROSE.search(error.message)):
        return ContextTooLongError("the prompt does not fit the model's context")
    return ModelRequestError(_refusal(status, names))


def _refusal(status: int, names: set[str]) -> str:
    if 300 <= status < 400:
        return f"the model server redirects to another address ({status}): check its base URL"
    if status == 404:
        return "the model server does not know the model or the address (404)"
    # Error names are plain words with underscores; anything else may be content.
    plain = sorted(name for name in names if re.fullmatch(r"[a-z]+(_[a-z]+){0,6}", name) and len(name) <= 50)
    return f"the model server refused the request ({', '.join([str(status), *plain])})"


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
