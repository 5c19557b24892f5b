#!/usr/bin/env bash
# instructor 1.17.0. Guess: whether a model has asynchronous validators is found out once per class.
# Behaviour: it is found out four times in each call, by `getattr` of every name in `dir()` of the model and of every model in
# it, pydantic's own names included: thousands of reads a call for a model with two models inside, the same in every call.
# Source: instructor/v2/validation/async_validators.py (reject_async_validators), its callers, run on 2026-11-29.
# Output seen: attributes read per call 2676, again in the second call 2676
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check instructor==1.17.0 openai==3.3.0 pydantic==2.14.0
"$folder/venv/bin/python" - <<'PYTHON'
import builtins
import instructor
from instructor import Mode, ResponseSchema
from instructor.v2.validation import async_validators
from openai.types.chat import ChatCompletion
from pydantic import BaseModel

class Name(BaseModel):
    first: str

class Place(BaseModel):
    town: str

class Person(ResponseSchema):
    name: Name
    place: Place | None = None

def create(**_):
    message = {"role": "assistant", "content": '{"name": {"first": "Ada"}}'}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return ChatCompletion.model_validate(
        {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    )

counts = {"reads": 0}

def counted(*arguments):
    counts["reads"] += 1
    return getattr(*arguments)

# The module looks `getattr` up among its own names first.
async_validators.getattr = counted
ask = instructor.patch(create=create, mode=Mode.JSON_SCHEMA)
question = [{"role": "user", "content": "Who?"}]
seen = []
for _ in range(2):
    counts["reads"] = 0
    ask(response_model=Person, messages=question)
    seen.append(counts["reads"])
print(f"attributes read per call {seen[0]}, again in the second call {seen[1]}")
assert seen[0] == seen[1] > 500
PYTHON
