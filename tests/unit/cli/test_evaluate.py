"""`dragoman eval`: the service's own code against data with known answers, resumable, and skipped without data."""

import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service.cli import evaluate, main
from tests.support.model_server import ModelServer, refusal, smallest_answer

TEXT = "Ana Rell said taxes would rise."
ANNOTATION = {
    "content": [{"spans": [[14, 30]], "text": "taxes would rise"}],
    "source": [{"spans": [[0, 8]], "text": "Ana Rell"}],
    "cue": [{"spans": [[9, 13]], "text": "said"}],
    "speech_cue": True,
    "named_source": True,
    "quote_type_derived": "indirect",
}
Run = Callable[..., Result]


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """Answers every question with no records."""
    with ModelServer(otherwise=smallest_answer) as running:
        yield running


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [{"id": name, "text": f"{TEXT} {name}.", "annotations": [ANNOTATION]} for name in ("Ay", "Bee")]
    path = tmp_path / "toy.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: ModelServer) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRAGOMAN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("DRAGOMAN_MODEL", "scripted")
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    return lambda *arguments: CliRunner().invoke(main, ["eval", *map(str, arguments)])


def result(path: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return loaded


def test_run_reads_articles_measures_and_writes_what_it_found(run: Run, server: ModelServer, data: Path) -> None:
    outcome = run("run", "--suite", "polnear", "--data", data, "--articles", "Bee")

    assert outcome.exit_code == 0, outcome.output
    kept = result("out/eval/polnear-scripted.json")
    (answer,) = kept["articles"]
    assert answer["id"] == "Bee"
    assert set(answer["records"]) == {"quoted_officials"}
    assert answer["usage"]["calls"] == len(server.chats) > 0
    assert kept["scores"]["detection"]["quoted_officials"]["gold"]["value"] == 1
    assert "| quoted_officials" in outcome.stdout
    assert "Bee" in Path("out/eval/polnear-scripted.html").read_text(encoding="utf-8")


def test_interrupted_run_goes_on_without_asking_again(run: Run, server: ModelServer, data: Path) -> None:
    run("run", "--suite", "polnear", "--data", data, "--limit", 1, "--out", "first.json")
    asked = len(server.chats)

    run("run", "--suite", "polnear", "--data", data, "--out", "whole.json")
    asked_since = len(server.chats) - asked
    run("run", "--suite", "polnear", "--data", data, "--out", "again.json")

    first, whole, again = result("first.json"), result("whole.json"), result("again.json")
    assert asked_since == asked
    assert len(server.chats) == asked + asked_since
    assert [answer["id"] for answer in whole["articles"]] == ["Ay", "Bee"]
    assert whole["articles"][0]["usage"] == again["articles"][0]["usage"] == first["articles"][0]["usage"]


def test_article_without_an_answer_counts_as_missed(run: Run, server: ModelServer, data: Path) -> None:
    server.then(*[refusal(401)] * 9)

    outcome = run("run", "--suite", "polnear", "--data", data, "--limit", 1, "--out", "none.json")

    assert outcome.exit_code == 0, outcome.output
    kept = result("none.json")
    assert kept["articles"][0]["error"].startswith("model_refused_credentials: ")
    assert kept["scores"]["detection"]["quoted_officials"]["recall"]["value"] == 0
    assert kept["scores"]["grounding"]["articles"]["not answered"]["value"] == 1


def test_stored_run_of_another_system_is_scored_and_compared(run: Run, data: Path) -> None:
    content = {"start": 14, "end": 30, "text": "taxes would rise"}
    quote = {"evidence": [content], "content": content, "speaker": {"start": 0, "end": 8, "text": "Ana Rell"}}
    for name, found in (("before.json", []), ("after.json", [quote])):
        articles = [{"id": "Ay", "records": {"quoted_officials": found}, "usage": {"calls": 1}, "seconds": 1.5}]
        Path(name).write_text(json.dumps({"system": "peer", "model": "m", "articles": articles}))

    scored = run("score", "after.json", "--suite", "polnear", "--data", data)
    compared = run("compare", "before.json", "after.json", "--suite", "polnear", "--data", data)

    assert scored.exit_code == compared.exit_code == 0, scored.output + compared.output
    kept = result("after.json")
    assert kept["scores"]["detection"]["quoted_officials"]["F1"]["value"] == 1
    assert kept["system"] == "peer"
    assert Path("after.html").exists()
    assert "detection quoted_officials recall" in compared.stdout
    assert "Ay: quoted_officials hit 0 → 1, quoted_officials miss 1 → 0" in compared.stdout


@pytest.mark.parametrize("suite", ["polnear", "plover"])
def test_absent_data_is_skipped_in_one_line(run: Run, server: ModelServer, suite: str) -> None:
    absent, unnamed = run("run", "--suite", suite, "--data", "none.jsonl"), run("run", "--suite", suite)

    assert (absent.exit_code, unnamed.exit_code) == (0, 0)
    assert absent.output == f"skipped: no data at {Path('none.jsonl').resolve()}\n"
    assert unnamed.output == "skipped: name the data with --data\n"
    assert server.chats == []


GOLD = {
    "id": "wire-17",
    "text": TEXT,
    "published_at": "2026-05-06",
    "language": "en",
    "kinds": ["quoted_officials"],
    "records": {"quoted_officials": [{"evidence": [TEXT], "content": ["taxes would rise"], "speaker": ["Ana Rell"]}]},
    "wrong": {},
}


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.ndjson"
    path.write_text(json.dumps(GOLD) + "\n")
    return path


def test_reviewed_articles_are_measured_whatever_their_split(run: Run, reviews: Path) -> None:
    outcome = run("run", "--suite", "gold", "--data", reviews)

    assert outcome.exit_code == 0, outcome.output
    kept = result("out/eval/gold-reviews-all-scripted.json")
    assert (kept["data"], [answer["id"] for answer in kept["articles"]]) == (str(reviews), ["wire-17"])
    assert kept["scores"]["detection"]["quoted_officials"]["recall"]["value"] == 0
    assert kept["scores"]["detection"]["sanctions"]["gold"]["value"] == 0
    for split in ("dev", "test"):
        assert "1 articles" in run("run", "--data", reviews, "--split", split, "--out", "split.json").stdout


def test_run_remembers_the_reviews_that_it_was_measured_with(run: Run, reviews: Path) -> None:
    run("run", "--data", reviews, "--out", "run.json")
    better = {**GOLD, "records": {"quoted_officials": []}}
    reviews.write_text(json.dumps(better) + "\n")

    again, compared = run("score", "run.json"), run("compare", "run.json", "run.json")

    assert again.exit_code == compared.exit_code == 0, again.output + compared.output
    assert result("run.json")["scores"]["detection"]["quoted_officials"]["gold"]["value"] == 0
    assert "1 articles" in compared.stdout


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (None, "neither a file nor a folder"),
        ("", "skipped: there is no such gold yet"),
        ('{"id": "x"}', "line 1: records: Field required"),
        ("Talks\n\nNobody came.", "line 1: Invalid JSON"),
    ],
)
def test_data_that_is_no_gold_is_refused_in_a_line(run: Run, tmp_path: Path, made: str | None, said: str) -> None:
    if made is not None:
        (tmp_path / "data").write_text(made)

    outcome = run("run", "--suite", "gold", "--data", "data")

    assert outcome.exit_code == (0 if made == "" else 1)
    assert said in outcome.output
    assert outcome.output.count("\n") == 1


def test_article_that_is_not_there_is_wrong_usage(run: Run, data: Path) -> None:
    outcome = run("run", "--suite", "polnear", "--data", data, "--articles", "Ay,Cee")

    assert outcome.exit_code == 2
    assert "no article Cee" in outcome.output


def test_size_of_the_built_in_model_does_not_go_with_another_model(run: Run, data: Path) -> None:
    outcome = run("run", "--suite", "polnear", "--data", data, "--size", "1.5b")

    assert outcome.exit_code == 2
    assert "OPENAI_BASE_URL" in outcome.output


def test_installation_without_evals_says_so_in_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(evaluate, "find_spec", lambda name: None if name == "evals" else found(name))

    outcome = run("run")

    assert outcome.exit_code == 1
    assert outcome.output.count("\n") == 1
    assert "checkout" in outcome.output
