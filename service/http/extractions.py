"""POST /v1/extractions: an article in, its records out."""

from collections.abc import Sequence

from flask import Blueprint, Response, g, request

from service.extraction.deadline import Deadline
from service.extraction.pipeline import Extractor
from service.http import body
from service.http.pointers import pointer
from service.http.problems import FieldFault, Problem, ProblemError, invalid
from service.runtime import Runtime


def blueprint(
    extractor: Extractor, runtime: Runtime, *, deadline_seconds: float, max_deadline_seconds: float
) -> Blueprint:
    """Make the route.

    An article has `deadline_seconds`, or what its request names, up to `max_deadline_seconds`.
    """
    routes = Blueprint("extractions", __name__)

    @routes.post("/v1/extractions")
    def create() -> Response:
        posted = body.read(request)
        _check_kinds(posted.kinds or (), extractor.registry.names)
        if (posted.deadline_seconds or 0) > max_deadline_seconds:
            raise invalid([FieldFault("#/deadline_seconds", f"Input should be at most {max_deadline_seconds:g}")])
        g.facts.update(chars=len(posted.article.text), kinds=posted.kinds or "all")
        deadline = Deadline.after(posted.deadline_seconds or deadline_seconds)
        extraction = runtime.run_article(
            lambda: extractor.extract(posted.article, kinds=posted.kinds, deadline=deadline), deadline
        )
        g.facts.update(outcome=extraction.status, usage=extraction.usage.model_dump())
        return Response(extraction.model_dump_json(), mimetype="application/json")

    return routes


def _check_kinds(asked: Sequence[str], known: Sequence[str]) -> None:
    unknown = [index for index, kind in enumerate(asked) if kind not in known]
    if unknown:
        detail = f"Input should be one of: {', '.join(known)}"
        faults = [FieldFault(pointer(("kinds", index)), detail) for index in unknown]
        raise ProblemError(
            Problem(422, "unknown_kind", "A kind was asked for that this service does not know.", faults)
        )
