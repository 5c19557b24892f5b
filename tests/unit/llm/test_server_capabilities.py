"""What is learnt of a server: one refusal, or one answer that was all thought, serves every question after it."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from service.deadline import Deadline
from service.errors import AnswerTruncatedError, ContextTooLongError, ModelRequestError
from service.extraction.model import UsageMeter
from service.llm.client import InstructorModel
from service.llm.error_response import ErrorResponse
from service.llm.profiles import PROFILES
from service.llm.request_format import BOUND_KEYWORDS, OutputMode, RequestFormat, fallback_for, next_guess
from service.llm.server_capabilities import THINKING_TOKENS
from service.settings import ProfileName
from tests.support.model_server import ModelServer, Received, Scripted, answer, refusal
from tests.support.people import KEY, People, complain_about_first, model_for, people, people_question

AUTO = PROFILES[ProfileName.AUTO]
FINE = answer(people("first"))
JSON_TEXT = json.dumps(people("first"))


async def ask(model: InstructorModel, **options: Any) -> People:
    return await model.fill(people_question(**options), deadline=Deadline.after(20), usage=UsageMeter())


def refuses(*, when: Callable[[dict[str, Any]], bool], by: Scripted, script: Scripted = FINE) -> Any:
    """A server that refuses some requests and answers the others."""

    def reply(request: Received) -> Scripted:
        return by if when(request.body) else script

    return reply


def called(request: Received) -> Scripted:
    """An answer as the call of the tool that was asked for."""
    function = {"name": request.body["tools"][0]["function"]["name"], "arguments": JSON_TEXT}
    return answer(None, tool_calls=[{"id": "1", "type": "function", "function": function}])


def by_form(form: str) -> Any:
    """A server that takes one form of the answer alone."""

    def reply(request: Received) -> Scripted:
        body = request.body
        sent = (body.get("response_format") or {}).get("type") or ("tool" if "tools" in body else "prompt")
        if sent != form:
            return refusal(400, f"{'tools' if sent == 'tool' else 'response_format'} is not supported here")
        return called(request) if sent == "tool" else FINE

    return reply


@pytest.mark.parametrize(
    ("form", "expected", "calls"),
    [
        ("json_schema", OutputMode.JSON_SCHEMA, 1),
        ("tool", OutputMode.TOOL, 2),
        ("json_object", OutputMode.JSON_OBJECT, 3),
        ("prompt", OutputMode.PROMPT, 4),
    ],
)
async def test_form_steps_down_to_what_the_server_takes_and_stays_there(
    server: ModelServer, caplog: pytest.LogCaptureFixture, form: str, expected: OutputMode, calls: int
) -> None:
    server._otherwise = by_form(form)
    model = model_for(server, AUTO)
    for _ in range(3):
        assert (await ask(model)).records[0].name == "first"
    await model.close()
    assert model.capabilities.request_format.mode is expected
    assert len(server.chats) == calls + 2
    changes = [record.message for record in caplog.records if "is asked" in record.message]
    assert len(changes) == calls - 1


@pytest.mark.parametrize(
    ("refused", "gone", "left"),
    [
        (refusal(400, "Unsupported value", param="temperature", code="unsupported_value"), "temperature", None),
        (
            refusal(400, "litellm.UnsupportedParamsError: o1 does not support parameters: ['temperature']", code="400"),
            "temperature",
            None,
        ),
        (
            Scripted(422, {"detail": [{"loc": ["body", "max_completion_tokens"], "msg": "Extra inputs"}]}),
            "max_completion_tokens",
            "max_tokens",
        ),
        (
            refusal(400, "Unrecognized request argument supplied: max_completion_tokens"),
            "max_completion_tokens",
            "max_tokens",
        ),
    ],
)
async def test_parameter_that_is_refused_is_left_out_from_then_on(
    server: ModelServer, refused: Scripted, gone: str, left: str | None
) -> None:
    server._otherwise = refuses(when=lambda body: gone in body, by=refused)
    model = model_for(server, AUTO)
    for _ in range(2):
        await ask(model)
    await model.close()
    assert [gone in chat.body for chat in server.chats] == [True, False, False]
    assert left is None or left in server.chats[-1].body
    assert model.capabilities.request_format.mode is OutputMode.JSON_SCHEMA


async def test_keyword_of_a_schema_that_is_refused_is_left_out_alone(server: ModelServer) -> None:
    said = refusal(400, "Invalid schema for response_format 'People': 'additionalProperties' is not permitted.")
    server._otherwise = refuses(when=lambda body: "additionalProperties" in str(body), by=said)
    model = model_for(server, AUTO)
    await ask(model)
    await model.close()
    schema = server.chats[1].body["response_format"]["json_schema"]
    assert schema["schema"]["required"] == ["records"]
    assert model.capabilities.request_format.omitted_keywords == {"additionalProperties"}


async def test_refusal_that_names_nothing_is_found_out_before_any_answer(server: ModelServer) -> None:
    server._otherwise = refuses(when=lambda body: "response_format" in body, by=refusal(400, "Bad request"))
    server._otherwise = refuses(
        when=lambda body: "response_format" in body or "tools" in body, by=refusal(400, "Bad request")
    )
    model = model_for(server, AUTO)
    await ask(model)
    refused = len(server.chats) - 1
    await ask(model)
    await model.close()
    assert model.capabilities.request_format.mode is OutputMode.PROMPT
    assert refused <= 7
    assert len(server.chats) == refused + 2


async def test_refusal_that_nothing_helps_against_is_told_as_it_was(server: ModelServer) -> None:
    server._otherwise = refusal(400, "Bad request")
    model = model_for(server, AUTO)
    with pytest.raises(ModelRequestError, match="400"):
        await ask(model)
    first = len(server.chats)
    with pytest.raises(ModelRequestError):
        await ask(model)
    await model.close()
    assert model.capabilities.request_format == RequestFormat()
    assert model.capabilities.changes == []
    assert len(server.chats) == first + 1


async def test_refusal_after_an_answer_is_the_questions_own(server: ModelServer) -> None:
    server.then(FINE, refusal(400, "Bad request"))
    model = model_for(server, AUTO)
    await ask(model)
    with pytest.raises(ModelRequestError):
        await ask(model)
    await model.close()
    assert model.capabilities.request_format == RequestFormat()


async def test_unknown_model_is_no_reason_to_step_down(server: ModelServer) -> None:
    server.then(refusal(404, "The model `x` does not exist or you do not have access to it.", code="model_not_found"))
    model = model_for(server, AUTO)
    with pytest.raises(ModelRequestError, match="does not know the model"):
        await ask(model)
    await model.close()


async def test_named_profile_gives_up_nothing_but_temperature(server: ModelServer) -> None:
    server.then(refusal(400, "max_completion_tokens is not supported"))
    model = model_for(server, PROFILES[ProfileName.OPENAI])
    with pytest.raises(ModelRequestError):
        await ask(model)
    await model.close()


async def test_first_question_finds_out_for_those_asked_beside_it(server: ModelServer) -> None:
    server._otherwise = by_form("json_object")
    model = model_for(server, AUTO)
    await asyncio.gather(*(ask(model, article=f"[1] Envoy {number} spoke.") for number in range(6)))
    await model.close()
    assert len(server.chats) == 2 + 6


async def test_server_that_ignores_the_schema_is_shown_it(server: ModelServer) -> None:
    def reply(request: Received) -> Scripted:
        return FINE if '"properties"' in str(request.body["messages"]) else answer({"people": ["first"]})

    server._otherwise = reply
    model = model_for(server, AUTO)
    meter = UsageMeter()
    await model.fill(people_question(), deadline=Deadline.after(20), usage=meter)
    assert (meter.total.calls, meter.total.reasks) == (2, 1)
    await ask(model)
    await model.close()
    assert model.capabilities.request_format.schema_in_prompt
    assert len(server.chats) == 3


def thinks(needed: int) -> Any:
    """A model that thinks for so many tokens before each answer of twenty."""

    def reply(request: Received) -> Scripted:
        room = request.body["max_completion_tokens"]
        if room < needed + 20:
            thought = {"reasoning_tokens": room}
            used = {"prompt_tokens": 9, "completion_tokens": room, "completion_tokens_details": thought}
            return answer("", finish_reason="length", usage=used)
        used = {
            "prompt_tokens": 9,
            "completion_tokens": needed + 20,
            "completion_tokens_details": {"reasoning_tokens": needed},
        }
        return answer(people("first"), usage=used)

    return reply


async def test_model_that_thinks_gets_more_room_once_and_for_good(server: ModelServer) -> None:
    server._otherwise = thinks(3_000)
    model = model_for(server, AUTO)
    meter = UsageMeter()
    await model.fill(people_question(), deadline=Deadline.after(20), usage=meter)
    await ask(model)
    await model.close()
    rooms = [chat.body["max_completion_tokens"] for chat in server.chats]
    assert rooms == [500, 500 + THINKING_TOKENS, 500 + THINKING_TOKENS]
    assert (meter.total.calls, meter.total.retries, meter.total.reasoning_tokens) == (2, 1, 3_500)


async def test_questions_beside_the_first_are_not_asked_with_too_little_room(server: ModelServer) -> None:
    server._otherwise = thinks(3_000)
    model = model_for(server, AUTO)
    await asyncio.gather(*(ask(model, article=f"[1] Envoy {number} spoke.") for number in range(4)))
    await model.close()
    assert len(server.chats) <= 2 * 4


async def test_model_that_thinks_without_end_is_told_of_and_not_halved(server: ModelServer) -> None:
    server._otherwise = thinks(10**9)
    model = model_for(server, AUTO)
    with pytest.raises(AnswerTruncatedError, match="DRAGOMAN_ANSWER_TOKENS") as raised:
        await ask(model)
    await model.close()
    assert raised.value.starved
    assert len(server.chats) == 2


async def test_thinking_that_the_server_calls_an_error_gets_more_room_too(server: ModelServer) -> None:
    said = refusal(400, "Could not finish the message because max_tokens or model output limit was reached.")
    server._otherwise = refuses(when=lambda body: body["max_completion_tokens"] < 4_000, by=said)
    model = model_for(server, AUTO)
    await ask(model)
    await model.close()
    assert len(server.chats) == 2


@pytest.mark.parametrize(
    ("said", "most"),
    [
        ("max_tokens is too large: 33268. This model supports at most 16384 completion tokens.", 16_384),
        ("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", 8_192),
        ("`max_completion_tokens` must be less than or equal to `16384`, the maximum value for it", 16_384),
        ("max_tokens: 33268 > 8192, which is the maximum allowed number of output tokens", 8_192),
        ("The maximum tokens you requested exceeds the model limit of 4096", 4_096),
    ],
)
async def test_room_ends_where_the_model_does(server: ModelServer, said: str, most: int) -> None:
    server._otherwise = refuses(when=lambda body: body["max_completion_tokens"] > most, by=refusal(400, said))
    model = model_for(server, AUTO, answer_tokens=THINKING_TOKENS)
    for _ in range(2):
        await ask(model)
    await model.close()
    rooms = [chat.body["max_completion_tokens"] for chat in server.chats]
    assert rooms == [THINKING_TOKENS, most, most]


async def test_room_that_leaves_no_place_for_the_prompt_is_made_smaller(server: ModelServer) -> None:
    said = refusal(
        400,
        "This model's maximum context length is 8192 tokens. However, you requested 32800 tokens (32 in the messages, "
        "32768 in the completion).",
    )
    server._otherwise = refuses(when=lambda body: body["max_completion_tokens"] > 8_192 - 32, by=said)
    model = model_for(server, AUTO, answer_tokens=THINKING_TOKENS)
    await ask(model)
    await model.close()
    assert model.context_tokens == 8_192
    assert 7_000 < server.chats[1].body["max_completion_tokens"] <= 8_192


async def test_prompt_that_is_too_long_is_not_asked_again(server: ModelServer) -> None:
    server.then(refusal(400, "The input token count (1200293) exceeds the maximum number of tokens allowed (1048576)."))
    model = model_for(server, AUTO)
    with pytest.raises(ContextTooLongError):
        await ask(model)
    await model.close()


async def test_limit_that_is_not_heeded_gets_its_other_name(server: ModelServer) -> None:
    cut = answer('{"records": [', finish_reason="length", usage=(9, 100, 0))
    server._otherwise = refuses(when=lambda body: "max_tokens" not in body, by=cut)
    model = model_for(server, AUTO)
    await ask(model)
    await model.close()
    assert "max_tokens" in server.chats[1].body


async def test_records_of_a_cut_answer_that_are_whole_come_with_the_error(server: ModelServer) -> None:
    text = json.dumps({"records": [*people("first")["records"], *people("second")["records"]]})
    server.then(answer(text[:-30], finish_reason="length", usage=(9, 40, 0)))
    model = model_for(server, AUTO)
    with pytest.raises(AnswerTruncatedError) as raised:
        await ask(model, max_tokens=40)
    await model.close()
    assert raised.value.whole == People.model_validate(people("first"))
    assert not raised.value.starved


async def test_answer_that_ends_with_its_limit_is_whole(server: ModelServer) -> None:
    server.then(answer(people("first"), finish_reason="length", usage=(9, 500, 0)))
    model = model_for(server, AUTO)
    assert (await ask(model)).records[0].name == "first"
    await model.close()


async def test_answer_before_a_refused_reask_stands(server: ModelServer) -> None:
    server.then(FINE, refusal(400, "temperature is not supported"))
    model = model_for(server, AUTO)
    assert (await ask(model, review=complain_about_first)).records[0].name == "first"
    await model.close()


async def test_reasons_are_logged_without_the_article_and_the_key(
    server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.then(refusal(400, f"No seat: {KEY} said Envoys met in Doha near Sumqayit", code="no_seat"))
    model = model_for(server, PROFILES[ProfileName.OPENAI])
    with caplog.at_level(logging.WARNING), pytest.raises(ModelRequestError):
        await ask(model)
    await model.close()
    (record,) = [record for record in caplog.records if record.name == "service.llm.transport"]
    assert "(400, no_seat): No seat: … said … near Sumqayit" in record.message


async def test_settings_of_the_answer_go_with_every_request(server: ModelServer) -> None:
    server.then(FINE)
    model = model_for(
        server,
        AUTO,
        answer_tokens=9_000,
        effort="low",
        extra_body={"chat_template_kwargs": {"enable_thinking": False}},
        extra_headers={"X-Team": "news"},
    )
    await ask(model)
    await model.close()
    (chat,) = server.chats
    assert chat.body["max_completion_tokens"] == 9_000
    assert chat.body["reasoning_effort"] == "low"
    assert chat.body["chat_template_kwargs"] == {"enable_thinking": False}
    assert chat.headers["x-team"] == "news"


def test_guesses_give_something_up_each_time_and_come_to_an_end() -> None:
    request_format = RequestFormat()
    seen = [request_format]
    while (change := next_guess(request_format)) is not None:
        request_format = change.request_format
        assert request_format not in seen
        seen.append(request_format)
    assert request_format.mode is OutputMode.PROMPT
    assert len(seen) <= 8


def test_whatever_is_named_again_and_again_comes_to_an_end() -> None:
    schema = {"type": "object", "properties": {name: {name: 1} for name in BOUND_KEYWORDS}}
    body = {
        "response_format": {"type": "json_schema", "json_schema": {"schema": schema, "strict": True}},
        "tools": [],
        "temperature": 0.0,
        "reasoning_effort": "low",
        "max_tokens": 5,
    }
    everything = ErrorResponse(
        400, message=" ".join([*BOUND_KEYWORDS, *body, "max_completion_tokens", "strict", "schema"])
    )
    request_format, changes = RequestFormat(), 0
    while (change := fallback_for(request_format, everything, body)) is not None and changes < 50:
        assert change.request_format != request_format or change.request_format.limit_name is None
        request_format, changes = change.request_format, changes + 1
        if request_format.limit_name is None:
            body.pop("max_tokens", None)
    assert changes < 30
