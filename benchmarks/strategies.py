"""Compares ways of asking on the built-in model: what they cost and what becomes of the answers.

    python -m benchmarks.strategies [--articles N] [WAY ...]

Runs each way over the same articles of tests/articles against one model server, one call at a time, and prints a
row for each. "dropped" counts records that were refused, "emptied" values that were taken out of records which were
kept. Quality against gold is `dragoman eval`'s; this tells what a way costs. About two minutes an article and
way on two cores.
"""

import argparse
import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from schemas.article import Article
from schemas.registry import built_in
from service.cli.built_in import CONTEXT_TOKENS, SLOTS
from service.extraction.deadline import Deadline
from service.extraction.pipeline import Extractor, Strategy
from service.llm.client import InstructorModel
from service.llm.profiles import PROFILES
from service.local.server import running_model
from service.settings import ProfileName

ARTICLES = ("talks-in-doha", "sanctions-package", "front-line-claims", "nested-attribution")
FOLDER = Path(__file__).parent.parent / "tests" / "articles"


@dataclass(frozen=True, slots=True)
class Way:
    strategy: Strategy = Strategy.LEADS
    window_tokens: int = 400
    reasks: int = 0
    field_guide: bool = False


WAYS = {
    "shipped": Way(),
    "one-reask": Way(reasks=1),
    "field-guide": Way(field_guide=True),
    "search": Way(Strategy.SEARCH),
    "search-one-reask": Way(Strategy.SEARCH, reasks=1),
    "search-windows-of-200": Way(Strategy.SEARCH, window_tokens=200),
    "search-windows-of-800": Way(Strategy.SEARCH, window_tokens=800),
}


async def measure(name: str, way: Way, url: str, texts: list[str]) -> str:
    model = InstructorModel(
        profile=PROFILES[ProfileName.LLAMA_CPP],
        model="built-in",
        base_url=url,
        api_key="unused",
        context_tokens=CONTEXT_TOKENS,
        max_calls=1,
        reasks=way.reasks,
    )
    extractor = Extractor(
        model,
        built_in(),
        window_tokens=way.window_tokens,
        max_chars=200_000,
        field_guide=way.field_guide,
        strategy=way.strategy,
        lean=PROFILES[ProfileName.LLAMA_CPP].lean,
    )
    started = time.monotonic()
    found = [await extractor.extract(Article(text=text), deadline=Deadline.after(900)) for text in texts]
    seconds = time.monotonic() - started
    await model.close()
    usage = found[0].usage
    for extraction in found[1:]:
        usage += extraction.usage
    refused = [rejection for extraction in found for rejection in extraction.rejected]
    cells = (
        name,
        sum(len(records) for extraction in found for records in extraction.records.values()),
        sum(rejection.field is None for rejection in refused),
        sum(rejection.field is not None for rejection in refused),
        sum(len(extraction.failures) for extraction in found),
        usage.calls,
        usage.reasks,
        usage.prompt_tokens,
        usage.cached_tokens,
        usage.completion_tokens,
        round(seconds),
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ways", nargs="*", metavar="WAY", help=", ".join(WAYS))
    parser.add_argument("--articles", type=int, default=2, choices=range(1, len(ARTICLES) + 1))
    chosen = parser.parse_args()
    texts = [(FOLDER / f"{name}.txt").read_text(encoding="utf-8") for name in ARTICLES[: chosen.articles]]
    print("| way | records | dropped | emptied | failures | calls | re-asks | prompt | cached | completion | s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in chosen.ways or WAYS:
        # A server for each way: the prefix cache of one would make the next one look cheaper.
        with running_model(n_ctx=SLOTS * CONTEXT_TOKENS, n_parallel=SLOTS) as url:
            print(asyncio.run(measure(name, WAYS[name], url, texts)), flush=True)


if __name__ == "__main__":
    main()
