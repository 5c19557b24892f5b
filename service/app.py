"""Where the parts are put together: settings in, a Flask application out."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import platformdirs
from flask import Flask

from schemas import registry
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
    intake,
    jobs,
    kinds,
    openapi,
    page,
    problems,
    reviews,
    sentences,
    shapes,
)
from service.http.idempotency import Idempotency
from service.http.intake import Intake, Limits
from service.jobs.addresses import CallbackRule
from service.jobs.background import Regularly, SideBySide, Steady
from service.jobs.broker import Broker
from service.jobs.connection import BrokerConnection
from service.jobs.embedded import EmbeddedRunner
from service.jobs.relay import Relay
from service.jobs.store import JobStore
from service.jobs.topology import Topology
from service.jobs.webhooks import Webhooks
from service.jobs.work import Carrier
from service.llm.chat import Chat
from service.llm.profiles import PROFILES
from service.runtime import Runtime
from service.settings import SettingError, Settings

if TYPE_CHECKING:
    from service.llm.client import InstructorModel

EXPIRY_SECONDS = 600.0
"""How often what was kept for long enough is looked for."""
PATIENCE_SECONDS = 60.0
"""How often jobs that do not end in time are looked for."""
WEBHOOK_SECONDS = 1.0
"""How often webhooks that are due are looked for."""


def create_app(settings: Settings, model: StructuredModel | None = None) -> Flask:
    """Build the service. Nothing is started and no connection opened before the first request.

    Without `model` it is the one that the settings name. The store's tables have to be there: see `database_url`.

    Raises:
        KeysNeededError: the settings would open the service to other machines without a key.

    """
    auth.require_keys_beyond_loopback(settings.host, settings.api_keys)
    model = model or build_model(settings)
    extractor = build_extractor(settings, model)
    store = build_store(settings)
    carrier = build_carrier(settings, extractor, store)
    broker = build_broker(settings, "dragoman serve")
    background = build_background(settings, store, carrier, model, broker)

    async def close() -> None:
        await model.close()
        if broker is not None:
            await broker.connection.close()
        store.close()

    runtime = Runtime(max_articles=settings.max_articles, on_close=close, background=background)

    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_chars * body.BYTES_PER_CHAR + body.BYTES_BESIDES
    app.extensions["runtime"] = runtime
    problems.register(app)
    access_log.register(app)
    auth.register(app, [key.get_secret_value() for key in settings.api_keys])
    with _of_setting("DRAGOMAN_PUBLIC_URL"):
        cross_site.register(app, has_keys=bool(settings.api_keys), public_url=settings.public_url)
    app.register_blueprint(
        extractions.blueprint(
            extractor,
            runtime,
            lambda order, extraction: store.keep(
                order, extraction.model_dump(mode="json"), fingerprint=carrier.fingerprint(order)
            ),
            deadline_seconds=settings.deadline_seconds,
            max_deadline_seconds=settings.max_deadline_seconds,
        )
    )
    limits = Limits(
        max_deadline_seconds=settings.max_deadline_seconds,
        max_batch_lines=settings.max_batch_lines,
        callbacks=build_callbacks(settings),
    )
    taking_in = Intake(extractor, carrier.fingerprint, store, limits)
    keys = Idempotency(store)
    app.register_blueprint(
        intake.blueprint(store, taking_in, keys, runtime.wake, max_batch_bytes=settings.max_batch_bytes)
    )
    app.register_blueprint(jobs.blueprint(store, shapes.extraction_form(extractor.registry), runtime.wake))
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
    """Make the core for a model."""
    return Extractor(
        model,
        registry.built_in(),
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
    """Where the jobs are kept. `service.jobs.database.upgrade` makes the tables there."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return f"sqlite:///{platformdirs.user_data_path('dragoman') / 'jobs.db'}"


def build_store(settings: Settings) -> JobStore:
    """Make the store of jobs, for this process alone: it is not to be carried over a fork once it is used."""
    with _of_setting("DRAGOMAN_DATABASE_URL"):
        return JobStore(
            database_url(settings),
            keep=timedelta(days=settings.result_days),
            patience=timedelta(hours=settings.job_hours),
        )


def build_carrier(settings: Settings, extractor: Extractor, store: JobStore) -> Carrier:
    """Make what carries jobs out."""
    return Carrier(
        extractor,
        store,
        deadline_seconds=settings.deadline_seconds,
        max_deadline_seconds=settings.max_deadline_seconds,
        attempts=settings.job_attempts,
    )


def build_background(
    settings: Settings, store: JobStore, carrier: Carrier, model: StructuredModel, broker: Broker | None
) -> SideBySide:
    """What a service does for its jobs: publish them, or carry them out where there is no broker."""
    if broker is not None:
        return SideBySide([Relay(store, broker), *build_upkeep(settings, store)])
    runner = EmbeddedRunner(store, carrier, concurrency=settings.job_concurrency, available=model.available)
    return SideBySide([runner, *build_upkeep(settings, store)])


def build_broker(settings: Settings, name: str) -> Broker | None:
    """Make the broker that the settings name, if they do; nothing is opened yet.

    Args:
        settings: name its address.
        name: what its listings call our connection.

    Raises:
        SettingError: the address is none.

    """
    if settings.broker_url is None:
        return None
    url = settings.broker_url.get_secret_value()
    with _of_setting("DRAGOMAN_BROKER_URL"):
        return Broker(BrokerConnection(url, Topology(settings.queue_prefix), name=name))


def build_callbacks(settings: Settings) -> CallbackRule:
    """Make the rule of what webhooks are taken."""
    return CallbackRule(signed=bool(settings.webhook_secrets), allow_private=settings.webhook_private)


def build_upkeep(settings: Settings, store: JobStore) -> list[Steady]:
    """What every process with a store does: webhooks, and the end of what lasts or is kept for long enough."""
    parts: list[Steady] = [
        Regularly("giving up", PATIENCE_SECONDS, lambda: asyncio.to_thread(store.give_up)),
        Regularly("expiry", EXPIRY_SECONDS, lambda: asyncio.to_thread(store.expire)),
    ]
    if settings.webhook_secrets:
        secrets = [secret.get_secret_value() for secret in settings.webhook_secrets]
        with _of_setting("DRAGOMAN_WEBHOOK_SECRETS"):
            webhooks = Webhooks(
                store, secrets=secrets, allow_private=settings.webhook_private, public_url=settings.public_url
            )
        parts.append(Regularly("webhooks", WEBHOOK_SECONDS, webhooks.deliver_due))
    return parts


def build_model(settings: Settings, wrap: Callable[[Chat], Chat] | None = None) -> "InstructorModel":
    """Make the client of the model server that the settings name.

    Args:
        settings: name the server and the model.
        wrap: see `InstructorModel`.

    Raises:
        SettingError: its address or key is none that could be used.

    """
    # The SDK takes a second to import; whoever brings a model of their own need not wait for it.
    from service.llm.client import InstructorModel  # noqa: PLC0415 -- see above

    key = settings.openai_api_key
    name = settings.model_name
    with _of_setting("OPENAI_BASE_URL or OPENAI_API_KEY"):
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
def _of_setting(name: str) -> Iterator[None]:
    """What is wrong inside is wrong with that setting."""
    try:
        yield
    except ValueError as error:
        raise SettingError(f"{name}: {error}.") from error


def runtime_of(app: Flask) -> Runtime:
    """Find the loop that an application's articles run on."""
    runtime = app.extensions["runtime"]
    assert isinstance(runtime, Runtime)  # noqa: S101 -- create_app put it there
    return runtime
