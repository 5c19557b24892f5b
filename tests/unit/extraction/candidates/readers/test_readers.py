"""The reader of a kind is a module of the kind's name beside these, or `reader` in the kind's own package."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.draft import draft_of
from schemas.fields import Record
from schemas.registry import built_in, installed
from service.extraction.candidates.choices import Choices
from service.extraction.candidates.kind_reader import KindReader, ReaderError
from service.extraction.candidates.readers import reader_of
from tests.support.kinds import forget_kinds, write_kind

NO_READER = "READER = None\n"
OF_ANOTHER = """
from schemas.kinds.sanctions import Sanction
from service.extraction.candidates.kind_reader import KindReader

READER = KindReader(record=Sanction)
"""
OWN = """
from . import Omen
from service.extraction.candidates.kind_reader import KindReader

READER = KindReader(record=Omen, needs_actor=True)
"""
OF_NO_FIELD = """
from . import Omen
from service.extraction.candidates.kind_reader import KindReader, OneOf

READER = KindReader(record=Omen, options={"seer": OneOf("names")})
"""


@pytest.fixture(autouse=True)
def _kinds() -> Iterator[None]:
    yield
    forget_kinds()


def omens(folder: Path, reader: str | None = None) -> type[Record]:
    """A kind in a package of its own."""
    write_kind(folder, "omens", reader=reader)
    return installed(folder)["omens"]


@pytest.mark.parametrize("record", list(built_in()), ids=lambda record: record.kind)
def test_every_kind_that_ships_has_a_reader_of_its_name(record: type[Record]) -> None:
    reader = reader_of(record)

    assert isinstance(reader, KindReader)
    assert reader.record is record
    assert reader is sys.modules[f"service.extraction.candidates.readers.{record.kind}"].READER


def test_reader_stands_in_the_kinds_own_package(tmp_path: Path) -> None:
    record = omens(tmp_path, OWN)

    reader = reader_of(record)

    assert reader
    assert (reader.record, reader.needs_actor) == (record, True)


def test_kind_may_be_without_a_reader(tmp_path: Path) -> None:
    assert reader_of(omens(tmp_path)) is None


def test_kind_of_a_plain_module_has_no_reader_of_its_own() -> None:
    class Omen(Record):
        """A sign of what is to come."""

        kind = "omens"

    assert reader_of(Omen) is None


@pytest.mark.parametrize("reader", ["", NO_READER, OF_ANOTHER])
def test_module_without_a_reader_of_the_kind_is_refused_with_its_name(tmp_path: Path, reader: str) -> None:
    record = omens(tmp_path, reader)
    name = "dragoman_kinds.omens.reader"

    with pytest.raises(ReaderError, match=rf"^{re.escape(name)}: .* KindReader of Omen$"):
        reader_of(record)


def test_reader_that_names_no_field_of_its_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match="the reader of 'omens': `options` names a field 'seer'"):
        reader_of(omens(tmp_path, OF_NO_FIELD))


# What is left out of a question where nothing was found to choose from


@pytest.mark.parametrize(
    ("kind", "choices", "left_out"),
    [
        ("negotiations", Choices(names=(), places=()), {"mediators", "location"}),
        ("negotiations", Choices(persons=()), {"representatives"}),
        ("negotiations", Choices(dates=()), {"date_text"}),
        ("negotiations", Choices(figures=()), set()),
        ("sanctions", Choices(authorities=(), dates=(), figures=()), {"authorities", "date_text"}),
        ("military_claims", Choices(figures=()), {"quantities"}),
        ("military_claims", Choices(places=(), dates=()), {"location", "date_text"}),
        ("quoted_officials", Choices(names=()), {"affiliation"}),
    ],
)
def test_field_with_nothing_to_choose_from_is_left_out(kind: str, choices: Choices, left_out: set[str]) -> None:
    record = built_in()[kind]
    reader = reader_of(record)
    assert reader

    draft = draft_of(record, lean=True, allowed=reader.allowed(choices))

    assert set(draft_of(record).model_fields) - set(draft.model_fields) == left_out


def test_speaker_has_one_record_for_all_that_is_said_in_one_kind_alone() -> None:
    readers = {record.kind: reader_of(record) for record in built_in()}

    assert [kind for kind, reader in readers.items() if reader and reader.per_speaker] == ["quoted_officials"]
