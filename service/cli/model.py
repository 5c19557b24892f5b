"""`dragoman model`: fetch and serve a language model on this machine."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from service.local.cache import cache_directory
from service.local.errors import LocalModelError
from service.local.hub import HubClient
from service.local.pull import find_weights, pull_release
from service.local.release import RELEASES
from service.local.server import ServerOptions, require_extra, serve
from service.local.weights import Weights
from service.settings import Settings

_INTERRUPTED = 130


@contextmanager
def _one_line_errors() -> Iterator[None]:
    try:
        yield
    except LocalModelError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        click.echo("Interrupted. What was fetched is kept: run it again to go on.", err=True)
        sys.exit(_INTERRUPTED)


class _Digest(click.ParamType[str]):
    name = "hex"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if len(value) != 64 or set(value.lower()) - set("0123456789abcdef"):
            self.fail("a SHA-256 is 64 hexadecimal digits", param, ctx)
        return value.lower()


def _which_weights(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option(
            "--sha256", type=_Digest(), help="Refuse a --from file with another SHA-256. Built-in models have theirs."
        ),
        click.option(
            "--from",
            "source",
            metavar="SOURCE",
            help="Another model in GGUF form instead: the path of a file, which is used where it lies, or "
            "ORG/REPO:FILE.gguf of a model hub, which is fetched into the cache directory.",
        ),
        click.option("--size", type=click.Choice(list(RELEASES)), help="Which built-in model.  [default: 0.5b]"),
    ):
        command = option(command)
    return command


def _weights(size: str | None, source: str | None, sha256: str | None) -> Weights:
    if source is None:
        if sha256 is not None:
            raise click.UsageError("--sha256 goes with --from: a built-in model has its own.")
        return pull_release(RELEASES[size or "0.5b"], cache_directory())
    if size is not None:
        raise click.UsageError("--size and --from are two ways to name a model: give one.")
    settings = Settings()
    token = settings.hub_token.get_secret_value() if settings.hub_token else None
    with HubClient(settings.hub_endpoint, token) as hub:
        return find_weights(source, cache_directory(), hub, sha256)


@click.group()
def group() -> None:
    """Run a small language model on this machine: no key, no other server.

    Models are kept in the user's cache directory, or in DRAGOMAN_CACHE_DIR. Exit codes: 2 wrong usage, 65 the
    file is not what it should be, 66 there is no such model, 69 no network, 70 the server did not start, 74 disk
    full or not writable, 78 the extra is missing, 130 interrupted.
    """


@group.command()
@_which_weights
def pull(size: str | None, source: str | None, sha256: str | None) -> None:
    """Fetch a model, or check the one that is there; print its path.

    An interrupted download goes on where it stopped.
    """
    with _one_line_errors():
        require_extra()
        weights = _weights(size, source, sha256)
    click.echo(f"SHA-256 {weights.sha256}", err=True)
    click.echo(weights.path)


@group.command(name="serve")
@_which_weights
@click.option("--port", type=click.IntRange(0, 65_535), default=8081, show_default=True, help="0 is any free one.")
@click.option("--threads", type=click.IntRange(1), help="CPU threads.  [default: the CPUs there are, at most 8]")
@click.option("--context", type=click.IntRange(512), default=8192, show_default=True, help="Context size in tokens.")
def serve_command(
    size: str | None, source: str | None, sha256: str | None, port: int, threads: int | None, context: int
) -> None:
    """Serve a model on 127.0.0.1, as OpenAI's API does, until Ctrl-C; fetch it first where it is absent."""
    with _one_line_errors():
        require_extra()
        weights = _weights(size, source, sha256)
        options = ServerOptions(str(weights.path), port, threads, context)
        try:
            serve(options, announce=lambda url: _announce(url, options.model))
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)


def _announce(url: str, model: str) -> None:
    click.echo(f"{model} answers at {url} until Ctrl-C. To use it, in another terminal:", err=True)
    click.echo(f"  export OPENAI_BASE_URL={url} OPENAI_API_KEY=unused", err=True)
    click.echo(f"  export DRAGOMAN_PROFILE=llama_cpp DRAGOMAN_MODEL={model}", err=True)


@group.command(name="list")
def list_command() -> None:
    """Show the built-in models and which of them are there."""
    for size, release in RELEASES.items():
        path = cache_directory() / release.file_name
        click.echo(f"{size}  {release.model}  {release.size / 1e6:,.0f} MB  {path if path.exists() else 'not fetched'}")
