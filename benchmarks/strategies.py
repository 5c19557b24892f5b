"""Compares ways of asking: what they find, against gold, and what they cost.

    python -m benchmarks.strategies [--split dev] [--articles ID,ID] [--size 0.5b] [WAY ...]
    python -m benchmarks.strategies --relay benchmarks/relayed [--articles ID,ID] [WAY ...]

Each way reads the same articles of evals/ with a built-in model's server of its own, or is answered from a folder by
`benchmarks.relay`, as a large model was; questions without an answer there fail, and lie in its `questions`. Answers
of the built-in model are remembered as `dragoman eval` remembers them, so that a run goes on where it stopped. Prints a
row for each way: macro F1 and the F1 of each kind; the records "dropped" (refused as a whole) and values "emptied"
(taken out of records which were kept); questions that failed; calls; tokens; seconds; and US cents an article, were
they asked of the first model in `prices.toml`. The records are kept in out/eval/way-NAME-MODEL.json for `dragoman eval
compare`. With the built-in model one to ten minutes an article and way.
"""

import argparse
import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.dressings import (
    Checked,
    Combined,
    Copied,
    Dressing,
    GuidedCopied,
    InSystem,
    LookedOver,
    Offered,
)
from benchmarks.prices import PRICES
from benchmarks.relay import RELAYED, Folder, serving
from evals.gold_suite import GoldSuite
from evals.intervals import Number
from evals.memory import Memory
from evals.reading import read
from evals.results import score
from schemas.article import Article
from schemas.fields import Record
from schemas.registry import built_in
from service.cli.built_in import CONTEXT_TOKENS, SLOTS
from service.extraction.analysis import analyse
from service.extraction.candidates.candidates import find_candidates
from service.extraction.grounding.ground import Grounded, Grounder
from service.extraction.pipeline import Extractor
from service.extraction.planning import Plan
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment
from service.llm.client import InstructorModel
from service.llm.profiles import PROFILES
from service.local.cache import cache_directory
from service.local.release import RELEASES
from service.local.server import running_model
from service.settings import ProfileName
from service.strategy import Strategy

OUT = Path("out/eval")
_PRICED = ("prompt_tokens", "cached_tokens", "completion_tokens")


@dataclass(frozen=True, slots=True)
class Way:
    strategy: Strategy = Strategy.CANDIDATES
    window_tokens: int = 400
    reasks: int = 0
    field_guide: bool = False
    dressing: Dressing | None = None
    slots: int = SLOTS
    extractor: type[Extractor] = Extractor
    joint: bool = True


class _Strict(Extractor):
    """Drops a record instead of emptying one of its fields."""

    def _planned(self, article: Article, groups: Sequence[tuple[type[Record], ...]]) -> Plan:
        plan = super()._planned(article, groups)
        return replace(plan, grounder=_StrictGrounder(plan.grounder))


class _Leaving(Extractor):
    """Asks only about the kinds of which code sees a sign in the article."""

    def _planned(self, article: Article, groups: Sequence[tuple[type[Record], ...]]) -> Plan:
        sentences = segment(article.text, article.language)
        analysis = analyse(article.text, sentences, find_passages(article.text), article.language)
        seen = [tuple(record for record in group if find_candidates(record, analysis) != []) for group in groups]
        return super()._planned(article, [group for group in seen if group])


class _StrictGrounder(Grounder):
    def __init__(self, grounder: Grounder) -> None:
        self._grounder = grounder
        self.finder = grounder.finder

    def ground(self, record: type[Record], *said: Any, **more: Any) -> Grounded:
        outcome = self._grounder.ground(record, *said, **more)
        return Grounded(None, outcome.rejections) if any(r.field for r in outcome.rejections) else outcome


SEARCH = Way(Strategy.SEARCH)
GUIDED = Way(Strategy.GUIDED, slots=2)
WAYS = {
    "shipped": Way(),
    "one-reask": Way(reasks=1),
    "field-guide": Way(field_guide=True),
    "examples-in-system": Way(dressing=InSystem),
    "drop-not-empty": Way(extractor=_Strict),
    "search": SEARCH,
    "search-one-reask": replace(SEARCH, reasks=1),
    "search-drop-not-empty": replace(SEARCH, extractor=_Strict),
    "search-examples-in-system": replace(SEARCH, dressing=InSystem),
    "search-windows-of-200": replace(SEARCH, window_tokens=200),
    "search-windows-of-800": replace(SEARCH, window_tokens=800),
    "search-copied-evidence": replace(SEARCH, dressing=Copied),
    "search-all-kinds-in-a-call": replace(SEARCH, dressing=Combined, slots=2),
    "guided": GUIDED,
    "guided-one-kind-each": replace(GUIDED, joint=False),
    "guided-kinds-left-out": replace(GUIDED, extractor=_Leaving),
    "guided-attributions": replace(GUIDED, dressing=Offered),
    "guided-second-look": replace(GUIDED, dressing=LookedOver),
    "guided-check": replace(GUIDED, dressing=Checked),
    "guided-copied-evidence": replace(GUIDED, dressing=GuidedCopied),
}


def measure(name: str, way: Way, suite: GoldSuite, articles: set[str] | None, size: str, relayed: Path | None) -> str:
    with ExitStack() as stack:
        if relayed:
            answers = stack.enter_context(serving(Folder(relayed)))
            return _measured(name, way, suite, articles, _relayed(answers), Memory(relayed / "memory", fresh=True))
        # A server for each way: the prefix cache of one would make the next one look cheaper.
        url = stack.enter_context(
            running_model(release=RELEASES[size], n_ctx=SLOTS * CONTEXT_TOKENS, n_parallel=way.slots)
        )
        served = {
            "profile": PROFILES[ProfileName.LLAMA_CPP],
            "model": RELEASES[size].model,
            "base_url": url,
            "context_tokens": SLOTS * CONTEXT_TOKENS // way.slots,
            "max_calls": 2,
            "max_calls_per_prompt": 1,
        }
        return _measured(name, way, suite, articles, served, Memory(cache_directory() / "eval"))


def _relayed(url: str) -> dict[str, Any]:
    profile = PROFILES[ProfileName.AUTO]
    return {"profile": profile, "model": RELAYED, "base_url": url, "context_tokens": profile.context_tokens}


def _measured(
    name: str, way: Way, suite: GoldSuite, articles: set[str] | None, served: dict[str, Any], memory: Memory
) -> str:
    model: Any = InstructorModel(**served, api_key="unused", reasks=way.reasks, wrap=memory.around)
    profile = served["profile"]
    large = profile.name is not ProfileName.LLAMA_CPP
    extractor = way.extractor(
        way.dressing(model) if way.dressing else model,
        built_in(),
        window_tokens=profile.window_tokens if large else way.window_tokens,
        max_chars=200_000,
        field_guide=large or way.field_guide,
        strategy=way.strategy,
        lean=profile.lean,
        bounded=profile.bounded,
        joint=way.joint,
    )
    result: dict[str, Any] = {"system": f"way {name}", "suite": suite.name, "model": model.name, "articles": []}
    OUT.mkdir(parents=True, exist_ok=True)
    for answer in read(suite.items(articles), extractor, model, memory, suite.kinds):
        result["articles"].append(answer)
        result |= {key: answer[key] for key in ("prompt_version", "schema_version") if key in answer}
        (OUT / f"way-{name}-{model.name}.json").write_text(
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
        _cents(usage),
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def _cents(usage: Sequence[dict[str, int]]) -> str:
    """US cents an article at the first of the list prices, were all this asked of a provider."""
    tally = {f"cost.{name}": sum(one.get(name, 0) for one in usage) for name in _PRICED}
    return f"{PRICES[0].cents(tally) / len(usage):.2f}"


def _rounded(value: Number) -> str:
    return "–" if value is None else f"{value:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ways", nargs="*", metavar="WAY", help=", ".join(WAYS))
    parser.add_argument("--split", default="dev", choices=("dev", "test", "languages"))
    parser.add_argument("--size", default="0.5b", choices=list(RELEASES))
    parser.add_argument("--articles", metavar="ID,ID", help="only these")
    parser.add_argument("--relay", type=Path, metavar="FOLDER", help="answer from this folder instead of a model")
    chosen = parser.parse_args()
    suite = GoldSuite(chosen.split)
    articles = set(chosen.articles.split(",")) if chosen.articles else None
    kinds = " | ".join(built_in().names)
    print(f"| way | macro F1 | {kinds} | dropped | emptied | failed | calls | prompt | cached | completion | s | ¢ |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in chosen.ways or WAYS:
        print(measure(name, WAYS[name], suite, articles, chosen.size, chosen.relay), flush=True)


if __name__ == "__main__":
    main()
