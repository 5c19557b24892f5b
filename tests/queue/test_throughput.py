"""More workers do more at a time: nothing but the model's time is waited for."""

import asyncio
import time
from typing import Any

from service.jobs.store import JobStore
from tests.queue.conftest import Work
from tests.queue.wire import Sender, article
from tests.support.scripted_model import NOTHING, ScriptedModel

DATABASES = ("sqlite",)
ARTICLES = 12
THINKING_SECONDS = 0.3


async def test_throughput_grows_with_workers(sender: Sender, work: Work, store: JobStore) -> None:
    one = await _seconds(sender, work, workers=1)
    three = await _seconds(sender, work, workers=2, before=1)

    assert one >= ARTICLES * THINKING_SECONDS
    # Three workers need a third of the time for thinking; half of it leaves room for a slow machine.
    assert three < one / 2 + 0.5


async def _seconds(sender: Sender, work: Work, *, workers: int, before: int = 0) -> float:
    """Start so many workers more, each with one article at a time, and measure."""
    reader = await sender.listen()
    for _ in range(workers):
        await work(ScriptedModel(otherwise=_think), concurrency=1)
    start = time.monotonic()
    for number in range(ARTICLES):
        await sender.send(article(id=f"job-{before}-{number}", reuse=False))
    for _ in range(ARTICLES):
        await reader.read()
    return time.monotonic() - start


async def _think(_: object) -> Any:
    await asyncio.sleep(THINKING_SECONDS)
    return NOTHING
