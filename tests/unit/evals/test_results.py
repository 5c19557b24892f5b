"""Runs scored, printed, compared and shown."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from evals.page import page, pieces
from evals.polnear import KIND, PolnearSuite
from evals.results import compared, printed, score
from evals.suites import Finding, SuiteAbsentError
from service.extraction.text.spans import Span

TEXT = "Ana Rell said <taxes> would rise."


def mention(words: str) -> dict[str, Any]:
    return {"start": TEXT.index(words), "end": TEXT.index(words) + len(words), "text": words}


QUOTE = {"evidence": [mention(TEXT)], "content": [mention("<taxes> would rise")], "speaker": mention("Ana Rell")}
ALARM = {"evidence": [mention(TEXT)], "content": [mention("Ana Rell")], "speaker": None}


@pytest.fixture
def suite(tmp_path: Path) -> PolnearSuite:
    annotation = {
        "content": [{"spans": [[14, 32]], "text": "<taxes> would rise"}],
        "source": [{"spans": [[0, 8]], "text": "Ana Rell"}],
        "cue": [{"spans": [[9, 13]], "text": "said"}],
        "speech_cue": True,
        "named_source": True,
        "quote_type_derived": "indirect",
    }
    rows = [{"id": name, "text": TEXT, "annotations": [annotation]} for name in "abcd"]
    (tmp_path / "toy.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return PolnearSuite(tmp_path / "toy.jsonl")


def run(**found: list[dict[str, Any]]) -> dict[str, Any]:
    usage = {"calls": 1, "prompt_tokens": 300, "completion_tokens": 40}
    return {
        "system": "dragoman",
        "suite": "polnear",
        "articles": [{"id": n, "records": {KIND: said}, "usage": usage, "seconds": 2.0} for n, said in found.items()],
    }


def row(text: str, beginning: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"| {beginning}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_run_is_scored_over_its_own_articles(suite: PolnearSuite) -> None:
    scored = score(suite, run(a=[QUOTE], b=[], c=[QUOTE, ALARM]))

    assert [item.id for item in scored.items] == ["a", "b", "c"]
    figures = scored.as_json()
    recall = figures["scores"]["detection"][KIND]["recall"]
    assert recall["value"] == pytest.approx(2 / 3)
    assert recall["low"] < 2 / 3 < recall["high"]
    assert figures["scores"]["cost"]["per correct record"]["completion tokens"]["value"] == 60
    assert figures["tallies"]["c"]["correct"] == 1
    assert json.loads(json.dumps(figures)) == figures


def test_run_of_other_articles_has_nothing_to_score(suite: PolnearSuite) -> None:
    with pytest.raises(SuiteAbsentError):
        score(suite, run(z=[]))


def test_tables_are_printed_with_intervals_and_dashes(suite: PolnearSuite) -> None:
    scored = score(suite, run(a=[], b=[]))

    text = printed(scored.tables, scored.intervals)

    assert row(text, "detection")[1:4] == ["precision", "recall", "F1"]
    assert row(text, KIND)[1:3] == ["–", "0.00"]
    assert row(printed({"t": {"r": {"c": 0.5}}}, {("t", "r", "c"): (0.25, 0.75)}), "r")[1] == "0.50 [0.25, 0.75]"


def test_comparison_shows_paired_changes_and_the_articles_behind_them(suite: PolnearSuite) -> None:
    before, after = run(a=[QUOTE], b=[], c=[ALARM], d=[QUOTE]), run(d=[QUOTE], c=[QUOTE], b=[QUOTE], a=[QUOTE])

    text = compared(score(suite, before), score(suite, after))

    assert row(text, "detection quoted_officials recall")[1:4] == ["0.50", "1.00", "+0.50"]
    assert row(text, "cost per article seconds")[3:] == ["+0.00", "–"]
    changed = text.split("\n\n")[1].splitlines()
    assert [line.split(":")[0] for line in changed] == ["b", "c"]
    assert "quoted_officials hit 0 → 1" in changed[0]


def test_comparison_is_over_common_articles(suite: PolnearSuite) -> None:
    text = compared(score(suite, run(a=[], b=[QUOTE])), score(suite, run(b=[QUOTE], c=[])))

    assert row(text, "1 articles")
    assert row(text, "detection quoted_officials recall")[1:3] == ["1.00", "1.00"]
    with pytest.raises(SuiteAbsentError):
        compared(score(suite, run(a=[])), score(suite, run(b=[])))


def test_page_shows_text_findings_and_figures_and_escapes_them(suite: PolnearSuite) -> None:
    scored = score(suite, run(a=[QUOTE], b=[], c=[ALARM]))

    shown = page(run(), scored)

    assert "<taxes>" not in shown
    assert '<span class="hit" data-of="0">&lt;taxes&gt; would rise</span>.' in shown
    assert re.findall(r'class="card (\w+)"', shown) == ["hit", "miss", "miss", "alarm"]
    assert "prefers-color-scheme: dark" in shown
    assert not re.search(r"""(src|href)\s*=|url\(|@import""", shown)


def test_text_is_cut_where_a_finding_begins_or_ends() -> None:
    hit = Finding(KIND, "hit", (Span(0, 3),), ())
    alarm = Finding(KIND, "alarm", (Span(2, 5), Span(2, 3)), ())

    cut = pieces("abcdefg", [(7, hit), (8, alarm)])

    assert [(piece.text, piece.of) for piece in cut] == [("ab", (7,)), ("c", (7, 8)), ("de", (8,)), ("fg", ())]
    assert cut[1].verdicts == ("hit", "alarm")
