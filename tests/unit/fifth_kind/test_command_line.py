"""`dragoman extract` and `dragoman eval` with a fifth kind."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import service.cli.extract
from evals import scoring
from evals.gold import GoldError, load, read_lines
from evals.gold_suite import GoldSuite
from schemas.registry import Registry, built_in
from service.cli import evaluate, main
from service.settings import Settings
from tests.support.scripted_model import ScriptedModel
from tests.unit.fifth_kind.conftest import FOLDER
from tests.unit.fifth_kind.protests import KIND, SAID, TEXT

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(service.cli.extract, "build_model", lambda _: ScriptedModel(otherwise={KIND: SAID}))
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("DRAGOMAN_KINDS_DIR", str(FOLDER))
    return lambda *arguments: CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "article.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_kind_is_extracted_by_its_name(run: Run, article: Path) -> None:
    result = run("extract", article, "--kind", KIND, "--published", "2026-05-08")

    assert result.exit_code == 0, result.output
    assert "PROTESTS  (3)" in result.stdout
    assert "participants: dockers" in result.stdout
    assert "Norway (NO)" in result.stdout


def test_help_names_the_kind(run: Run) -> None:
    result = run("extract", "--help")

    assert result.exit_code == 0
    assert f"[{'|'.join([*built_in().names, KIND])}]" in "".join(result.stdout.split())


def test_kind_is_unknown_without_its_folder(run: Run, article: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRAGOMAN_KINDS_DIR")

    result = run("extract", article, "--kind", KIND)

    assert result.exit_code == 2
    assert "'protests' is not one of 'negotiations'" in result.output


def test_folder_that_cannot_be_used_is_a_wrong_setting(
    run: Run, article: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAGOMAN_KINDS_DIR", str(article.parent / "nowhere"))

    result = run("extract", article)

    assert result.exit_code == 78
    assert "DRAGOMAN_KINDS_DIR" in result.output


# Evaluation

FOUND = {
    "evidence": ["Students at the University of Orrel began a sit-in on Monday against higher fees."],
    "form": "sit_in",
    "participants": ["Students"],
    "location": "University of Orrel",
}


def gold(folder: Path, records: dict[str, Any]) -> Path:
    """A folder with one article and its gold."""
    for place in ("articles", "gold"):
        (folder / place).mkdir()
    (folder / "articles/protests.txt").write_text(TEXT, encoding="utf-8")
    about = {"title": "Protests", "published_at": "2026-05-08", "language": "en", "split": "dev"}
    (folder / "articles/protests.json").write_text(json.dumps(about), encoding="utf-8")
    (folder / "gold/protests.json").write_text(json.dumps({"records": records}), encoding="utf-8")
    return folder


def test_gold_without_a_list_of_the_kind_was_not_annotated_for_it(registry: Registry, tmp_path: Path) -> None:
    article = load("protests", folder=gold(tmp_path, {name: [] for name in built_in().names}), registry=registry)

    assert article.kinds == built_in().names
    judgement = scoring.judge(article, {KIND: [{"evidence": [{"start": 0, "end": 5}]}]}, registry)
    assert not judgement.findings
    assert not any(judgement.tally.values())


def test_gold_of_the_kind_is_read_and_scored(registry: Registry, tmp_path: Path) -> None:
    folder = gold(tmp_path, {KIND: [FOUND]})
    article = load("protests", folder=folder, registry=registry)
    start = TEXT.index("Students")
    span = {"start": start, "end": TEXT.index("fees.") + len("fees."), "text": FOUND["evidence"][0]}
    said = {"start": start, "end": start + len("Students"), "text": "Students"}
    right: dict[str, Any] = {"evidence": [{**span, "sentence": 4}], "form": "sit_in", "participants": said}

    judgement = GoldSuite("dev", "", folder, registry).judge(
        GoldSuite("dev", "", folder, registry).items()[0], {KIND: [right, {**right, "participants": None}]}
    )

    assert article.kinds == (KIND,)
    assert [record.kind for record in article.records] == [KIND]
    assert sorted(finding.verdict for finding in judgement.findings) == ["alarm", "hit"]
    assert {finding.kind for finding in judgement.findings} == {KIND}


def test_gold_of_the_kind_cannot_be_read_without_it(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="there is no kind 'protests'"):
        load("protests", folder=gold(tmp_path, {KIND: [FOUND]}))


def test_gold_that_names_a_field_which_the_kind_does_not_have_is_refused(registry: Registry, tmp_path: Path) -> None:
    line = {"id": "one", "text": TEXT, "records": {KIND: [{**FOUND, "weather": "rain"}]}}
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(line), encoding="utf-8")

    with pytest.raises(GoldError, match=r"protests\[0\]: protests has no field 'weather'"):
        read_lines(path, registry)


def test_evaluation_has_the_kinds_of_the_settings(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = gold(tmp_path, {KIND: [FOUND]})
    monkeypatch.setattr(evaluate, "build_model", lambda *_: ScriptedModel(otherwise={KIND: SAID[1:2]}))
    monkeypatch.setenv("DRAGOMAN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("DRAGOMAN_MODEL", "scripted")
    monkeypatch.chdir(tmp_path)
    assert Settings().kinds_dir == FOLDER

    result = run("eval", "run", "--suite", "gold", "--data", folder, "--split", "all", "--out", tmp_path / "run.json")

    assert result.exit_code == 0, result.output
    kept = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert kept["scores"]["detection"][KIND]["gold"]["value"] == 1
