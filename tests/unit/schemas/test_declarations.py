"""Whether a kind is declared as it must be: told when it is loaded, so that no article finds out."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest

from schemas.declarations import problems
from schemas.definitions import definition_of
from schemas.fields import Closed, Derived, DisjointFrom, EdtfDate, Mention, Record
from schemas.registry import built_in, installed
from tests.support.kinds import forget_kinds, write_kind

GOOD: dict[str, Any] = {
    "kind": "omens",
    "order": 9,
    "identity": ("sign",),
    "actors": ("teller",),
    "__doc__": "A sign of what is to come.",
}


class Detail(Closed):
    """A model inside a record."""

    name: Mention


def kind(*without: str, **changes: Any) -> type[Record]:
    """A kind in a plain module, with some of its declarations changed or left out."""
    said = {name: value for name, value in {**GOOD, **changes}.items() if name not in without}
    fields = said.pop("fields", {"sign": Mention, "teller": Mention | None, "details": list[Detail]})
    made: type[Record] = type(Record)("Omen", (Record,), {"__module__": __name__, "__annotations__": fields, **said})
    return made


def test_kinds_that_ship_are_declared_as_they_must_be() -> None:
    assert [list(problems(record)) for record in built_in()] == [[]] * 4


def test_kind_that_says_all_that_it_must_has_no_problem() -> None:
    assert list(problems(kind())) == []


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (lambda: kind(kind="Omens"), "the kind's name is 'Omens'; write it in small letters, digits and _"),
        (lambda: kind(kind="bad-omens"), "the kind's name is 'bad-omens'; write it in small letters, digits and _"),
        (lambda: kind(kind=""), "the kind's name is ''; write it in small letters, digits and _"),
        (
            lambda: kind("__doc__", __doc__=None),
            "Omen has no docstring, which is the one-sentence definition of the kind",
        ),
        (lambda: kind("order"), "Omen has no `order`"),
        (lambda: kind("identity"), "Omen has no `identity`"),
        (lambda: kind("actors"), "Omen has no `actors`"),
        (lambda: kind(identity=("omen",)), "`identity` names a field 'omen', which Omen does not have"),
        (lambda: kind(actors=("seer",)), "`actors` names a field 'seer', which Omen does not have"),
        (lambda: kind(require_any=("seer",)), "`require_any` names a field 'seer', which Omen does not have"),
        (
            lambda: kind(
                fields={"sign": Mention, "teller": Mention, "date": Annotated[EdtfDate, Derived("date", of=("day",))]}
            ),
            "the mark of `date` names a field 'day', which Omen does not have",
        ),
        (
            lambda: kind(fields={"sign": Annotated[Mention, DisjointFrom("seer")], "teller": Mention}),
            "the mark of `sign` names a field 'seer', which Omen does not have",
        ),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(made: Callable[[], type[Record]], problem: str) -> None:
    assert next(problems(made())) == problem


def test_all_that_is_wrong_is_told() -> None:
    assert len(list(problems(kind("order", "__doc__", __doc__=None, identity=("omen",), actors=("seer",))))) == 4


# What its definition tells of


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    forget_kinds()


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ("[fields]\nsign = 'seen'\n[values.meaning]\nluck = 'good'", None),
        ("[fields]\nseer = 'who sees'", "definition.toml tells of a field 'seer', which there is not"),
        ("[found]\nseer = 'who sees'", "definition.toml tells of a field 'seer', which there is not"),
        ("[values.colour]\nred = 'blood'", "definition.toml tells of a field 'colour', which there is not"),
        ("[values.meaning]\nrain = 'wet'", "definition.toml tells of a value 'rain' of 'meaning', which there is not"),
        ("[values.sign]\nraven = 'harm'", "definition.toml tells of a value 'raven' of 'sign', which there is not"),
        ("[fields", "definition.toml: "),
    ],
)
def test_definition_tells_of_fields_and_values_that_there_are(folder: Path, told: str, problem: str | None) -> None:
    package = write_kind(folder, "omens")
    record = installed(folder)["omens"]
    (package / "definition.toml").write_text(f'outside = "dreams"\none_record = []\n{told}\n', encoding="utf-8")
    definition_of.cache_clear()

    found = next(problems(record), None)

    assert found == problem or (problem and found and found.startswith(problem))
