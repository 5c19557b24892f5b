"""What a job is, whoever keeps it or carries it out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from schemas.article import Article


class State(StrEnum):
    QUEUED = "queued"
    """Waits for its turn, or for the time of its next attempt."""
    RUNNING = "running"
    """Somebody holds its lease."""
    COMPLETE = "complete"
    PARTIAL = "partial"
    """There is a result, and it says what is missing."""
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({State.COMPLETE, State.PARTIAL, State.FAILED, State.CANCELLED})
"""States that a job never leaves."""


LONGEST_QUEUE = 255
"""Bytes, by AMQP 0-9-1."""


DIRECT = "amq.rabbitmq.reply-to"
"""Begins the address of a caller who has no queue. It holds for one connection of his, and so is not kept."""


def _queue(name: str) -> str:
    if len(name.encode(errors="replace")) > LONGEST_QUEUE:
        raise ValueError(f"a queue's name has at most {LONGEST_QUEUE} bytes")
    if name.startswith(DIRECT):
        raise ValueError("a direct reply is asked for with the message's own reply_to")
    return name


QueueName = Annotated[str, Field(max_length=LONGEST_QUEUE), AfterValidator(_queue)]


class Order(BaseModel):
    """What is wanted: one article read. Also the message that any program may publish."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    article: Article
    kinds: list[Annotated[str, Field(max_length=100)]] | None = Field(
        default=None, min_length=1, max_length=100, description="Unset: all of them."
    )
    deadline_seconds: float | None = Field(default=None, gt=0, allow_inf_nan=False, description="For one attempt.")
    reuse: bool = Field(default=True, description="Whether an earlier result for the same article will do.")
    callback_url: str | None = Field(default=None, max_length=2_000, description="Told when the job has ended.")
    reply_to: QueueName | None = Field(default=None, description="Queue that also gets the result.")

    def asks_the_same(self, other: "Order") -> bool:
        """Whether the other one is for the same article and kinds, whatever model would read it."""
        return _asked(self) == _asked(other)


def _asked(order: Order) -> tuple[Any, ...]:
    article = order.article
    kinds = None if order.kinds is None else frozenset(order.kinds)
    return article.text, article.published_at, article.language, kinds


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a job failed. `code` is made for programs; `detail` holds no article text and no key."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Job:
    """A job as a caller may see it. Times are UTC; `done` of `questions` have an answer."""

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
    trouble: Trouble | None = None
    reused_from: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry a job out, until the lease ends. A claim that has lost its lease changes nothing."""

    job_id: str
    token: str
    attempt: int
    """From 1."""
    order: Order


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line of a batch that is no job. `line` counts from 1."""

    line: int
    code: str
    detail: str
    errors: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Jobs posted together. `counts` has every state that a job of it is in."""

    id: str
    created_at: datetime
    expires_at: datetime
    counts: dict[State, int]
    rejected: tuple[Rejected, ...] = ()


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
    """What a reader says of one record of a result, or of one that it lacks.

    `record` is a place in the result's list of that kind. `sentences`, numbered from 1, state what was missed.
    `corrections` say by field what is right, see `service.jobs.gold`.
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
class Reviewed:
    """An article with its result and what readers say of it."""

    job_id: str
    article: Article
    result: dict[str, Any] = field(repr=False)
    reviews: tuple[SavedReview, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ended: with a result (the JSON of an `Extraction`), or with trouble, or neither where cancelled."""

    state: State
    result: dict[str, Any] | None = None
    trouble: Trouble | None = None
    reused_from: str | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """An ended job that the exchange has not been told of."""

    job: Job
    reply_to: str | None
    result: dict[str, Any] | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Callback:
    """A webhook that is due. `attempt` counts from 1."""

    job: Job
    url: str
    attempt: int


class Delivery(StrEnum):
    PENDING = "pending"
    """The job has not ended, or its webhook has not arrived yet."""
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class CallbackState:
    """What has become of a webhook. `detail` is about its last attempt; `next_at` is empty where none is planned."""

    url: str
    state: Delivery
    attempts: int = 0
    detail: str | None = None
    next_at: datetime | None = None
