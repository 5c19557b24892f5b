#!/usr/bin/env bash
# instructor 1.17.0 with a plain pydantic model as `response_model`.
# Guess: the answer is an instance of the model, two answers that say the same are equal, and the schema is made once.
# Behaviour: every call makes a subclass of the model for itself. Two answers with the same values are of two classes, and so
# unequal by pydantic's rules (as are an answer and the model made by hand); sets and tests that compare answers find nothing.
# instructor's own cache of tool schemas is keyed by the class: it never hits and keeps up to 256 of these classes. A model
# that is derived from instructor's ResponseSchema is taken as it is: equal answers, one schema, a third of the time a call.
# Source: instructor/v2/core/response_model.py (prepare_response_model), providers/openai/schema.py, run on 2026-11-29.
# Output seen: plain model: 20 classes, equal False, cache hits 0; derived from ResponseSchema: 1 classes, equal True, cache hits 19
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check instructor==1.17.0 openai==3.3.0
"$folder/venv/bin/python" - <<'PYTHON'
import instructor
from instructor import Mode, ResponseSchema
from instructor.v2.providers.openai.schema import generate_openai_schema
from openai.types.chat import ChatCompletion
from pydantic import BaseModel

class Person(BaseModel):
    name: str

class Derived(ResponseSchema):
    name: str

def create(**request):
    function = {"name": request["tools"][0]["function"]["name"], "arguments": '{"name": "Ada"}'}
    call = {"id": "1", "type": "function", "function": function}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return ChatCompletion.model_validate(
        {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
    )

def told(model):
    before = generate_openai_schema.cache_info().hits
    ask = instructor.patch(create=create, mode=Mode.TOOLS)
    found = [ask(response_model=model, messages=[{"role": "user", "content": "Who?"}]) for _ in range(20)]
    plain = [answer.model_dump() for answer in found]
    assert plain[0] == plain[1]
    equal = found[0].__class__ is found[1].__class__ and found[0].model_dump() == found[1].model_dump()
    if model is Person:
        assert (found[0] == found[1]) is False and (found[0] == Person(name="Ada")) is False
    return len({type(answer) for answer in found}), equal, generate_openai_schema.cache_info().hits - before

plain, derived = told(Person), told(Derived)
for name, (classes, equal, hits) in (("plain model", plain), ("derived from ResponseSchema", derived)):
    print(f"{name}: {classes} classes, equal {equal}, cache hits {hits}")
assert plain == (20, False, 0)
assert derived == (1, True, 19)
PYTHON
