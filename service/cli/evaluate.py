"""`dragoman eval`: how good the records are. For a checkout: the package `evals` is not installed with the service."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.app import build_extractor, build_model
from service.cli.built_in import SIZE, configured, configured_or_built_in
from service.kinds import load_kinds
from service.local.cache import cache_directory
from service.local.release import RELEASES
from service.settings import Settings

if TYPE_CHECKING:
    from evals.results import Scored
    from evals.suites import Item, Suite

OUT = Path("out/eval")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(name="eval")
def group() -> None:
    """Measure what is found against what people found.

    Suites: `gold`, the repository's own articles and annotations, or with --data what was made of reviews; `polnear`
    (quotations) and `plover` (events in single sentences), whose data is given with --data. Exit codes: 0 measured, or
    skipped because there is nothing to measure with; 1 not possible here; 2 wrong usage; 78 a setting is wrong.
    """


def _measuring(command: Callable[..., None]) -> Callable[..., None]:
    """Run a command where `evals` is there; what it has nothing to measure with is said in a line."""

    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> None:
        if find_spec("evals") is None:
            raise click.ClickException("the package `evals` is in the repository only: run this from a checkout.")
        from evals.gold import GoldError
        from evals.suites import SuiteAbsentError

        try:
            command(*args, **kwargs)
        except SuiteAbsentError as nothing:
            click.echo(f"skipped: {nothing}")
        except GoldError as wrong:
            raise click.ClickException(str(wrong)) from wrong

    return guarded


def _which_suite(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--layer", type=click.Choice(["first", "second"]), help="Annotation.  [default: the reconciled]"),
        click.option(
            "--data",
            type=click.Path(path_type=Path),
            help="JSONL file of polnear or plover. Of gold: a folder that `dragoman reviews export` has written, or "
            "what GET /v1/reviews answered.",
        ),
        click.option("--suite", "suite_name", type=click.Choice(["gold", "polnear", "plover"])),
    ):
        command = option(command)
    return command


def _split(command: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--split",
        type=click.Choice(["dev", "test", "languages", "all"]),
        help="Of gold.  [default: dev; all of --data]",
    )(command)


@group.command()
@_which_suite
@_split
@click.option("--limit", type=click.IntRange(1), help="Only the first so many articles.")
@click.option("--articles", multiple=True, metavar="ID[,ID...]", help="Only these; may be given several times.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=f"[default: {OUT}/SUITE-MODEL.json]")
@click.option("--size", type=click.Choice(list(RELEASES)), help=f"Which built-in model.  [default: {SIZE}]")
@click.option("--fresh", is_flag=True, help="Ask anew what was answered in earlier runs.")
@_measuring
def run(
    suite_name: str | None,
    data: Path | None,
    layer: str | None,
    split: str | None,
    limit: int | None,
    articles: tuple[str, ...],
    out: Path | None,
    size: str | None,
    *,
    fresh: bool,
) -> None:
    """Read a suite's articles with the service's own code and measure the records.

    The model is the built-in one unless OPENAI_BASE_URL or OPENAI_API_KEY is set. Answers are remembered: an
    interrupted run goes on where it stopped, and a run without changes costs no calls. Writes the records and figures
    as JSON, and beside it an HTML page that shows them in the articles.
    """
    from evals.memory import Memory
    from evals.reading import read

    settings = Settings()
    if size and configured(settings):
        raise click.UsageError("--size names a built-in model, and OPENAI_BASE_URL or OPENAI_API_KEY another one.")
    told = {"suite": suite_name or "gold", "data": str(data.resolve()) if data else None, "layer": layer}
    split = split or ("all" if data else "dev")
    suite = _suite(told, split)
    items = _chosen(suite, articles)[:limit]
    with configured_or_built_in(settings, size or SIZE) as chosen:
        memory = Memory(cache_directory() / "eval", fresh=fresh)
        model = build_model(chosen, memory.around)
        result: dict[str, Any] = {"system": "dragoman", **told, "model": model.name, "articles": []}
        if suite.name == "gold" and not articles:
            result["split"] = split
        of_gold = data.stem if data and suite.name == "gold" else None
        out = out or OUT / f"{'-'.join(filter(None, [suite.name, of_gold, result.get('split'), model.name]))}.json"
        with _progress(len(items)) as report:
            for answer in read(items, build_extractor(chosen, model), model, memory, suite.kinds):
                result["articles"].append(answer)
                result |= {key: answer[key] for key in ("prompt_version", "schema_version") if key in answer}
                _save(out, result)
                report(f"{answer['id']} {answer['seconds']:.0f} s {answer.get('error', '')}")
    _finish(out, result, suite)


@group.command()
@click.argument("file", type=_FILE)
@_which_suite
@_measuring
def score(file: Path, **told: Any) -> None:
    """Measure a stored run anew, Dragoman's or another system's, and rewrite its figures and its page."""
    result = json.loads(file.read_text(encoding="utf-8"))
    _finish(file, result, _suite_of(result, told))


@group.command()
@click.argument("before", type=_FILE)
@click.argument("after", type=_FILE)
@_which_suite
@_measuring
def compare(before: Path, after: Path, **told: Any) -> None:
    """Show what differs between two runs over the articles that both have.

    Differences are paired; a star marks those whose interval does not hold 0.
    """
    from evals.results import compared, score

    results = [json.loads(file.read_text(encoding="utf-8")) for file in (before, after)]
    suite = _suite_of(results[0], told)
    click.echo(compared(*(score(suite, result) for result in results)))


@group.command()
@_split
@_measuring
def agreement(split: str | None) -> None:
    """Measure the second annotation of the gold articles against the first one."""
    from evals.gold_suite import GoldSuite
    from evals.intervals import intervals, total
    from evals.results import printed

    suite = GoldSuite(None if split == "all" else split or "dev")
    tallies = suite.agreement()
    click.echo(f"{len(tallies)} articles\n")
    click.echo(printed(suite.tables(total(tallies)), intervals(tallies, suite.tables)))


def _suite_of(result: Mapping[str, Any], told: Mapping[str, Any]) -> "Suite":
    """The suite of a stored run; what the options say goes first."""
    given = {"suite": told["suite_name"], "data": told["data"], "layer": told["layer"]}
    return _suite({key: given[key] or result.get(key) for key in given}, split="all")


def _suite(told: Mapping[str, Any], split: str) -> "Suite":
    from evals.gold import FOLDER
    from evals.gold_suite import GoldSuite
    from evals.plover import PloverSuite
    from evals.polnear import PolnearSuite

    data = Path(told["data"]) if told["data"] else None
    if told["suite"] == PolnearSuite.name:
        return PolnearSuite(data)
    if told["suite"] == PloverSuite.name:
        return PloverSuite(data)
    return GoldSuite(None if split == "all" else split, told["layer"] or "", data or FOLDER, load_kinds(Settings()))


def _chosen(suite: "Suite", articles: Sequence[str]) -> "list[Item]":
    wanted = {name for given in articles for name in given.split(",")} or None
    items = suite.items(wanted)
    unknown = (wanted or set()) - {item.id for item in items}
    if unknown:
        raise click.UsageError(f"the suite {suite.name} has no article {', '.join(sorted(unknown))}")
    return items


def _finish(out: Path, result: dict[str, Any], suite: "Suite") -> None:
    """Measure a run, print the figures, write them and the page."""
    from evals.page import page
    from evals.results import printed, score

    scored: Scored = score(suite, result)
    result = {**result, "suite": suite.name, **scored.as_json()}
    _save(out, result)
    beside = out.with_suffix(".html")
    beside.write_text(page(result, scored), encoding="utf-8")
    click.echo(printed(scored.tables, scored.intervals))
    click.echo(f"\n{len(scored.items)} articles; {out}, {beside}")


def _save(out: Path, result: Mapping[str, Any]) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


@contextmanager
def _progress(total: int) -> Iterator[Callable[[str], None]]:
    """Show how far a run is, on stderr: a bar at a terminal, a line for each article elsewhere."""
    if not sys.stderr.isatty() or find_spec("rich") is None:
        yield lambda said: click.echo(said, err=True)
        return
    # Only the extra `local` has it.
    import rich.console
    import rich.progress as columns

    shown = (columns.BarColumn(), columns.MofNCompleteColumn(), columns.TimeElapsedColumn(), "{task.description}")
    with columns.Progress(*shown, console=rich.console.Console(stderr=True)) as bar:
        task = bar.add_task("", total=total)
        yield lambda said: bar.update(task, advance=1, description=said)
