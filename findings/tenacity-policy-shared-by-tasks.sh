#!/usr/bin/env bash
# tenacity 9.2.1, by itself and as instructor 1.17.0's `max_retries`.
# Guess: a policy is a description, and each `async for attempt in policy` counts for itself, as each call of a decorated
# function does.
# Behaviour: the loop keeps its state on the policy. Two tasks that loop over one policy at the same time count each other's
# attempts, end too early, and one is given the other's exception. instructor takes a policy for its re-asks and loops over it
# as it is: with one policy for a client, concurrent questions get fewer tries than it says and raise about each other's
# answers. A policy has to be made for each call.
# Source: tenacity/asyncio (AsyncRetrying.__aiter__, __anext__), instructor/v2/core/retry.py, run on 2026-11-29.
# Output seen: alone: (3, 'ok'); together: [(2, 'raised b'), (2, 'raised b')]; instructor: 3 calls alone, 4 for two questions
#              (6 would be right)
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check tenacity==9.2.1 instructor==1.17.0 openai==3.3.0
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import logging

import instructor
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ValidationError
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt

logging.disable(logging.CRITICAL)

def policy():
    return AsyncRetrying(
        stop=stop_after_attempt(3), retry=retry_if_exception_type((ValueError, ValidationError)), reraise=True
    )

async def twice_in_vain(shared, name):
    tries = 0
    try:
        async for attempt in shared:
            with attempt:
                tries += 1
                await asyncio.sleep(0.01)
                if tries <= 2:
                    raise ValueError(name)
    except ValueError as error:
        return tries, f"raised {error}"
    return tries, "ok"

class Person(BaseModel):
    name: str

calls = []

async def create(**request):
    await asyncio.sleep(0.01)
    question = request["messages"][0]["content"]
    calls.append(question)
    said = '{"name": "Ada"}' if calls.count(question) > 2 else "{}"
    message = {"role": "assistant", "content": said}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return ChatCompletion.model_validate(
        {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
    )

async def main():
    alone = await twice_in_vain(policy(), "a")
    shared = policy()
    together = await asyncio.gather(twice_in_vain(shared, "a"), twice_in_vain(shared, "b"))
    ask = instructor.patch(create=create, mode=instructor.Mode.JSON_SCHEMA)

    async def asked(retries, question):
        messages = [{"role": "user", "content": question}]
        return await ask(response_model=Person, messages=messages, max_retries=retries)

    await asked(policy(), "first")
    single = len(calls)
    calls.clear()
    shared = policy()
    await asyncio.gather(asked(shared, "one"), asked(shared, "two"), return_exceptions=True)
    print(f"alone: {alone}; together: {together}; instructor: {single} calls alone, {len(calls)} for two questions")
    assert alone == (3, "ok")
    assert all(tries < 3 for tries, _ in together)
    assert "raised b" in together[0]
    assert single == 3 and len(calls) < 6

asyncio.run(main())
PYTHON
