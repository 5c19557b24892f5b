"""Turns what a peer said, as it was saved, into records of Dragoman's form. Run by Dragoman's own environment.

    .venv/bin/python -m benchmarks.peers.convert RAW.json ARTICLES.jsonl OUT.json [--placed-only]

Words become places in the article by Dragoman's own search, which forgives typography and no paraphrase. What is not
there keeps its words and has `start` and `end` -1; each article says how many such values it has. Values that Dragoman
derives by code (dates, countries) are null: no peer was asked for them.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_origin

from benchmarks.peers.attributes import class_of
from benchmarks.peers.attributes import fields as fields_of
from benchmarks.peers.task import passage_field
from schemas.draft import marked
from schemas.fields import Closed, Derived, Mention, Record, inside
from schemas.registry import built_in
from service.extraction.text.matching import TextIndex
from service.extraction.text.sentences import segment
from service.extraction.text.spans import Span

_NOTHING = frozenset({"", "null"})
_TRUTHS = {"true": True, "false": False}

Place = dict[str, Any]
"""`start`, `end` and `text`, as in a Mention."""


class Reader:
    """Finds in one article what a peer said about it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._haystack = TextIndex(text)
        self._whole = Span(0, len(text))
        self._sentences = [sentence.span for sentence in segment(text)]

    def extraction(self, record: type[Record], said: Mapping[str, Any]) -> dict[str, Any]:
        """A record from an extraction of LangExtract's, which has placed its text by itself, if it could."""
        placed = None if said["start"] is None else Span(said["start"], said["end"])
        found = self._find(said["text"], [placed] if placed else []) or placed
        evidence = self._around(found) if found else []
        fields = fields_of(record, said["attributes"] or {})
        whole = self._record(record, evidence or [_nowhere(said["text"])], fields)
        if name := passage_field(record):
            # Where LangExtract has aligned words that are not quite the article's, the place is its and so are they.
            spoken = {"start": found.start, "end": found.end, "text": said["text"]} if found else _nowhere(said["text"])
            exact = self._find(said["text"], [found]) if found else None
            spoken = self._place(exact) if exact else spoken
            whole[name] = [spoken] if get_origin(record.model_fields[name].annotation) is list else spoken
        return whole

    def form(self, record: type[Record], said: Mapping[str, Any]) -> dict[str, Any]:
        """A record from a filled form, whose evidence is copied sentences."""
        evidence: list[Place] = []
        for words in said["evidence"]:
            found = self._find(words)
            evidence += (
                [place for place in self._around(found) if place not in evidence] if found else [_nowhere(words)]
            )
        return self._record(record, evidence, said)

    def _record(self, record: type[Record], evidence: Sequence[Place], said: Mapping[str, Any]) -> dict[str, Any]:
        near = [Span(place["start"], place["end"]) for place in evidence if place["start"] >= 0]
        return {"evidence": list(evidence), **self._values(record, said, near)}

    def _values(self, model: type[Closed], said: Mapping[str, Any], near: Sequence[Span]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, field in model.model_fields.items():
            if name == "evidence":
                continue
            value = None if marked(field, Derived) else said.get(name)
            if get_origin(field.annotation) is list:
                items = value if isinstance(value, list) else [value]
                values[name] = [
                    self._value(inside(field.annotation), item, near) for item in items if not _is_nothing(item)
                ]
            else:
                values[name] = None if _is_nothing(value) else self._value(inside(field.annotation), value, near)
        return values

    def _value(self, wanted: Any, said: Any, near: Sequence[Span]) -> Any:
        if wanted is Mention:
            found = self._find(str(said), near)
            return self._place(found) if found else _nowhere(str(said))
        if isinstance(wanted, type) and issubclass(wanted, Closed):
            return self._values(wanted, said, near)
        return _TRUTHS.get(said, said) if wanted is bool and isinstance(said, str) else said

    def _find(self, words: str, near: Sequence[Span] = ()) -> Span | None:
        return self._haystack.find(words, [*near, self._whole])

    def _around(self, found: Span) -> list[Place]:
        """The sentences of which the span has a part."""
        return [self._place(span) for span in self._sentences if span.start < found.end and found.start < span.end]

    def _place(self, span: Span) -> Place:
        return {"start": span.start, "end": span.end, "text": self._text[span.start : span.end]}


def convert(raw: Mapping[str, Any], texts: Mapping[str, str], *, placed_only: bool = False) -> dict[str, Any]:
    """What the scorer takes, from a peer's saved run.

    Args:
        raw: the run.
        texts: the articles, by name.
        placed_only: leave out what LangExtract could not place in the article, as its documentation advises.

    """
    about = {**raw, "placed_only": placed_only}
    articles = [_article(entry, raw["kinds"], texts[entry["id"]], placed_only) for entry in raw["articles"]]
    return {**about, "articles": articles}


def _article(entry: Mapping[str, Any], kinds: Sequence[str], text: str, placed_only: bool) -> dict[str, Any]:
    reader, known = Reader(text), built_in()
    records: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
    said = entry.get("said", {})
    if isinstance(said, list):
        kind_of = {class_of(kind): kind for kind in kinds}
        for extraction in said:
            kind = kind_of.get(extraction["class"])
            if kind and not (placed_only and extraction["start"] is None):
                records[kind].append(reader.extraction(known[kind], extraction))
    else:
        for kind, forms in said.items():
            records[kind] = [reader.form(known[kind], form) for form in forms]
    article = {name: entry[name] for name in ("id", "usage", "seconds", "error") if name in entry}
    article["cut_answers"] = sum(call.get("finish_reason") == "length" for call in entry["calls"])
    article["ungrounded"] = sum(place["text"] != text[place["start"] : place["end"]] for place in _places(records))
    return {**article, "records": records}


def _places(said: Any) -> Iterator[Place]:
    """All places in a tree of records."""
    if isinstance(said, dict) and said.keys() == {"start", "end", "text"}:
        yield said
    elif isinstance(said, dict | list):
        for item in said.values() if isinstance(said, dict) else said:
            yield from _places(item)


def _nowhere(words: str) -> Place:
    return {"start": -1, "end": -1, "text": words}


def _is_nothing(said: Any) -> bool:
    return said is None or (isinstance(said, str) and said.strip().lower() in _NOTHING)


def texts_of(articles: Path) -> dict[str, str]:
    """The articles that a peer was given, by name."""
    with articles.open(encoding="utf-8") as lines:
        return {article["id"]: article["text"] for article in map(json.loads, lines)}


def save(out: Path, run: Mapping[str, Any]) -> None:
    out.write_text(json.dumps(run, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("raw", type=Path)
    parser.add_argument("articles", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--placed-only", action="store_true", help="leave out what LangExtract could not place")
    said = parser.parse_args()
    raw, texts = json.loads(said.raw.read_text(encoding="utf-8")), texts_of(said.articles)
    save(said.out, convert(raw, texts, placed_only=said.placed_only))


if __name__ == "__main__":
    main()
