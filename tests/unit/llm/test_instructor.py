"""What instructor 1.17 does of itself and we do in its place, a test each.

A test that fails here is good news: instructor does it right now, and what its line says can go. The reasons are in
docs/adr/0017-instructor-leads.md.
"""

import json
from collections.abc import Callable
from typing import Any

import instructor
import pytest
from instructor import Mode
from instructor.core.exceptions import IncompleteOutputException, InstructorRetryException
from instructor.v2.core.response_model import prepare_response_model
from openai.types.chat import ChatCompletion
from pydantic import BaseModel

from schemas.answers import answer_of
from schemas.kinds.sanctions import Sanction
from tests.support.people import People, people

FINE = json.dumps(people("first"))


class Recording:
    """A `create` that answers by a script and keeps what it was sent."""

    def __init__(self, *answers: ChatCompletion) -> None:
        self.answers = list(answers)
        self.sent: list[dict[str, Any]] = []

    async def __call__(self, **request: Any) -> ChatCompletion:
        self.sent.append({**request, "messages": list(request["messages"])})
        return self.answers[min(len(self.sent), len(self.answers)) - 1]


def said(content: str | None, *, finish_reason: str = "stop", **message: Any) -> ChatCompletion:
    choice = {
        "index": 0,
        "finish_reason": finish_reason,
        "message": {"role": "assistant", "content": content, **message},
        "logprobs": None,
    }
    return ChatCompletion.model_validate(
        {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    )


async def ask(server: Recording, mode: Mode = Mode.JSON_SCHEMA, form: type[BaseModel] = People, **options: Any) -> Any:
    async def create(**request: Any) -> ChatCompletion:
        return await server(**request)

    patched: Any = instructor.patch(create=create, mode=mode)
    messages = options.pop("messages", [{"role": "user", "content": "Who?"}])
    return await patched(response_model=form, messages=messages, **options)


async def refused(server: Recording, mode: Mode = Mode.JSON_SCHEMA, **options: Any) -> BaseException:
    with pytest.raises((InstructorRetryException, IncompleteOutputException)) as raised:
        await ask(server, mode, **options)
    return raised.value


async def test_schema_is_not_said_to_be_binding() -> None:
    """Then: the two branches of `build_body`."""
    server = Recording(said(FINE))
    await ask(server, strict=True)
    assert "strict" not in server.sent[0]["response_format"]["json_schema"]


async def test_tool_is_not_said_to_be_binding() -> None:
    """Then: the same."""
    call = {"id": "1", "type": "function", "function": {"name": "People", "arguments": FINE}}
    server = Recording(said(None, tool_calls=[call]))
    await ask(server, Mode.TOOLS, strict=True)
    assert "strict" not in server.sent[0]["tools"][0]["function"]


async def test_article_is_rendered_as_a_template_where_there_is_a_context() -> None:
    """Then: `Conversation.__bool__`, which makes the context look like none."""
    server = Recording(said(FINE))
    messages = [{"role": "user", "content": "The {{ ministry }} said {% if 1 %}so{% endif %}."}]
    await ask(server, messages=messages, context={"anything": 1})
    assert server.sent[0]["messages"][0]["content"] == "The  said so."


async def test_whole_answer_that_meets_the_limit_is_lost() -> None:
    """Then: `finish_reason` of `_for_instructor`, and in part `Conversation._recover_cut_answer`."""
    assert isinstance(await refused(Recording(said(FINE, finish_reason="length"))), IncompleteOutputException)


async def test_answer_that_a_filter_held_back_passes_for_one() -> None:
    """Then: `HELD_BACK`, as far as it is OpenAI's own reason."""
    found = await ask(Recording(said(FINE, finish_reason="content_filter")))
    assert found.records[0].name == "first"


async def test_refusal_is_asked_again() -> None:
    """Then: the refusal in `Completion.chosen`."""
    server = Recording(said(None, refusal="No."))
    await refused(server, max_retries=2)
    assert len(server.sent) == 3


@pytest.mark.parametrize("mode", [Mode.JSON_SCHEMA, Mode.JSON])
@pytest.mark.parametrize("written", [f"```json\n{FINE}\n```", f"<think>Hm.</think>{FINE}", f"Here: {FINE}"])
async def test_wrapping_is_not_taken_off(mode: Mode, written: str) -> None:
    """Then: `extract_answer` for answers with a single object."""
    await refused(Recording(said(written)), mode)


@pytest.mark.parametrize("beside", ["\n\n[1] See the article.", "\n{}"])
async def test_last_json_counts_even_if_it_does_not_fit(beside: str) -> None:
    """Then: the last object *that fits*, in `extract_answer`."""
    await refused(Recording(said(FINE + beside)), Mode.MD_JSON)


async def test_answer_beside_the_tool_is_not_read() -> None:
    """Then: `ChoiceMessage.answer_text`, which takes the content where no tool was called."""
    await refused(Recording(said(FINE)), Mode.TOOLS)


async def test_number_in_quotation_marks_is_no_number() -> None:
    """Then: `strict=False` in `Conversation._ask`."""
    unlike = json.dumps({"records": [{"name": "first", "role": "envoy", "sentences": ["1"]}]})
    await refused(Recording(said(unlike)))
    assert (await ask(Recording(said(unlike)), strict=False)).records[0].sentences == [1]


async def test_complaint_repeats_the_answer_and_an_address_for_each_fault() -> None:
    """Then: the wrapping validator of `asked`, which says the same in a third of the tokens."""
    unlike = json.dumps({"records": [{"name": 1, "role": "king", "sentences": [1]}]})
    server = Recording(said(unlike), said(FINE))
    await ask(server)
    told = server.sent[1]["messages"][-1]["content"]
    assert told.count("errors.pydantic.dev") == 2
    assert "input_value='king'" in told


async def test_length_of_the_complaint_is_unbounded() -> None:
    """Then: the same, with `MOST_TOLD`."""
    unlike = json.dumps({"records": [{"name": 1, "role": "king", "sentences": [1]}] * 200})
    server = Recording(said(unlike), said(FINE))
    await ask(server)
    assert len(server.sent[1]["messages"][-1]["content"]) > 40_000


def test_model_of_an_answer_is_made_anew_for_each_call() -> None:
    """Then: `ResponseSchema` as a base of `asked`; a class costs some milliseconds."""
    assert prepare_response_model(People) is not prepare_response_model(People)


async def test_schema_is_generated_anew_for_each_call() -> None:
    """Then: the cached `model_json_schema` of `asked`."""
    made: list[int] = []

    class Counted(People):
        @classmethod
        def model_json_schema(cls, *_: Any, **_options: Any) -> dict[str, Any]:
            made.append(1)
            return {"type": "object", "properties": {}}

    server = Recording(said(FINE))
    await ask(server, form=Counted)
    await ask(server, form=Counted)
    assert len(made) == 2


async def test_tool_takes_its_name_from_a_title_alone() -> None:
    """Then: `named` of `asked`; our schemas have no titles."""
    with pytest.raises(KeyError, match="title"):
        await ask(Recording(said(FINE)), Mode.TOOLS, form=answer_of(Sanction))


@pytest.mark.parametrize("change", [lambda body: {**body, "choices": []}, lambda body: {**body, "choices": None}])
async def test_answer_without_a_choice_ends_in_an_error_of_python(
    change: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    """Then: `UnansweredError`; a blocked prompt is no fault of the form."""
    blocked = ChatCompletion.model_construct(**change(said(FINE).model_dump()))
    server = Recording(blocked)
    error = await refused(server, max_retries=1)
    assert isinstance(error.__cause__, IndexError | TypeError)
