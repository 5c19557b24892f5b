"""POST /v1/jobs: articles to be read later, one, or a batch as NDJSON with a request in each line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from threading import BoundedSemaphore

from flask import Blueprint, Response, request
from pydantic import Field

from service.errors import OverloadedError, RequestError
from service.extraction.pipeline import Extractor
from service.http import batches, body, jobs, shapes
from service.http.extractions import check
from service.http.idempotency import KEY_HEADER, UNUSABLE_KEY, Idempotency
from service.http.job_forms import BatchForm, JobForm, Submitted, batch_form, job_form, rejected
from service.http.openapi import answer, article_body, described
from service.http.pointers import MOST_FAULTS
from service.http.problems import FieldFault, Problem, ProblemError, invalid, of_branches, of_error
from service.jobs.addresses import CallbackRefusedError, CallbackRule
from service.jobs.errors import StoreError
from service.jobs.states import ENDED, CallbackState, Delivery, Order, Rejected
from service.jobs.store import JobStore

MOST_BATCHES = 2
"""Batches taken in at a time: each may be as large as `DRAGOMAN_MAX_BATCH_BYTES`, and is held several times over."""

NO_LINES = Problem(422, "batch_unusable", "No line of the batch is a job.")
TOO_LONG = Problem(413, "batch_too_long", "The batch has more lines than are taken. Post it in parts.")


class JobRequest(body.ArticleRequest):
    """One article to be read later."""

    reuse: bool = Field(
        default=True, strict=True, description="Whether an earlier result for the same article will do."
    )
    callback_url: str | None = Field(default=None, max_length=2_000, description="Told when the job has ended.")


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken in: see the settings of the same names."""

    max_deadline_seconds: float
    max_batch_lines: int
    callbacks: CallbackRule


class Intake:
    """Makes jobs of what is posted.

    Args:
        extractor: knows what can be read.
        fingerprint: see `Carrier.fingerprint`.
        store: takes the jobs in.
        limits: how much, and whether with webhooks.

    """

    def __init__(
        self, extractor: Extractor, fingerprint: Callable[[Order], str], store: JobStore, limits: Limits
    ) -> None:
        self._extractor = extractor
        self._fingerprint = fingerprint
        self._store = store
        self._limits = limits
        self.form = shapes.request_form(
            JobRequest,
            extractor.registry,
            max_chars=extractor.max_chars,
            max_deadline_seconds=limits.max_deadline_seconds,
        )

    def job(self, posted: JobRequest, reserved: str | None) -> JobForm:
        """Take one article in. What comes back is what was written: once it is, no outage keeps it from the caller."""
        order, fingerprint = self._order(posted)
        job = self._store.add(order, fingerprint=fingerprint, job_id=reserved)
        if job.state in ENDED:  # taken in by an earlier request with the same key whose answer was lost
            return jobs.form(self._store, job.id)
        callback = CallbackState(order.callback_url, Delivery.PENDING) if order.callback_url is not None else None
        return job_form(job, callback)

    def batch(self, data: bytes, reserved: str | None) -> BatchForm:
        """Take a batch in, as far as its lines are good; as with `job`, what was written comes back.

        Raises:
            ProblemError: 413 it has too many lines, 422 none of them is good.

        """
        orders, refused = self._lines(data)
        if not orders:
            raise _nothing_usable(refused)
        return batch_form(self._store.add_batch(orders, refused, batch_id=reserved))

    def _lines(self, data: bytes) -> tuple[list[tuple[int, Order, str]], list[Rejected]]:
        """The orders in a batch, with the numbers of their lines, and the lines that are none."""
        orders: list[tuple[int, Order, str]] = []
        refused: list[Rejected] = []
        written = ((number, line) for number, line in enumerate(BytesIO(data), 1) if line.strip())
        for count, (number, line) in enumerate(written, 1):
            if count > self._limits.max_batch_lines:
                detail = f"A batch has at most {self._limits.max_batch_lines:,} lines. Post it in parts."
                raise ProblemError(replace(TOO_LONG, detail=detail))
            try:
                orders.append((number, *self._order(body.line(line, JobRequest))))
            except ProblemError as error:
                refused.append(rejected(number, error.problem))
            except RequestError as error:
                refused.append(rejected(number, of_error(error)))
        return orders, refused

    def _order(self, posted: JobRequest) -> tuple[Order, str]:
        """An order that can be served, and its fingerprint."""
        check(posted, self._extractor.registry.names, self._limits.max_deadline_seconds)
        self._extractor.check(posted.article)
        _check_callback(posted.callback_url, self._limits.callbacks)
        order = Order(**{name: getattr(posted, name) for name in JobRequest.model_fields})
        return order, self._fingerprint(order)


def blueprint(
    store: JobStore, intake: Intake, keys: Idempotency, wake: Callable[[], None], *, max_batch_bytes: int
) -> Blueprint:
    """Make the route. `wake` is called when there are new jobs."""
    routes = Blueprint("intake", __name__)
    taking_batches = BoundedSemaphore(MOST_BATCHES)

    def take_job() -> JobForm:
        data = body.content(request)
        return keys.once(
            data,
            lambda reserved: intake.job(body.read(request, JobRequest), reserved),
            lambda path: jobs.form(store, path.rpartition("/")[2]),
        )

    def take_batch() -> BatchForm:
        request.max_content_length = max_batch_bytes
        data = body.content(request)
        return keys.once(
            data,
            lambda reserved: intake.batch(data, reserved),
            lambda path: batches.form(store, path.rpartition("/")[2]),
        )

    @routes.post("/v1/jobs")
    @described(
        "Have an article, or a batch of them, read later",
        takes=article_body(intake.form, dict.fromkeys(body.NDJSON, intake.form)),
        parameters=[KEY_HEADER],
        answers={
            202: answer("Taken in for good.", {body.JSON: Submitted}, ("Location", "Retry-After")),
        },
        ends_with=[
            *body.PROBLEMS,
            *of_branches(RequestError, StoreError, OverloadedError),
            UNUSABLE_KEY,
            NO_LINES,
            TOO_LONG,
        ],
    )
    def create() -> Response:
        body.require(request, body.JSON, body.TEXT, *body.NDJSON)
        is_batch = request.mimetype in body.NDJSON
        form: JobForm | BatchForm = _one_of_few(taking_batches, take_batch) if is_batch else take_job()
        wake()
        return Response(form.model_dump_json(), 202, {"Location": form.path, **jobs.AGAIN}, mimetype=body.JSON)

    return routes


def _one_of_few(slots: BoundedSemaphore, take: Callable[[], BatchForm]) -> BatchForm:
    if not slots.acquire(blocking=False):
        raise OverloadedError("as many batches are being taken in as this process has memory for")
    try:
        return take()
    finally:
        slots.release()


def _check_callback(url: str | None, callbacks: CallbackRule) -> None:
    try:
        callbacks.check(url)
    except CallbackRefusedError as refused:
        raise invalid([FieldFault("#/callback_url", str(refused))]) from None


def _nothing_usable(refused: Sequence[Rejected]) -> ProblemError:
    faults = [FieldFault(f"#/{one.line}", f"{one.detail} ({one.code})") for one in refused[:MOST_FAULTS]]
    return ProblemError(replace(NO_LINES, faults=faults or [FieldFault("#", "There is no line.")]))
