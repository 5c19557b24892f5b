"""Compares ways of asking on the built-in model: what they find, against gold, and what they cost.

    python -m benchmarks.strategies [--split dev] [--articles ID,ID] [--size 0.5b] [WAY ...]

Each way reads the same articles of evals/ with a model server of its own. Answers are remembered as `dragoman eval`
remembers them, so that a run goes on where it stopped. Prints a row for each way: macro F1 and the F1 of each kind; the
records "dropped" (refused as a whole) and values "emptied" (taken out of records which were kept); questions that
failed; calls; tokens; seconds. The records are kept in out/eval/way-NAME.json for `dragoman eval compare`. One to ten
minutes an article and way.
"""

import argparse
import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.dressings import Combined, Copied, Dressing, InSystem
from evals.gold_suite import GoldSuite
from evals.intervals import Number
from evals.memory import Memory
from evals.reading import read
from evals.results import score
from schemas.article import Article
from schemas.fields import Record
from schemas.registry import built_in
from service.cli.built_in import CONTEXT_TOKENS, SLOTS
from service.extraction.ground import Grounded, Grounder
from service.extraction.pipeline import Extractor, Strategy
from service.llm.client import InstructorModel
from service.llm.profiles import PROFILES
from service.local.cache import cache_directory
from service.local.release import RELEASES
from service.local.server import running_model
from service.settings import ProfileName

OUT = Path("out/eval")
PROFILE = PROFILES[ProfileName.LLAMA_CPP]


@dataclass(frozen=True, slots=True)
class Way:
    strategy: Strategy = Strategy.LEADS
    window_tokens: int = 400
    reasks: int = 0
    field_guide: bool = False
    dressing: Dressing | None = None
    slots: int = SLOTS
    strict: bool = False
    """Whether a record is dropped with the first of its values that is not in the article."""


SEARCH = Way(Strategy.SEARCH)
WAYS = {
    "shipped": Way(),
    "one-reask": Way(reasks=1),
    "field-guide": Way(field_guide=True),
    "examples-in-system": Way(dressing=InSystem),
    "drop-not-empty": Way(strict=True),
    "search": SEARCH,
    "search-one-reask": replace(SEARCH, reasks=1),
    "search-drop-not-empty": replace(SEARCH, strict=True),
    "search-examples-in-system": replace(SEARCH, dressing=InSystem),
    "search-windows-of-200": replace(SEARCH, window_tokens=200),
    "search-windows-of-800": replace(SEARCH, window_tokens=800),
    "search-copied-evidence": replace(SEARCH, dressing=Copied),
    "search-all-kinds-in-a-call": replace(SEARCH, dressing=Combined, slots=2),
}


class _Strict(Extractor):
    """Drops a record instead of emptying one of its fields."""

    def _plan(self, article: Article, chosen: Sequence[str]) -> Any:
        plan = super()._plan(article, chosen)
        return replace(plan, grounder=_StrictGrounder(plan.grounder))


class _StrictGrounder(Grounder):
    def __init__(self, grounder: Grounder) -> None:
        self._grounder = grounder

    def ground(self, record: type[Record], *said: Any, **more: Any) -> Grounded:
        outcome = self._grounder.ground(record, *said, **more)
        return Grounded(None, outcome.rejections) if any(r.field for r in outcome.rejections) else outcome


def measure(name: str, way: Way, suite: GoldSuite, articles: set[str] | None, size: str) -> str:
    memory = Memory(cache_directory() / "eval")
    context = SLOTS * CONTEXT_TOKENS // way.slots
    out = OUT / f"way-{name}-{size}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        # A server for each way: the prefix cache of one would make the next one look cheaper.
        url = stack.enter_context(
            running_model(release=RELEASES[size], n_ctx=SLOTS * CONTEXT_TOKENS, n_parallel=way.slots)
        )
        model: Any = InstructorModel(
            profile=PROFILE,
            model=RELEASES[size].model,
            base_url=url,
            api_key="unused",
            context_tokens=context,
            max_calls=2,
            max_calls_per_prompt=1,
            reasks=way.reasks,
            wrap=memory.around,
        )
        model = way.dressing(model) if way.dressing else model
        extractor = (_Strict if way.strict else Extractor)(
            model,
            built_in(),
            window_tokens=way.window_tokens,
            max_chars=200_000,
            field_guide=way.field_guide,
            strategy=way.strategy,
            lean=PROFILE.lean,
        )
        result: dict[str, Any] = {"system": f"way {name}", "suite": suite.name, "model": model.name, "articles": []}
        for answer in read(suite.items(articles), extractor, model, memory, suite.kinds):
            result["articles"].append(answer)
            OUT.mkdir(parents=True, exist_ok=True)
            (OUT / f"way-{name}-{size}.json").write_text(
                json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8"
            )
    return row(name, suite, result)


def row(name: str, suite: GoldSuite, result: dict[str, Any]) -> str:
    found = score(suite, result).tables["detection"]
    answers = result["articles"]
    refused = [rejection for answer in answers for rejection in answer.get("rejected", [])]
    usage = [answer.get("usage", {}) for answer in answers]
    cells = (
        name,
        *(_rounded(found[kind]["F1"]) for kind in ("macro", *built_in().names)),
        sum(rejection["field"] is None for rejection in refused),
        sum(rejection["field"] is not None for rejection in refused),
        sum(len(answer.get("failures", [])) for answer in answers) + sum("error" in answer for answer in answers),
        *(sum(u.get(n, 0) for u in usage) for n in ("calls", "prompt_tokens", "cached_tokens", "completion_tokens")),
        round(sum(answer["seconds"] for answer in answers)),
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def _rounded(value: Number) -> str:
    return "–" if value is None else f"{value:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ways", nargs="*", metavar="WAY", help=", ".join(WAYS))
    parser.add_argument("--split", default="dev", choices=("dev", "test"))
    parser.add_argument("--size", default="0.5b", choices=list(RELEASES))
    parser.add_argument("--articles", metavar="ID,ID", help="only these")
    chosen = parser.parse_args()
    suite = GoldSuite(chosen.split)
    articles = set(chosen.articles.split(",")) if chosen.articles else None
    kinds = " | ".join(built_in().names)
    print(f"| way | macro F1 | {kinds} | dropped | emptied | failed | calls | prompt | cached | completion | s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in chosen.ways or WAYS:
        print(measure(name, WAYS[name], suite, articles, chosen.size), flush=True)


if __name__ == "__main__":
    main()
