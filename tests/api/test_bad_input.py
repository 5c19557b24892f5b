"""Whatever is posted gets an answer that is described, in time: never a 500.

`BAD_INPUTS=5000 pytest tests/api/test_bad_input.py` tries that many of each sort instead of a few.
"""

import json
import os
import re
from collections.abc import Callable
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import StopReason, events, from_schema

from service.extraction.model import Question
from tests.api.conftest import KEY, Serve, problem_of
from tests.support.scripted_model import ScriptedModel

PATH = "/v1/extractions"
MANY = int(os.environ.get("BAD_INPUTS", "0"))

few = settings(
    max_examples=MANY or 25,
    deadline=None,
    derandomize=not MANY,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def answering(question: Question[Any]) -> dict[str, Any]:
    """An answer that fits its question: the first value that every field may have, words from the article's end."""
    shown = question.messages[-1].content
    lines = re.findall(r"^\[(\d+)] (.*)$", shown, re.MULTILINE)
    number, words = lines[-1] if lines else ("1", shown)
    answer: dict[str, Any] = _filled(question.answer, " ".join(words.split()[:3]) or "?", int(number))
    return answer


def _filled(annotation: Any, words: str, number: int) -> Any:
    options = [option for option in get_args(annotation) if option is not NoneType]
    if get_origin(annotation) is Literal:
        return options[0]
    if get_origin(annotation) is list:
        return [_filled(options[0], words, number)]
    if options:
        return _filled(options[0], words, number)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {name: _filled(field.annotation, words, number) for name, field in annotation.model_fields.items()}
    return {int: number, bool: True}.get(annotation, words)


def strict(examples: int) -> SchemathesisConfig:
    """All checks, on inputs that fit the document and inputs that do not."""
    return SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "workers": 1,
            "continue-on-failure": True,
            "headers": {"Authorization": f"Bearer {KEY}"},
            "generation": {"mode": "all", "max-examples": examples, "deterministic": not MANY, "database": "none"},
            "phases": {"stateful": {"enabled": False}},
            "checks": {
                "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", 502, 503, 504]},
                "ignored_auth": {"enabled": False},  # `test_auth` walks the routes
            },
        }
    )


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.parametrize("strategy", ["search", "leads"])
def test_every_answer_is_as_described(build: Callable[..., Flask], strategy: str) -> None:
    app = build(ScriptedModel(otherwise=answering), api_keys=KEY, strategy=strategy)
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app, config=strict(MANY or 15))
    found: list[str] = []
    tried = 0
    for event in from_schema(schema).execute():
        match event:
            case events.ScenarioFinished() | events.FuzzScenarioFinished():
                tried += len(event.recorder.cases)
                for checked in event.recorder.checks.values():
                    found += [f"{one.name}: {one.failure_info.failure}" for one in checked if one.failure_info]
            case events.NonFatalError() | events.FatalError():
                found.append(repr(event))
            case events.EngineFinished():
                assert event.stop_reason is StopReason.COMPLETED

    assert not found, "\n".join(dict.fromkeys(found))
    assert tried > 100
    print(tried)
