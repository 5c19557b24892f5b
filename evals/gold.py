"""Gold annotations: reading and checking. The rules they follow are GUIDELINES.md's.

A gold record says of each field what a right answer may be; fields it leaves out are not judged:

- `evidence`: sentences of the article, here as spans;
- an actor field: the ways the article names the actor (a list of strings), or null; a list of them where the field
  is a list;
- a judged field: its value, or a list of the values that are right;
- a passage: its unbroken parts, here as spans;
- another surface field: the words, or null.

Where gold was made of reviews, `kinds` names the kinds that somebody has looked at, and `wrong` has records that are
none: an answer that has one of them is wrong, whatever else may be in its sentence.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from schemas.fields import Record
from schemas.registry import Registry, built_in
from service.extraction.text.spans import Span
from service.jobs.gold import GoldText, fields_of, in_full, is_passage

FOLDER = Path(__file__).parent


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
    wrong: bool = False
    """Whether it is no right record, but one that somebody has found to be wrong."""


@dataclass(frozen=True, slots=True)
class GoldArticle:
    """An article with its gold records."""

    id: str
    text: str
    about: Mapping[str, Any]
    """`title`, `published_at`, `language`, `style`, `split`, `hard`."""
    records: tuple[GoldRecord, ...]
    kinds: tuple[str, ...] = built_in().names
    """What is judged."""


class _Cited(BaseModel):
    text: str
    occurrence: int


class _Entry(BaseModel):
    """A record as it is written. What is not declared here are the fields of its kind."""

    model_config = ConfigDict(extra="allow")

    evidence: list[str | _Cited] = []
    optional: bool = False
    why: str | None = None


class _Said(BaseModel):
    """What is said about an article; `kinds` are those of its records unless it says otherwise."""

    records: dict[str, list[_Entry]]
    kinds: tuple[str, ...] | None = None
    wrong: dict[str, list[_Entry]] = {}


class _Line(_Said):
    """An article with its gold. What is not declared is about the article."""

    model_config = ConfigDict(extra="allow")

    id: str
    text: str


Form = TypeVar("Form", bound=BaseModel)


def load(article_id: str, layer: str = "", folder: Path = FOLDER, registry: Registry | None = None) -> GoldArticle:
    """Read one article and one layer of its gold: "" for the reconciled one, else "first" or "second".

    Raises:
        GoldError: something in it is missing or wrong.

    """
    path = folder / "gold" / layer / f"{article_id}.json"
    text = _read(folder / "articles" / f"{article_id}.txt")
    about = _about(folder / "articles" / f"{article_id}.json")
    said = _parsed(_Said, _read(path), path.name)
    return _Reader(article_id, GoldText(text), registry or built_in()).article(text, about, said)


def read_lines(path: Path, registry: Registry | None = None) -> list[GoldArticle]:
    """Read a file in which each line is an article with its gold, as `GET /v1/reviews` answers it.

    Raises:
        GoldError: something in it is missing or wrong.

    """
    articles: dict[str, GoldArticle] = {}
    for number, line in enumerate(_read(path).split("\n"), 1):
        if not line.strip():
            continue
        said = _parsed(_Line, line, f"{path.name}: line {number}")
        if said.id in articles:
            raise GoldError(f"{path.name}: line {number}: there was an article {said.id!r} before")
        reader = _Reader(said.id, GoldText(said.text), registry or built_in())
        articles[said.id] = reader.article(said.text, said.model_extra or {}, said)
    return list(articles.values())


def ids(split: str | None = None, folder: Path = FOLDER) -> list[str]:
    """Names of all articles, or of those in one split, in alphabetical order.

    Raises:
        GoldError: what is said about one of them cannot be read.

    """
    return [path.stem for path in sorted((folder / "articles").glob("*.json")) if in_split(_about(path), split)]


def in_split(about: Mapping[str, Any], split: str | None) -> bool:
    """Whether an article is in a split; one that is in none by its own account is in each."""
    return split is None or about.get("split") in (None, split)


def _about(path: Path) -> Mapping[str, Any]:
    return _parsed(_About, _read(path), path.name).root


class _About(RootModel[dict[str, Any]]):
    pass


def _read(path: Path) -> str:
    """The text of a file, with its own line ends."""
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        said = exc.strerror if isinstance(exc, OSError) else "not UTF-8"
        raise GoldError(f"{path}: {said}") from exc


def _parsed(form: type[Form], text: str, where: str) -> Form:
    try:
        return form.model_validate_json(text)
    except ValidationError as exc:
        fault = exc.errors(include_url=False, include_context=False, include_input=False)[0]
        raise GoldError(": ".join(filter(None, [where, ".".join(map(str, fault["loc"])), fault["msg"]]))) from exc


@dataclass(frozen=True, slots=True)
class _Reader:
    name: str
    text: GoldText
    registry: Registry

    def article(self, text: str, about: Mapping[str, Any], said: _Said) -> GoldArticle:
        # A kind that gold has no list of was not looked for: it may be younger than the gold.
        kinds = tuple(said.records) if said.kinds is None else said.kinds
        unknown = {*kinds, *said.records, *said.wrong} - set(self.registry.names)
        if unknown:
            known = ", ".join(self.registry.names)
            raise GoldError(f"{self.name}: there is no kind {min(unknown)!r}; there are {known}")
        if differing := set(said.records) ^ set(kinds):
            raise GoldError(f"{self.name}: {min(differing)!r} is in one of `kinds` and `records` and not in the other")
        records = [*self._records(said.records, "")]
        wrong = [replace(record, wrong=True) for record in self._records(said.wrong, "wrong.")]
        return GoldArticle(self.name, text, about, (*records, *wrong), kinds)

    def _records(self, said: Mapping[str, list[_Entry]], at: str) -> Iterator[GoldRecord]:
        for kind in self.registry.names:
            for position, entry in enumerate(said.get(kind, ())):
                yield self._record(self.registry[kind], entry, f"{at}{kind}[{position}]")

    def _record(self, record: type[Record], entry: _Entry, at: str) -> GoldRecord:
        fields = dict(entry.model_extra or {})
        unknown = set(fields) - set(fields_of(record))
        if unknown:
            raise self._wrong(at, f"{record.kind} has no field {min(unknown)!r}")
        if not entry.evidence:
            raise self._wrong(at, "no evidence")
        for name, value in fields.items():
            for fault in self.text.faults(record, name, value):
                inner = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault.at)
                raise self._wrong(f"{at}.{name}{inner}", f"{fault.value!r} {fault.problem}")
            if in_full(record, name, value) != value:
                raise self._wrong(f"{at}.{name}", "an actor is a list of its names")
        spans = tuple(self._span(said, f"{at}.evidence") for said in entry.evidence)
        fields |= {
            name: self._parts(value, spans) for name, value in fields.items() if is_passage(fields_of(record)[name])
        }
        return GoldRecord(record.kind, spans, fields, entry.optional, entry.why or "")

    def _parts(self, said: Any, evidence: tuple[Span, ...]) -> tuple[Span, ...]:
        """Where the parts of a passage stand: in the evidence rather than where the same words stand before it."""
        hull = Span(min(span.start for span in evidence), max(span.end for span in evidence))
        within = [*evidence, hull, self.text.whole]
        found = [
            self.text.find(part, within)
            if isinstance(part, str)
            else self.text.places(part["text"])[part["occurrence"] - 1]
            for part in (said if isinstance(said, list) else [said])
        ]
        return tuple(span for span in found if span)

    def _span(self, said: str | _Cited, at: str) -> Span:
        words, wanted = (said, None) if isinstance(said, str) else (said.text, said.occurrence)
        places = self.text.places(words)
        if not 1 <= (wanted or 1) <= len(places):
            raise self._wrong(at, f"{words!r} is not in the article")
        if wanted is None and len(places) > 1:
            raise self._wrong(at, f"{words!r} stands there more than once, say which")
        return places[(wanted or 1) - 1]

    def _wrong(self, at: str, problem: str) -> GoldError:
        return GoldError(f"{self.name}: {at}: {problem}")


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
