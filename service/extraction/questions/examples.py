"""The records of a prompt's examples, in the words in which a model could give them."""

import re
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from prompts import Example
from schemas.draft import CITATIONS, complete
from schemas.fields import inside
from service.extraction.candidates.candidate import Candidate


def stated_record(candidate: Candidate, example: Example, first: int) -> dict[str, Any] | None:
    """The record of an example that one of a candidate's sentences states.

    Args:
        candidate: one of the example.
        example: with its records.
        first: what was added to the numbers of its sentences.

    """
    numbers = {sentence.number - first for place in candidate.occurrences for sentence in place.sentences}
    return next((record for record in example.records if numbers.intersection(record[CITATIONS])), None)


def as_asked(draft: type[BaseModel], said: dict[str, Any], shown: str) -> dict[str, Any]:
    """An example's record in the words which the model could use: what is not shown would teach it to invent."""
    asked = {name: value for name, value in said.items() if name in draft.model_fields}
    return complete(draft, {name: _sayable(draft.model_fields[name].annotation, v, shown) for name, v in asked.items()})


def _sayable(annotation: Any, value: Any, shown: str) -> Any:
    """A value without what is not shown, in the form in which it is to choose from."""
    inner = inside(annotation)
    if isinstance(value, list):
        items = [_sayable(inner, item, shown) for item in value]
        return [item for item in items if item is not None]
    if isinstance(value, dict):
        return as_asked(inner, value, shown)
    if get_origin(inner) is Literal:
        options = get_args(inner)
        if value in options or value not in shown:
            return value if value in options else None
        return next((o for o in options if re.search(rf"(?<!\w){re.escape(o)}(?!\w)", value)), None)
    return value if not isinstance(value, str) or value in shown else None
