#!/usr/bin/env bash
# instructor 1.17.0, provider OpenAI, without the package `anthropic`.
# Guess: provider packages are imported once, if at all, when the module that needs them is.
# Behaviour: an answer without `usage`, as many local servers and gateways send it, makes the addition of usage import
# `anthropic.types`. Where the package is absent, Python remembers nothing of a failed import, so that the path is searched
# anew: twice a call. With `usage` it is not searched at all.
# Source: instructor/v2/core/usage.py (has_compatible_usage, update_total_usage), read and run on 2026-11-29.
# Output seen: 10 calls without usage: 20 searches for anthropic; 10 with it: 0
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check instructor==1.17.0 openai==3.3.0
"$folder/venv/bin/python" - <<'PYTHON'
import sys
import instructor
from instructor import Mode
from openai.types.chat import ChatCompletion
from pydantic import BaseModel

class Person(BaseModel):
    name: str

usage = None

def create(**_):
    message = {"role": "assistant", "content": '{"name": "Ada"}'}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return ChatCompletion.model_validate(
        {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
    )

class Watching:
    searches = 0
    def find_spec(self, name, *_):
        Watching.searches += name == "anthropic"

ask = instructor.patch(create=create, mode=Mode.JSON_SCHEMA)
question = [{"role": "user", "content": "Who?"}]
ask(response_model=Person, messages=question)
sys.meta_path.insert(0, Watching())
seen = []
for usage in (None, {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}):
    Watching.searches = 0
    for _ in range(10):
        ask(response_model=Person, messages=question)
    seen.append(Watching.searches)
print(f"10 calls without usage: {seen[0]} searches for anthropic; 10 with it: {seen[1]}")
assert seen == [20, 0]
PYTHON
