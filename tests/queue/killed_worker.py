"""A worker process that is killed while it waits for its model: `python -m tests.queue.killed_worker`."""

import asyncio
import sys
from datetime import timedelta
from typing import Any

from service.app import build_extractor
from service.jobs.broker import Broker
from service.jobs.connection import BrokerConnection
from service.jobs.job_runner import JobRunner
from service.jobs.store import JobStore
from service.jobs.topology import Topology
from service.jobs.worker import Worker
from service.settings import Settings
from tests.support.scripted_model import ScriptedModel

LEASE = timedelta(seconds=1)


async def think(_: object) -> dict[str, Any]:
    print("thinking", flush=True)  # noqa: T201 -- the test waits for it
    await asyncio.sleep(600)
    return {}


async def main(broker_url: str, prefix: str, store_url: str) -> None:
    store = JobStore(store_url)
    extractor = build_extractor(Settings(), ScriptedModel(otherwise=think))
    job_runner = JobRunner(extractor, store, deadline_seconds=600, max_deadline_seconds=600, attempts=3, lease=LEASE)
    connection = BrokerConnection(broker_url, Topology(prefix, retry_delays=(0.2, 0.5)))
    await Worker(store, job_runner, Broker(connection), concurrency=1).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
