#!/usr/bin/env bash
# instructor 1.17.0, mode TOOLS. Guess: a tool is called after the class of the answer, as the schema is in JSON_SCHEMA.
# Behaviour: the name is the `title` of the JSON Schema. A model that writes its schema without titles, as they only cost
# tokens, works in JSON_SCHEMA mode and raises KeyError('title') in TOOLS mode before anything is sent.
# Source: instructor/v2/providers/openai/schema.py (generate_openai_schema), run on 2026-11-29.
# Output seen: JSON_SCHEMA: sent as Person; TOOLS: KeyError('title')
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

    @classmethod
    def model_json_schema(cls, *_, **__):
        return {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}

sent = []
def create(**request):
    sent.append(request)
    message = {"role": "assistant", "content": '{"name": "Ada"}'}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return ChatCompletion.model_validate(
        {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    )

question = [{"role": "user", "content": "Who?"}]
instructor.patch(create=create, mode=Mode.JSON_SCHEMA)(response_model=Person, messages=question)
name = sent[0]["response_format"]["json_schema"]["name"]
try:
    instructor.patch(create=create, mode=Mode.TOOLS)(response_model=Person, messages=question)
    raised = None
except KeyError as error:
    raised = error
print(f"JSON_SCHEMA: sent as {name}; TOOLS: {raised!r}")
assert name == "Person" and repr(raised) == "KeyError('title')" and len(sent) == 1
PYTHON
