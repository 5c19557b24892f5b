"""The data of jobs: what the HTTP routes, the store, the workers and the broker exchange."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from schemas.article import Article


class State(StrEnum):
    QUEUED = "queued"
    """Waits to be run, or for the time of its next attempt."""
    RUNNING = "running"
    """A worker has claimed it and holds its lease."""
    COMPLETE = "complete"
    PARTIAL = "partial"
    """Ended with a result in which parts are missing; the result says which."""
    FAILED = "failed"
    CANCELLED = "cancelled"


TERMINAL_STATES = frozenset({State.COMPLETE, State.PARTIAL, State.FAILED, State.CANCELLED})
"""States that a job never leaves, unless an operator restarts a failed one."""


MAX_QUEUE_NAME_BYTES = 255
"""Limit of AMQP 0-9-1."""

DIRECT_REPLY_TO = "amq.rabbitmq.reply-to"
"""Prefix of RabbitMQ's direct reply-to addresses. They are valid for one connection only, so none is stored."""


def _checked_queue_name(name: str) -> str:
    if len(name.encode(errors="replace")) > MAX_QUEUE_NAME_BYTES:
        raise ValueError(f"a queue's name has at most {MAX_QUEUE_NAME_BYTES} bytes")
    if name.startswith(DIRECT_REPLY_TO):
        raise ValueError("a direct reply is asked for with the message's own reply_to")
    return name


QueueName = Annotated[str, Field(max_length=MAX_QUEUE_NAME_BYTES), AfterValidator(_checked_queue_name)]


class JobRequest(BaseModel):
    """A request to read one article. Messages that other programs publish have the same fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    article: Article
    kinds: list[Annotated[str, Field(max_length=100)]] | None = Field(
        default=None, min_length=1, max_length=100, description="Unset: all of them."
    )
    deadline_seconds: float | None = Field(default=None, gt=0, allow_inf_nan=False, description="For one attempt.")
    reuse: bool = Field(default=True, description="Whether an earlier result for the same article will do.")
    callback_url: str | None = Field(default=None, max_length=2_000, description="Told when the job has ended.")
    reply_to: QueueName | None = Field(default=None, description="Queue that also gets the result.")

    def is_equivalent(self, other: "JobRequest") -> bool:
        """Whether the other request is for the same article and kinds, whatever model would read it."""
        return _identity(self) == _identity(other)


def _identity(job_request: JobRequest) -> tuple[Any, ...]:
    article = job_request.article
    kinds = None if job_request.kinds is None else frozenset(job_request.kinds)
    return article.text, article.published_at, article.language, kinds


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job has failed, or why its last attempt has."""

    code: str
    """For programs; stable."""
    detail: str
    """For people; holds no article text and no key."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as callers see it. Times are UTC. Of its `questions` to the model, `done` are answered."""

    id: str
    state: State
    created_at: datetime
    expires_at: datetime
    article_id: str | None = None
    batch_id: str | None = None
    line: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    not_before: datetime | None = None
    attempts: int = 0
    done: int = 0
    questions: int | None = None
    error: JobError | None = None
    reused_from: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run a job until the lease expires. Once another claim has replaced it, this one changes nothing."""

    job_id: str
    token: str
    attempt: int
    """Number of the attempt, from 1."""
    job_request: JobRequest


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line of a batch that was refused as a job. `line` counts from 1."""

    line: int
    code: str
    detail: str
    errors: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Jobs that were submitted together. `counts` has the number of jobs by state, without states that no job is in."""

    id: str
    created_at: datetime
    expires_at: datetime
    counts: dict[State, int]
    rejected: tuple[RejectedLine, ...] = ()


class Verdict(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    """The article states no such record."""
    INCOMPLETE = "incomplete"
    """The article states the record, but not with all of these values, or with more of them."""
    MISSED = "missed"
    """The article states a record that the result lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A reader's judgement of one record of a result, or of a record that the result lacks.

    `record` is the record's index in the result's list of that kind. `sentences`, numbered from 1, are those that state
    a missed record. `corrections` are the right values by field, in the form of `service.jobs.gold`.
    """

    kind: str
    verdict: Verdict
    record: int | None = None
    sentences: tuple[int, ...] = ()
    corrections: Mapping[str, Any] = field(default_factory=dict)
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedReview(Review):
    id: str
    job_id: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewedResult:
    """An article with its result and the reviews of that result."""

    job_id: str
    article: Article
    result: dict[str, Any] = field(repr=False)
    reviews: tuple[SavedReview, ...]


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """How a job ended: with a result (the JSON of an `Extraction`), with an error, or with neither if cancelled."""

    state: State
    result: dict[str, Any] | None = None
    error: JobError | None = None
    reused_from: str | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """A job that has ended and that has not been published to the exchange yet."""

    job: Job
    reply_to: str | None
    result: dict[str, Any] | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Callback:
    """A webhook that is due to be sent. `attempt` counts from 1."""

    job: Job
    url: str
    attempt: int


class Delivery(StrEnum):
    PENDING = "pending"
    """The job has not ended yet, or no attempt to send its webhook has succeeded yet."""
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class CallbackState:
    """The state of a webhook. `detail` describes its last attempt; `next_at` is None where no attempt is planned."""

    url: str
    state: Delivery
    attempts: int = 0
    detail: str | None = None
    next_at: datetime | None = None
