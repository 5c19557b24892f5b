"""Builds the parts of the service from the settings, and the Flask application from the parts."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import platformdirs
from flask import Flask

from service.extraction.model import StructuredModel
from service.extraction.pipeline import Extractor
from service.http import (
    access_log,
    asyncapi,
    auth,
    batches,
    body,
    cross_site,
    extractions,
    health,
    job_submission,
    jobs,
    kinds,
    openapi,
    openapi_models,
    page,
    problems,
    reviews,
    sentences,
)
from service.http.idempotency import Idempotency
from service.http.job_submission import JobSubmission, Limits
from service.jobs.addresses import CallbackPolicy
from service.jobs.background import BackgroundTaskGroup, PeriodicTask
from service.jobs.broker import Broker
from service.jobs.connection import BrokerConnection
from service.jobs.embedded_worker import EmbeddedWorker
from service.jobs.job_runner import JobRunner
from service.jobs.relay import Relay
from service.jobs.store import JobStore
from service.jobs.topology import Topology
from service.jobs.webhooks import Webhooks
from service.kinds import load_kinds
from service.llm.chat import Chat
from service.llm.profiles import PROFILES
from service.runtime import BackgroundTask, Runtime
from service.settings import SettingError, Settings

if TYPE_CHECKING:
    from service.llm.client import InstructorModel

EXPIRY_SECONDS = 600.0
"""Pause between two deletions of what has expired."""
TIME_LIMIT_CHECK_SECONDS = 60.0
"""Pause between two searches for jobs that exceed their time limit."""
WEBHOOK_SECONDS = 1.0
"""Pause between two searches for webhooks that are due."""


def create_app(settings: Settings, model: StructuredModel | None = None) -> Flask:
    """Build the service. Nothing is started and no connection is opened before the first request.

    Without `model` it is the one that the settings name. The store's tables have to be there: see `database_url`.

    Raises:
        KeysNeededError: the settings would open the service to other machines without a key.

    """
    auth.require_keys_beyond_loopback(settings.host, settings.api_keys)
    model = model or build_model(settings)
    extractor = build_extractor(settings, model)
    store = build_store(settings)
    job_runner = build_job_runner(settings, extractor, store)
    broker = build_broker(settings, "dragoman serve")
    background = build_background(settings, store, job_runner, model, broker)

    async def close() -> None:
        await model.close()
        if broker is not None:
            await broker.connection.close()
        store.close()

    runtime = Runtime(max_articles=settings.max_articles, on_close=close, background=background)

    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_chars * body.BYTES_PER_CHAR + body.BYTES_BESIDE_TEXT
    app.extensions["runtime"] = runtime
    problems.register(app)
    access_log.register(app)
    auth.register(app, [key.get_secret_value() for key in settings.api_keys])
    with _naming_setting("DRAGOMAN_PUBLIC_URL"):
        cross_site.register(app, has_keys=bool(settings.api_keys), public_url=settings.public_url)
    app.register_blueprint(
        extractions.blueprint(
            extractor,
            runtime,
            lambda job_request, extraction: store.add_finished(
                job_request, extraction.model_dump(mode="json"), fingerprint=job_runner.fingerprint(job_request)
            ),
            deadline_seconds=settings.deadline_seconds,
            max_deadline_seconds=settings.max_deadline_seconds,
        )
    )
    limits = Limits(
        max_deadline_seconds=settings.max_deadline_seconds,
        max_batch_lines=settings.max_batch_lines,
        callbacks=build_callback_policy(settings),
    )
    submission = JobSubmission(extractor, job_runner.fingerprint, store, limits)
    idempotency = Idempotency(store)
    app.register_blueprint(
        job_submission.blueprint(store, submission, idempotency, runtime.wake, max_batch_bytes=settings.max_batch_bytes)
    )
    app.register_blueprint(jobs.blueprint(store, openapi_models.extraction_form(extractor.registry), runtime.wake))
    app.register_blueprint(batches.blueprint(store, runtime.wake))
    app.register_blueprint(reviews.blueprint(store, extractor.registry))
    app.register_blueprint(sentences.blueprint(store))
    app.register_blueprint(
        asyncapi.blueprint(
            extractor.registry,
            Topology(settings.queue_prefix),
            max_chars=settings.max_chars,
            max_deadline_seconds=settings.max_deadline_seconds,
        )
    )
    app.register_blueprint(kinds.blueprint(extractor.registry))
    app.register_blueprint(page.blueprint(extractor.registry))
    app.register_blueprint(health.blueprint(health.Readiness(model, runtime), runtime))
    app.register_blueprint(openapi.blueprint())
    return app


def build_extractor(settings: Settings, model: StructuredModel) -> Extractor:
    """Make the extractor for a model."""
    return Extractor(
        model,
        load_kinds(settings),
        window_tokens=settings.window_tokens or PROFILES[settings.profile].window_tokens,
        max_chars=settings.max_chars,
        max_questions=settings.max_questions,
        field_guide=settings.field_guide,
        strategy=settings.strategy,
        lean=PROFILES[settings.profile].lean,
        bounded=PROFILES[settings.profile].bounded,
        joint=not PROFILES[settings.profile].bounded,
        asked_with=json.dumps([settings.reasoning_effort, settings.extra_body], sort_keys=True),
    )


def database_url(settings: Settings) -> str:
    """The address of the job store. `service.jobs.database.upgrade` creates its tables."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return f"sqlite:///{platformdirs.user_data_path('dragoman') / 'jobs.db'}"


def build_store(settings: Settings) -> JobStore:
    """Make the job store for this process. It must not be used across a fork once it has connected."""
    with _naming_setting("DRAGOMAN_DATABASE_URL"):
        return JobStore(
            database_url(settings),
            retention=timedelta(days=settings.result_days),
            time_limit=timedelta(hours=settings.job_hours),
        )


def build_job_runner(settings: Settings, extractor: Extractor, store: JobStore) -> JobRunner:
    """Make the job runner."""
    return JobRunner(
        extractor,
        store,
        deadline_seconds=settings.deadline_seconds,
        max_deadline_seconds=settings.max_deadline_seconds,
        attempts=settings.job_attempts,
    )


def build_background(
    settings: Settings, store: JobStore, job_runner: JobRunner, model: StructuredModel, broker: Broker | None
) -> BackgroundTaskGroup:
    """The background tasks of the HTTP service: publish the jobs, or run them if there is no broker."""
    if broker is not None:
        return BackgroundTaskGroup([Relay(store, broker), *build_maintenance(settings, store)])
    worker = EmbeddedWorker(store, job_runner, concurrency=settings.job_concurrency, available=model.available)
    return BackgroundTaskGroup([worker, *build_maintenance(settings, store)])


def build_broker(settings: Settings, name: str) -> Broker | None:
    """Make the broker client if the settings name a broker. It connects on first use.

    Args:
        settings: have the address.
        name: of our connection in the broker's listings.

    Raises:
        SettingError: the address is not that of a broker.

    """
    if settings.broker_url is None:
        return None
    url = settings.broker_url.get_secret_value()
    with _naming_setting("DRAGOMAN_BROKER_URL"):
        return Broker(BrokerConnection(url, Topology(settings.queue_prefix), name=name))


def build_callback_policy(settings: Settings) -> CallbackPolicy:
    """Make the policy of which callback URLs are accepted."""
    return CallbackPolicy(signed=bool(settings.webhook_secrets), allow_private=settings.webhook_private)


def build_maintenance(settings: Settings, store: JobStore) -> list[BackgroundTask]:
    """The background tasks of every process with a store: the time limit of jobs, expiry and webhooks."""
    tasks: list[BackgroundTask] = [
        PeriodicTask("time limit", TIME_LIMIT_CHECK_SECONDS, lambda: asyncio.to_thread(store.time_out_jobs)),
        PeriodicTask("expiry", EXPIRY_SECONDS, lambda: asyncio.to_thread(store.delete_expired)),
    ]
    if settings.webhook_secrets:
        secrets = [secret.get_secret_value() for secret in settings.webhook_secrets]
        with _naming_setting("DRAGOMAN_WEBHOOK_SECRETS"):
            webhooks = Webhooks(
                store, secrets=secrets, allow_private=settings.webhook_private, public_url=settings.public_url
            )
        tasks.append(PeriodicTask("webhooks", WEBHOOK_SECONDS, webhooks.deliver_due))
    return tasks


def build_model(settings: Settings, wrap: Callable[[Chat], Chat] | None = None) -> "InstructorModel":
    """Make the client for the model server in the settings.

    Args:
        settings: have the server and the model.
        wrap: see `InstructorModel`.

    Raises:
        SettingError: its address or key cannot be used.

    """
    # The SDK takes a second to import, which is saved if another model is passed to `create_app`.
    from service.llm.client import InstructorModel  # noqa: PLC0415 -- see above

    key = settings.openai_api_key
    name = settings.model_name
    with _naming_setting("OPENAI_BASE_URL or OPENAI_API_KEY"):
        return InstructorModel(
            profile=PROFILES[settings.profile],
            model=name,
            base_url=settings.openai_base_url,
            api_key=key.get_secret_value() if key else None,
            context_tokens=settings.context_tokens,
            max_calls=settings.max_calls,
            max_calls_per_prompt=settings.max_calls_per_prompt,
            max_attempts=settings.max_attempts,
            reasks=settings.reasks,
            breaker_failures=settings.breaker_failures,
            breaker_seconds=settings.breaker_seconds,
            wrap=wrap,
            answer_tokens=settings.answer_tokens,
            effort=settings.reasoning_effort,
            extra_body=settings.extra_body,
            extra_headers={name: value.get_secret_value() for name, value in settings.extra_headers.items()},
        )


@contextmanager
def _naming_setting(name: str) -> Iterator[None]:
    """Turn a `ValueError` inside into a `SettingError` that names the setting."""
    try:
        yield
    except ValueError as error:
        raise SettingError(f"{name}: {error}.") from error


def runtime_of(app: Flask) -> Runtime:
    """The runtime of an application."""
    runtime = app.extensions["runtime"]
    assert isinstance(runtime, Runtime)  # noqa: S101 -- create_app put it there
    return runtime
