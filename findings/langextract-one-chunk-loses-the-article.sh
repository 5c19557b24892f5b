#!/usr/bin/env bash
# langextract 1.7.1 with its OpenAI provider: an article of five chunks, of which one is refused (a content filter, a 400).
# Guess: the chunk is left out with a warning, as a chunk is whose answer is no JSON, and the others come back.
# Behaviour: `extract` raises InferenceRuntimeError and hands out nothing. All chunks were sent at once, so the other answers were
# written and billed, and nothing of them can be had from the error. A chunk whose answer is empty or cut off is the opposite:
# it is left out in silence, and the result does not tell which part of the article was not read.
# Source: langextract/providers/openai.py and its resolver, run on 2026-11-29.
# Output seen: refused: 5 calls, 4 of them answered, InferenceRuntimeError, records 0; cut off: 5 calls, records 4, no error
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'langextract[openai]==1.7.1' openai==3.3.0
"$folder/venv/bin/python" - <<'PYTHON'
import http.server
import json
import logging
import threading
import warnings

FOUND = json.dumps({"extractions": [{"city": "Lund", "city_attributes": {"size": "big"}}]})
PARTS = ["Lund is big. " * 16, "Lund is new. " * 16, "Visby is small. " * 13, "Lund is old. " * 16, "Lund is far. " * 16]
USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
how, answered = "", []

def reply(chunk):
    if "Visby" not in chunk:
        return {"role": "assistant", "content": FOUND}, "stop"
    if how == "refused":
        return {"role": "assistant", "content": None, "refusal": "I cannot help with that."}, "stop"
    return {"role": "assistant", "content": FOUND[:30]}, "length"

class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        message, reason = reply(body["messages"][-1]["content"].rsplit("Q: ", 1)[-1])
        answered.append(message["content"] == FOUND)
        choice = {"index": 0, "finish_reason": reason, "message": message}
        answer = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": USAGE}
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()

import langextract as lx
from langextract.factory import ModelConfig

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
city = lx.data.Extraction(extraction_class="city", extraction_text="Oslo", attributes={"size": "big"})
example = lx.data.ExampleData(text="Oslo is big.", extractions=[city])
url = f"http://127.0.0.1:{server.server_port}/v1"
config = ModelConfig(model_id="m", provider="openai", provider_kwargs={"api_key": "x", "base_url": url})

def read():
    answered.clear()
    try:
        found = lx.extract(
            "\n\n".join(PARTS), prompt_description="Extract cities.", examples=[example], config=config,
            max_char_buffer=215, show_progress=False,
        )
    except Exception as error:
        return len(answered), sum(answered), type(error).__name__, 0
    return len(answered), sum(answered), None, len(found.extractions or [])

how = "refused"
calls, good, error, records = read()
print(f"refused: {calls} calls, {good} of them answered, {error}, records {records}", end="; ")
assert (calls, good, error, records) == (5, 4, "InferenceRuntimeError", 0)
how = "cut off"
calls, good, error, records = read()
print(f"cut off: {calls} calls, records {records}, {'no error' if error is None else error}")
assert (calls, error, records) == (5, None, 4)
PYTHON
