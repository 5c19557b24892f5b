"""POST /v1/extractions: reads an article and returns its records, in one response or as a stream of events."""

import time
from collections.abc import Callable, Iterator, Sequence

import structlog
from flask import Blueprint, Response, g, request

from schemas.events import Done, Ended, Event, Kept, Unkept
from schemas.result import Extraction
from service.deadline import Deadline
from service.errors import DragomanError, ModelCallError, OverloadedError, RequestError
from service.extraction.pipeline import Extractor
from service.http import body, openapi_models, streaming
from service.http.job_forms import job_path
from service.http.json_pointers import pointer
from service.http.openapi import Content, answer, article_body, described
from service.http.problems import FieldFault, Problem, ProblemError, invalid, of_branches, of_error, of_unexpected
from service.jobs.errors import StoreError
from service.jobs.states import JobRequest
from service.runtime import Runtime, Stream

Keep = Callable[[JobRequest, Extraction], object]
"""Stores an article with its result as a job that has ended."""

log = structlog.get_logger(__name__)


def blueprint(
    extractor: Extractor, runtime: Runtime, keep: Keep, *, deadline_seconds: float, max_deadline_seconds: float
) -> Blueprint:
    """Make the route.

    An article has `deadline_seconds`, or what its request names, up to `max_deadline_seconds`.
    """
    routes = Blueprint("extractions", __name__)
    form = openapi_models.request_form(
        body.ExtractionRequest,
        extractor.registry,
        max_chars=extractor.max_chars,
        max_deadline_seconds=max_deadline_seconds,
    )
    answers: Content = {
        body.JSON: openapi_models.extraction_form(extractor.registry),
        streaming.SSE: streaming.SSE_SCHEMA,
        **dict.fromkeys(body.NDJSON, openapi_models.event_form(extractor.registry)),
    }

    @routes.post("/v1/extractions")
    @described(
        "Read an article and wait for its records, or have them as they are found",
        request_body=article_body(form),
        answers={200: answer("What was found.", answers)},
        problem_responses=[*body.PROBLEMS, *of_branches(RequestError, ModelCallError, OverloadedError)],
    )
    def create() -> Response:
        posted = body.read_article(request, body.ExtractionRequest)
        check(posted, extractor.registry.names, max_deadline_seconds)
        extractor.check(posted.article)
        g.log_fields.update(chars=len(posted.article.text), kinds=posted.kinds or "all")
        extractor.check_model()
        deadline = Deadline.after(posted.deadline_seconds or deadline_seconds)
        form = streaming.preferred_media_type(request)
        return answer_whole(posted, deadline) if form is None else answer_streamed(posted, deadline, form)

    def answer_whole(posted: body.ExtractionRequest, deadline: Deadline) -> Response:
        extraction = runtime.run_article(
            lambda: extractor.extract(posted.article, kinds=posted.kinds, deadline=deadline), deadline
        )
        g.log_fields.update(_log_fields(extraction))
        headers = {}
        if posted.keep and _keep(keep, posted, extraction) is None:
            headers["Content-Location"] = f"{job_path(extraction.id)}/result"
        return Response(extraction.model_dump_json(), headers=headers, mimetype=body.JSON)

    def answer_streamed(posted: body.ExtractionRequest, deadline: Deadline, form: str) -> Response:
        stream: Stream[Event, Extraction] = runtime.stream_article(
            lambda tell: extractor.extract(posted.article, kinds=posted.kinds, deadline=deadline, tell=tell, live=True),
            deadline,
            heartbeat_seconds=streaming.HEARTBEAT_SECONDS,
        )
        g.log_fields["streamed"] = True
        events = _EventStream(stream, posted, keep, g.request_id)
        response = streaming.response(events, form)
        # Not at the end of the iteration, which never starts if the caller disconnects before the first event.
        response.call_on_close(events.close)
        return response

    return routes


class _EventStream:
    """The events of a request. Has to be closed in any case, even if it was not iterated to the end."""

    def __init__(
        self, stream: Stream[Event, Extraction], posted: body.ExtractionRequest, keep: Keep, request_id: str
    ) -> None:
        self._stream = stream
        self._posted = posted
        self._keep = keep
        self._request_id = request_id
        self._started = time.monotonic()
        self._log_fields: dict[str, object] = {"outcome": "left"}

    def __iter__(self) -> Iterator[Event | None]:
        yield from self._stream
        try:
            extraction = self._stream.result()
        except Exception as error:  # noqa: BLE001 -- the response has begun, so that only an event can report the error
            problem = of_error(error) if isinstance(error, DragomanError) else of_unexpected(error)
            self._log_fields = {"outcome": "problem", "code": problem.code}
            yield Ended(problem=self._problem_document(problem))
            return
        self._log_fields = _log_fields(extraction)
        if self._posted.keep:
            unkept = _keep(self._keep, self._posted, extraction)
            if unkept is None:
                yield Kept(job=job_path(extraction.id))
            else:
                yield Unkept(problem=self._problem_document(unkept))
        yield Done(extraction=extraction)

    def close(self) -> None:
        """Cancel the article unless it has ended, and log how the stream ended."""
        self._stream.close()
        log.info("stream", duration_seconds=round(time.monotonic() - self._started, 4), **self._log_fields)

    def _problem_document(self, problem: Problem) -> dict[str, object]:
        return problem.document(self._request_id).model_dump(mode="json", exclude_none=True)


def _log_fields(extraction: Extraction) -> dict[str, object]:
    return {"outcome": extraction.status, "usage": extraction.usage.model_dump()}


def _keep(keep: Keep, posted: body.ExtractionRequest, extraction: Extraction) -> Problem | None:
    """Store an article with its result. Returns the problem if that fails; the result is sent to the caller anyway."""
    job_request = JobRequest(article=posted.article, kinds=posted.kinds, deadline_seconds=posted.deadline_seconds)
    try:
        keep(job_request, extraction)
    except StoreError as error:
        log.warning("result not stored", error=type(error).__name__)
        return of_error(error)
    return None


def check(posted: body.ArticleRequest, known: Sequence[str], max_deadline_seconds: float) -> None:
    """Refuse a request that is well-formed but cannot be served.

    Raises:
        ProblemError: 422 a kind is unknown, or the deadline too long.

    """
    unknown = [index for index, kind in enumerate(posted.kinds or ()) if kind not in known]
    if unknown:
        detail = f"Input should be one of: {', '.join(known)}"
        faults = [FieldFault(pointer(("kinds", index)), detail) for index in unknown]
        raise ProblemError(
            Problem(422, "unknown_kind", "A kind was asked for that this service does not know.", faults)
        )
    if (posted.deadline_seconds or 0) > max_deadline_seconds:
        raise invalid([FieldFault("#/deadline_seconds", f"Input should be at most {max_deadline_seconds:g}")])
