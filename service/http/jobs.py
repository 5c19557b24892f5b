"""A job: how far it is, what it has found, and its end before its time.

GET    /v1/jobs/{id}
GET    /v1/jobs/{id}/result
DELETE /v1/jobs/{id}
"""

import json
from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, Response
from pydantic import BaseModel

from service.http.body import JSON
from service.http.job_forms import JobForm, job_form
from service.http.openapi import answer, described
from service.http.problems import Problem, ProblemError, of_error
from service.jobs.errors import StoreUnavailableError
from service.jobs.states import ENDED, Job
from service.jobs.store import JobStore

AGAIN = {"Retry-After": "2"}
"""Of what has not ended."""

UNKNOWN = Problem(404, "job_unknown", "There is no such job. Jobs are kept for some days after their end.")
UNFINISHED = Problem(409, "job_unfinished", "The job has not ended yet.", headers=AGAIN)
CANCELLED = Problem(409, "job_cancelled", "The job was cancelled, so that it has no result.")
FAILED = Problem(409, "job_failed", "The job failed, so that it has no result.")
AWAY = of_error(StoreUnavailableError(""))


def blueprint(store: JobStore, result_form: type[BaseModel], wake: Callable[[], None]) -> Blueprint:
    """Make the routes. `wake` is called when something has ended."""
    routes = Blueprint("jobs", __name__)
    shown = {200: answer("The job as it is now.", {JSON: JobForm})}

    @routes.get("/v1/jobs/<job_id>")
    @described("How far a job is", answers=shown, ends_with=[UNKNOWN, AWAY])
    def state(job_id: str) -> Response:
        return _answer(form(store, job_id))

    @routes.delete("/v1/jobs/<job_id>")
    @described("Cancel a job, unless it has ended", answers=shown, ends_with=[UNKNOWN, AWAY])
    def cancel(job_id: str) -> Response:
        store.cancel(job_id)
        wake()
        return _answer(form(store, job_id))

    @routes.get("/v1/jobs/<job_id>/result")
    @described(
        "What a job has found",
        answers={200: answer("What was found.", {JSON: result_form})},
        ends_with=[UNKNOWN, UNFINISHED, CANCELLED, FAILED, AWAY],
    )
    def result(job_id: str) -> Response:
        found = store.result(job_id)
        if found is None:
            raise ProblemError(_without_result(_known(store, job_id)))
        return Response(json.dumps(found), mimetype=JSON)

    return routes


def form(store: JobStore, job_id: str) -> JobForm:
    """A job as callers see it.

    Raises:
        ProblemError: 404.

    """
    return job_form(_known(store, job_id), store.callback_state(job_id))


def _known(store: JobStore, job_id: str) -> Job:
    job = store.job(job_id)
    if job is None:
        raise ProblemError(UNKNOWN)
    return job


def _answer(shown: JobForm) -> Response:
    return Response(shown.model_dump_json(), headers={} if shown.state in ENDED else AGAIN, mimetype=JSON)


def _without_result(job: Job) -> Problem:
    if job.state not in ENDED:
        return UNFINISHED
    if job.trouble is None:
        return CANCELLED
    return replace(FAILED, detail=f"The job failed: {job.trouble.detail} ({job.trouble.code}).")
