"""What one article, one answer or one odd error must not do to all the others of a process."""

import asyncio
import json
from typing import Any

import pytest

from service.deadline import Deadline
from service.errors import (
    AnswerRefusedError,
    ContextTooLongError,
    DragomanError,
    ModelCredentialsError,
    ModelRequestError,
)
from service.extraction.model import UsageMeter
from service.llm.client import InstructorModel
from service.llm.error_response import MAX_MESSAGE_LENGTH, ErrorResponse
from service.llm.profiles import PROFILES
from service.llm.redaction import redact
from service.llm.request_format import RequestFormat
from service.llm.server_capabilities import THINKING_TOKENS, UNEXPLAINED_ERRORS
from service.settings import ProfileName
from tests.support.fast_time import FastTime
from tests.support.model_server import NEVER, ModelServer, Received, Scripted, answer, refusal
from tests.support.people import People, model_for, people, people_question
from tests.support.still_time import StillTime, in_still_time

AUTO = PROFILES[ProfileName.AUTO]
FINE = answer(people("first"))


NOTE = "[1] A poisoned note told of a model's maximum context length is 1500 tokens there."


async def ask(
    model: InstructorModel, article: str = "[1] An envoy spoke.", *, seconds: float = 20, **options: Any
) -> People:
    question = people_question(article=article, **options)
    return await model.fill(question, deadline=Deadline.after(seconds), usage=UsageMeter())


def about(word: str, then: Scripted, otherwise: Scripted = FINE) -> Any:
    """A server that does something else with questions about a word."""

    def reply(request: Received) -> Scripted:
        return then if word in str(request.body["messages"]) else otherwise

    return reply


@pytest.mark.parametrize(
    "said",
    [
        "Prompt exceeds the context window by 512 tokens.",
        "the context length was exceeded by 300 tokens",
        "The prompt is too long for a context size of 900 tokens.",
        f"Input is too long: {NOTE}",
    ],
)
async def test_size_of_the_context_is_not_taken_from_anything_else(server: ModelServer, said: str) -> None:
    server._otherwise = about("poisoned", refusal(400, said))
    model = model_for(server, AUTO)
    await ask(model)
    with pytest.raises(ContextTooLongError):
        await ask(model, NOTE)
    assert model.context_tokens == AUTO.context_tokens
    await ask(model)
    await model.close()


async def test_context_is_not_smaller_than_what_it_has_held(server: ModelServer) -> None:
    said = refusal(400, "This model's maximum context length is 2048 tokens.")
    server._otherwise = about("poisoned", said, answer(people("first"), usage=(3_000, 20, 0)))
    model = model_for(server, AUTO)
    await ask(model)
    with pytest.raises(ContextTooLongError):
        await ask(model, "[1] A poisoned note.")
    await model.close()
    assert model.context_tokens == AUTO.context_tokens


async def test_answer_gets_less_room_where_the_context_leaves_less(server: ModelServer) -> None:
    said = refusal(400, "This model's maximum context length is 1300 tokens. However, you requested 2032 tokens")

    def reply(request: Received) -> Scripted:
        return FINE if request.body["max_completion_tokens"] <= 1_268 else said

    server._otherwise = reply
    model = model_for(server, AUTO)
    await ask(model, max_tokens=2_000)
    await model.close()
    assert len(server.chats) == 2


async def test_limit_that_is_too_high_without_a_figure_is_one_questions_own(server: ModelServer) -> None:
    server._otherwise = about("poisoned", refusal(400, "max_tokens is too large for this prompt."))
    model = model_for(server, AUTO)
    await ask(model)
    with pytest.raises(DragomanError):
        await ask(model, "[1] A poisoned note.")
    assert len(server.chats) <= 1 + 4
    bodies = [json.dumps(chat.body) for chat in server.chats]
    assert len(set(bodies)) == len(bodies)
    await ask(model)
    await model.close()
    assert server.chats[-1].body["max_completion_tokens"] == 500


@pytest.mark.parametrize(("affords", "served"), [(12, False), (300, True)])
async def test_balance_of_the_moment_is_no_limit_of_the_model(
    server: ModelServer, affords: int, *, served: bool
) -> None:
    said = refusal(402, f"You requested up to 500 tokens, but can only afford {affords}.", code=402)
    server.then(said, *([FINE] if served else []), FINE)
    model = model_for(server, AUTO)
    if served:
        await ask(model)
        assert server.chats[1].body["max_completion_tokens"] == affords
    else:
        with pytest.raises(ModelCredentialsError):
            await ask(model)
    await ask(model)
    await model.close()
    assert server.chats[-1].body["max_completion_tokens"] == 500


async def test_words_of_an_article_in_an_error_give_nothing_up(server: ModelServer) -> None:
    article = (
        "[1] The strict schema of the response format set a temperature for each function and tool, an envoy said."
    )
    server._otherwise = about("strict schema", refusal(400, f"Could not process messages: {article}"))
    model = model_for(server, AUTO)
    await ask(model)
    with pytest.raises(ModelRequestError):
        await ask(model, article)
    await model.close()
    assert model.capabilities.request_format == RequestFormat()


@in_still_time
async def test_first_question_that_hangs_does_not_cost_the_others_their_time(
    server: ModelServer, still: StillTime
) -> None:
    server._otherwise = about("hangs", answer({}, delay=NEVER))
    model = model_for(server, AUTO, backoff=still.backoff)
    first = asyncio.create_task(ask(model, "[1] This one hangs.", seconds=40))
    await asyncio.sleep(0.5)
    found = await ask(model, seconds=40)
    assert found.records[0].name == "first"
    with pytest.raises(DragomanError):
        await first
    await model.close()


async def test_where_the_first_question_has_no_answer_the_next_one_finds_out(server: ModelServer) -> None:
    def reply(request: Received) -> Scripted:
        if "temperature" in request.body:
            return refusal(400, "temperature is not supported")
        return answer(None, finish_reason="content_filter") if "blocked" in str(request.body["messages"]) else FINE

    server._otherwise = reply
    model = model_for(server, AUTO)
    asked = [ask(model, f"[1] Note {number}: {'blocked' if number < 2 else 'fine'}.") for number in range(10)]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    await model.close()
    assert [type(outcome) for outcome in outcomes] == [AnswerRefusedError] * 2 + [People] * 8
    assert len(server.chats) == 1 + 10


async def test_first_article_at_fault_does_not_use_up_the_guesses(server: ModelServer) -> None:
    def reply(request: Received) -> Scripted:
        bad = "poisoned" in str(request.body["messages"]) or "temperature" in request.body
        return refusal(400, "Bad request") if bad else FINE

    server._otherwise = reply
    model = model_for(server, AUTO)
    with pytest.raises(ModelRequestError):
        await ask(model, "[1] A poisoned note.")
    for _ in range(UNEXPLAINED_ERRORS - 1):
        with pytest.raises(ModelRequestError):
            await ask(model)
    assert (await ask(model)).records[0].name == "first"
    await model.close()
    assert [change.description for change in model.capabilities.changes] == ["without `temperature`"]


async def test_rambling_article_gives_thinking_room_once(server: ModelServer) -> None:
    server._otherwise = answer("Let me see. " * 200, finish_reason="length", usage=(9, 500, 0))
    model = model_for(server, AUTO)
    for _ in range(3):
        with pytest.raises(DragomanError):
            await ask(model)
    await model.close()
    assert model.capabilities.thinking_tokens == THINKING_TOKENS


@pytest.mark.parametrize(
    "error",
    [
        {"message": "Overloaded", "type": "overloaded_error"},
        {"message": "upstream connect error", "code": "upstream_error"},
        {"message": "Internal server error"},
        "The model is temporarily unavailable",
    ],
)
async def test_passing_error_inside_a_200_is_waited_for(server: ModelServer, error: Any) -> None:
    passed = FastTime()
    server.then(Scripted(body={"error": error}, headers={"Retry-After": "7"}), FINE)
    model = model_for(server, AUTO, time=passed)
    await ask(model)
    await model.close()
    assert passed.waits == [7.5]
    assert model.capabilities.request_format == RequestFormat()


async def test_error_in_the_place_of_a_completion_is_read(server: ModelServer) -> None:
    server.then(Scripted(body={"message": "busy", "code": 503}), FINE)
    model = model_for(server, AUTO)
    await ask(model)
    await model.close()


async def test_event_is_not_broken_by_a_line_break_of_the_text(server: ModelServer) -> None:
    first, second = people("first")["records"], people("second")["records"]  # type: ignore[misc]
    text = json.dumps({"records": [*first, *second]}).replace("second", "sec\u2028ond")
    chunks = [{"choices": [{"delta": {"content": text[:40]}}]}, {"choices": [{"delta": {"content": text[40:]}}]}]
    events = "".join(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n" for chunk in chunks)
    server.then(Scripted(body=events.encode(), headers={"Content-Type": "text/event-stream"}))
    model = model_for(server, AUTO)
    assert len((await ask(model)).records) == 2
    await model.close()


async def test_prompt_of_a_round_number_of_tokens_may_be_whole(server: ModelServer) -> None:
    whole = answer(people("first"), usage=(2_048, 20, 0))
    server.then(Scripted(body={**whole.body, "system_fingerprint": "fp_ollama"}))
    model = model_for(server, AUTO)
    await ask(model, "[1] " + "An envoy spoke. " * 400)
    await model.close()
    assert model.context_tokens == AUTO.context_tokens


async def test_schema_is_shown_even_without_reasks(server: ModelServer) -> None:
    def reply(request: Received) -> Scripted:
        return FINE if '"properties"' in str(request.body["messages"]) else answer({"people": []})

    server._otherwise = reply
    model = model_for(server, AUTO, reasks=0)
    with pytest.raises(DragomanError):
        await ask(model)
    await ask(model)
    await model.close()
    assert len(server.chats) == 2


async def test_name_of_the_limit_that_is_recommended_is_taken(server: ModelServer) -> None:
    def one(name: str, other: str) -> Any:
        told = refusal(400, f"Unsupported parameter: '{name}'. Use '{other}' instead.", param=name)
        return lambda request: told if name in request.body else FINE

    server._otherwise = one("max_completion_tokens", "max_tokens")
    model = model_for(server, AUTO)
    await ask(model)
    server._otherwise = one("max_tokens", "max_completion_tokens")
    await ask(model)
    await model.close()
    assert "max_completion_tokens" in server.chats[-1].body


async def test_parameter_is_refused_though_the_sentence_speaks_of_the_model(server: ModelServer) -> None:
    server.then(refusal(400, "This model does not support 'temperature': parameter not found in the list"), FINE)
    model = model_for(server, AUTO)
    await ask(model)
    await model.close()
    assert model.capabilities.request_format.omitted == {"temperature"}


@pytest.mark.parametrize(
    "message",
    ["sk-" * 40_000, "word " * 1_000_000, "{" * 3_000_000, "%41" * 100_000, "a" * 5_000_000],
    ids=lambda m: m[:3],
)
def test_long_error_is_read_in_part(message: str) -> None:
    refused = ErrorResponse.from_body(400, message.encode())
    assert len(refused.message) <= MAX_MESSAGE_LENGTH
    assert len(redact(message, ["[1] An envoy spoke."])) <= 4_000


@pytest.mark.parametrize(
    "encoded",
    [
        "Envoy%20Mira%20Dolen%20spoke%20in%20Vostria",
        "RW52b3kgTWlyYSBEb2xlbiBzcG9rZSBpbiBWb3N0cmlhIHRvZGF5",
        "456e766f79204d69726120446f6c656e2073706f6b6520696e",
        "Envoy_Mira_Dolen_spoke_in_Vostria",
        '"Envoy":1 "Mira":2 "Dolen":3 "spoke":4',
        "&#69;nvoy Mira Dolen spoke",
    ],
)
def test_article_in_another_writing_is_not_quoted(encoded: str) -> None:
    told = redact(f"bad: {encoded} end", ["[1] Envoy Mira Dolen spoke in Vostria today."])
    assert not [word for word in ("Mira", "Dolen", "spoke", "RW52", "456e") if word in told]


@pytest.mark.parametrize(
    "body", [b'{"a":' * 700 + b"1" + b"}" * 700, b'{"error":{"message":"context length ' + b"9" * 6_000 + b'"}}']
)
async def test_odd_bodies_end_in_an_error_of_ours(server: ModelServer, body: bytes) -> None:
    for status in (200, 400):
        server._otherwise = Scripted(status, body)
        model = model_for(server, AUTO, max_attempts=1)
        with pytest.raises(DragomanError):
            await ask(model)
        await model.close()
