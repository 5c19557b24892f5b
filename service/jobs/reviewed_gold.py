"""Makes gold from reviews, so that readers' judgements measure later versions.

A record that was reviewed as right is gold as it is; an incomplete one with its corrections, and without the fields
whose right value is unknown. A missed record is gold by its sentences alone. A record without a review is `optional`:
finding it counts neither way. Wrong records are kept apart, so that none of them counts as one that was missed in the
same sentence.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.fields import Closed, Evidence, Mention, Record
from schemas.registry import Registry
from service.extraction.text.sentences import Sentence, segment
from service.extraction.text.spans import Span
from service.jobs.gold import GoldText, fields_of, in_full, is_judged, is_list, is_passage
from service.jobs.states import Review, ReviewedResult, SavedReview, Verdict

UNKNOWN = {"unknown": True}
"""A correction that says: the field is wrong, and its right value is not known."""

LONGEST_NAME = 90
"""Characters kept of an article id that is used twice. With the job id appended it is still a valid article id."""

Entry = dict[str, Any]


class ArticleGold(BaseModel):
    """An article with what a right answer to it says, in the form of the evaluation: see evals/GUIDELINES.md."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(description="The caller's own name for the article, or else the job's.")
    job: str
    title: str | None
    published_at: str | None
    language: str | None
    text: str
    kinds: list[str] = Field(description="What was looked at; records of other kinds are neither right nor wrong.")
    records: dict[str, list[Entry]] = Field(description="By kind: what is right.")
    wrong: dict[str, list[Entry]] = Field(description="By kind: records of the result that the article does not state.")


def gold(articles: Iterable[ReviewedResult], registry: Registry) -> Iterator[ArticleGold]:
    """Make gold from each reviewed article, with unique ids."""
    ids: set[str] = set()
    for reviewed in articles:
        own = reviewed.article.id or reviewed.job_id
        name = f"{own[:LONGEST_NAME]}-{reviewed.job_id}" if own in ids else own
        ids.add(name)
        yield gold_of(reviewed, registry, name)


def gold_of(reviewed: ReviewedResult, registry: Registry, name: str) -> ArticleGold:
    """Make gold from one reviewed article; `name` is its id."""
    article, maker = reviewed.article, _GoldMaker(reviewed)
    entries: dict[str, tuple[list[Entry], list[Entry]]] = {}
    for kind in _reviewed_kinds(reviewed, registry):
        of_kind = maker.entries(registry[kind])
        if of_kind is not None:
            entries[kind] = of_kind
    return ArticleGold(
        id=name,
        job=reviewed.job_id,
        title=article.title,
        published_at=article.published_at.isoformat() if article.published_at else None,
        language=article.language,
        text=article.text,
        kinds=list(entries),
        records={kind: right for kind, (right, _) in entries.items()},
        wrong={kind: wrong for kind, (_, wrong) in entries.items() if wrong},
    )


def _reviewed_kinds(reviewed: ReviewedResult, registry: Registry) -> list[str]:
    """The kinds that were asked for, except those that have failures and no reviews."""
    failed = {failure["kind"] for failure in reviewed.result.get("failures", ())}
    failed -= {review.kind for review in reviewed.reviews}
    return [kind for kind in registry.names if kind in reviewed.result["records"] and kind not in failed]


class _GoldMaker:
    """Makes the gold records of one article. Values that cannot be found again in the article are left out."""

    def __init__(self, reviewed: ReviewedResult) -> None:
        self._reviewed = reviewed
        self._text = GoldText(reviewed.article.text)

    def entries(self, record: type[Record]) -> tuple[list[Entry], list[Entry]] | None:
        """The right and the wrong records of a kind; None if this version cannot parse the result."""
        try:
            found = [record.model_validate(one) for one in self._reviewed.result["records"][record.kind]]
        except ValidationError:
            return None
        reviews = [review for review in self._reviewed.reviews if review.kind == record.kind]
        said = {review.record: review for review in reviews if review.record is not None}
        right: list[Entry] = []
        wrong: list[Entry] = []
        for place, one in enumerate(found):
            review = said.get(place)
            of_verdict = wrong if review and review.verdict is Verdict.WRONG else right
            of_verdict.append(self._found(one, review))
        right += [self._missed(review) for review in reviews if review.verdict is Verdict.MISSED]
        return [entry for entry in right if entry["evidence"]], [entry for entry in wrong if entry["evidence"]]

    def _found(self, record: Record, review: SavedReview | None) -> Entry:
        fields = {name: self._said(type(record), name, getattr(record, name)) for name in fields_of(type(record))}
        if review and review.verdict is Verdict.INCOMPLETE:
            fields = _corrected(type(record), fields, review)
        sure = {name: value for name, value in fields.items() if not any(self._text.faults(type(record), name, value))}
        return {"evidence": self._cited(record.evidence), **sure, **_remarks(review)}

    def _missed(self, review: Review) -> Entry:
        stated = [sentence.span for sentence in self._sentences if sentence.number in review.sentences]
        return {"evidence": self._cited(stated), **_remarks(review)}

    @cached_property
    def _sentences(self) -> list[Sentence]:
        return segment(self._reviewed.article.text, self._reviewed.article.language)

    def _said(self, model: type[Closed], name: str, value: Any) -> Any:
        """The value of a field in the format of gold."""
        field = model.model_fields[name]
        if value is None or is_judged(field):
            return value
        if is_passage(field):
            return self._cited(value)
        if not is_list(field):
            return in_full(model, name, value.text) if issubclass(model, Record) else value.text
        names_alone = issubclass(model, Record) and name in model.actors
        return [[_name(one)] if names_alone or isinstance(one, Mention) else self._item(one) for one in value]

    def _item(self, item: Closed) -> dict[str, Any]:
        return {name: self._said(type(item), name, getattr(item, name)) for name in fields_of(type(item))}

    def _cited(self, spans: Sequence[Span | Mention | Evidence]) -> list[Any]:
        cited = (self._text.cited(Span(span.start, span.end)) for span in spans)
        return [words for words in cited if words is not None]


def _corrected(record: type[Record], fields: Entry, review: Review) -> Entry:
    """The fields with a reader's corrections. If there are none, no field is known to be right."""
    if not review.corrections:
        return {}
    known = {name: value for name, value in review.corrections.items() if name in fields}
    right = {name: in_full(record, name, value) for name, value in known.items() if value != UNKNOWN}
    return {name: right.get(name, value) for name, value in fields.items() if known.get(name) != UNKNOWN}


def _remarks(review: Review | None) -> Entry:
    if review is None:
        return {"optional": True}
    return {"why": review.note} if review.note else {}


def _name(value: Closed) -> str:
    """The words of a mention, or those of the first mention in an item, which is its name."""
    if isinstance(value, Mention):
        return value.text
    return next(part.text for _, part in value if isinstance(part, Mention))
