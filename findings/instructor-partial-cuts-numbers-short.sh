#!/usr/bin/env bash
# instructor 1.17.0, `create_partial` on an answer that is cut off (finish_reason `length`).
# Guess: no error, unlike without a stream, and what was not finished when the stream ended is None in the last object.
# Behaviour: no error in tool, JSON schema and Markdown mode, and unfinished strings and objects are None indeed. But a number
# that was cut in the middle is taken for a whole one: of `"age": 41` broken off behind the 4 the last object has age 4. It is
# complete, valid, and one of ten; neither the finish reason nor the object tells. A connection closed in the middle and a
# `content_filter` end the same way. Without a stream the same answer raises IncompleteOutputException. `create_iterable`
# leaves out what is not whole, also without a word.
# Source: instructor/v2 (partial responses are parsed with trailing input allowed), run on 2026-11-29.
# Output seen: tools: 4 (41 was written); json_schema: 4 (41 was written); markdown: 4 (41 was written);
#              whole request: IncompleteOutputException; items: ['Ann']
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check instructor==1.17.0 openai==3.3.0
"$folder/venv/bin/python" - <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import instructor
import openai
from pydantic import BaseModel


class Person(BaseModel):
    name: str
    age: int


class People(BaseModel):
    people: list[Person]


WHOLE = json.dumps({"people": [{"name": "Ann", "age": 3}, {"name": "Bo", "age": 41}]})
CUT = WHOLE[: WHOLE.index("41") + 1]


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        common = {"id": "1", "created": 1, "model": "m"}
        if not asked.get("stream"):
            choice = {"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": CUT}}
            self.send(json.dumps({**common, "object": "chat.completion", "choices": [choice]}).encode(), "application/json")
            return
        name = asked["tools"][0]["function"]["name"] if asked.get("tools") else None
        chunks = []
        for at in range(0, len(CUT), 5):
            call = {"index": 0, "id": "a", "type": "function", "function": {"name": name, "arguments": CUT[at : at + 5]}}
            delta = {"tool_calls": [call]} if name else {"content": CUT[at : at + 5]}
            chunks.append({"index": 0, "delta": delta, "finish_reason": None})
        chunks.append({"index": 0, "delta": {}, "finish_reason": "length"})
        events = [json.dumps({**common, "object": "chat.completion.chunk", "choices": [chunk]}) for chunk in chunks]
        self.send("".join(f"data: {event}\n\n" for event in [*events, "[DONE]"]).encode(), "text/event-stream")

    def send(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
plain = openai.OpenAI(base_url=f"http://127.0.0.1:{server.server_port}/v1", api_key="none", max_retries=0)
question = {"model": "m", "messages": [{"role": "user", "content": "Who?"}], "max_retries": 1}
modes = {
    "tools": instructor.Mode.TOOLS,
    "json_schema": instructor.Mode.JSON_SCHEMA,
    "markdown": instructor.Mode.MD_JSON,
}
ages = {}
for name, mode in modes.items():
    client = instructor.from_openai(plain, mode=mode)
    *_, last = client.chat.completions.create_partial(response_model=People, **question)
    ages[name] = last.people[-1].age
client = instructor.from_openai(plain, mode=instructor.Mode.JSON_SCHEMA)
items = [person.name for person in client.chat.completions.create_iterable(response_model=Person, **question)]
try:
    client.chat.completions.create(response_model=People, **question)
    raised = "nothing"
except Exception as error:
    raised = type(error).__name__
told = "; ".join(f"{name}: {age} (41 was written)" for name, age in ages.items())
print(f"{told}; whole request: {raised}; items: {items}")
assert set(ages.values()) == {4}
assert raised in ("IncompleteOutputException", "InstructorRetryException")
assert items == ["Ann"]
server.shutdown()
PYTHON
