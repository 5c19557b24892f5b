"""What a record says, and what is only told of it."""

from typing import Any

import pytest

from schemas.fields import Evidence, Mention
from schemas.kinds.sanctions import Sanction


def sanction(**fields: Any) -> Sanction:
    base: dict[str, Any] = {
        "evidence": [Evidence(start=0, end=9, text="Sanctions", sentence=1)],
        "action": "imposed",
        "authorities": [],
        "targets": [],
        "target_country": None,
        "program": None,
        "measures": [],
        "reason": None,
        "status": "active",
        "date_text": None,
        "date": None,
    }
    return Sanction(**{**base, **fields})


def test_origins_are_no_part_of_what_a_record_says() -> None:
    untold, told = sanction(), sanction().with_origins({"action": "asked", "status": "read"})

    assert (untold.origins, told.origins) == ({}, {"action": "asked", "status": "read"})
    assert told == untold
    assert told.model_dump() == untold.model_dump()
    assert told.model_dump_json() == untold.model_dump_json()


def test_records_that_say_something_else_are_not_equal() -> None:
    words = Mention(start=0, end=9, text="Sanctions")

    assert sanction() == sanction()
    assert sanction() != sanction(program=words)
    assert sanction() != sanction().model_dump()
    assert words != Evidence(start=0, end=9, text="Sanctions", sentence=1)


def test_copy_of_a_record_has_its_origins_and_the_record_keeps_its_own() -> None:
    first = sanction().with_origins({"action": "asked"})

    assert first.model_copy(update={"status": "expired"}).origins == {"action": "asked"}
    assert first.with_origins({"action": "read"}).origins == {"action": "read"}
    assert first.origins == {"action": "asked"}


def test_record_cannot_be_hashed_as_its_lists_cannot() -> None:
    with pytest.raises(TypeError, match="list"):
        hash(sanction())
