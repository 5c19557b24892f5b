"""Batches: the states of their jobs, all results, and their cancellation.

GET    /v1/batches
GET    /v1/batches/{id}
GET    /v1/batches/{id}/results
DELETE /v1/batches/{id}
"""

from collections import deque
from collections.abc import Callable, Iterator

from flask import Blueprint, Response, request
from pydantic import BaseModel

from service.http import paging
from service.http.body import JSON
from service.http.job_forms import BatchesForm, BatchForm, ResultLine, batch_form, rejected_form, result_line
from service.http.jobs import RETRY_LATER, STORE_UNAVAILABLE
from service.http.openapi import answer, described
from service.http.problems import Problem, ProblemError, invalid
from service.jobs.states import Batch
from service.jobs.store import JobStore

NDJSON = "application/x-ndjson"
UNKNOWN = Problem(404, "batch_unknown", "There is no such batch. Batches are kept for as long as their jobs.")


def blueprint(store: JobStore, wake: Callable[[], None]) -> Blueprint:
    """Make the routes. `wake` is called when something has ended."""
    routes = Blueprint("batches", __name__)
    shown = {200: answer("The batch as it is now.", {JSON: BatchForm})}

    @routes.get("/v1/batches")
    @described(
        "The newest batches",
        parameters=paging.parameters(paging.PageQuery),
        answers={200: answer("Those on this page.", {JSON: BatchesForm})},
        problem_responses=[invalid(()).problem, STORE_UNAVAILABLE],
    )
    def listing() -> Response:
        wanted = paging.read(request, paging.PageQuery)
        page = store.batches_page(wanted.limit, before=wanted.cursor)
        forms = [batch_form(batch) for batch in page.batches]
        shown = BatchesForm(batches=forms, next=wanted.next("/v1/batches", page.next_cursor))
        return Response(shown.model_dump_json(), mimetype=JSON)

    @routes.get("/v1/batches/<batch_id>")
    @described("How many jobs of a batch are where", answers=shown, problem_responses=[UNKNOWN, STORE_UNAVAILABLE])
    def state(batch_id: str) -> Response:
        return _answer(form(store, batch_id))

    @routes.delete("/v1/batches/<batch_id>")
    @described(
        "Cancel the jobs of a batch that have not ended", answers=shown, problem_responses=[UNKNOWN, STORE_UNAVAILABLE]
    )
    def cancel(batch_id: str) -> Response:
        store.cancel_batch(batch_id)
        wake()
        return _answer(form(store, batch_id))

    @routes.get("/v1/batches/<batch_id>/results")
    @described(
        "All results of a batch",
        answers={200: answer("A line for each line that was posted, in their order.", {NDJSON: ResultLine})},
        problem_responses=[UNKNOWN, STORE_UNAVAILABLE],
    )
    def results(batch_id: str) -> Response:
        return Response(_lines(store, _known(store, batch_id)), mimetype=NDJSON)

    return routes


def form(store: JobStore, batch_id: str) -> BatchForm:
    """A batch as callers see it.

    Raises:
        ProblemError: 404.

    """
    return batch_form(_known(store, batch_id))


def _known(store: JobStore, batch_id: str) -> Batch:
    batch = store.batch(batch_id)
    if batch is None:
        raise ProblemError(UNKNOWN)
    return batch


def _answer(shown: BatchForm) -> Response:
    return Response(shown.model_dump_json(), headers={} if shown.ended else RETRY_LATER, mimetype=JSON)


def _lines(store: JobStore, batch: Batch) -> Iterator[str]:
    """The jobs and the rejected lines, together in the order of the batch."""
    rejected_lines = deque(batch.rejected)
    for job, extraction in store.batch_jobs(batch.id):
        while rejected_lines and rejected_lines[0].line < (job.line or 0):
            yield _line(rejected_form(rejected_lines.popleft()))
        yield _line(result_line(job, extraction))
    for one in rejected_lines:
        yield _line(rejected_form(one))


def _line(shown: BaseModel) -> str:
    return shown.model_dump_json() + "\n"
