"""What holds for every answer of the service, whatever the model said."""

from collections.abc import Iterator
from typing import Any

from service.extraction.text.sentences import segment


def mentions(value: Any) -> Iterator[dict[str, Any]]:
    """Everything in an answer that claims to stand in the article, evidence included."""
    if isinstance(value, dict):
        if {"start", "end", "text"} <= value.keys():
            yield value
        for inner in value.values():
            yield from mentions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from mentions(inner)


def assert_grounded(answer: dict[str, Any], text: str) -> None:
    """Every mention is the article's own characters, every record cites sentences that there are, and of every value it
    is told how it came about."""
    sentences = {sentence.number: sentence for sentence in segment(text)}
    for mention in mentions(answer["records"]):
        assert text[mention["start"] : mention["end"]] == mention["text"] != "", mention
    for record in records_of(answer):
        assert record["evidence"], record
        for cited in record["evidence"]:
            sentence = sentences[cited["sentence"]]
            assert (cited["start"], cited["end"]) == (sentence.start, sentence.end), cited
    assert {kind: [set(told) for told in origins] for kind, origins in answer["origins"].items()} == {
        kind: [{name for name, value in record.items() if value not in (None, [])} - {"evidence"} for record in found]
        for kind, found in answer["records"].items()
    }


def records_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """All records, whatever their kind."""
    return [record for found in answer["records"].values() for record in found]
