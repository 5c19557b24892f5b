"""`dragoman serve`: the HTTP service."""

import socket
from contextlib import nullcontext

import click
import structlog

from service.app import create_app
from service.cli import ConfigurationError
from service.cli.built_in import configured_or_built_in
from service.cli.storing import prepare_store
from service.http.auth import KeysNeededError, require_keys_beyond_loopback
from service.settings import Settings
from service.wsgi import WebServer, bind

log = structlog.get_logger(__name__)


@click.command()
@click.option("--host", help="Address to listen on.  [default: DRAGOMAN_HOST, else 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65_535), help="0 is any free one.  [default: DRAGOMAN_PORT, else 8080]")
@click.option(
    "--built-in-unless-configured",
    "built_in",
    is_flag=True,
    help="Without OPENAI_BASE_URL and OPENAI_API_KEY, run the built-in model beside the service.",
)
def command(host: str | None, port: int | None, *, built_in: bool) -> None:
    """Serve extractions over HTTP until Ctrl-C or SIGTERM.

    The model is the one that OPENAI_BASE_URL, OPENAI_API_KEY, DRAGOMAN_MODEL and DRAGOMAN_PROFILE name. Callers
    need a key of DRAGOMAN_API_KEYS; without any the service listens on this machine's own address only.

    On SIGTERM no more articles are taken, and those in work are finished within DRAGOMAN_GRACE_SECONDS. Ctrl-C
    ends them at once. Exit codes: 0 stopped, 1 the address is taken, 2 wrong usage, 78 a setting is wrong.
    """
    given = {"host": host, "port": port}
    settings = Settings().model_copy(update={name: value for name, value in given.items() if value is not None})
    try:
        require_keys_beyond_loopback(settings.host, settings.api_keys)
    except KeysNeededError as error:
        raise ConfigurationError(str(error)) from error
    try:
        listener = bind(settings.host, settings.port)
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}.") from error
    with listener, configured_or_built_in(settings) if built_in else nullcontext(settings) as chosen:
        _serve(chosen, listener)


def _serve(settings: Settings, listener: socket.socket) -> None:
    app = create_app(settings)
    prepare_store(settings)
    if settings.broker_url is not None and settings.database_url is None:
        log.warning("workers need this service's store of jobs: set DRAGOMAN_DATABASE_URL here and for them")
    WebServer(app, settings, listener, lambda url: _announce(url, settings)).run()


def _announce(url: str, settings: Settings) -> None:
    access = "callers need a key" if settings.api_keys else "no keys are set, so this machine only"
    click.echo(f"Dragoman listens on {url} ({access}), model {settings.model_name}.")
