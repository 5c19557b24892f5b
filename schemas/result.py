"""The answer to one article."""

from typing import Any, Literal

from pydantic import Field, SerializeAsAny

from schemas.fields import Closed, Origin, Record


class Usage(Closed):
    """What the article cost, summed over every attempt, failed ones included."""

    calls: int = Field(default=0, ge=0, description="requests sent to the model server")
    retries: int = Field(default=0, ge=0, description="calls repeated after a transport failure")
    reasks: int = Field(default=0, ge=0, description="calls repeated because an answer could not be used")
    prompt_tokens: int = Field(default=0, ge=0)
    cached_tokens: int = Field(default=0, ge=0, description="prompt tokens the server had in its cache")
    completion_tokens: int = Field(default=0, ge=0, description="tokens the model wrote, thinking included")
    reasoning_tokens: int = Field(default=0, ge=0, description="of these, tokens of thinking, where the server tells")

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(**{name: getattr(self, name) + getattr(other, name) for name in Usage.model_fields})


class Rejection(Closed):
    """Something the model said which is not in `records`, and why.

    `field` names the field that was set to null, in a record that was kept; without `field` the whole record
    was dropped.
    """

    kind: str
    reason: str
    field: str | None = None
    draft: Any = Field(description="what the model had said")


class Failure(Closed):
    """A part of the article that has no answer for a kind. Sentences are numbered from 1, both ends included."""

    kind: str
    first_sentence: int
    last_sentence: int
    start: int
    end: int
    code: str
    reason: str


class Extraction(Closed):
    """Records of one article, and everything needed to trust them."""

    id: str
    article_id: str | None = None
    status: Literal["complete", "partial"]
    records: dict[str, list[SerializeAsAny[Record]]]
    origins: dict[str, list[dict[str, Origin]]] = Field(
        default_factory=dict,
        description="how each value in `records` came about, in the same places, where it is neither null nor empty: "
        "`read` off the words by code, `chosen` by the model among what code had found there, `asked` of the model "
        "(and looked up in the article where it is words), or `derived` by code from other fields",
    )
    rejected: list[Rejection]
    failures: list[Failure]
    usage: Usage
    model: str
    prompt_version: str = Field(
        description="hash of all that is said to the model, and of the language packs where code looks for candidates"
    )
    schema_version: str = Field(description="hash of the requested kinds' schemas")
    sentences: int = Field(ge=0)
    questions: int = Field(ge=0, description="questions about parts of the article, each for one kind or for several")
    duration_seconds: float = Field(ge=0)
    reused_from: str | None = Field(
        default=None, description="id of the extraction that this repeats, at no cost: the article was read before"
    )
