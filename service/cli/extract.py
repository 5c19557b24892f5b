"""`dragoman extract`: articles from files, records on the terminal, no server needed."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Literal

import click

from schemas.article import Article
from schemas.result import Extraction
from service.app import build_extractor, build_model
from service.cli.built_in import configured_or_built_in
from service.cli.kind_name import KindName
from service.cli.reading import read_article
from service.cli.render import render
from service.deadline import Deadline
from service.errors import DragomanError
from service.page import Reading, whole
from service.settings import Settings

Form = Literal["text", "json", "html"]

EXIT_PARTIAL = 3
EXIT_FAILED = 4


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=KindName(),
    help="Kind of record to look for; may be given several times.  [default: all]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help="json: whole answers, a line each. html: one page of all articles with their records, which needs no network.",
)
@click.option("--json", "form", flag_value="json", help="Short for --format json.")
@click.option("--published", metavar="DATE", help="Day of publication, such as 2025-02-27: dates start from it.")
@click.option("--language", metavar="TAG", help="Language of the articles, such as en or uk.")
@click.option(
    "--deadline", type=click.FloatRange(min=1), help="Seconds for one article.  [default: DRAGOMAN_DEADLINE_SECONDS]"
)
def command(
    files: tuple[str, ...],
    kinds: tuple[str, ...],
    *,
    form: Form,
    published: str | None,
    language: str | None,
    deadline: float | None,
) -> None:
    """Extract the records that articles state. FILE is UTF-8 text; - is standard input.

    The model is the one that OPENAI_BASE_URL, OPENAI_API_KEY, DRAGOMAN_MODEL and DRAGOMAN_PROFILE name; where they
    are not set, the built-in one is run on this machine.

    Exit codes: 0 every answer is complete, 2 wrong usage, 3 an answer is partial, 4 an article has no answer,
    66 a file cannot be read, 78 a setting is wrong.
    """
    settings = Settings()
    articles = [_article(name, published, language) for name in files]
    with configured_or_built_in(settings) as chosen:
        outcome = asyncio.run(
            _extract_all(articles, kinds or None, chosen, deadline or settings.deadline_seconds, form)
        )
    sys.exit(outcome)


def _article(name: str, published: str | None, language: str | None) -> Article:
    text = read_article(name)
    try:
        return Article.model_validate(
            {"text": text, "published_at": published, "language": language, "id": name[-200:]}
        )
    except ValueError as exc:
        raise click.UsageError("--published takes a date such as 2025-02-27, --language a tag such as en") from exc


async def _extract_all(
    articles: Sequence[Article], kinds: Sequence[str] | None, settings: Settings, seconds: float, form: Form
) -> int:
    """Extract one article after the other and print each answer as it comes; the worst outcome is the exit code.

    A page is printed at the end, with the articles that have no answer.
    """
    model = build_model(settings)
    extractor = build_extractor(settings, model)
    readings: list[Reading] = []
    worst = 0
    try:
        for article in articles:
            try:
                found = await extractor.extract(article, kinds=kinds, deadline=Deadline.after(seconds))
            except DragomanError as exc:
                click.echo(f"Error: {article.id}: {exc}", err=True)
                readings.append(Reading(article, problem={"code": exc.code, "detail": str(exc)}))
                worst = EXIT_FAILED
                continue
            readings.append(Reading(article, found))
            if form != "html":
                _print(found, form)
            worst = max(worst, EXIT_PARTIAL if found.status == "partial" else 0)
    finally:
        await model.close()
    if form == "html":
        click.echo(whole(extractor.registry, readings).encode(), nl=False)
    return worst


def _print(found: Extraction, form: Form) -> None:
    click.echo(found.model_dump_json() if form == "json" else render(found, title=found.article_id or "article"))
