"""Gold annotations: reading and checking. The rules they follow are GUIDELINES.md's.

A gold record says of each field what a right answer may be; fields it leaves out are not judged:

- `evidence`: sentences of the article, here as spans;
- an actor field: the ways the article names the actor (a list of strings), or null; a list of them where the field
  is a list;
- a judged field: its value, or a list of the values that are right;
- another surface field: the words, or null.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from schemas.draft import derived
from schemas.fields import Closed, Mention, Record
from schemas.registry import Registry, built_in
from service.extraction.locate import Haystack, Span

FOLDER = Path(__file__).parent
REMARKS = ("optional", "why")


class GoldError(Exception):
    """An annotation that cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class GoldRecord:
    """What a right record of one item says."""

    kind: str
    evidence: tuple[Span, ...]
    fields: Mapping[str, Any]
    optional: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class GoldArticle:
    """An article with its gold records."""

    id: str
    text: str
    about: Mapping[str, Any]
    """`title`, `published_at`, `language`, `style`, `split`, `hard`."""
    records: tuple[GoldRecord, ...]


def load(article_id: str, layer: str = "", folder: Path = FOLDER, registry: Registry | None = None) -> GoldArticle:
    """Read one article and one layer of its gold: "" for the reconciled one, else "first" or "second".

    Raises:
        GoldError: something in it is missing or wrong.

    """
    text = (folder / "articles" / f"{article_id}.txt").read_text(encoding="utf-8")
    about = json.loads((folder / "articles" / f"{article_id}.json").read_text(encoding="utf-8"))
    path = folder / "gold" / layer / f"{article_id}.json"
    try:
        said = json.loads(path.read_text(encoding="utf-8"))["records"]
    except (OSError, ValueError, KeyError) as exc:
        raise GoldError(f"{path.name}: {exc!r}") from exc
    kinds = registry or built_in()
    if set(said) != set(kinds.names):
        raise GoldError(f"{path.name}: the kinds must be {', '.join(kinds.names)}")
    reader = _Reader(article_id, Haystack(text), len(text))
    records = [
        reader.record(kinds[kind], entry, f"{kind}[{position}]")
        for kind in kinds.names
        for position, entry in enumerate(said[kind])
    ]
    return GoldArticle(article_id, text, about, tuple(records))


def ids(split: str | None = None, folder: Path = FOLDER) -> list[str]:
    """Names of all articles, or of those in one split, in alphabetical order."""
    found = []
    for path in sorted((folder / "articles").glob("*.json")):
        about = json.loads(path.read_text(encoding="utf-8"))
        if split in (None, about["split"]):
            found.append(path.stem)
    return found


@dataclass(frozen=True, slots=True)
class _Reader:
    article: str
    text: Haystack
    length: int

    def record(self, record: type[Record], entry: Mapping[str, Any], at: str) -> GoldRecord:
        known = {name for name, field in record.model_fields.items() if not derived(field)}
        unknown = set(entry) - known - set(REMARKS)
        if unknown:
            raise self._wrong(at, f"{record.kind} has no field {sorted(unknown)[0]!r}")
        if not entry.get("evidence"):
            raise self._wrong(at, "no evidence")
        fields = {name: value for name, value in entry.items() if name not in {"evidence", *REMARKS}}
        for name, value in fields.items():
            self._check(record, record.model_fields[name], name, value, f"{at}.{name}")
        spans = tuple(self._span(said, f"{at}.evidence") for said in entry["evidence"])
        return GoldRecord(record.kind, spans, fields, bool(entry.get("optional")), entry.get("why", ""))

    def _span(self, said: str | Mapping[str, Any], at: str) -> Span:
        text, wanted = (said, 1) if isinstance(said, str) else (said["text"], said["occurrence"])
        start = 0
        for _ in range(wanted):
            found = self.text.find(text, [Span(start, self.length)])
            if found is None:
                raise self._wrong(at, f"not in the article: {text!r}")
            start = found.end
        if isinstance(said, str) and self.text.find(text, [Span(start, self.length)]):
            raise self._wrong(at, f"stands there more than once, say which: {text!r}")
        return found

    def _check(self, record: type[Record], field: FieldInfo, name: str, value: Any, at: str) -> None:
        inner = inside(field)
        listed = get_origin(field.annotation) is list
        if name in record.actors:
            for actor in value if listed else [value]:
                if actor is None and not listed:
                    continue
                if not isinstance(actor, list) or not actor:
                    raise self._wrong(at, "an actor is a list of its names")
                self._words(actor, at)
        elif get_origin(inner) is Literal or inner is bool:
            right = set(get_args(inner)) or {True, False}
            for choice in value if isinstance(value, list) else [value]:
                if choice not in right:
                    raise self._wrong(at, f"{choice!r} is not among {', '.join(map(str, sorted(right)))}")
        elif inner is Mention:
            for words in value if isinstance(value, list) else [value]:
                # A list field of actors that is not used for matching (contested_by) is written like one.
                self._words(words if isinstance(words, list) else [words], at)
        elif isinstance(inner, type) and issubclass(inner, Closed):
            for item in value:
                for part, words in item.items():
                    self._check(record, inner.model_fields[part], "", words, f"{at}.{part}")

    def _words(self, said: list[str | None], at: str) -> None:
        for words in said:
            if words is not None and self.text.find(words, [Span(0, self.length)]) is None:
                raise self._wrong(at, f"not in the article: {words!r}")

    def _wrong(self, at: str, problem: str) -> GoldError:
        return GoldError(f"{self.article}: {at}: {problem}")


def inside(field: FieldInfo) -> Any:
    """What a list field holds, or an optional one may be; the annotation itself otherwise."""
    annotation = field.annotation
    if get_origin(annotation) is list:
        return get_args(annotation)[0]
    options = [option for option in get_args(annotation) if option is not NoneType]
    if NoneType in get_args(annotation) and len(options) == 1:
        return options[0]
    return annotation


def main() -> None:
    """Check every annotation that is there: python -m evals.gold [ID …]."""
    import sys

    wanted = sys.argv[1:] or ids()
    wrong = 0
    for article in wanted:
        for layer in ("first", "second", ""):
            if (FOLDER / "gold" / layer / f"{article}.json").exists():
                try:
                    found = load(article, layer)
                except GoldError as exc:
                    wrong += 1
                    print(layer or "reconciled", exc)
                else:
                    counts = {kind: sum(r.kind == kind for r in found.records) for kind in built_in().names}
                    print(layer or "reconciled", article, len(found.text.split()), "words", counts)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
