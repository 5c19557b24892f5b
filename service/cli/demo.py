"""`dragoman demo`: starts the model server and the service on this machine, and reads one article."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click
import httpx2

from service.cli.built_in import configured_or_built_in
from service.cli.reading import read_article
from service.cli.render import rebuild, render
from service.kinds import load_kinds
from service.settings import Settings, variable

_LISTENS = "Dragoman listens on "
_STOP_SECONDS = 10.0
EXIT_INTERRUPTED = 130
"""As shells have it for Ctrl-C."""


@click.command()
@click.argument("file")
@click.option("--published", metavar="DATE", help="Day of publication, such as 2025-02-27.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("out"),
    show_default=True,
    help="Folder for the JSON answer.",
)
def command(file: str, published: str | None, out: Path) -> None:
    """Start the model and the service, POST an article, print its records, stop everything.

    Exit codes: 0 there is an answer, 1 there is none, 66 the file cannot be read, 130 interrupted.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    article = {"text": read_article(file), "published_at": published, "id": Path(file).name}
    settings = Settings()
    click.echo("Starting the model server ...", err=True)
    with configured_or_built_in(settings) as chosen, _service(chosen) as url:
        click.echo(f"The service is up; POST {url}/v1/extractions", err=True)
        answer = _post(url, {key: value for key, value in article.items() if value}, chosen)
    out.mkdir(parents=True, exist_ok=True)
    saved = out / f"{Path(file).stem}.json"
    saved.write_text(json.dumps(answer, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    kinds = {record.kind: record for record in load_kinds(settings)}
    click.echo(render(rebuild(answer, kinds), title=Path(file).name))
    click.echo(f"The whole answer is in {saved}")


def _interrupt(*_: object) -> NoReturn:
    raise SystemExit(EXIT_INTERRUPTED)


@contextmanager
def _service(settings: Settings) -> Iterator[str]:
    """Run `dragoman serve` as a process of its own for the length of the block; the value is its address."""
    # When the service is stopped, nobody waits for articles in work.
    alone = settings.model_copy(update={"api_keys": [], "grace_seconds": 0.0})
    others = {name: value for name, value in os.environ.items() if name not in map(variable, Settings.model_fields)}
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "service.cli", "serve", "--host", "127.0.0.1", "--port", "0"],
        env=others | alone.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,  # Ctrl-C is for this process, which stops the child itself
    )
    try:
        assert child.stdout is not None  # noqa: S101 -- it was made a pipe above
        line = next((line for line in child.stdout if line.startswith(_LISTENS)), None)
        if line is None:
            raise click.ClickException("The service did not start; `dragoman serve` says why.")
        yield line.removeprefix(_LISTENS).split()[0]
    finally:
        child.terminate()
        try:
            child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)  # its worker too, which would stay and serve
            child.wait()


def _post(url: str, article: dict[str, Any], settings: Settings) -> dict[str, Any]:
    # Without trust_env=False a proxy of the user's environment would be asked for a loopback address.
    with httpx2.Client(trust_env=False, timeout=settings.max_deadline_seconds + 10) as client:
        reply = client.post(
            f"{url}/v1/extractions", json={"article": article, "deadline_seconds": settings.max_deadline_seconds}
        )
    body: dict[str, Any] = reply.json()
    if reply.status_code != httpx2.codes.OK:
        raise click.ClickException(f"{reply.status_code} {body.get('title')}: {body.get('detail')}")
    return body
