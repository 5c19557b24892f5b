"""docs/records.md: what every kind, field and value means."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import Field

from docs import records
from docs.records import PAGE, page
from schemas.definitions import definition_of
from schemas.fields import Closed, Country, Derived, Mention, Record, parts_of, values_of
from schemas.registry import Registry, built_in

by_kind = pytest.mark.parametrize("record", list(built_in()), ids=lambda record: record.kind)


def section(text: str, kind: str) -> str:
    """What the page says of one kind, its lines joined."""
    _, _, rest = text.partition(f"## {kind}\n")
    assert rest
    return " ".join(rest.partition("\n## ")[0].split())


def fields(model: type[Closed], inside_of: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every field of a model and of those inside it, with its values."""
    for name, field in model.model_fields.items():
        yield f"{inside_of}{name}", values_of(field.annotation)
        if parts := parts_of(field.annotation):
            yield from fields(parts, f"{inside_of}{name}.")


def test_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make docs"


@by_kind
def test_every_field_and_value_of_a_kind_is_on_the_page(record: type[Record]) -> None:
    _, _, said = page().partition(f"## {record.kind}\n")

    for name, values in fields(record):
        row = next(line for line in said.splitlines() if line.startswith(f"| `{name}` | "))
        assert all(f"`{value}`" in row for value in values), name


@by_kind
def test_everything_that_is_defined_is_on_the_page(record: type[Record]) -> None:
    said, definition = section(page(), record.kind), definition_of(record)

    assert definition
    for text in [definition.outside, *definition.one_record, *{**definition.fields, **definition.found}.values()]:
        assert text in said
    for values in definition.values.values():
        for value, meaning in values.items():
            assert f"`{value}`: {meaning}" in said


def test_page_tells_where_a_value_comes_from() -> None:
    said = section(page(), "military_claims")

    assert "| `evidence` | the article's sentences; a list |" in said
    assert "| `claimant` | the article's words; or null |" in said
    assert "| `contested_by` | the article's words; a list |" in said
    assert "| `claim_type` | judged |" in said
    assert "| `precision` | judged; or null |" in said
    assert "| `quantities` | the fields below; a list |" in said
    assert "| `quantities.approximate` | judged: true or false |" in said
    assert "| `quantities.value_min` | derived from `quantities.text`; or null |" in said
    assert "| `date` | derived from `date_text`; or null |" in said


class Election(Record):
    """An election that is held or announced."""

    kind: ClassVar[str] = "elections"
    order: ClassVar[int] = 5
    identity: ClassVar[tuple[str, ...]] = ("place",)
    actors: ClassVar[tuple[str, ...]] = ()

    place: Mention = Field(description="where, A|B")
    country: Annotated[Country, Derived("country", of=("place",))]
    body: Literal["parliament", "president"] = Field(description="who is elected")


def test_kind_without_definitions_is_told_by_its_descriptions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "built_in", lambda: Registry([Election]))

    said = section(page(), "elections")

    assert said.startswith("An election that is held or announced. | field |")
    assert r"| `place` | the article's words | where, A\|B |" in said
    assert "| `body` | judged | who is elected<br>`parliament`, `president` |" in said


def test_check_fails_on_a_page_that_is_not_current(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(records, "PAGE", tmp_path / "records.md")
    monkeypatch.setattr("sys.argv", ["docs.records"])
    records.main()
    monkeypatch.setattr("sys.argv", ["docs.records", "--check"])
    with pytest.raises(SystemExit) as current:
        records.main()
    (tmp_path / "records.md").write_text(page() + "more\n", encoding="utf-8")
    with pytest.raises(SystemExit) as old:
        records.main()

    assert not current.value.code
    assert old.value.code
