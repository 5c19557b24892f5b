"""Reviews of results, and their export as gold.

GET    /v1/jobs/{id}/reviews
POST   /v1/jobs/{id}/reviews
DELETE /v1/jobs/{id}/reviews/{review_id}
GET    /v1/reviews
"""

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict, Field, create_model

from schemas.article import Article
from schemas.registry import Registry
from service.extraction.text.sentences import segment
from service.http import body
from service.http.batches import NDJSON
from service.http.body import JSON
from service.http.job_forms import Form, Moment
from service.http.jobs import (
    CANCELLED,
    FAILED,
    NO_ARTICLE,
    STORE_UNAVAILABLE,
    UNFINISHED,
    UNKNOWN,
    article_of,
    require_job,
    result_of,
)
from service.http.json_pointers import MAX_FAULTS, MAX_NAME_LENGTH, pointer
from service.http.openapi import answer, described
from service.http.openapi import body as request_body
from service.http.problems import FieldFault, Problem, ProblemError, invalid
from service.jobs.gold import GoldText, fields_of
from service.jobs.reviewed_gold import UNKNOWN as NOT_KNOWN
from service.jobs.reviewed_gold import ArticleGold, gold
from service.jobs.states import Review, SavedReview, Verdict
from service.jobs.store import JobStore

REVIEW_UNKNOWN = Problem(404, "review_unknown", "The job has no such review.")


class ReviewRequest(BaseModel):
    """What a reader says of one record of a result, or of one that it lacks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    verdict: Verdict = Field(
        description="`right`; `wrong`: the article states no such record; `incomplete`: it does, but not with these "
        "values; `missed`: it states a record that the result lacks."
    )
    kind: str = Field(max_length=100, description="One of those that were asked for.")
    record: int | None = Field(
        default=None, ge=0, strict=True, description="Place in the result's list of that kind, from 0; null if missed."
    )
    sentences: list[Annotated[int, Field(ge=1, strict=True)]] = Field(
        default=[], max_length=100, description="If missed: the numbers of the sentences that state it."
    )
    corrections: dict[str, Any] = Field(
        default={},
        max_length=100,
        description="If incomplete: what is right, by field. Words as the article has them, a list of words where the "
        "field is a list, values of the vocabulary, null where there is none, and "
        '`{"unknown": true}` where the right value is not known.',
    )
    note: str | None = Field(default=None, max_length=2_000)


class ReviewForm(Form):
    """A review as it is kept."""

    id: str
    verdict: Verdict
    kind: str
    record: int | None
    sentences: list[int]
    corrections: dict[str, Any]
    note: str | None
    created_at: Moment
    updated_at: Moment


class ReviewsForm(Form):
    """All reviews of a result, the earliest first."""

    reviews: list[ReviewForm]


def blueprint(store: JobStore, registry: Registry) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("reviews", __name__)
    kind: Any = Literal[registry.names]
    posted_form = create_model(
        ReviewRequest.__name__,
        __base__=ReviewRequest,
        __doc__=ReviewRequest.__doc__,
        kind=(kind, ReviewRequest.model_fields["kind"]),
    )

    @routes.get("/v1/jobs/<job_id>/reviews")
    @described(
        "What readers say of a result",
        answers={200: answer("All reviews of it.", {JSON: ReviewsForm})},
        problem_responses=[UNKNOWN, STORE_UNAVAILABLE],
    )
    def listing(job_id: str) -> Response:
        found = store.reviews(job_id)
        if not found:
            require_job(store, job_id)
        shown = ReviewsForm(reviews=[_form(review) for review in found])
        return Response(shown.model_dump_json(), mimetype=JSON)

    @routes.post("/v1/jobs/<job_id>/reviews")
    @described(
        "Say what is right or wrong about a result",
        request_body=request_body({JSON: posted_form}),
        answers={
            200: answer("The review that is in the place of the record's earlier one.", {JSON: ReviewForm}),
            201: answer("The review.", {JSON: ReviewForm}),
        },
        problem_responses=[*body.JSON_PROBLEMS, UNKNOWN, UNFINISHED, CANCELLED, FAILED, NO_ARTICLE, STORE_UNAVAILABLE],
    )
    def save(job_id: str) -> Response:
        posted = body.read_json(request, ReviewRequest)
        result, article = result_of(store, job_id), article_of(store, job_id)
        faults = list(islice(_faults(posted, result, article, registry), MAX_FAULTS))
        if faults:
            raise invalid(faults)
        said = {name: getattr(posted, name) for name in ReviewRequest.model_fields}
        saved = store.save_review(job_id, Review(**{**said, "sentences": tuple(posted.sentences)}))
        if saved is None:  # the job was deleted just now
            raise ProblemError(UNKNOWN)
        review, is_new = saved
        return Response(_form(review).model_dump_json(), 201 if is_new else 200, mimetype=JSON)

    @routes.delete("/v1/jobs/<job_id>/reviews/<review_id>")
    @described(
        "Take a review back",
        answers={204: answer("It is gone.", {})},
        problem_responses=[UNKNOWN, REVIEW_UNKNOWN, STORE_UNAVAILABLE],
    )
    def delete(job_id: str, review_id: str) -> Response:
        if not store.delete_review(job_id, review_id):
            require_job(store, job_id)
            raise ProblemError(REVIEW_UNKNOWN)
        gone = Response(status=204)
        del gone.headers["Content-Type"]
        return gone

    @routes.get("/v1/reviews")
    @described(
        "Gold made of all reviews, for `dragoman eval`",
        answers={200: answer("A line for each article whose result has reviews.", {NDJSON: ArticleGold})},
        problem_responses=[STORE_UNAVAILABLE],
    )
    def export() -> Response:
        articles = gold(store.reviewed(), registry)
        first = list(
            islice(articles, 1)
        )  # reads from the store before the response starts, so that an error can still be answered
        lines = (f"{article.model_dump_json()}\n" for article in chain(first, articles))
        return Response(lines, mimetype=NDJSON)

    return routes


def _form(review: SavedReview) -> ReviewForm:
    return ReviewForm.model_validate(review, from_attributes=True)


def _faults(
    posted: ReviewRequest, result: Mapping[str, Any], article: Article, registry: Registry
) -> Iterator[FieldFault]:
    """The faults of a review of this result."""
    kinds = [kind for kind in registry.names if kind in result["records"]]
    if posted.kind not in kinds:
        yield FieldFault("#/kind", f"Input should be one of: {', '.join(kinds)}")
        return
    if posted.verdict is Verdict.MISSED:
        yield from _faults_of_missed(posted, article)
    else:
        yield from _faults_of_found(posted, len(result["records"][posted.kind]))
    if posted.verdict is Verdict.INCOMPLETE:
        yield from _faults_of_corrections(posted, article, registry)
    elif posted.corrections:
        yield FieldFault("#/corrections", "Only what is incomplete is corrected")


def _faults_of_missed(posted: ReviewRequest, article: Article) -> Iterator[FieldFault]:
    if posted.record is not None:
        yield FieldFault("#/record", "A record that was missed has no place in the result: it should be null")
    if not posted.sentences:
        yield FieldFault("#/sentences", "The sentences that state the record should be named")
        return
    sentences, text = segment(article.text, article.language), GoldText(article.text)
    for position, number in enumerate(posted.sentences):
        if number > len(sentences):
            detail = f"The article has {len(sentences)} sentences"
        elif text.cited(sentences[number - 1].span) is None:
            detail = "There are no words in this sentence"
        else:
            continue
        yield FieldFault(pointer(("sentences", position)), detail)


def _faults_of_found(posted: ReviewRequest, records: int) -> Iterator[FieldFault]:
    if posted.record is None:
        yield FieldFault("#/record", "The record should be named by its place in the result")
    elif posted.record >= records:
        yield FieldFault("#/record", f"The result has {records} records of this kind; the first one is 0")
    if posted.sentences:
        yield FieldFault("#/sentences", "Only what was missed is named by its sentences")


def _faults_of_corrections(posted: ReviewRequest, article: Article, registry: Registry) -> Iterator[FieldFault]:
    record, text = registry[posted.kind], GoldText(article.text)
    fields = fields_of(record)
    for name, value in posted.corrections.items():
        place: tuple[str | int, ...] = ("corrections", name) if len(name) <= MAX_NAME_LENGTH else ("corrections",)
        if name not in fields:
            yield FieldFault(pointer(place), f"Fields that can be corrected are {', '.join(fields)}")
        elif value != NOT_KNOWN:
            for fault in text.faults(record, name, value):
                yield FieldFault(pointer((*place, *fault.at)), f"What stands here {fault.problem}")
