"""POST /v1/extractions: an article in, its records out, all at once or as they are found."""

import time
from collections.abc import Callable, Iterator, Sequence

import structlog
from flask import Blueprint, Response, g, request

from schemas.events import Done, Ended, Event, Kept, Unkept
from schemas.result import Extraction
from service.deadline import Deadline
from service.errors import DragomanError, ModelCallError, OverloadedError, RequestError
from service.extraction.pipeline import Extractor
from service.http import body, shapes, streaming
from service.http.job_forms import job_path
from service.http.openapi import Content, answer, article_body, described
from service.http.pointers import pointer
from service.http.problems import FieldFault, Problem, ProblemError, invalid, of_branches, of_error, of_unexpected
from service.jobs.errors import StoreError
from service.jobs.states import Order
from service.runtime import Runtime, Stream

Keep = Callable[[Order, Extraction], object]
"""Keeps an article with its answer."""

log = structlog.get_logger(__name__)


def blueprint(
    extractor: Extractor, runtime: Runtime, keep: Keep, *, deadline_seconds: float, max_deadline_seconds: float
) -> Blueprint:
    """Make the route.

    An article has `deadline_seconds`, or what its request names, up to `max_deadline_seconds`.
    """
    routes = Blueprint("extractions", __name__)
    form = shapes.request_form(
        body.ExtractionRequest,
        extractor.registry,
        max_chars=extractor.max_chars,
        max_deadline_seconds=max_deadline_seconds,
    )
    answers: Content = {
        body.JSON: shapes.extraction_form(extractor.registry),
        streaming.SSE: streaming.SSE_FORM,
        **dict.fromkeys(body.NDJSON, shapes.event_form(extractor.registry)),
    }

    @routes.post("/v1/extractions")
    @described(
        "Read an article and wait for its records, or have them as they are found",
        takes=article_body(form),
        answers={200: answer("What was found.", answers)},
        ends_with=[*body.PROBLEMS, *of_branches(RequestError, ModelCallError, OverloadedError)],
    )
    def create() -> Response:
        posted = body.read(request, body.ExtractionRequest)
        check(posted, extractor.registry.names, max_deadline_seconds)
        extractor.check(posted.article)
        g.facts.update(chars=len(posted.article.text), kinds=posted.kinds or "all")
        extractor.check_model()
        deadline = Deadline.after(posted.deadline_seconds or deadline_seconds)
        form = streaming.wanted(request)
        return at_once(posted, deadline) if form is None else as_it_comes(posted, deadline, form)

    def at_once(posted: body.ExtractionRequest, deadline: Deadline) -> Response:
        extraction = runtime.run_article(
            lambda: extractor.extract(posted.article, kinds=posted.kinds, deadline=deadline), deadline
        )
        g.facts.update(_facts(extraction))
        headers = {}
        if posted.keep and _kept(keep, posted, extraction) is None:
            headers["Content-Location"] = f"{job_path(extraction.id)}/result"
        return Response(extraction.model_dump_json(), headers=headers, mimetype=body.JSON)

    def as_it_comes(posted: body.ExtractionRequest, deadline: Deadline, form: str) -> Response:
        stream: Stream[Event, Extraction] = runtime.stream_article(
            lambda tell: extractor.extract(posted.article, kinds=posted.kinds, deadline=deadline, tell=tell, live=True),
            deadline,
            beat=streaming.BEAT_SECONDS,
        )
        g.facts["streamed"] = True
        telling = _Telling(stream, posted, keep, g.request_id)
        sent = streaming.response(telling, form)
        # And not when the events are used up, which they are not where the caller has left before the first one.
        sent.call_on_close(telling.close)
        return sent

    return routes


class _Telling:
    """All events of a request. To be closed, whether they were used up or not."""

    def __init__(
        self, stream: Stream[Event, Extraction], posted: body.ExtractionRequest, keep: Keep, request_id: str
    ) -> None:
        self._stream = stream
        self._posted = posted
        self._keep = keep
        self._request_id = request_id
        self._started = time.monotonic()
        self._facts: dict[str, object] = {"outcome": "left"}

    def __iter__(self) -> Iterator[Event | None]:
        yield from self._stream
        try:
            extraction = self._stream.result()
        except Exception as error:  # noqa: BLE001 -- the answer has begun, so that nobody else could tell of it
            problem = of_error(error) if isinstance(error, DragomanError) else of_unexpected(error)
            self._facts = {"outcome": "problem", "code": problem.code}
            yield Ended(problem=self._document(problem))
            return
        self._facts = _facts(extraction)
        if self._posted.keep:
            unkept = _kept(self._keep, self._posted, extraction)
            if unkept is None:
                yield Kept(job=job_path(extraction.id))
            else:
                yield Unkept(problem=self._document(unkept))
        yield Done(extraction=extraction)

    def close(self) -> None:
        """Give the article up, unless it has ended."""
        self._stream.close()
        log.info("stream", duration_seconds=round(time.monotonic() - self._started, 4), **self._facts)

    def _document(self, problem: Problem) -> dict[str, object]:
        return problem.document(self._request_id).model_dump(mode="json", exclude_none=True)


def _facts(extraction: Extraction) -> dict[str, object]:
    return {"outcome": extraction.status, "usage": extraction.usage.model_dump()}


def _kept(keep: Keep, posted: body.ExtractionRequest, extraction: Extraction) -> Problem | None:
    """Keep an article with its answer; why that is not possible, if it is not. The answer goes out all the same."""
    order = Order(article=posted.article, kinds=posted.kinds, deadline_seconds=posted.deadline_seconds)
    try:
        keep(order, extraction)
    except StoreError as error:
        log.warning("an answer was not kept", error=type(error).__name__)
        return of_error(error)
    return None


def check(posted: body.ArticleRequest, known: Sequence[str], max_deadline_seconds: float) -> None:
    """Refuse what fits the form and cannot be served.

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
