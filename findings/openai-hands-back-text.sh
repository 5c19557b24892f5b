#!/usr/bin/env bash
# openai 3.3.0 with instructor 1.17.0. Some relays answer with an event stream although `stream` was not asked for.
# Guess: the client raises an error of its own, as for any answer that is not JSON.
# Behaviour: `create`, typed as returning a ChatCompletion, returns the body as a `str` and raises nothing. instructor finds no
# `choices` on it and asks again until its retries are used up, though the answer was there each time: three billed calls.
# Source: openai/_response.py (content types other than JSON), instructor's OpenAI handlers; run on 2026-11-29. Relays that
# do so: openevolve#455 (2026-04), unsloth#6570 (2026-06).
# Output seen: openai: str; instructor: 3 calls, InstructorRetryException
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check instructor==1.17.0 openai==3.3.0
"$folder/venv/bin/python" - <<'PYTHON'
import http.server
import threading

EVENTS = (
    b'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":'
    b'[{"index":0,"delta":{"content":"{\\"name\\": \\"Ada\\"}"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)
seen = []

class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        seen.append(self.path)
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("content-length", str(len(EVENTS)))
        self.end_headers()
        self.wfile.write(EVENTS)

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"

import logging

import instructor
from openai import OpenAI
from pydantic import BaseModel

class Person(BaseModel):
    name: str

logging.disable(logging.CRITICAL)
client = OpenAI(base_url=f"{url}/v1", api_key="x", max_retries=0)
question = [{"role": "user", "content": "Who?"}]
plain = client.chat.completions.create(model="m", messages=question)
seen.clear()
try:
    instructor.from_openai(client, mode=instructor.Mode.JSON_SCHEMA).create(
        model="m", messages=question, response_model=Person, max_retries=2
    )
    raised = None
except Exception as error:
    raised = type(error).__name__
print(f"openai: {type(plain).__name__}; instructor: {len(seen)} calls, {raised}")
assert type(plain) is str and len(seen) == 3 and raised == "InstructorRetryException"
PYTHON
