#!/usr/bin/env bash
# instructor 1.17.0, modes JSON and MD_JSON. Guess: the prompt is its text, dedented, with the schema in it.
# Behaviour: the text is dedented after the schema has been put in. The schema's second line begins with two spaces and its
# last with none, so that nothing is common to all lines and the twelve spaces of the source stay in front of each of ours.
# Source: instructor/v2/providers/openai/handlers.py (prepare_request of both), run on 2026-11-29.
# Output seen: lines of the prompt that begin with twelve spaces: 4
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check instructor==1.17.0 openai==3.3.0
"$folder/venv/bin/python" - <<'PYTHON'
import instructor
from instructor import Mode
from openai.types.chat import ChatCompletion
from pydantic import BaseModel

class Person(BaseModel):
    name: str

sent = []
def create(**request):
    sent.append(request)
    message = {"role": "assistant", "content": '{"name": "Ada"}'}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return ChatCompletion.model_validate(
        {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    )

for mode in (Mode.JSON, Mode.MD_JSON):
    instructor.patch(create=create, mode=mode)(response_model=Person, messages=[{"role": "user", "content": "Who?"}])
indented = [[line for line in one["messages"][0]["content"].splitlines() if line.startswith(" " * 12)] for one in sent]
print(f"lines of the prompt that begin with twelve spaces: {len(indented[0])}")
assert [len(lines) for lines in indented] == [4, 4]
PYTHON
