"""Runs a peer on the built-in model and saves its records for `dragoman eval score`.

    .venv/bin/python -m benchmarks.peers.run langextract|instructor --split dev|test [--size 0.5b|1.5b] [--limit N]
    .venv/bin/python -m benchmarks.peers.run langextract|instructor --suite polnear --data FILE.jsonl [...]

Writes `out/eval/peer-NAME-SIZE-SUITE.json` and, beside it, the articles that were given (`.articles.jsonl`) and what
the peer said (`.raw.json`). A run that was cut short goes on where it stopped. Needs `make peers`.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.peers.convert import convert, texts_of
from evals import gold
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
KINDS = {"polnear": ["quoted_officials"]}
"""Suites that judge some kinds alone."""


def from_gold(split: str) -> Iterator[dict[str, Any]]:
    for name in gold.ids(split):
        article = gold.load(name)
        yield {"id": name, "text": article.text, "published_at": article.about["published_at"]}


def from_polnear(data: Path) -> Iterator[dict[str, Any]]:
    with data.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            yield {"id": row["id"], "text": row["text"], "published_at": row["date"]}


def run(peer: str, size: str, suite: str, articles: list[dict[str, Any]]) -> Path:
    """Run a peer over the articles; the value is the file with its records."""
    OUT.mkdir(parents=True, exist_ok=True)
    name = f"peer-{peer}-{size}-{suite}"
    given, raw, out = (OUT / f"{name}{ending}" for ending in (".articles.jsonl", ".raw.json", ".json"))
    given.write_text("".join(f"{json.dumps(article)}\n" for article in articles), encoding="utf-8")
    release = RELEASES[size]
    weights = pull_release(release, cache_directory()).path
    with running_model(weights=weights, n_ctx=CONTEXT_TOKENS, n_parallel=SLOTS[peer]) as url:
        asked = ["--base-url", url, "--model", release.model, "--articles", str(given), "--out", str(raw)]
        asked += ["--kinds", *KINDS[suite]] if suite in KINDS else []
        # A proxy of the user's environment has no business with a loopback address.
        local = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        subprocess.run([PYTHON, FOLDER / f"{peer}_peer.py", *asked], check=True, env=local)
    converted = {"suite": suite, **convert(json.loads(raw.read_text(encoding="utf-8")), texts_of(given))}
    out.write_text(json.dumps(converted, ensure_ascii=False, indent=1), encoding="utf-8")
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=SLOTS)
    parser.add_argument("--size", choices=RELEASES, default="0.5b")
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    parser.add_argument("--suite", choices=("gold", "polnear"), default="gold")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--limit", type=int)
    said = parser.parse_args()
    if not PYTHON.exists():
        sys.exit("The peers have no environment yet: make peers")
    if said.suite == "gold":
        suite, found = said.split, from_gold(said.split)
    elif said.data is None:
        parser.error("--suite polnear needs --data FILE.jsonl")
    else:
        suite, found = said.suite, from_polnear(said.data)
    articles = list(found)[: said.limit]
    if not articles:
        sys.exit("There are no articles.")
    print(run(said.peer, said.size, suite, articles))


if __name__ == "__main__":
    main()
