"""What is asked about articles and what becomes of the answers, as text: to see that a change of the code changes none.

    python -m benchmarks.fingerprint write FOLDER [FILE ...]     minutes; --every 5 reads a fifth of the articles
    python -m benchmarks.fingerprint compare BEFORE AFTER

Every article of evals/ and tests/articles is read by each strategy, and each named file (.txt, or the `text` of each
line of a .jsonl). The model is a double that says what its question allows: values of enums, words of the sentences
shown, now and then words that stand nowhere, drawn by a hash of the question. So the same question has the same answer
in every revision, and all of grounding and merging has something to do. FOLDER gets one file for each article and
strategy with the questions, whole, and the extraction; long texts that recur (what is said before an article, JSON
Schemas) are told by their hash there and stand in FOLDER/texts. `compare` prints what differs and exits with 1 if
anything does.
"""

import argparse
import asyncio
import difflib
import hashlib
import json
import random
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from schemas.article import Article
from schemas.registry import built_in
from schemas.result import Usage
from service.deadline import Deadline
from service.extraction.model import Question, UsageMeter
from service.extraction.pipeline import Extractor
from service.strategy import Strategy

ROOT = Path(__file__).parent.parent
WAYS: dict[str, dict[str, Any]] = {
    "guided": {"strategy": Strategy.GUIDED, "bounded": False, "window_tokens": 6_000},
    "guided-bounded": {"strategy": Strategy.GUIDED, "joint": False, "window_tokens": 400},
    "search": {"strategy": Strategy.SEARCH, "window_tokens": 400},
    "candidates": {"strategy": Strategy.CANDIDATES, "window_tokens": 400},
    "candidates-lean": {"strategy": Strategy.CANDIDATES, "lean": True, "window_tokens": 400},
}
"""How articles are read, as large, hosted and built-in models are asked."""
_LONG = 400
"""Code points from which on a text that recurs is told by its hash."""
_VARIES = {"id", "duration_seconds", "prompt_version", "schema_version"}
_NOWHERE = ("Quendor Vale", "the Ostmark accord of 1911", "forty-one zeppelins")


class Drawing:
    """A model that draws its answers, and keeps what it was asked."""

    name = "drawing"
    context_tokens = 200_000

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def check(self) -> None:
        """Pass."""

    async def fill(self, question: Question[Any], *, deadline: Deadline, usage: UsageMeter) -> Any:  # noqa: ARG002
        messages = [[message.role, message.content] for message in question.messages]
        schema = question.answer.model_json_schema()
        said = _drawn(schema, _Hand(json.dumps([messages, schema], ensure_ascii=False, sort_keys=True)))
        usage.add(Usage(calls=1))
        answer = question.answer.model_validate(said)
        complaint = question.review(answer)
        shown = {"messages": messages, "schema": schema, "limits": [question.max_tokens, question.most_tokens]}
        self.asked.append({**shown, "said": said, "complaint": complaint})
        return answer


class _Hand:
    """Draws by a text, and from what it shows."""

    def __init__(self, text: str) -> None:
        self.draw = random.Random(hashlib.sha256(text.encode()).digest())
        shown = json.loads(text)[0][-1][1]
        self.lines = re.findall(r"^\[(\d+)\] (.*)$", shown, re.MULTILINE)

    def words(self) -> str:
        if not self.lines or self.draw.random() < 0.08:
            return self.draw.choice(_NOWHERE)
        words = self.draw.choice(self.lines)[1].split()
        first = self.draw.randrange(len(words))
        return " ".join(words[first : first + self.draw.randint(1, 4)]).strip(".,;:")

    def number(self) -> int:
        return int(self.draw.choice(self.lines)[0]) if self.lines else 1


def _drawn(schema: dict[str, Any], hand: _Hand) -> Any:
    if "anyOf" in schema:
        return _drawn(hand.draw.choice(schema["anyOf"]), hand)
    if "enum" in schema:
        return hand.draw.choice(schema["enum"])
    match schema.get("type"):
        case "object":
            return {name: _drawn(part, hand) for name, part in schema.get("properties", {}).items()}
        case "array":
            fewest = schema.get("minItems", 0)
            return [_drawn(schema["items"], hand) for _ in range(hand.draw.randint(fewest, fewest + 2))]
        case "integer":
            return hand.number()
        case "boolean":
            return hand.draw.random() < 0.5
        case "null":
            return None
    return hand.words()


def _articles(others: Iterable[Path]) -> Iterator[tuple[str, Article]]:
    for path in sorted([*(ROOT / "evals/articles").glob("*.txt"), *(ROOT / "tests/articles").glob("*.txt"), *others]):
        if path.suffix == ".jsonl":
            rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            yield from ((f"{path.stem}-{number}", Article(text=row["text"])) for number, row in enumerate(rows))
            continue
        about = path.with_suffix(".json")
        told = json.loads(about.read_text(encoding="utf-8")) if about.exists() else {}
        facts = {name: told[name] for name in ("title", "published_at", "language") if name in told}
        yield path.stem, Article(text=path.read_text(encoding="utf-8"), **facts)


def _folded(value: Any, texts: dict[str, str]) -> Any:
    """A value in which long texts are told by their hash."""
    if isinstance(value, dict):
        return {name: _folded(part, texts) for name, part in value.items()}
    if isinstance(value, list):
        return [_folded(part, texts) for part in value]
    if isinstance(value, str) and len(value) > _LONG:
        name = hashlib.sha256(value.encode()).hexdigest()[:16]
        texts[name] = value
        return f"text {name}"
    return value


def write(folder: Path, others: Iterable[Path], every: int = 1) -> None:
    """Read all articles in all ways and write down what happened."""
    (folder / "texts").mkdir(parents=True, exist_ok=True)
    texts: dict[str, str] = {}
    for name, article in islice(_articles(others), 0, None, every):
        for way, options in WAYS.items():
            model = Drawing()
            extractor = Extractor(model, built_in(), max_chars=1_000_000, **options)
            found = asyncio.run(extractor.extract(article, deadline=Deadline.after(600)))
            result = found.model_dump(
                mode="json", exclude={"id", "duration_seconds", "prompt_version", "schema_version"}
            )
            asked = [{**one, "schema": json.dumps(one["schema"], ensure_ascii=False, indent=1)} for one in model.asked]
            told = json.dumps(_folded({"asked": asked, **result}, texts), ensure_ascii=False, indent=1)
            (folder / f"{name}.{way}.json").write_text(told + "\n", encoding="utf-8")
    for name, text in texts.items():
        (folder / "texts" / name).write_text(text, encoding="utf-8")


def compare(before: Path, after: Path) -> bool:
    """Print what differs; whether nothing does."""
    same = True
    files = {path.relative_to(side) for side in (before, after) for path in side.rglob("*") if path.is_file()}
    for file in sorted(files):
        told = [(side / file).read_text(encoding="utf-8") if (side / file).exists() else "" for side in (before, after)]
        if told[0] != told[1]:
            same = False
            lines = (one.splitlines() for one in told)
            print(file, *difflib.unified_diff(*lines, lineterm="", n=1), sep="\n")
    print(f"{len(files)} files, {'the same' if same else 'not the same'}")
    return same


def main() -> None:
    """Write or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    writing = commands.add_parser("write")
    writing.add_argument("folder", type=Path)
    writing.add_argument("articles", type=Path, nargs="*")
    writing.add_argument("--every", type=int, default=1, help="read only every such article")
    comparing = commands.add_parser("compare")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    chosen = parser.parse_args()
    if chosen.command == "write":
        write(chosen.folder, chosen.articles, chosen.every)
    elif not compare(chosen.before, chosen.after):
        sys.exit(1)


if __name__ == "__main__":
    main()
