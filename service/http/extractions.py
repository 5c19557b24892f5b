"""POST /v1/extractions: an article in, its records out."""

from collections.abc import Sequence

from flask import Blueprint, Response, g, request

from service.extraction.deadline import Deadline
from service.extraction.errors import ModelCallError, OverloadedError, RequestError
from service.extraction.pipeline import Extractor
from service.http import body, shapes
from service.http.openapi import answer, article_body, described
from service.http.pointers import pointer
from service.http.problems import FieldFault, Problem, ProblemError, invalid, of_branches
from service.runtime import Runtime


def blueprint(
    extractor: Extractor, runtime: Runtime, *, deadline_seconds: float, max_deadline_seconds: float
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

    @routes.post("/v1/extractions")
    @described(
        "Read an article and wait for its records",
        takes=article_body(form),
        answers={200: answer("What was found.", {body.JSON: shapes.extraction_form(extractor.registry)})},
        ends_with=[*body.PROBLEMS, *of_branches(RequestError, ModelCallError, OverloadedError)],
    )
    def create() -> Response:
        posted = body.read(request, body.ExtractionRequest)
        check(posted, extractor.registry.names, max_deadline_seconds)
        g.facts.update(chars=len(posted.article.text), kinds=posted.kinds or "all")
        extractor.check_model()
        deadline = Deadline.after(posted.deadline_seconds or deadline_seconds)
        extraction = runtime.run_article(
            lambda: extractor.extract(posted.article, kinds=posted.kinds, deadline=deadline), deadline
        )
        g.facts.update(outcome=extraction.status, usage=extraction.usage.model_dump())
        return Response(extraction.model_dump_json(), mimetype=body.JSON)

    return routes


def check(posted: body.ExtractionRequest, known: Sequence[str], max_deadline_seconds: float) -> None:
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
