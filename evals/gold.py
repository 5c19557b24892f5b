"""Gold annotations: reading and checking. The rules they follow are GUIDELINES.md's.

A gold record says of each field what a right answer may be; fields it leaves out are not judged:

- `evidence`: sentences of the article, here as spans;
- an actor field: the ways the article names the actor (a list of strings), or null; a list of them where the field
  is a list;
- a judged field: its value, or a list of the values that are right;
- a passage: its unbroken parts, here as spans;
- another surface field: the words, or null.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click
from pydantic.fields import FieldInfo

from schemas.draft import marked
from schemas.fields import Closed, Derived, Mention, Record, Speech, inside
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
        known = {name for name, field in record.model_fields.items() if not marked(field, Derived)}
        unknown = set(entry) - known - set(REMARKS)
        if unknown:
            raise self._wrong(at, f"{record.kind} has no field {min(unknown)!r}")
        if not entry.get("evidence"):
            raise self._wrong(at, "no evidence")
        fields = {name: value for name, value in entry.items() if name not in {"evidence", *REMARKS}}
        for name, value in fields.items():
            self._check(record, name, value, f"{at}.{name}")
        spans = tuple(self._span(said, f"{at}.evidence") for said in entry["evidence"])
        fields |= {
            name: self._parts(value, spans) for name, value in fields.items() if is_passage(record.model_fields[name])
        }
        return GoldRecord(record.kind, spans, fields, bool(entry.get("optional")), entry.get("why", ""))

    def _parts(self, said: str | list[str], evidence: tuple[Span, ...]) -> tuple[Span, ...]:
        """Where the parts of a passage stand: in the evidence rather than where the same words stand before it."""
        hull = Span(min(span.start for span in evidence), max(span.end for span in evidence))
        places = [*evidence, hull, Span(0, self.length)]
        found = (self.text.find(part, places) for part in ([said] if isinstance(said, str) else said))
        return tuple(span for span in found if span)

    def _span(self, said: str | Mapping[str, Any], at: str) -> Span:
        text, wanted = (said, None) if isinstance(said, str) else (said["text"], said["occurrence"])
        places = self._places(text)
        if len(places) < (wanted or 1):
            raise self._wrong(at, f"not in the article: {text!r}")
        if wanted is None and len(places) > 1:
            raise self._wrong(at, f"stands there more than once, say which: {text!r}")
        return places[(wanted or 1) - 1]

    def _places(self, text: str) -> list[Span]:
        places: list[Span] = []
        while found := self.text.find(text, [Span(places[-1].end if places else 0, self.length)]):
            places.append(found)
        return places

    def _check(self, record: type[Closed], name: str, value: Any, at: str) -> None:
        """Refuse words that are not in the article and values that are not in the vocabulary."""
        field = record.model_fields[name]
        inner = inside(field.annotation)
        if is_judged(field):
            self._judged(inner, value, at)
        elif issubclass(record, Record) and name in record.actors:
            self._actors(value if get_origin(field.annotation) is list else [value], at)
        elif inner is Mention:
            for words in value if isinstance(value, list) else [value]:
                # A list field of actors that is not used for matching (contested_by) is written like one.
                self._words(words if isinstance(words, list) else [words], at)
        elif isinstance(inner, type) and issubclass(inner, Closed):
            for item in value:
                for part, words in item.items():
                    self._check(inner, part, words, f"{at}.{part}")

    def _judged(self, inner: Any, value: Any, at: str) -> None:
        right = set(get_args(inner)) or {True, False}
        for choice in value if isinstance(value, list) else [value]:
            if choice not in right:
                raise self._wrong(at, f"{choice!r} is not among {', '.join(map(str, sorted(right)))}")

    def _actors(self, said: list[Any], at: str) -> None:
        for names in said:
            if names is not None and (not isinstance(names, list) or not names):
                raise self._wrong(at, "an actor is a list of its names")
            self._words(names or [], at)

    def _words(self, said: list[str | None], at: str) -> None:
        for words in said:
            if words is not None and self.text.find(words, [Span(0, self.length)]) is None:
                raise self._wrong(at, f"not in the article: {words!r}")

    def _wrong(self, at: str, problem: str) -> GoldError:
        return GoldError(f"{self.article}: {at}: {problem}")


def is_passage(field: FieldInfo) -> bool:
    """Whether a field holds a passage of the article rather than a name or a phrase."""
    return any(isinstance(mark, Speech) and mark.part == "words" for mark in field.metadata)


def is_judged(field: FieldInfo) -> bool:
    """Whether a field holds what somebody decides, one value or several, and not the article's words."""
    return get_origin(inside(field.annotation)) is Literal or inside(field.annotation) is bool


def main() -> None:
    """Check every annotation that is there: python -m evals.gold [ID …]."""
    wrong = 0
    for article in sys.argv[1:] or ids():
        for layer in ("first", "second", ""):
            if (FOLDER / "gold" / layer / f"{article}.json").exists():
                try:
                    said = _summary(load(article, layer))
                except GoldError as exc:
                    wrong += 1
                    said = str(exc)
                click.echo(f"{layer or 'reconciled'} {said}")
    sys.exit(bool(wrong))


def _summary(article: GoldArticle) -> str:
    counts = {kind: sum(record.kind == kind for record in article.records) for kind in built_in().names}
    return f"{article.id} {len(article.text.split())} words {counts}"


if __name__ == "__main__":
    main()
