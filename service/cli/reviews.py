"""`dragoman reviews`: exports reviewed results as gold for the evaluation."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import click

from service.app import build_store
from service.cli.storing import prepare_store
from service.jobs.errors import StoreUnavailableError
from service.jobs.reviewed_gold import ArticleGold, gold
from service.kinds import load_kinds
from service.settings import Settings

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
"""A name that is a valid file name on any system."""
_PLACES = ("articles", "gold")
_PART = ".export"
"""Subfolder that an export is written to before it replaces an earlier one."""
_GOLD = frozenset({"kinds", "records", "wrong"})
"""What of an article goes into its file of gold; the text has a file of its own, and a third one tells the rest."""


@click.group()
def group() -> None:
    """Take reviews of results out of the store.

    DRAGOMAN_DATABASE_URL names the store; unset, it is this user's own. Exit codes: 0 done, 1 there are none, or store
    or folder cannot be used, 2 wrong usage, 78 a setting is wrong.
    """


@group.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Put it in the place of an earlier export.")
def export(folder: Path, *, force: bool) -> None:
    """Make gold of the reviewed articles and write it into FOLDER.

    `dragoman eval run --suite gold --data FOLDER` then measures against it. FOLDER is made, or has nothing in it.
    """
    if _things_in(folder) and not (force and _is_export(folder)):
        advice = "and not only an earlier export" if force else "--force replaces an earlier export"
        raise click.ClickException(f"{folder}: there is something in it; {advice}.")
    settings = Settings()
    prepare_store(settings)
    store = build_store(settings)
    try:
        articles = gold(store.reviewed(), load_kinds(settings))
        first = next(articles, None)
        if first is None:
            raise click.ClickException("There are no reviews in the store. Is it the one that the service has?")
        count = _replace(folder, chain([first], articles))
    except StoreUnavailableError as error:
        raise click.ClickException("The store of jobs went away. Nothing was written.") from error
    except OSError as error:
        raise click.ClickException(f"{folder}: {error.strerror}") from error
    finally:
        store.close()
    click.echo(f"{count} {'article' if count == 1 else 'articles'} in {folder}")


def _things_in(folder: Path) -> list[Path]:
    """The entries of a folder, except for the remains of an interrupted export."""
    return [path for path in folder.iterdir() if path.name != _PART] if folder.is_dir() else []


def _is_export(folder: Path) -> bool:
    """Whether a folder contains only the files of an export."""
    about = set(folder.glob("articles/*.json"))
    own = {file for path in about for file in (path, path.with_suffix(".txt"), folder / "gold" / path.name)}
    files = {file for thing in _things_in(folder) for file in [thing, *thing.rglob("*")] if not file.is_dir()}
    return files <= own and all(map(_is_of_a_job, about))


def _is_of_a_job(about: Path) -> bool:
    try:
        return "job" in json.loads(about.read_bytes())
    except (OSError, ValueError, TypeError):
        return False


def _replace(folder: Path, articles: Iterable[ArticleGold]) -> int:
    """Write articles into a folder, replacing its content once all are written. Returns how many there were."""
    part = folder / _PART
    shutil.rmtree(part, ignore_errors=True)
    try:
        count = _write(part, articles)
        for place in _PLACES:
            shutil.rmtree(folder / place, ignore_errors=True)
            (part / place).rename(folder / place)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return count


def _write(folder: Path, articles: Iterable[ArticleGold]) -> int:
    """Write articles in the form that the evaluation reads. Returns how many there were."""
    for place in _PLACES:
        (folder / place).mkdir(parents=True)
    taken: set[str] = set()
    for article in articles:
        name = _file_name(article.id, taken)
        (folder / "articles" / f"{name}.txt").write_bytes(article.text.encode())
        about = article.model_dump(exclude={*_GOLD, "text"})
        for place, told in zip(_PLACES, (about, article.model_dump(include=set(_GOLD))), strict=True):
            document = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
            (folder / place / f"{name}.json").write_bytes(document.encode())
    return len(taken)


def _file_name(article_id: str, taken: set[str]) -> str:
    """A file name for an article that differs from those taken, also on file systems that ignore case."""
    name = article_id
    if not _PLAIN.fullmatch(name) or name.lower() in taken:
        digest = hashlib.sha256(article_id.encode()).hexdigest()
        name = f"{re.sub('[^A-Za-z0-9_-]+', '-', article_id)[:60].strip('-')}-{digest[:12]}".removeprefix("-")
    taken.add(name.lower())
    return name
