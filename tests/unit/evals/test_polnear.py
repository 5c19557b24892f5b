"""Quotations against annotated attributions."""

import json
from pathlib import Path
from typing import Any

import pytest

from evals.intervals import total
from evals.polnear import KIND, PolnearSuite, right_speaker
from evals.suites import SuiteAbsentError

TEXT = "Ana Rell said taxes would rise. “Never again,” she added. Critics think it is late. He warned of cuts."


def part(words: str) -> dict[str, Any]:
    start = TEXT.index(words)
    return {"spans": [[start, start + len(words)]], "text": words}


def annotation(content: str, source: str, *, speech: bool = True, direct: bool = False, named: bool = True) -> Any:
    return {
        "content": [part(content)],
        "source": [part(source)],
        "cue": [],
        "speech_cue": speech,
        "named_source": named,
        "quote_type_derived": "direct" if direct else "indirect",
    }


def quote(content: str, speaker: str) -> dict[str, Any]:
    start = TEXT.index(content)
    mention = {"start": start, "end": start + len(content), "text": content}
    return {"evidence": [mention], "content": [mention], "speaker": {"start": 0, "end": 1, "text": speaker}}


@pytest.fixture
def suite(tmp_path: Path) -> PolnearSuite:
    annotations = [
        annotation("taxes would rise", "Ana Rell"),
        annotation("Never again", "she", direct=True, named=False),
        annotation("it is late", "Critics", speech=False),
    ]
    data = tmp_path / "toy.jsonl"
    data.write_text(json.dumps({"id": "toy", "text": TEXT, "date": "2016-09-26", "annotations": annotations}) + "\n")
    return PolnearSuite(data)


def figures(suite: PolnearSuite, *found: dict[str, Any]) -> dict[str, Any]:
    (item,) = suite.items()
    return dict(suite.tables(total([suite.judge(item, {KIND: found}).tally]))["detection"][KIND])


def test_recall_asks_for_speech_and_precision_for_any_attribution(suite: PolnearSuite) -> None:
    found = figures(
        suite, quote("taxes would rise", "Rell"), quote("it is late", "Critics"), quote("warned of cuts", "He")
    )

    assert found["precision"] == pytest.approx(2 / 3)
    assert found["recall"] == 0.5
    assert found["F1"] == pytest.approx(4 / 7)
    assert found["direct recall"] == 0
    assert found["speaker"] == 1


def test_nothing_right_scores_nothing(suite: PolnearSuite) -> None:
    found = figures(suite, quote("warned of cuts", "He"))

    assert (found["precision"], found["recall"], found["F1"]) == (0, 0, 0)


def test_measure_of_nothing_found_is_none(suite: PolnearSuite) -> None:
    found = figures(suite)

    assert (found["precision"], found["recall"], found["F1"]) == (None, 0, None)


def test_quotation_is_found_when_half_of_its_characters_agree(suite: PolnearSuite) -> None:
    assert figures(suite, quote("Never again,” she", "Rell"))["direct recall"] == 1
    assert figures(suite, quote("again,” she added. Critics think", "Rell"))["direct recall"] == 0


def test_annotation_is_found_once_by_what_agrees_best(suite: PolnearSuite) -> None:
    found = figures(suite, quote("taxes would", "Critics"), quote("taxes would rise", "Ana Rell"))

    assert (found["precision"], found["recall"], found["speaker"]) == (0.5, 0.5, 1)


def test_speaker_is_asked_for_where_it_is_named(suite: PolnearSuite) -> None:
    found = figures(suite, quote("taxes would rise", "he"), quote("Never again", "nobody"))

    assert found["speaker"] == 0
    assert found["recall"] == 1


def test_pronoun_is_no_speaker_even_where_it_is_in_the_name() -> None:
    source = annotation("taxes would rise", "Ana Rell")
    source["source"][0]["text"] = "Ana Rell, she of the green hat"

    assert right_speaker("Rell", source)
    assert not right_speaker("She", source)


def test_absent_data_is_said() -> None:
    with pytest.raises(SuiteAbsentError, match="no data at"):
        PolnearSuite(Path("/nowhere.jsonl")).items()
    with pytest.raises(SuiteAbsentError, match="--data"):
        PolnearSuite(None).items()
