"""Reading gold: words are found in the article, and what is wrong is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from evals.gold import GoldError, ids, load
from evals.gold_suite import GoldSuite
from evals.suites import SuiteAbsentError
from service.extraction.locate import Span

TEXT = "Talks\n\n“We talk,” said Ana Rell. Nobody came. “We talk,” she said again. Nobody came."
NONE: dict[str, list[Any]] = {"negotiations": [], "sanctions": [], "military_claims": [], "quoted_officials": []}


def write(folder: Path, layer: str = "", split: str = "dev", **records: Any) -> Path:
    about = {"title": "Talks", "published_at": "2026-05-04", "language": "en", "split": split}
    for place in ("articles", f"gold/{layer}"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    (folder / "articles/talks.txt").write_text(TEXT, encoding="utf-8")
    (folder / "articles/talks.json").write_text(json.dumps(about), encoding="utf-8")
    (folder / "gold" / layer / "talks.json").write_text(json.dumps({"records": {**NONE, **records}}), encoding="utf-8")
    return folder


def quote(**fields: Any) -> dict[str, Any]:
    return {"evidence": ["“We talk,” she said again."], "content": ["We talk"], "speaker": ["Ana Rell"], **fields}


def test_passage_is_found_in_the_evidence_not_where_the_same_words_stand_before(tmp_path: Path) -> None:
    article = load("talks", folder=write(tmp_path, quoted_officials=[quote()]))

    (record,) = article.records
    start = TEXT.rindex("We talk")
    assert record.fields["content"] == (Span(start, start + len("We talk")),)
    assert record.fields["speaker"] == ["Ana Rell"]


def test_sentence_that_stands_there_twice_is_named_by_its_occurrence(tmp_path: Path) -> None:
    evidence = [{"text": "Nobody came.", "occurrence": 2}]
    article = load("talks", folder=write(tmp_path, quoted_officials=[quote(evidence=evidence)]))

    # Words are found without the punctuation around them.
    assert article.records[0].evidence == (Span(TEXT.rindex("Nobody"), len(TEXT) - 1),)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"evidence": ["Nobody came."]}, "more than once"),
        ({"evidence": ["Somebody came."]}, "not in the article"),
        ({"evidence": [{"text": "Nobody came.", "occurrence": 3}]}, "not in the article"),
        ({"evidence": []}, "no evidence"),
        ({"content": ["We walk"]}, "not in the article"),
        ({"speaker": ["Ana Bell"]}, "not in the article"),
        ({"speaker": "Ana Rell"}, "list of its names"),
        ({"sector": ["gov", "army"]}, "'army' is not among"),
        ({"is_official": "yes"}, "'yes' is not among"),
        ({"mood": "calm"}, "no field 'mood'"),
    ],
)
def test_wrong_annotation_is_refused(tmp_path: Path, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(GoldError, match=said):
        load("talks", folder=write(tmp_path, quoted_officials=[quote(**fields)]))


def test_missing_kind_is_refused(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "gold/talks.json").write_text('{"records": {"negotiations": []}}')

    with pytest.raises(GoldError, match="the kinds must be"):
        load("talks", folder=tmp_path)


def test_split_decides_which_articles_are_read(tmp_path: Path) -> None:
    write(tmp_path, split="test")

    assert ids("test", tmp_path) == ids(None, tmp_path) == ["talks"]
    assert ids("dev", tmp_path) == []
    assert [item.published_at for item in GoldSuite("test", folder=tmp_path).items()] == ["2026-05-04"]
    with pytest.raises(SuiteAbsentError):
        GoldSuite("dev", folder=tmp_path).items()


def test_agreement_is_of_articles_with_both_layers(tmp_path: Path) -> None:
    write(tmp_path, "first", quoted_officials=[quote()])
    with pytest.raises(SuiteAbsentError):
        GoldSuite(None, folder=tmp_path).agreement()
    write(tmp_path, "second", quoted_officials=[quote(), quote(evidence=["“We talk,” said Ana Rell."])])

    (tally,) = GoldSuite(None, folder=tmp_path).agreement()

    assert (tally["quoted_officials.hit"], tally["quoted_officials.alarm"]) == (1, 1)
