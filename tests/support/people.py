"""A small question, with answers to it, for tests of the model layer."""

from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from service.extraction.model import Message, Question
from service.llm.backoff import Backoff
from service.llm.client import InstructorModel
from service.llm.profiles import PROFILES, Profile
from service.settings import ProfileName
from tests.support.fast_time import FastTime
from tests.support.model_server import ModelServer

KEY = "sk-test-Zq8"
ARTICLE = "[1] Envoys met in Doha. [2] The {{ ministry }} said {% so %}."
TASK = "List the people."
ATTEMPTS = 4


class Person(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    role: Literal["envoy", "minister"]
    sentences: list[int]


class People(BaseModel):
    model_config = ConfigDict(extra="forbid")

    records: list[Person]


def people(name: str, role: str = "envoy") -> dict[str, object]:
    return {"records": [{"name": name, "role": role, "sentences": [1]}]}


def accept(_: People) -> str | None:
    return None


def complain(_: People) -> str | None:
    return 'records.0.name: "first" is not in the article'


def complain_about_first(found: People) -> str | None:
    return complain(found) if found.records[0].name == "first" else None


def people_question(
    review: Callable[[People], str | None] = accept,
    *,
    rules: str = "You read news.",
    article: str = ARTICLE,
    max_tokens: int = 500,
) -> Question[People]:
    messages = (Message("system", rules), Message("user", article), Message("user", TASK))
    return Question(messages=messages, answer=People, review=review, max_tokens=max_tokens)


def model_for(
    server: ModelServer,
    profile: Profile = PROFILES[ProfileName.OPENAI],
    *,
    time: FastTime | None = None,
    backoff: Backoff | None = None,
    max_attempts: int = ATTEMPTS,
    reasks: int = 1,
    max_calls: int = 8,
    max_calls_per_prompt: int | None = None,
    api_key: str | None = KEY,
    **options: Any,
) -> InstructorModel:
    """A model on a scripted server whose waits take no time, unless `backoff` says otherwise."""
    return InstructorModel(
        profile=profile,
        model="scripted",
        base_url=server.base_url,
        api_key=api_key,
        max_calls=max_calls,
        max_calls_per_prompt=max_calls_per_prompt,
        max_attempts=max_attempts,
        reasks=reasks,
        backoff=backoff or (time or FastTime()).backoff,
        **options,
    )
