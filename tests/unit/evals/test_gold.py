"""Reading gold: words are found in the article, and what is wrong is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from evals.gold import GoldError, ids, load
from evals.gold_suite import GoldSuite
from evals.suites import SuiteAbsentError
from service.extraction.text.spans import Span

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


def test_kind_without_a_list_was_not_looked_for(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "gold/talks.json").write_text('{"records": {"negotiations": []}}')

    article = load("talks", folder=tmp_path)

    assert (article.kinds, article.records) == (("negotiations",), ())
    judgement = GoldSuite("dev", folder=tmp_path).judge(
        GoldSuite("dev", folder=tmp_path).items()[0], {"sanctions": [{"evidence": [{"start": 0, "end": 5}]}]}
    )
    assert not judgement.findings


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


def lines(folder: Path, *articles: dict[str, Any] | str) -> Path:
    path = folder / "reviews.jsonl"
    path.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in articles))
    return path


def line(name: str = "talks", **told: Any) -> dict[str, Any]:
    return {"id": name, "text": TEXT, "language": "en", "records": NONE, **told}


def test_articles_are_read_from_lines_with_their_gold(tmp_path: Path) -> None:
    records = {"quoted_officials": [quote(why=None)]}
    wrong = {"quoted_officials": [quote(optional=False)]}
    path = lines(tmp_path, line("a"), "", line("b", records=records, kinds=["quoted_officials"], wrong=wrong))

    first, second = GoldSuite(folder=path).items()

    assert (first.id, first.text, first.language, first.truth.records) == ("a", TEXT, "en", ())
    assert second.truth.kinds == ("quoted_officials",)
    assert [record.wrong for record in second.truth.records] == [False, True]
    assert [item.id for item in GoldSuite(folder=path).items(["b", "c"])] == ["b"]


def test_article_without_a_split_is_in_each(tmp_path: Path) -> None:
    path = lines(tmp_path, line("a"), line("b", split="test"), line("c", split=None))

    assert [item.id for item in GoldSuite("dev", folder=path).items()] == ["a", "c"]
    assert [item.id for item in GoldSuite("test", folder=path).items()] == ["a", "b", "c"]
    write(tmp_path)
    about = tmp_path / "articles/talks.json"
    about.write_text('{"title": "Talks"}')
    assert ids("dev", tmp_path) == ids("test", tmp_path) == ["talks"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("<html>", "line 2: Invalid JSON"),
        ("[]", "line 2: Input should be an object"),
        ('{"text": "Talks", "records": {}}', "line 2: id: Field required"),
        (line("a"), "line 2: there was an article 'a' before"),
        (line("b", records={}, kinds=["sanctions"]), "b: 'sanctions' is in one of `kinds` and `records`"),
        (line("b", kinds=["sanctions"]), "b: 'military_claims' is in one of `kinds` and `records`"),
        (line("b", kinds=["weather"], records={"weather": []}), "b: there is no kind 'weather'; there are"),
        (line("b", wrong={"weather": []}), "b: there is no kind 'weather'; there are"),
        (line("b", records={**NONE, "sanctions": [7]}), r"line 2: records\.sanctions\.0: Input should be"),
        (line("b", records={**NONE, "sanctions": [{"evidence": [7]}]}), r"line 2: records\.sanctions\.0\.evidence\.0"),
        (line("b", wrong={"quoted_officials": [quote(content=["We walk"])]}), r"b: wrong\.quoted_officials\[0\]\.cont"),
    ],
)
def test_line_that_is_no_gold_is_refused_with_its_place(tmp_path: Path, written: Any, said: str) -> None:
    with pytest.raises(GoldError, match=said):
        GoldSuite(folder=lines(tmp_path, line("a"), written)).items()


def test_place_without_gold_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(GoldError, match="neither a file nor a folder with articles/ and gold/"):
            GoldSuite(folder=folder).items()
    with pytest.raises(GoldError, match="no layers"):
        GoldSuite(layer="first", folder=lines(tmp_path, line())).items()
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff")
    with pytest.raises(GoldError, match="not UTF-8"):
        GoldSuite(folder=tmp_path / "bytes.jsonl").items()


def test_folder_with_something_missing_or_broken_says_where(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "articles/talks.txt").unlink()
    with pytest.raises(GoldError, match=r"talks\.txt: No such file"):
        load("talks", folder=tmp_path)
    write(tmp_path)
    (tmp_path / "articles/talks.json").write_text("[]")
    with pytest.raises(GoldError, match=r"talks\.json: Input should be"):
        GoldSuite("dev", folder=tmp_path).items()


def test_text_keeps_its_line_ends(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "articles/talks.txt").write_bytes(b"Talks\r\n\r\nNobody came.")

    assert load("talks", folder=tmp_path).text == "Talks\r\n\r\nNobody came."


def test_part_of_a_passage_may_be_told_by_its_number(tmp_path: Path) -> None:
    part = {"text": "We talk", "occurrence": 1}
    article = load("talks", folder=write(tmp_path, quoted_officials=[quote(content=[part, "she said"])]))

    (record,) = article.records
    assert record.fields["content"][0].start == TEXT.index("We talk")
    assert record.fields["content"][1].start == TEXT.index("she said")
