"""Answers that a server sends piece by piece: heard while they are written, and the same as in one piece."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from service.deadline import Deadline
from service.errors import AnswerTruncatedError, DeadlineExceededError
from service.extraction.model import UsageMeter
from service.llm.client import InstructorModel
from service.llm.profiles import PROFILES
from service.settings import ProfileName
from tests.support.fast_time import FastTime
from tests.support.model_server import ModelServer, Scripted, answer, pieces_of, refusal
from tests.support.patience import PATIENCE
from tests.support.people import People, accept, model_for, people_question
from tests.support.still_time import StillTime, in_still_time

AUTO = PROFILES[ProfileName.AUTO]
ALL = ["Ann", "Bo", "Cy"]


def crowd(*names: str) -> dict[str, object]:
    return {"records": [{"name": name, "role": "envoy", "sentences": [1]} for name in names]}


FINE = answer(crowd(*ALL), usage=(200, 30, 50))
STREAM = {"stream": True, "stream_options": {"include_usage": True}}


class Ear:
    def __init__(self) -> None:
        self.names: list[str] = []

    def hear(self, part: People) -> None:
        self.names += [person.name for person in part.records]


async def ask(
    model: InstructorModel,
    ear: Ear | None,
    *,
    review: Callable[[People], str | None] = accept,
    seconds: float = 20,
    max_tokens: int = 500,
) -> tuple[People, UsageMeter]:
    usage = UsageMeter()
    question = replace(people_question(review=review, max_tokens=max_tokens), on_partial=ear.hear if ear else None)
    return await model.fill(question, deadline=Deadline.after(seconds), usage=usage), usage


def named(found: People) -> list[str]:
    return [person.name for person in found.records]


@pytest.mark.parametrize("name", ProfileName)
async def test_streamed_answer_is_heard_item_by_item_and_is_the_same(server: ModelServer, name: ProfileName) -> None:
    server.then(FINE, FINE)
    model = model_for(server, PROFILES[name])
    ear = Ear()

    streamed, paid = await ask(model, ear)
    whole, as_much = await ask(model, None)
    await model.close()

    assert streamed == whole
    assert ear.names == named(whole) == ALL
    assert paid.total == as_much.total
    assert paid.total.cached_tokens == 50
    first, second = (request.body for request in server.chats)
    assert first == {**second, **STREAM}


async def test_item_is_heard_before_the_answer_is_finished(server: ModelServer) -> None:
    server.then(replace(FINE, breaks="stalled_body"))
    model = model_for(server)
    first = asyncio.Event()
    question = replace(people_question(), on_partial=lambda _: first.set())

    asking = asyncio.create_task(model.fill(question, deadline=Deadline.after(90), usage=UsageMeter()))
    await asyncio.wait_for(first.wait(), PATIENCE)

    assert not asking.done()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    while not server.left:  # noqa: ASYNC110 -- the server's own thread counts
        await asyncio.sleep(0.01)
    await model.close()


async def test_nobody_who_listens_means_no_stream(server: ModelServer) -> None:
    server.then(FINE)
    model = model_for(server)
    await ask(model, None)
    await model.close()
    assert "stream" not in server.chats[0].body


async def test_server_that_ignores_the_wish_is_heard_at_the_end(server: ModelServer) -> None:
    server.then(replace(FINE, streams=False))
    model, ear = model_for(server), Ear()

    found, _ = await ask(model, ear)
    await model.close()

    assert named(found) == ALL
    assert ear.names == []


@pytest.mark.parametrize("breaks", ["reset_in_body", "closed_in_body"])
async def test_stream_that_breaks_off_is_asked_for_again(server: ModelServer, breaks: Any) -> None:
    server.then(replace(FINE, breaks=breaks), FINE)
    model, ear = model_for(server, backoff=FastTime().backoff), Ear()

    found, usage = await ask(model, ear)
    await model.close()

    assert named(found) == ALL
    assert ear.names[-3:] == ALL
    assert (usage.total.calls, usage.total.retries) == (2, 1)


@in_still_time
async def test_stream_that_stalls_ends_with_the_deadline(server: ModelServer, still: StillTime) -> None:
    server.then(replace(FINE, breaks="stalled_body"))
    model = model_for(server)
    deadline = still.now + 50
    with pytest.raises(DeadlineExceededError):
        await ask(model, Ear(), seconds=50)
    assert still.now == deadline
    await model.close()


async def test_error_in_the_middle_of_a_stream_is_one(server: ModelServer) -> None:
    event = b'data: {"error": {"message": "overloaded", "code": 503}}\n\n'
    server.then(Scripted(body=event, headers={"Content-Type": "text/event-stream"}), FINE)
    model = model_for(server, backoff=FastTime().backoff)

    found, usage = await ask(model, Ear())
    await model.close()

    assert named(found) == ALL
    assert usage.total.retries == 1


@pytest.mark.parametrize(
    ("said", "given_up"),
    [
        ("Unknown parameter: 'stream_options'.", {"stream_options"}),
        (
            "'loc': ['body', 'stream_options', 'include_usage'], 'msg': 'Extra inputs are not permitted'",
            {"stream_options"},
        ),
        ("`response_format` does not support streaming", {"stream", "stream_options"}),
        ("body.stream_options: Extra inputs are not permitted", {"stream_options"}),
        (
            "Streaming is not supported with structured outputs (response_format json_schema).",
            {"stream", "stream_options"},
        ),
        ("`stream` must be false", {"stream", "stream_options"}),
        ("Invalid request.", {"stream", "stream_options"}),
    ],
)
@pytest.mark.parametrize("name", [ProfileName.AUTO, ProfileName.OPENAI, ProfileName.LLAMA_CPP])
async def test_what_a_server_refuses_of_a_stream_is_given_up_once(
    server: ModelServer, name: ProfileName, said: str, given_up: set[str]
) -> None:
    with_usage = answer(crowd(*ALL), usage={"prompt_tokens": 9, "completion_tokens": 8})
    unasked = Scripted(body=_events(with_usage), headers={"Content-Type": "text/event-stream"})
    server.then(refusal(400, said), unasked, unasked)
    model = model_for(server, PROFILES[name])

    for _ in range(2):
        found, _usage = await ask(model, Ear())
        assert named(found) == ALL
    await model.close()

    for request in server.chats[1:]:
        assert set(STREAM) - set(request.body) == given_up


async def test_refusal_that_is_not_about_the_stream_does_not_cost_it(server: ModelServer) -> None:
    server.then(refusal(400, "Unsupported parameter: 'temperature'", param="temperature"), FINE)
    model, ear = model_for(server, AUTO), Ear()
    await ask(model, ear)
    await model.close()
    assert ear.names == ALL
    assert "temperature" not in server.chats[-1].body


async def test_server_that_does_not_say_what_streams_cost_is_asked_for_whole_answers(server: ModelServer) -> None:
    server.then(answer(crowd(*ALL), usage=None), FINE)
    model = model_for(server)
    await ask(model, Ear())
    _, usage = await ask(model, Ear())
    await model.close()
    assert ["stream" in request.body for request in server.chats] == [True, False]
    assert usage.total.completion_tokens == 30


USED = {"prompt_tokens": 200, "completion_tokens": 30}


@pytest.mark.parametrize(
    "ends",
    [
        [{"choices": [], "usage": USED}],
        [{"usage": USED}],
        [{"choices": [], "usage": {**USED, "completion_tokens": 12}}, {"choices": [], "usage": USED}],
        [{"choices": [], "usage": USED}, {"choices": [], "usage": None}],
        [{"choices": [], "usage": USED}, {"choices": [], "usage": dict.fromkeys(USED, 0)}],
        [{"choices": [], "usage": dict.fromkeys(USED)}, {"choices": [], "usage": USED}],
        [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "x_groq": {"usage": USED}}],
    ],
    ids=["openai", "without choices", "running", "null at the end", "zeros at the end", "nulls before", "groq"],
)
async def test_cost_of_a_stream_is_read_wherever_servers_tell_it(server: ModelServer, ends: list[Any]) -> None:
    *pieces, _usage, done = pieces_of(FINE.body, STREAM)
    body = b"".join([*pieces, *(f"data: {json.dumps(end)}\n\n".encode() for end in ends), done])
    server.then(Scripted(body=body, headers={"Content-Type": "text/event-stream"}))
    model, ear = model_for(server), Ear()

    found, usage = await ask(model, ear)
    await model.close()

    assert named(found) == ear.names == ALL
    assert (usage.total.prompt_tokens, usage.total.completion_tokens) == (200, 30)


async def test_cut_answer_is_cut_in_a_stream_too(server: ModelServer) -> None:
    server.then(answer(json.dumps(crowd(*ALL))[:-20], finish_reason="length", usage=(200, 40, 0)))
    model, ear = model_for(server), Ear()
    with pytest.raises(AnswerTruncatedError) as cut:
        await ask(model, ear, max_tokens=60)
    await model.close()
    assert named(cut.value.whole) == ear.names == ALL[:2]


async def test_each_answer_of_a_dialogue_is_heard_by_itself(server: ModelServer) -> None:
    server.then(answer(crowd("Ann", "Eve")), FINE)
    model, ear = model_for(server), Ear()

    found, _ = await ask(model, ear, review=lambda said: "no Eve" if "Eve" in named(said) else None)
    await model.close()

    assert named(found) == ALL
    assert ear.names == ["Ann", "Eve", *ALL]


def _events(whole: Scripted) -> bytes:
    return b"".join(pieces_of(whole.body, STREAM))
