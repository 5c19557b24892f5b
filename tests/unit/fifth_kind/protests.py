"""The article of `examples/kinds` and what a model says of it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from service.extraction.model import Question

KIND = "protests"
TEXT = (
    Path("examples/kinds/article.txt").read_text(encoding="utf-8") + "\nFarmers blocked a road in Norway on Monday.\n"
)
"""A march in sentences 1 to 3, a sit-in in 4, and a blockade in 7."""
EMPTY: Mapping[str, Any] = {"organizer": None, "demand": None, "turnout": [], "response": "none_told"}
MARCH = {
    **EMPTY,
    "sentences": [1, 2, 3],
    "form": "march",
    "participants": "dockers",
    "organizer": "The Dockers' League",
    "demand": "the return of 212 colleagues",
    "turnout": [{"text": "About 4,000 dockers"}],
    "state": "held",
    "response": "force",
    "location": "Port Selm",
    "date_text": "Tuesday",
}
SIT_IN = {
    **EMPTY,
    "sentences": [4],
    "form": "sit_in",
    "participants": "Students",
    "demand": "against higher fees",
    "state": "under_way",
    "location": "University of Orrel",
    "date_text": "Monday",
}
BLOCKADE = {
    **EMPTY,
    "sentences": [7],
    "form": "blockade",
    "participants": "Farmers",
    "state": "held",
    "location": "Norway",
    "date_text": "Monday",
}
INVENTED = {
    **SIT_IN,
    "participants": "Atlanteans",
    "location": None,
    "date_text": None,
    "demand": None,
    "sentences": [6],
}
SAID = [MARCH, SIT_IN, BLOCKADE, INVENTED]


def judged(question: Question[Any]) -> dict[str, Any]:
    """The answer about one candidate: what was said of its sentence, in the fields that are asked for."""
    number = re.search(r"^LEAD \[(\d+)\]", question.messages[-1].content, re.MULTILINE)
    assert number
    said = next((record for record in SAID[:3] if record["sentences"][0] == int(number[1])), None)
    schema = question.answer.model_json_schema()["properties"]["record"]
    fields = schema.get("anyOf", [schema])[0]["properties"]
    return {"record": said and {name: value for name, value in said.items() if name in fields}}
