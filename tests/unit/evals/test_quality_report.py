"""The report on quality: what is counted is kept, added to and begun anew; the page is made of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import quality
from benchmarks.quality import PLAN, Run, count, counted, page

TEXT = "Ana Rell said taxes would rise."
RUN = Run("dragoman", "0.5b", "polnear")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(quality, "OUT", tmp_path / "out")
    monkeypatch.setattr(quality, "COUNTED", tmp_path / "runs")
    rows = [{"id": name, "text": TEXT, "annotations": []} for name in "abc"]
    (tmp_path / quality.DATA["polnear"]).write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


def found(*ids: str, version: str = "p1") -> None:
    articles = [{"id": name, "records": {}, "usage": {"calls": 1}, "seconds": 2.0} for name in ids]
    RUN.found.parent.mkdir(exist_ok=True)
    RUN.found.write_text(json.dumps({"system": "dragoman", "prompt_version": version, "articles": articles}))


def test_articles_are_added_by_the_same_version(data: Path) -> None:
    for ids in ("a", "bc"):
        found(*ids)
        count(RUN, data)

    (measured,) = counted().values()

    assert list(measured.tallies) == ["a", "b", "c"]
    assert measured.tables["cost"]["per article"]["calls"] == 1.0


def test_another_version_begins_anew(data: Path) -> None:
    found("a", "b")
    count(RUN, data)
    found("c", version="p2")
    count(RUN, data)

    assert list(counted()[RUN].tallies) == ["c"]


def test_nothing_read_is_nothing_counted(data: Path) -> None:
    count(RUN, data)

    assert counted() == {}


@pytest.mark.parametrize(("is_old", "read"), [(False, "b"), (True, "a,b")])
def test_articles_without_a_count_are_read_and_all_after_other_prompts(
    data: Path, monkeypatch: pytest.MonkeyPatch, is_old: bool, read: str
) -> None:
    found("a", version="p1" if is_old else quality._told(RUN))
    count(RUN, data)
    started: list[Any] = []
    monkeypatch.setattr(quality.subprocess, "run", lambda command, **_: started.append(command) or Finished)

    quality.carry_out([RUN], data, 2)

    (command,) = started
    assert command[command.index("--articles") + 1] == read


class Finished:
    returncode = 0


def test_no_word_of_an_article_is_kept(data: Path) -> None:
    found("a")
    count(RUN, data)

    assert "taxes" not in RUN.counted.read_text()


def test_page_is_what_was_counted() -> None:
    assert (quality.PAGE).read_text(encoding="utf-8") == page(counted()), "run: make quality-report"


def test_runs_have_names_of_their_own() -> None:
    assert len({run.counted for run in PLAN}) == len(PLAN)
