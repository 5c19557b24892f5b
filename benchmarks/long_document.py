"""Ten test articles in one text: is each read as well as by itself?

    python -m benchmarks.long_document --relay benchmarks/relayed [--articles ID,ID]

Answered from a folder, as a large model was (`benchmarks.relay`). Records are given back to the article in which their
evidence begins. Prints F1 of the same articles read one by one (which `benchmarks.strategies` has left in out/eval) and
in one text, paired, and what the text cost. The articles are the first ten English ones of the test split.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.relay import RELAYED, Folder, serving
from benchmarks.strategies import OUT
from evals.gold_suite import GoldSuite
from evals.results import Scored, compared, score
from evals.suites import Item
from schemas.article import Article
from schemas.registry import built_in
from schemas.result import Extraction
from service.app import build_extractor, build_model
from service.deadline import Deadline
from service.settings import Settings

TEN = 10
BETWEEN = "\n\n"
ALONE = OUT / f"way-guided-{RELAYED}.json"


def joined(items: Sequence[Item]) -> tuple[str, list[int]]:
    """One text of several articles, and where each begins in it."""
    starts: list[int] = []
    text = ""
    for item in items:
        text += BETWEEN if text else ""
        starts.append(len(text))
        text += item.text
    return text, starts


def given_back(found: Extraction, items: Sequence[Item], starts: Sequence[int]) -> list[dict[str, Any]]:
    """The records of each article, with places in it; what stands in another article has none."""
    answers: list[dict[str, Any]] = []
    said = found.model_dump(mode="json")
    for item, start in zip(items, starts, strict=True):
        end = start + len(item.text)
        records = {
            kind: [_moved(one, start, end) for one in those if start <= one["evidence"][0]["start"] < end]
            for kind, those in said["records"].items()
        }
        answers.append({"id": item.id, "records": records, "usage": {}, "seconds": 0.0})
    answers[0]["usage"] = said["usage"]
    answers[0]["rejected"], answers[0]["failures"] = said["rejected"], said["failures"]
    return answers


def _moved(value: Any, start: int, end: int) -> Any:
    if isinstance(value, list):
        return [_moved(part, start, end) for part in value if not _elsewhere(part, start, end)]
    if not isinstance(value, dict):
        return value
    moved = {name: _moved(part, start, end) for name, part in value.items()}
    if {"start", "end", "text"} <= value.keys():
        inside = start <= value["start"] < end
        moved |= {"start": value["start"] - start, "end": value["end"] - start} if inside else {"start": -1, "end": -1}
    return moved


def _elsewhere(value: Any, start: int, end: int) -> bool:
    """Whether a sentence of evidence is another article's."""
    return isinstance(value, dict) and "sentence" in value and not start <= value["start"] < end


async def read(text: str, url: str) -> Extraction:
    settings = Settings(openai_base_url=url, model=RELAYED, reasks=0)
    model = build_model(settings)
    try:
        return await build_extractor(settings, model).extract(Article(text=text), deadline=Deadline.after(600))
    finally:
        await model.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--relay", type=Path, required=True, metavar="FOLDER", help="where the answers are")
    parser.add_argument("--articles", metavar="ID,ID", help="these instead")
    chosen = parser.parse_args()
    suite = GoldSuite(None if chosen.articles else "test")
    items = suite.items(set(chosen.articles.split(",")) if chosen.articles else None)
    items = items if chosen.articles else [item for item in items if item.language == "en"][:TEN]
    text, starts = joined(items)
    with serving(Folder(chosen.relay)) as url:
        found = asyncio.run(read(text, url))
    about = {"suite": suite.name, "system": "dragoman", "model": RELAYED}
    together = {**about, "articles": given_back(found, items, starts)}
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "long-document.json").write_text(json.dumps(together, ensure_ascii=False, indent=1), encoding="utf-8")
    print(f"{len(items)} articles, {len(text):,} characters, {found.sentences} sentences in one text: {found.status},")
    print(f"{found.questions} questions, {found.usage.prompt_tokens:,} prompt tokens ", end="")
    print(f"({found.usage.cached_tokens:,} cached), {found.usage.completion_tokens:,} completion tokens\n")
    if not ALONE.exists():
        sys.exit("the same articles were not read one by one yet: python -m benchmarks.strategies --relay … guided")
    names = {item.id for item in items}
    alone = json.loads(ALONE.read_text(encoding="utf-8"))
    alone["articles"] = [answer for answer in alone["articles"] if answer["id"] in names]
    before, after = score(suite, alone), score(suite, together)
    print(_f1("one by one", before), _f1("in one text", after), sep="\n", end="\n\n")
    print(compared(before, after))


def _f1(name: str, found: Scored) -> str:
    row = found.tables["detection"]
    cells = [f"{kind} {row[kind]['F1'] or 0:.3f}" for kind in ("macro", *built_in().names)]
    return f"{name}: {', '.join(cells)}"


if __name__ == "__main__":
    main()
