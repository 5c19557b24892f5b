"""Runs a peer on the built-in model, or on a large one, and saves its records for `dragoman eval score`.

    .venv/bin/python -m benchmarks.peers.run langextract|instructor --split dev|test [--size 0.5b|1.5b] [--limit N]
    .venv/bin/python -m benchmarks.peers.run langextract|instructor --suite polnear --data FILE.jsonl [...]
    .venv/bin/python -m benchmarks.peers.run langextract|instructor --relay benchmarks/relayed --split test

With `--relay` the answers are those of a large model, out of a folder (`benchmarks.relay`), and the peer is told as
little as somebody tells it who begins with one (`--plain` of the peers); questions without an answer there have errors.

Writes `out/eval/peer-NAME-SIZE-SUITE.json` and, beside it, the articles that were given (`.articles.jsonl`), what the
peer said (`.raw.json`) and, for LangExtract, the records without those it could not place itself (`.placed.json`). A
run that was cut short goes on where it stopped. Needs `make peers`.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from benchmarks.peers.convert import convert, save, texts_of
from benchmarks.relay import LARGE, RELAYED, Folder, serving
from evals.gold import GoldError
from evals.gold_suite import GoldSuite
from evals.polnear import PolnearSuite
from evals.suites import Item, Suite, SuiteAbsentError
from service.local.cache import cache_directory
from service.local.pull import pull_release
from service.local.release import RELEASES
from service.local.server import running_model

FOLDER = Path(__file__).parent
PYTHON = FOLDER / ".venv" / "bin" / "python"
OUT = FOLDER.parent.parent / "out" / "eval"
CONTEXT_TOKENS = 16_384
"""Divided among the slots; Dragoman has as much for its four. A peer's instructions and examples need more room."""
SLOTS = {"langextract": 2, "instructor": 1}
"""Calls that a peer makes at the same time."""


def run(
    peer: str, size: str, suite: Suite, items: Sequence[Item], about: Mapping[str, Any], relayed: Path | None = None
) -> Path:
    """Run a peer over items of a suite; the value is the file with its records, which begins with `about`."""
    name = about.get("split") or suite.name
    OUT.mkdir(parents=True, exist_ok=True)
    given, raw, out = (OUT / f"peer-{peer}-{size}-{name}{end}" for end in (".articles.jsonl", ".raw.json", ".json"))
    articles = ({"id": item.id, "text": item.text, "published_at": item.published_at} for item in items)
    given.write_text("".join(f"{json.dumps(article)}\n" for article in articles), encoding="utf-8")
    with serving(Folder(relayed)) if relayed else _built_in(size, SLOTS[peer]) as url:
        model = RELAYED if relayed else RELEASES[size].model
        asked = ["--base-url", url, "--model", model, "--articles", str(given), "--out", str(raw)]
        asked += ["--kinds", *suite.kinds] if suite.kinds else []
        if relayed:
            asked.append("--plain")
            raw.unlink(missing_ok=True)  # a run costs nothing, and what had no answer may have one now
        # A proxy of the user's environment has no business with a loopback address.
        local = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        subprocess.run([PYTHON, FOLDER / f"{peer}_peer.py", *asked], check=True, env=local)
    said, texts = json.loads(raw.read_text(encoding="utf-8")), texts_of(given)
    save(out, {**about, **convert(said, texts)})
    if peer == "langextract":
        save(out.with_suffix(".placed.json"), {**about, **convert(said, texts, placed_only=True)})
    return out


def _built_in(size: str, slots: int) -> AbstractContextManager[str]:
    weights = pull_release(RELEASES[size], cache_directory()).path
    return running_model(weights=weights, n_ctx=CONTEXT_TOKENS, n_parallel=slots)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=SLOTS)
    parser.add_argument("--size", choices=RELEASES, default="0.5b")
    parser.add_argument("--split", choices=("dev", "test"), default="dev", help="of the suite gold")
    parser.add_argument("--layer", choices=("first", "second"), help="annotation to measure with; none: the reconciled")
    parser.add_argument("--suite", choices=(GoldSuite.name, PolnearSuite.name), default=GoldSuite.name)
    parser.add_argument("--data", type=Path, help="JSONL file of polnear")
    parser.add_argument("--limit", type=int, help="only the first so many articles")
    parser.add_argument("--articles", metavar="ID[,ID...]", help="only these")
    parser.add_argument("--relay", type=Path, metavar="FOLDER", help="answer from this folder instead of a model")
    said = parser.parse_args()
    if not PYTHON.exists():
        sys.exit("The peers have no environment yet: make peers")
    gold = said.suite == GoldSuite.name
    suite: Suite = GoldSuite(said.split, said.layer or "") if gold else PolnearSuite(said.data)
    try:
        items = suite.items(set(said.articles.split(",")) if said.articles else None)[: said.limit]
    except (SuiteAbsentError, GoldError) as wrong:
        sys.exit(str(wrong))
    # What `dragoman eval score` asks of a stored run.
    about = {"suite": said.suite, "data": str(said.data.resolve()) if said.data else None, "layer": said.layer}
    size = LARGE if said.relay else said.size
    print(run(said.peer, size, suite, items, {**about, "split": said.split} if gold else about, said.relay))


if __name__ == "__main__":
    main()
