"""The messages that go over the broker, as JSON: article messages in, extraction messages out."""

import json
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, field_validator

from service.errors import DragomanError
from service.jobs.states import Announcement, JobError, JobRequest, QueueName, State

JOB_ID_PATTERN = r"^[A-Za-z0-9._:-]{1,100}$"
_MAX_ERRORS = 5
_MAX_NAME_LENGTH = 100
"""A field name longer than this is not repeated in errors: it may be article text in the wrong place."""


class PoisonError(DragomanError):
    """A poison message: no worker can ever process it. The error text fits into a header and quotes no article."""

    code = "message_malformed"


class PoisonFieldsError(PoisonError):
    code = "message_fields_invalid"


class IdReusedError(PoisonError):
    """The id belongs to a job with another article or other kinds; that job keeps it."""

    code = "id_reused"

    def __init__(self) -> None:
        super().__init__("this id is that of another article or of other kinds; send it under an id of its own")


class Envelope(BaseModel):
    """A message's job id and reply queue, as far as they can be read, even if the rest of the message is invalid."""

    model_config = ConfigDict(frozen=True)

    id: str | None = Field(default=None, pattern=JOB_ID_PATTERN)
    reply_to: QueueName | None = None

    @field_validator("id", "reply_to", mode="wrap")
    @classmethod
    def _none_if_invalid(cls, value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
        try:
            return validate(value)
        except ValidationError:
            return None


class ArticleMessage(JobRequest):
    """An article to be read. Messages with the same `id` are the same job, which is run once."""

    id: str | None = Field(
        default=None,
        pattern=JOB_ID_PATTERN,
        description="The job's id, chosen by the sender. Unset: the message's `message_id`, or else a new one.",
    )

    @property
    def job_request(self) -> JobRequest:
        return JobRequest(**{name: getattr(self, name) for name in JobRequest.model_fields})


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


def parse_article_message(body: bytes) -> ArticleMessage:
    """Parse an article message.

    Raises:
        PoisonError: it is not an article message.

    """
    try:
        return ArticleMessage.model_validate_json(body)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
    if faults[0]["type"] == "json_invalid":
        raise PoisonError("the message is not JSON")
    said = (f"{_field_path(fault['loc'])}: {fault['msg']}" for fault in faults[:_MAX_ERRORS])
    raise PoisonFieldsError("; ".join(said))


def read_envelope(body: bytes) -> Envelope:
    """The envelope of a message body, even if the message is poison."""
    try:
        return Envelope.model_validate_json(body)
    except ValidationError:
        return Envelope()


def article_message(job_request: JobRequest, job_id: str) -> bytes:
    """The article message of a job."""
    return json.dumps({"id": job_id, **job_request.model_dump(mode="json", exclude_none=True)}).encode()


def outcome_message(announcement: Announcement) -> bytes:
    """The extraction message of a job that has ended."""
    job = announcement.job
    error = job.error if job.state is State.FAILED else None
    return _extraction_message(job.id, job.article_id, job.state, announcement.result, error, job.attempts)


def refusal_message(job_id: str, error: DragomanError) -> bytes:
    """The extraction message for an article message that was refused and never became a job."""
    return _extraction_message(job_id, None, State.FAILED, None, JobError(error.code, str(error)), 0)


def valid_job_id(text: str | None) -> str | None:
    """The text, if it is a valid job id."""
    return text if text is not None and re.fullmatch(JOB_ID_PATTERN, text) else None


def _extraction_message(
    job_id: str,
    article_id: str | None,
    state: State,
    result: dict[str, Any] | None,
    error: JobError | None,
    attempts: int,
) -> bytes:
    error_document = {"code": error.code, "detail": error.detail} if error else None
    document = {"id": job_id, "article_id": article_id, "state": state, "result": result, "error": error_document}
    return json.dumps({**document, "attempts": attempts}).encode()


def _field_path(location: tuple[str | int, ...]) -> str:
    names = [str(part) if len(str(part)) <= _MAX_NAME_LENGTH else "…" for part in location]
    return "/".join(names) or "the message"
