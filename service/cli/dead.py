"""`dragoman dead`: lists, shows and requeues dead letters."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from service.app import database_url
from service.cli.queue import configured_broker
from service.cli.storing import prepare_store, require_shared_store
from service.jobs.connection import BrokerUnavailableError
from service.jobs.database import Database
from service.jobs.dead_letters import DeadLetter, DeadLetters
from service.jobs.failed_jobs import FailedJobs
from service.jobs.store import utc_now
from service.settings import Settings

EXIT_UNAVAILABLE = 69
"""EX_UNAVAILABLE of BSD's sysexits.h: the broker does not answer."""
UNNAMED = "-"

T = TypeVar("T")


class BrokerNotReachedError(click.ClickException):
    exit_code = EXIT_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__("The broker does not answer. Is it up, and is DRAGOMAN_BROKER_URL its address?")


@click.group()
def group() -> None:
    """Look at messages that were given up, and have them tried again.

    They are in the queue `dragoman.dead`: what could not be read as an article, articles whose job failed, and what was
    delivered too often. DRAGOMAN_BROKER_URL names the broker. Exit codes: 0 done, 1 there is no such message or the
    store cannot be opened, 2 wrong usage, 69 the broker does not answer, 78 a setting is wrong.
    """


@group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one line per message.")
def list_command(*, as_json: bool) -> None:
    """List them, the oldest first: name, time, tries, code and reason. Nothing of an article is shown."""
    for letter in _with_dead_letters(lambda letters: letters.list_all()):
        click.echo(json.dumps(_about(letter)) if as_json else _line(letter))


@group.command()
@click.argument("name")
def show(name: str) -> None:
    """Show the message with this NAME whole, article and all."""
    found = [letter for letter in _with_dead_letters(lambda letters: letters.list_all()) if letter.name == name]
    if not found:
        raise _not_found(name)
    for letter in found:
        click.echo(json.dumps({**_about(letter), "message": _message(letter)}, indent=2, ensure_ascii=False))


@group.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everything", is_flag=True, help="All there are.")
def requeue(names: tuple[str, ...], *, everything: bool) -> None:
    """Have messages worked on again, and print their names.

    A job that failed begins anew, with all of its tries, under the id that it has. DRAGOMAN_DATABASE_URL names the
    store that it is in.
    """
    if bool(names) == everything:
        raise click.UsageError("Give names, or --all.")
    settings = Settings()
    require_shared_store(settings)
    prepare_store(settings)
    requeued = _with_dead_letters(lambda letters: letters.requeue(None if everything else names))
    for name in requeued:
        click.echo(name or UNNAMED)
    missing = [name for name in names if name not in requeued]
    if missing:
        raise _not_found(", ".join(missing))


def _with_dead_letters(act: Callable[[DeadLetters], Awaitable[T]]) -> T:
    settings = Settings()
    broker = configured_broker(settings, "dragoman dead")
    database = Database(database_url(settings))
    failed_jobs = FailedJobs(database, utc_now)

    async def run() -> T:
        try:
            return await act(DeadLetters(broker, failed_jobs.restart))
        finally:
            await broker.connection.close()

    try:
        return asyncio.run(run())
    except BrokerUnavailableError:
        raise BrokerNotReachedError from None
    finally:
        database.close()


def _about(letter: DeadLetter) -> dict[str, object]:
    return {
        "name": letter.name,
        "code": letter.code,
        "reason": letter.reason,
        "attempts": letter.attempts,
        "died_at": letter.died_at.isoformat() if letter.died_at else None,
        "bytes": len(letter.body),
    }


def _line(letter: DeadLetter) -> str:
    died_at = f"{letter.died_at:%Y-%m-%d %H:%M:%S}" if letter.died_at else UNNAMED
    return f"{letter.name or UNNAMED}  {died_at}  {letter.attempts}  {letter.code}  {letter.reason}"


def _message(letter: DeadLetter) -> object:
    """The message as JSON, or as text if it is not JSON."""
    try:
        return json.loads(letter.body)
    except (ValueError, RecursionError):
        return letter.body.decode("utf-8", "replace")


def _not_found(names: str) -> click.ClickException:
    return click.ClickException(f"There is no dead letter named {names}.")
