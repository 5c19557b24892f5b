"""What the model is told when its answer cannot be used."""

import json
import logging

import pydantic
import pytest

from service.deadline import Deadline
from service.errors import AnswerMalformedError
from service.extraction.model import UsageMeter
from service.llm.profiles import PROFILES
from service.settings import ProfileName
from tests.support.model_server import ModelServer, Scripted, answer, refusal
from tests.support.people import (
    ARTICLE,
    TASK,
    People,
    accept,
    complain,
    complain_about_first,
    model_for,
    people,
    people_question,
)

FIRST = json.dumps(people("first"))
PREFIX = "Correct your JSON ONLY RESPONSE, based on the following errors:\n1 validation error for People\n  "
SUFFIX = " [type=complaint]"
INVALID = (
    "Invalid JSON: EOF while parsing a value at line 1 column 0 [type=json_invalid]\n"
    f"    For further information visit https://errors.pydantic.dev/{pydantic.VERSION[:4]}/v/json_invalid"
)


async def reasked(server: ModelServer, *script: Scripted, review=accept, reasks: int = 1) -> list[dict[str, str]]:
    """The messages of the last call, without those of the question."""
    server.then(*script)
    model = model_for(server, reasks=reasks)
    await model.fill(people_question(review), deadline=Deadline.after(10), usage=UsageMeter())
    await model.close()
    question, last = server.chats[0].body["messages"], server.chats[-1].body["messages"]
    assert [message["content"] for message in question] == ["You read news.", ARTICLE, TASK]
    assert last[: len(question)] == question
    rest = {name: value for name, value in server.chats[-1].body.items() if name != "messages"}
    assert rest == {name: value for name, value in server.chats[0].body.items() if name != "messages"}
    return last[len(question) :]


async def test_reask_after_a_review_carries_the_answer_and_the_complaint(server: ModelServer) -> None:
    messages = await reasked(server, answer(people("first")), answer(people("second")), review=complain_about_first)
    assert messages == [
        {"role": "assistant", "content": FIRST},
        {"role": "user", "content": PREFIX + 'records.0.name: "first" is not in the article' + SUFFIX},
    ]


async def test_reask_after_a_schema_violation_names_each_field_and_what_it_may_be(server: ModelServer) -> None:
    unfit = {"records": [{"name": 5, "role": "king", "sentences": [1]}]}
    messages = await reasked(server, answer(unfit), answer(people("second")))
    assert messages == [
        {"role": "assistant", "content": json.dumps(unfit)},
        {
            "role": "user",
            "content": PREFIX + "- records.0.name: Input should be a valid string\n"
            f"- records.0.role: Input should be 'envoy' or 'minister'{SUFFIX}",
        },
    ]


async def test_reask_after_an_empty_answer_says_so(server: ModelServer) -> None:
    messages = await reasked(server, answer(None), answer(people("second")))
    assert messages == [
        {"role": "assistant", "content": ""},
        {"role": "user", "content": PREFIX + INVALID},
    ]


async def test_reask_quotes_the_json_without_the_wrapping(server: ModelServer) -> None:
    wrapped = answer(f"<think>Hm.</think>```json\n{FIRST}\n```")
    messages = await reasked(server, wrapped, answer(people("second")), review=complain_about_first)
    assert messages[0] == {"role": "assistant", "content": FIRST}


async def test_second_reask_follows_the_first(server: ModelServer) -> None:
    script = (answer("nonsense"), answer(people("first")), answer(people("second")))
    messages = await reasked(server, *script, review=complain_about_first, reasks=2)
    assert [message["role"] for message in messages] == ["assistant", "user", "assistant", "user"]
    assert "Invalid JSON" in messages[1]["content"]
    assert messages[3]["content"].endswith(f"is not in the article{SUFFIX}")


async def test_retry_inside_a_reask_sends_the_same_messages(server: ModelServer) -> None:
    script = (answer(people("first")), refusal(503), answer(people("second")))
    await reasked(server, *script, review=complain_about_first)
    assert server.chats[1].body == server.chats[2].body


async def test_schema_in_the_prompt_stays_in_a_reask(server: ModelServer) -> None:
    server.then(answer("nonsense"), answer(people("second")))
    model = model_for(server, PROFILES[ProfileName.JSON_OBJECT])
    await model.fill(people_question(), deadline=Deadline.after(10), usage=UsageMeter())
    await model.close()
    first, second = (request.body["messages"] for request in server.chats)
    assert second[: len(first)] == first
    assert '"properties"' in first[0]["content"]


async def test_review_sees_each_fitting_answer_once(server: ModelServer) -> None:
    seen: list[str] = []

    def review(found: People) -> str | None:
        seen.append(found.records[0].name)
        return "not good enough"

    server.then(answer(people("first")), answer("nonsense"), answer(people("second")))
    model = model_for(server, reasks=2)
    found = await model.fill(people_question(review), deadline=Deadline.after(10), usage=UsageMeter())
    await model.close()
    assert seen == ["first", "second"]
    assert found == People.model_validate(people("second"))
    assert type(found) is People


async def test_answer_carries_nothing_but_its_fields(server: ModelServer) -> None:
    server.then(answer(people("first")))
    model = model_for(server)
    found = await model.fill(people_question(), deadline=Deadline.after(10), usage=UsageMeter())
    await model.close()
    assert set(vars(found)) == {"records"}


async def test_fault_in_the_review_itself_surfaces_as_it_is(server: ModelServer) -> None:
    def review(_: People) -> str | None:
        raise ZeroDivisionError("a bug of ours")

    server.then(answer(people("first")))
    model = model_for(server)
    with pytest.raises(ZeroDivisionError, match="a bug of ours"):
        await model.fill(people_question(review), deadline=Deadline.after(10), usage=UsageMeter())
    await model.close()


async def test_malformed_answer_is_named_by_path_and_type_without_its_words(server: ModelServer) -> None:
    unfit = {"records": [{"name": "Secret Envoy", "role": "king", "sentences": [1], "Doha talks": 1}], "Kyiv": 2}
    server.then(answer(unfit))
    model = model_for(server, reasks=0)
    with pytest.raises(AnswerMalformedError) as raised:
        await model.fill(people_question(), deadline=Deadline.after(10), usage=UsageMeter())
    await model.close()
    assert str(raised.value) == (
        "the answer breaks the schema: records.0.role (literal_error), records.0.… (extra_forbidden), "
        "… (extra_forbidden)"
    )


async def test_many_faults_are_told_in_a_bounded_message(server: ModelServer) -> None:
    unfit = {"records": [{"name": 1, "role": "envoy", "sentences": []}] * 30}
    server.then(answer(unfit), answer(unfit))
    model = model_for(server)
    with pytest.raises(AnswerMalformedError, match="and 25 more"):
        await model.fill(people_question(), deadline=Deadline.after(10), usage=UsageMeter())
    await model.close()
    told = server.chats[1].body["messages"][-1]["content"]
    assert told.count("\n") == 22
    assert told.endswith(f"- and 10 more of this sort{SUFFIX}")


async def test_answer_kept_after_a_failed_reask_is_logged_as_a_warning(
    server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.then(answer(people("first")), answer(None, refusal="No."))
    model = model_for(server)
    await model.fill(people_question(complain), deadline=Deadline.after(10), usage=UsageMeter())
    await model.close()
    heard = [record for record in caplog.records if record.name == "service.llm.client"]
    assert [(record.levelno, record.message) for record in heard] == [
        (logging.WARNING, "a re-ask failed (the model refused to answer); the answer before it is used")
    ]
