"""The forms in which servers say no, and what they mean. Where they are from: docs/model-servers.md."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import (
    AnswerRefusedError,
    ContextTooLongError,
    DragomanError,
    ModelCredentialsError,
    ModelRequestError,
    ModelUnavailableError,
)
from service.llm.error_response import ErrorResponse
from service.llm.server_errors import LimitTooHighError, RequestRefusedError, ThoughtTooLongError, error_for


def said(status: int, body: Any) -> ErrorResponse:
    return ErrorResponse.from_body(status, body if isinstance(body, bytes) else json.dumps(body).encode())


def error(message: str, **members: Any) -> dict[str, Any]:
    return {"error": {"message": message, **members}}


UPSTREAM = json.dumps(error("Invalid schema: 'minItems' is not permitted.", param="response_format"))


@pytest.mark.parametrize(
    ("body", "message", "param"),
    [
        (error("No.", param="temperature"), "No.", "temperature"),
        ([error("No.")], "No.", ""),
        ({"error": "No."}, "No.", ""),
        ({"detail": "No."}, "No.", ""),
        ({"detail": [{"loc": ["body", "max_tokens"], "msg": "Extra"}]}, "body.max_tokens: Extra", ""),
        ({"object": "error", "message": "No.", "param": "n", "code": 400}, "No.", "n"),
        ({"message": {"detail": [{"loc": ["body", "x"], "msg": "Extra"}]}, "type": "invalid"}, "body.x: Extra", ""),
        (
            b"Failed to deserialize: unknown variant `json_schema`",
            "Failed to deserialize: unknown variant `json_schema`",
            "",
        ),
        (b"<html>Bad gateway</html>", "", ""),
        (b"", "", ""),
        (error("Provider returned error", metadata={"raw": UPSTREAM}), "minItems", "response_format"),
        (error("No.", param="None", type="None", code="400"), "No.", ""),
    ],
)
def test_words_are_found_in_every_form(body: Any, message: str, param: str) -> None:
    refusal = said(400, body)
    assert message in refusal.message
    assert refusal.param == param


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (429, error("Quota", type="insufficient_quota"), ModelCredentialsError),
        (402, error("Insufficient Balance"), ModelCredentialsError),
        (400, error("API key not valid. Please pass a valid API key.", code=400), ModelCredentialsError),
        (401, {"error": "Unauthorized"}, ModelCredentialsError),
        (403, error("No access"), ModelCredentialsError),
        (403, error("Your chosen model requires moderation: input was flagged"), AnswerRefusedError),
        (400, error("Content Exists Risk", code="invalid_request_error"), AnswerRefusedError),
        (400, error("The response was filtered", code="content_filter", param="prompt"), AnswerRefusedError),
        (400, error("litellm.ContentPolicyViolationError: AzureException - filtered", code="400"), AnswerRefusedError),
        (400, error("prompt is too long: 203284 tokens > 200000 maximum"), ContextTooLongError),
        (400, error("Input tokens exceed the configured limit of 272000 tokens."), ContextTooLongError),
        (400, error("This model's maximum prompt length is 131072 but the request has more."), ContextTooLongError),
        (400, {"message": "Input is too long for requested model."}, ContextTooLongError),
        (400, error("input length and `max_tokens` exceed context limit: 9 + 8 > 10"), ContextTooLongError),
        (413, error("Request too large", code="rate_limit_exceeded"), ContextTooLongError),
        (429, error("Request too large for gpt-4o on tokens per min: Limit 30000"), ContextTooLongError),
        (422, error("`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000"), ContextTooLongError),
        (400, error("max_tokens is too large: 8192. This model supports at most 4096."), LimitTooHighError),
        (402, error("You requested up to 32000 tokens, but can only afford 27342.", code=402), LimitTooHighError),
        (416, error("max_completion_tokens is limited for this model"), LimitTooHighError),
        (400, error("Could not finish the message because max_tokens was reached."), ThoughtTooLongError),
        (500, error("Internal error"), ModelUnavailableError),
        (529, error("overloaded"), ModelUnavailableError),
        (500, error("tools param requires --jinja flag"), RequestRefusedError),
        (501, error("not implemented"), RequestRefusedError),
        (404, error("The model `x` does not exist", code="model_not_found"), ModelRequestError),
        (400, error("/chat/completions: Invalid model name passed in model=x"), ModelRequestError),
        (404, b"404 page not found", ModelRequestError),
        (404, {"detail": "Not Found"}, ModelRequestError),
        (307, b"", ModelRequestError),
        (400, error("Bad request"), RequestRefusedError),
    ],
)
def test_refusal_means_one_thing(status: int, body: Any, meaning: type[DragomanError]) -> None:
    assert isinstance(error_for(said(status, body)), meaning)


@pytest.mark.parametrize(
    ("status", "body", "hint"),
    [
        (404, error("The model `x` does not exist"), ": it does not know the model (404)"),
        (307, b"", ": it redirects to another address (307)"),
        (200, {"error": "Unexpected endpoint or method. (POST /chat/completions)"}, ": it has no chat at that address"),
        (400, error("Invalid schema for response_format"), " (400)"),
    ],
)
def test_callers_are_told_why_in_words_of_ours(status: int, body: Any, hint: str) -> None:
    refusal = ErrorResponse.from_embedded(body["error"]) if status == 200 else said(status, body)
    meaning = error_for(refusal)
    assert isinstance(meaning, ModelRequestError)
    assert meaning.hint.startswith(hint)


@pytest.mark.parametrize(
    ("body", "size"),
    [
        (error("This model's maximum context length is 8192 tokens. However, you requested 9000 tokens"), 8_192),
        (error("the request exceeds the available context size", n_prompt_tokens=4755, n_ctx=4096), 4_096),
        ({"error": "greater than the context length (n_keep: 5217>= n_ctx: 4096)"}, 4_096),
        (error("longer than the model's context length (40960 tokens)."), 40_960),
        (error("prompt is too long"), None),
    ],
)
def test_size_of_the_context_is_taken_from_what_is_said(body: Any, size: int | None) -> None:
    assert said(400, body).context_tokens == size


@given(
    st.integers(300, 599),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["error", "message", "detail", "code", "type", "param", "metadata", "raw", "loc", "msg"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=15,
    ),
)
def test_any_body_means_something(status: int, body: Any) -> None:
    assert isinstance(error_for(said(status, body)), DragomanError)
    assert isinstance(error_for(ErrorResponse.from_embedded(body)), DragomanError)
