"""Jobs: their state, article and result, and their cancellation.

GET    /v1/jobs
GET    /v1/jobs/{id}
GET    /v1/jobs/{id}/article
GET    /v1/jobs/{id}/result
DELETE /v1/jobs/{id}
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request
from pydantic import BaseModel, Field

from schemas.article import Article
from service.http import paging
from service.http.body import JSON
from service.http.job_forms import JobForm, JobsForm, PostedArticle, job_form
from service.http.openapi import answer, described
from service.http.problems import Problem, ProblemError, invalid, of_error
from service.jobs.errors import StoreUnavailableError
from service.jobs.rows import JOB_REQUEST_UNREADABLE
from service.jobs.states import TERMINAL_STATES, Job, State
from service.jobs.store import JobStore

RETRY_LATER = {"Retry-After": "2"}
"""Headers of responses about what has not ended yet."""

UNKNOWN = Problem(404, "job_unknown", "There is no such job. Jobs are kept for some days after their end.")
UNFINISHED = Problem(409, "job_unfinished", "The job has not ended yet.", headers=RETRY_LATER)
CANCELLED = Problem(409, "job_cancelled", "The job was cancelled, so that it has no result.")
FAILED = Problem(409, "job_failed", "The job failed, so that it has no result.")
NO_ARTICLE = Problem(409, JOB_REQUEST_UNREADABLE.code, JOB_REQUEST_UNREADABLE.detail)
STORE_UNAVAILABLE = of_error(StoreUnavailableError(""))


class JobsQuery(paging.PageQuery):
    """Which jobs are wanted."""

    state: State | None = Field(default=None, description="Only those in this state.")
    batch: str | None = Field(default=None, description="Only those of this batch.")


def blueprint(store: JobStore, result_form: type[BaseModel], wake: Callable[[], None]) -> Blueprint:
    """Make the routes. `wake` is called when something has ended."""
    routes = Blueprint("jobs", __name__)
    shown = {200: answer("The job as it is now.", {JSON: JobForm})}

    @routes.get("/v1/jobs")
    @described(
        "The newest jobs",
        parameters=paging.parameters(JobsQuery),
        answers={200: answer("Those on this page.", {JSON: JobsForm})},
        problem_responses=[invalid(()).problem, STORE_UNAVAILABLE],
    )
    def listing() -> Response:
        wanted = paging.read(request, JobsQuery)
        page = store.jobs_page(wanted.limit, before=wanted.cursor, state=wanted.state, batch_id=wanted.batch)
        forms = [job_form(job, callback) for job, callback in page.jobs]
        shown = JobsForm(jobs=forms, next=wanted.next("/v1/jobs", page.next_cursor))
        return Response(shown.model_dump_json(), mimetype=JSON)

    @routes.get("/v1/jobs/<job_id>")
    @described("How far a job is", answers=shown, problem_responses=[UNKNOWN, STORE_UNAVAILABLE])
    def state(job_id: str) -> Response:
        return _answer(form(store, job_id))

    @routes.delete("/v1/jobs/<job_id>")
    @described("Cancel a job, unless it has ended", answers=shown, problem_responses=[UNKNOWN, STORE_UNAVAILABLE])
    def cancel(job_id: str) -> Response:
        store.cancel(job_id)
        wake()
        return _answer(form(store, job_id))

    @routes.get("/v1/jobs/<job_id>/article")
    @described(
        "The article of a job",
        answers={200: answer("The article as it was posted.", {JSON: PostedArticle})},
        problem_responses=[UNKNOWN, NO_ARTICLE, STORE_UNAVAILABLE],
    )
    def article(job_id: str) -> Response:
        return Response(article_of(store, job_id).model_dump_json(), mimetype=JSON)

    @routes.get("/v1/jobs/<job_id>/result")
    @described(
        "What a job has found",
        answers={200: answer("What was found.", {JSON: result_form})},
        problem_responses=[UNKNOWN, UNFINISHED, CANCELLED, FAILED, STORE_UNAVAILABLE],
    )
    def result(job_id: str) -> Response:
        return Response(json.dumps(result_of(store, job_id)), mimetype=JSON)

    return routes


def form(store: JobStore, job_id: str) -> JobForm:
    """A job as callers see it.

    Raises:
        ProblemError: 404.

    """
    return job_form(require_job(store, job_id), store.callback_state(job_id))


def article_of(store: JobStore, job_id: str) -> Article:
    """The article of a job.

    Raises:
        ProblemError: 404, or 409 where another version of the service took it in.

    """
    job_request = store.job_request(job_id)
    if job_request is None:
        require_job(store, job_id)
        raise ProblemError(NO_ARTICLE)
    return job_request.article


def result_of(store: JobStore, job_id: str) -> dict[str, Any]:
    """The result of a job.

    Raises:
        ProblemError: 404, or 409 where there is none (yet).

    """
    found = store.result(job_id)
    if found is None:
        raise ProblemError(_without_result(require_job(store, job_id)))
    return found


def require_job(store: JobStore, job_id: str) -> Job:
    """A job.

    Raises:
        ProblemError: 404.

    """
    job = store.job(job_id)
    if job is None:
        raise ProblemError(UNKNOWN)
    return job


def _answer(shown: JobForm) -> Response:
    return Response(
        shown.model_dump_json(), headers={} if shown.state in TERMINAL_STATES else RETRY_LATER, mimetype=JSON
    )


def _without_result(job: Job) -> Problem:
    if job.state not in TERMINAL_STATES:
        return UNFINISHED
    if job.error is None:
        return CANCELLED
    return replace(FAILED, detail=f"The job failed: {job.error.detail} ({job.error.code}).")
