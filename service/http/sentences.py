"""GET /v1/jobs/{id}/sentences: the sentences of a job's article, by whose numbers answers and reviews cite it."""

from flask import Blueprint, Response
from pydantic import BaseModel, Field

from service.extraction.text.sentences import segment
from service.http.body import JSON
from service.http.jobs import NO_ARTICLE, STORE_UNAVAILABLE, UNKNOWN, article_of
from service.http.openapi import answer, described
from service.jobs.store import JobStore


class SentenceForm(BaseModel):
    """A sentence: `text[start:end]` of the article."""

    number: int = Field(ge=1)
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class SentencesForm(BaseModel):
    """All sentences of an article, in order."""

    sentences: list[SentenceForm]


def blueprint(store: JobStore) -> Blueprint:
    """Make the route."""
    routes = Blueprint("sentences", __name__)

    @routes.get("/v1/jobs/<job_id>/sentences")
    @described(
        "Where the sentences of a job's article are",
        answers={200: answer("All of them.", {JSON: SentencesForm})},
        problem_responses=[UNKNOWN, NO_ARTICLE, STORE_UNAVAILABLE],
    )
    def listing(job_id: str) -> Response:
        article = article_of(store, job_id)
        sentences = segment(article.text, article.language)
        shown = SentencesForm(sentences=[SentenceForm(number=s.number, start=s.start, end=s.end) for s in sentences])
        return Response(shown.model_dump_json(), mimetype=JSON)

    return routes
