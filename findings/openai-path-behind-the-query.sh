#!/usr/bin/env bash
# openai 3.3.0. An address such as Azure shows it for a deployment: …/openai/deployments/NAME?api-version=2024-10-21
# Guess: the path of the call is put behind the path of the base URL and the query is kept, or the client refuses it.
# Behaviour: the path goes behind the whole address, so that it ends up in the value of `api-version`, and nothing is said. The
# query has to be given as `default_query`.
# Source: openai/_base_client.py (base_url, _prepare_url), run on 2026-11-29.
# Output seen: asked for /openai/deployments/x?api-version=2024-10-21/chat/completions
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check openai==3.3.0
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

from openai import OpenAI

question = [{"role": "user", "content": "Who?"}]
address = f"{url}/openai/deployments/x?api-version=2024-10-21"
OpenAI(base_url=address, api_key="x", max_retries=0).chat.completions.create(model="m", messages=question)
OpenAI(
    base_url=address.partition("?")[0], default_query={"api-version": "2024-10-21"}, api_key="x", max_retries=0
).chat.completions.create(model="m", messages=question)
print(f"asked for {seen[0]}")
assert seen == [
    "/openai/deployments/x?api-version=2024-10-21/chat/completions",
    "/openai/deployments/x/chat/completions?api-version=2024-10-21",
]
PYTHON
