"""Jobs and batches as callers see them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, RootModel

from schemas.article import Article
from service.http.problems import FieldFault, Problem
from service.jobs.states import TERMINAL_STATES, Batch, CallbackState, Delivery, Job, JobError, RejectedLine, State

Moment = Annotated[
    datetime,
    PlainSerializer(lambda moment: moment.isoformat().replace("+00:00", "Z"), when_used="json"),
]


class Form(BaseModel):
    model_config = ConfigDict(frozen=True)


class Progress(Form):
    """How many of an article's questions are dealt with; their number is known once it is read."""

    done: int
    questions: int | None


class CallbackForm(Form):
    """What has become of the webhook."""

    url: str
    state: Delivery
    attempts: int
    detail: str | None
    next_at: Moment | None


class JobForm(Form):
    """A job."""

    id: str
    state: State
    article_id: str | None = Field(description="The caller's own name for the article.")
    batch_id: str | None
    line: int | None = Field(description="In the batch, from 1.")
    attempts: int
    progress: Progress
    error: JobError | None
    reused_from: str | None = Field(description="The job whose result this is, where the article was read before.")
    created_at: Moment
    started_at: Moment | None
    not_before: Moment | None = Field(description="When the next attempt may begin.")
    finished_at: Moment | None
    expires_at: Moment = Field(description="Until when it is kept at least.")
    callback: CallbackForm | None = None
    result: str | None = Field(description="Address of the result, once there is one.")

    @property
    def path(self) -> str:
        return job_path(self.id)


class JobsForm(Form):
    """Jobs, the newest first."""

    jobs: list[JobForm]
    next: str | None = Field(description="Address of those after them, if there are any.")


class PostedArticle(Article):
    """An article as it was posted."""


class LineError(Form):
    """What is wrong with a line."""

    code: str
    detail: str
    errors: list[FieldFault]


class RejectedForm(Form):
    """A line that is no job."""

    line: int
    error: LineError


class BatchForm(Form):
    """Jobs that were posted together."""

    id: str
    counts: dict[State, int]
    ended: bool
    rejected: list[RejectedForm]
    created_at: Moment
    expires_at: Moment
    results: str = Field(description="Address of all results.")

    @property
    def path(self) -> str:
        return batch_path(self.id)


class BatchesForm(Form):
    """Batches, the newest first."""

    batches: list[BatchForm]
    next: str | None = Field(description="Address of those after them, if there are any.")


Submitted = RootModel[JobForm | BatchForm]
"""A job, or a batch where lines were posted."""


class ResultLine(JobForm):
    """A line of a batch's results; `extraction` is null where there is none (yet)."""

    extraction: dict[str, Any] | None


def job_path(job_id: str) -> str:
    return f"/v1/jobs/{job_id}"


def batch_path(batch_id: str) -> str:
    return f"/v1/batches/{batch_id}"


def job_form(job: Job, callback: CallbackState | None = None) -> JobForm:
    return JobForm(**_fields(job), callback=callback and CallbackForm.model_validate(callback, from_attributes=True))


def result_line(job: Job, extraction: Mapping[str, Any] | None) -> ResultLine:
    return ResultLine(**_fields(job), extraction=extraction and dict(extraction))


def batch_form(batch: Batch) -> BatchForm:
    return BatchForm(
        id=batch.id,
        counts={state: batch.counts.get(state, 0) for state in State},
        ended=not any(count for state, count in batch.counts.items() if state not in TERMINAL_STATES),
        rejected=[rejected_form(one) for one in batch.rejected],
        created_at=batch.created_at,
        expires_at=batch.expires_at,
        results=f"{batch_path(batch.id)}/results",
    )


def rejected_form(one: RejectedLine) -> RejectedForm:
    return RejectedForm(
        line=one.line,
        error=LineError(code=one.code, detail=one.detail, errors=[FieldFault(**fault) for fault in one.errors]),
    )


def rejected_line(line: int, problem: Problem) -> RejectedLine:
    """A line that ended with a problem."""
    errors = tuple({"pointer": fault.pointer, "detail": fault.detail} for fault in problem.faults)
    return RejectedLine(line, problem.code, problem.detail, errors)


def _fields(job: Job) -> dict[str, Any]:
    same = ("id", "state", "article_id", "batch_id", "line", "attempts", "reused_from")
    times = ("created_at", "started_at", "not_before", "finished_at", "expires_at")
    return {
        **{name: getattr(job, name) for name in (*same, *times)},
        "progress": Progress(done=job.done, questions=job.questions),
        "error": job.error,
        "result": f"{job_path(job.id)}/result" if job.state in (State.COMPLETE, State.PARTIAL) else None,
    }
