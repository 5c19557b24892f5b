"""What the prompts show as examples must not be what the service is measured on."""

import json
from pathlib import Path

import pytest

import prompts
from evals.gold import FOLDER
from schemas.registry import built_in
from service.extraction.entities.names import find_names
from service.extraction.text.sentences import segment

OUTSIDE = FOLDER.parent.parent / "shared" / "eval"
EXAMPLES = sorted({example.text for kind in built_in().names for example in prompts.load(kind).examples})
DAYS = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
COMMON = DAYS | {
    "Government",
    "Opposition",
    "The Council",
    "Council",
    "Front",
    "Union",
    "Envoys",
    "Talks",
    "Courier",
    "Radio",
    "Lakes",
    "Port",
}
"""Words that newswire capitalises; no names by themselves."""


def measured_on() -> dict[str, str]:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted((FOLDER / "articles").glob("*.txt"))}
    for path in sorted(OUTSIDE.glob("*.jsonl")) if OUTSIDE.is_dir() else []:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            texts[f"{path.stem} {row['id']}"] = row["text"]
    return texts


@pytest.fixture(scope="module")
def everything() -> str:
    return "\n".join(measured_on().values())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: " ".join(text.split()[:4]))
def test_no_sentence_of_an_example_is_in_an_evaluation_text(example: str, everything: str) -> None:
    flat = " ".join(everything.split())
    sentences = [" ".join(sentence.text.split()) for sentence in segment(example)]
    assert sentences
    assert [sentence for sentence in sentences if sentence in flat] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: " ".join(text.split()[:4]))
def test_no_name_of_an_example_is_in_an_evaluation_text(example: str, everything: str) -> None:
    sentences = segment(example)
    found = find_names(sentences, "en")
    inner = {
        word
        for sentence in sentences
        for name in found[sentence.number]
        for word in name.split()
        if word not in COMMON and word[:1].isupper() and sentence.text.split()[0].strip('“"') != word
    }
    words = set(everything.replace("’", " ").replace("'", " ").replace(".", " ").replace(",", " ").split())
    assert sorted(inner & words) == []


def test_there_is_something_to_compare(everything: str) -> None:
    assert len(everything) > 100_000
    assert Path(FOLDER / "articles").is_dir()
    assert len(EXAMPLES) >= 5
