"""More workers do more at a time: nothing but the model's time is waited for."""

import asyncio
from typing import Any

from tests.queue.conftest import Work
from tests.queue.wire import Sender, article
from tests.support.scripted_model import NOTHING, ScriptedModel

DATABASES = ("sqlite",)
WORKERS = 3


async def test_workers_think_side_by_side(sender: Sender, work: Work) -> None:
    at_once, most, all_there = 0, 0, asyncio.Event()

    async def think(_: object) -> Any:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        if at_once == WORKERS:
            all_there.set()
        await all_there.wait()
        at_once -= 1
        return NOTHING

    reader = await sender.listen()
    for _ in range(WORKERS):
        await work(ScriptedModel(otherwise=think), concurrency=1)

    for number in range(2 * WORKERS):
        await sender.send(article(id=f"job-{number}", reuse=False))
    for _ in range(2 * WORKERS):
        await reader.read()

    assert most == WORKERS
