"""Where the parts are put together: settings in, a Flask application out."""

from collections.abc import Callable

from flask import Flask

from schemas import registry
from service.extraction.model import StructuredModel
from service.extraction.pipeline import Extractor
from service.http import access_log, auth, body, extractions, health, kinds, problems
from service.llm.chat import Chat
from service.llm.profiles import PROFILES
from service.runtime import Runtime
from service.settings import Settings


def create_app(settings: Settings, model: StructuredModel | None = None) -> Flask:
    """Build the service. Nothing is started and no connection opened before the first request.

    Without `model` it is the one that the settings name.

    Raises:
        KeysNeededError: the settings would open the service to other machines without a key.

    """
    auth.require_keys_beyond_loopback(settings.host, settings.api_keys)
    model = model or build_model(settings)
    extractor = build_extractor(settings, model)
    runtime = Runtime(max_articles=settings.max_articles, on_close=model.close)

    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_chars * body.BYTES_PER_CHAR + body.BYTES_BESIDES
    app.extensions["runtime"] = runtime
    problems.register(app)
    access_log.register(app)
    auth.register(app, [key.get_secret_value() for key in settings.api_keys])
    app.register_blueprint(
        extractions.blueprint(
            extractor,
            runtime,
            deadline_seconds=settings.deadline_seconds,
            max_deadline_seconds=settings.max_deadline_seconds,
        )
    )
    app.register_blueprint(kinds.blueprint(extractor.registry))
    app.register_blueprint(health.blueprint(health.Readiness(model, runtime), runtime))
    return app


def build_extractor(settings: Settings, model: StructuredModel) -> Extractor:
    """Make the core for a model."""
    return Extractor(
        model,
        registry.built_in(),
        window_tokens=settings.window_tokens or PROFILES[settings.profile].window_tokens,
        max_chars=settings.max_chars,
        field_guide=settings.field_guide,
        strategy=settings.strategy,
        lean=PROFILES[settings.profile].lean,
    )


def build_model(settings: Settings, wrap: Callable[[Chat], Chat] | None = None) -> StructuredModel:
    """Make the client of the model server that the settings name.

    Args:
        settings: name the server and the model.
        wrap: see `InstructorModel`.

    Raises:
        ValueError: its address or key is none that could be used; the message names neither.

    """
    # The SDK takes a second to import; whoever brings a model of their own need not wait for it.
    from service.llm.client import InstructorModel  # noqa: PLC0415 -- see above

    key = settings.openai_api_key
    return InstructorModel(
        profile=PROFILES[settings.profile],
        model=settings.model,
        base_url=settings.openai_base_url,
        api_key=key.get_secret_value() if key else None,
        context_tokens=settings.context_tokens,
        max_calls=settings.max_calls,
        max_calls_per_prompt=settings.max_calls_per_prompt,
        max_attempts=settings.max_attempts,
        reasks=settings.reasks,
        wrap=wrap,
    )


def runtime_of(app: Flask) -> Runtime:
    """Find the loop that an application's articles run on."""
    runtime = app.extensions["runtime"]
    assert isinstance(runtime, Runtime)  # noqa: S101 -- create_app put it there
    return runtime
