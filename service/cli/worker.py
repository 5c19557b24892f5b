"""`dragoman worker`: runs jobs from RabbitMQ."""

import asyncio
import signal
import sys
from contextlib import suppress

import click
import structlog

from service.app import (
    build_callback_policy,
    build_extractor,
    build_job_runner,
    build_maintenance,
    build_model,
    build_store,
)
from service.cli.queue import configured_broker
from service.cli.storing import prepare_store, require_shared_store
from service.extraction.model import StructuredModel
from service.jobs.background import BackgroundTaskGroup
from service.jobs.broker import Broker
from service.jobs.relay import Relay
from service.jobs.worker import Worker
from service.settings import Settings
from service.telemetry import logs

EXIT_FAULT = 70
"""EX_SOFTWARE of BSD's sysexits.h: a bug, and the log says where."""

log = structlog.get_logger(__name__)


@click.command()
@click.option(
    "--concurrency",
    type=click.IntRange(1),
    help="Articles in work at a time.  [default: DRAGOMAN_JOB_CONCURRENCY, else 4]",
)
def command(concurrency: int | None) -> None:
    """Take articles from a RabbitMQ queue until Ctrl-C or SIGTERM.

    DRAGOMAN_BROKER_URL names the broker, DRAGOMAN_DATABASE_URL the store of jobs that all workers and the service
    share, and OPENAI_BASE_URL, OPENAI_API_KEY, DRAGOMAN_MODEL and DRAGOMAN_PROFILE the model. To do more at a time,
    start more workers, on this machine or on others; they need no further setting.

    Any program may publish to the queue `dragoman.articles`: {"article": {"text": "..."}, "id": "..."}. What was found
    is stored, and comes as JSON to the exchange `dragoman.extractions` and to the queue in `reply_to`. What cannot be
    read is found with `dragoman dead list`. GET /asyncapi.json of the service describes all of it.

    On SIGTERM no more articles are taken, and those in work are finished within DRAGOMAN_GRACE_SECONDS; what is left
    then, and everything on Ctrl-C, goes back to the queue. Exit codes: 0 stopped, 1 the store cannot be opened,
    2 wrong usage, 70 a bug, 78 a setting is wrong.
    """
    settings = Settings()
    if concurrency is not None:
        settings = settings.model_copy(update={"job_concurrency": concurrency})
    broker = configured_broker(settings, "dragoman worker")
    require_shared_store(settings)
    model = build_model(settings)
    prepare_store(settings)
    logs.configure(settings.log_level)
    click.echo(
        f"Dragoman takes articles from {broker.topology.articles}, {settings.job_concurrency} at a time, "
        f"model {settings.model_name}."
    )
    try:
        asyncio.run(_work(settings, model, broker))
    except Exception:
        log.exception("unexpected exception")
        sys.exit(EXIT_FAULT)


async def _work(settings: Settings, model: StructuredModel, broker: Broker) -> None:
    store = build_store(settings)
    callbacks = build_callback_policy(settings)
    worker = Worker(
        store,
        build_job_runner(settings, build_extractor(settings, model), store),
        broker,
        concurrency=settings.job_concurrency,
        available=model.available,
        check_request=lambda job_request: callbacks.check(job_request.callback_url),
    )
    try:
        await _run_until_signal(
            BackgroundTaskGroup([worker, Relay(store, broker), *build_maintenance(settings, store)]),
            settings.grace_seconds,
        )
    finally:
        await broker.connection.close()
        await model.close()
        store.close()


async def _run_until_signal(tasks: BackgroundTaskGroup, grace: float) -> None:
    """Run until SIGTERM, which has a grace period, or SIGINT, which has none."""
    loop = asyncio.get_running_loop()
    running = loop.create_task(tasks.run())

    def end() -> None:
        tasks.stop()
        loop.call_later(grace, running.cancel)

    loop.add_signal_handler(signal.SIGTERM, end)
    loop.add_signal_handler(signal.SIGINT, running.cancel)
    with suppress(asyncio.CancelledError):
        await running
