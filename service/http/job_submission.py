"""POST /v1/jobs: submits jobs. One as JSON or text, or a batch as NDJSON with a request in each line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from threading import BoundedSemaphore

from flask import Blueprint, Response, request
from pydantic import Field

from service.errors import OverloadedError, RequestError
from service.extraction.pipeline import Extractor
from service.http import batches, body, jobs, openapi_models
from service.http.extractions import check
from service.http.idempotency import KEY_HEADER, UNUSABLE_KEY, Idempotency
from service.http.job_forms import BatchForm, JobForm, Submitted, batch_form, job_form, rejected_line
from service.http.json_pointers import MAX_FAULTS
from service.http.openapi import answer, article_body, described
from service.http.problems import FieldFault, Problem, ProblemError, invalid, of_branches, of_error
from service.jobs.addresses import CallbackPolicy, CallbackRefusedError
from service.jobs.errors import StoreError
from service.jobs.states import TERMINAL_STATES, CallbackState, Delivery, JobRequest, RejectedLine
from service.jobs.store import JobStore

MAX_BATCHES_AT_ONCE = 2
"""Batches that are processed at the same time: each may have `DRAGOMAN_MAX_BATCH_BYTES`, several times in memory."""

NO_LINES = Problem(422, "batch_unusable", "No line of the batch is a job.")
TOO_MANY_LINES = Problem(413, "batch_too_long", "The batch has more lines than are taken. Post it in parts.")


class JobRequestBody(body.ArticleRequest):
    """One article to be read later."""

    reuse: bool = Field(
        default=True, strict=True, description="Whether an earlier result for the same article will do."
    )
    callback_url: str | None = Field(default=None, max_length=2_000, description="Told when the job has ended.")


@dataclass(frozen=True, slots=True)
class Limits:
    """What is accepted: see the settings of the same names."""

    max_deadline_seconds: float
    max_batch_lines: int
    callbacks: CallbackPolicy


class JobSubmission:
    """Turns posted requests into stored jobs.

    Args:
        extractor: checks whether an article and its kinds can be read.
        fingerprint: see `JobRunner.fingerprint`.
        store: stores the jobs.
        limits: what is accepted.

    """

    def __init__(
        self, extractor: Extractor, fingerprint: Callable[[JobRequest], str], store: JobStore, limits: Limits
    ) -> None:
        self._extractor = extractor
        self._fingerprint = fingerprint
        self._store = store
        self._limits = limits
        self.form = openapi_models.request_form(
            JobRequestBody,
            extractor.registry,
            max_chars=extractor.max_chars,
            max_deadline_seconds=limits.max_deadline_seconds,
            name="JobRequest",
        )

    def job(self, posted: JobRequestBody, reserved: str | None) -> JobForm:
        """Submit one job. The response is made from what was stored, without reading it again, which could fail."""
        job_request, fingerprint = self._job_request(posted)
        job = self._store.add(job_request, fingerprint=fingerprint, job_id=reserved)
        if job.state in TERMINAL_STATES:  # submitted by an earlier request with the same key, whose response was lost
            return jobs.form(self._store, job.id)
        callback = (
            CallbackState(job_request.callback_url, Delivery.PENDING) if job_request.callback_url is not None else None
        )
        return job_form(job, callback)

    def batch(self, data: bytes, reserved: str | None) -> BatchForm:
        """Submit the valid lines of a batch. The response is made from what was stored, as in `job`.

        Raises:
            ProblemError: 413 it has too many lines, 422 none of them is valid.

        """
        job_requests, rejected_lines = self._lines(data)
        if not job_requests:
            raise _no_usable_line(rejected_lines)
        return batch_form(self._store.add_batch(job_requests, rejected_lines, batch_id=reserved))

    def _lines(self, data: bytes) -> tuple[list[tuple[int, JobRequest, str]], list[RejectedLine]]:
        """The valid requests of a batch with line numbers and fingerprints, and the rejected lines."""
        job_requests: list[tuple[int, JobRequest, str]] = []
        rejected_lines: list[RejectedLine] = []
        non_empty = ((number, line) for number, line in enumerate(BytesIO(data), 1) if line.strip())
        for count, (number, line) in enumerate(non_empty, 1):
            if count > self._limits.max_batch_lines:
                detail = f"A batch has at most {self._limits.max_batch_lines:,} lines. Post it in parts."
                raise ProblemError(replace(TOO_MANY_LINES, detail=detail))
            try:
                job_requests.append((number, *self._job_request(body.read_line(line, JobRequestBody))))
            except ProblemError as error:
                rejected_lines.append(rejected_line(number, error.problem))
            except RequestError as error:
                rejected_lines.append(rejected_line(number, of_error(error)))
        return job_requests, rejected_lines

    def _job_request(self, posted: JobRequestBody) -> tuple[JobRequest, str]:
        """Check a posted request; returns it as a job request with its fingerprint."""
        check(posted, self._extractor.registry.names, self._limits.max_deadline_seconds)
        self._extractor.check(posted.article)
        _check_callback(posted.callback_url, self._limits.callbacks)
        job_request = JobRequest(**{name: getattr(posted, name) for name in JobRequestBody.model_fields})
        return job_request, self._fingerprint(job_request)


def blueprint(
    store: JobStore,
    submission: JobSubmission,
    idempotency: Idempotency,
    wake: Callable[[], None],
    *,
    max_batch_bytes: int,
) -> Blueprint:
    """Make the route. `wake` is called when there are new jobs."""
    routes = Blueprint("intake", __name__)
    batch_slots = BoundedSemaphore(MAX_BATCHES_AT_ONCE)

    def submit_job() -> JobForm:
        data = body.read_bytes(request)
        return idempotency.run_once(
            data,
            lambda reserved: submission.job(body.read_article(request, JobRequestBody), reserved),
            lambda path: jobs.form(store, path.rpartition("/")[2]),
        )

    def submit_batch() -> BatchForm:
        request.max_content_length = max_batch_bytes
        data = body.read_bytes(request)
        return idempotency.run_once(
            data,
            lambda reserved: submission.batch(data, reserved),
            lambda path: batches.form(store, path.rpartition("/")[2]),
        )

    @routes.post("/v1/jobs")
    @described(
        "Have an article, or a batch of them, read later",
        request_body=article_body(submission.form, dict.fromkeys(body.NDJSON, submission.form)),
        parameters=[KEY_HEADER],
        answers={
            202: answer("Taken in for good.", {body.JSON: Submitted}, ("Location", "Retry-After")),
        },
        problem_responses=[
            *body.PROBLEMS,
            *of_branches(RequestError, StoreError, OverloadedError),
            UNUSABLE_KEY,
            NO_LINES,
            TOO_MANY_LINES,
        ],
    )
    def create() -> Response:
        body.require(request, body.JSON, body.TEXT, *body.NDJSON)
        is_batch = request.mimetype in body.NDJSON
        form: JobForm | BatchForm = _within_limit(batch_slots, submit_batch) if is_batch else submit_job()
        wake()
        return Response(form.model_dump_json(), 202, {"Location": form.path, **jobs.RETRY_LATER}, mimetype=body.JSON)

    return routes


def _within_limit(slots: BoundedSemaphore, take: Callable[[], BatchForm]) -> BatchForm:
    if not slots.acquire(blocking=False):
        raise OverloadedError("the limit of batches that are submitted at the same time is reached")
    try:
        return take()
    finally:
        slots.release()


def _check_callback(url: str | None, callbacks: CallbackPolicy) -> None:
    try:
        callbacks.check(url)
    except CallbackRefusedError as rejected_lines:
        raise invalid([FieldFault("#/callback_url", str(rejected_lines))]) from None


def _no_usable_line(rejected_lines: Sequence[RejectedLine]) -> ProblemError:
    faults = [FieldFault(f"#/{one.line}", f"{one.detail} ({one.code})") for one in rejected_lines[:MAX_FAULTS]]
    return ProblemError(replace(NO_LINES, faults=faults or [FieldFault("#", "There is no line.")]))
