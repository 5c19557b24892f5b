"""The readings of a language pack: every phrase has the slots of its English, and none that cannot be filled."""

import pytest
from pydantic import ValidationError

from prompts.languages import Dates


def test_readings_may_have_slots_that_their_english_does_not_use() -> None:
    said = Dates(readings={"last {weekday}": ("{weekday} dernier", "{weekday} passé")}, open_phrases=("le {weekday}",))

    assert said.readings["last {weekday}"] == ("{weekday} dernier", "{weekday} passé")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"readings": {"last {weekday}": ["{weekend} dernier"]}}, "slot 'weekend', which is none of"),
        ({"readings": {"last {weekday}": ["le dernier"]}}, "has no slot 'weekday'"),
        ({"readings": {"yesterday": [" hier"]}}, "white space"),
        ({"open_phrases": ["le {moment}"]}, "slot 'moment', which is none of"),
    ],
)
def test_phrase_that_cannot_be_read_is_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Dates.model_validate(wrong)
