"""What goes over the broker: articles in, extractions out, both as JSON that any program can write and read."""

import json
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, field_validator

from service.errors import DragomanError
from service.jobs.states import Announcement, Order, QueueName, State, Trouble

ID = r"^[A-Za-z0-9._:-]{1,100}$"
_MOST_FAULTS = 5
_LONGEST_NAME = 100
"""A longer name of a field may be a piece of an article that got into the wrong place."""


class PoisonError(DragomanError):
    """A message that no worker can ever serve. The text is made for headers and repeats nothing of the article."""

    code = "message_malformed"


class PoisonFieldsError(PoisonError):
    code = "message_fields_invalid"


class IdReusedError(PoisonError):
    """Another article has this id, and keeps it."""

    code = "id_reused"

    def __init__(self) -> None:
        super().__init__("this id is that of another article or of other kinds; send it under an id of its own")


class Label(BaseModel):
    """Which job a message is of, and who wants a reply: as far as that can be read, whatever else is wrong."""

    model_config = ConfigDict(frozen=True)

    id: str | None = Field(default=None, pattern=ID)
    reply_to: QueueName | None = None

    @field_validator("id", "reply_to", mode="wrap")
    @classmethod
    def _if_usable(cls, value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
        try:
            return validate(value)
        except ValidationError:
            return None


class ArticleMessage(Order):
    """An article to be read. Whatever carries the same `id` is the same job, and is done once."""

    id: str | None = Field(
        default=None,
        pattern=ID,
        description="The job's id, chosen by the sender. Unset: the message's `message_id`, or else a new one.",
    )

    @property
    def order(self) -> Order:
        return Order(**{name: getattr(self, name) for name in Order.model_fields})


class ExtractionError(BaseModel):
    """Why a job failed. `code` is made for programs."""

    code: str
    detail: str


class ExtractionMessage(BaseModel):
    """How a job has ended. It may come more than once, with the same `message_id`."""

    model_config = ConfigDict(use_enum_values=True)

    id: str = Field(description="The job's id.")
    article_id: str | None = Field(description="The sender's own name for the article.")
    state: State = Field(description="`complete`, `partial`, `failed` or `cancelled`.")
    result: dict[str, Any] | None = Field(description="What was found; null where the job failed or was cancelled.")
    error: ExtractionError | None
    attempts: int = Field(ge=0, description="How often the article was tried.")


def read(body: bytes) -> ArticleMessage:
    """Read a message.

    Raises:
        PoisonError: it is none of ours.

    """
    try:
        return ArticleMessage.model_validate_json(body)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
    if faults[0]["type"] == "json_invalid":
        raise PoisonError("the message is not JSON")
    said = (f"{_place(fault['loc'])}: {fault['msg']}" for fault in faults[:_MOST_FAULTS])
    raise PoisonFieldsError("; ".join(said))


def label(body: bytes) -> Label:
    """What the body says of its job, even if it is poison."""
    try:
        return Label.model_validate_json(body)
    except ValidationError:
        return Label()


def write(order: Order, job_id: str) -> bytes:
    """The message that asks for this job."""
    return json.dumps({"id": job_id, **order.model_dump(mode="json", exclude_none=True)}).encode()


def announce(announcement: Announcement) -> bytes:
    """The message that tells of an ended job."""
    job = announcement.job
    trouble = job.trouble if job.state is State.FAILED else None
    return _answer(job.id, job.article_id, job.state, announcement.result, trouble, job.attempts)


def refuse(job_id: str, error: DragomanError) -> bytes:
    """The message that tells of an article which never became a job."""
    return _answer(job_id, None, State.FAILED, None, Trouble(error.code, str(error)), 0)


def usable_id(text: str | None) -> str | None:
    """The text, if it can be the id of a job."""
    return text if text is not None and re.fullmatch(ID, text) else None


def _answer(
    job_id: str,
    article_id: str | None,
    state: State,
    result: dict[str, Any] | None,
    trouble: Trouble | None,
    attempts: int,
) -> bytes:
    error = {"code": trouble.code, "detail": trouble.detail} if trouble else None
    answer = {"id": job_id, "article_id": article_id, "state": state, "result": result, "error": error}
    return json.dumps({**answer, "attempts": attempts}).encode()


def _place(location: tuple[str | int, ...]) -> str:
    names = [str(part) if len(str(part)) <= _LONGEST_NAME else "…" for part in location]
    return "/".join(names) or "the message"
