"""The models of requests and responses for the OpenAPI document, with the kinds and limits of this service.

Requests are validated with the general models instead, because their error messages are more helpful.
"""

from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, get_args

from pydantic import BaseModel, Field, RootModel, create_model

from schemas.article import Article
from schemas.events import Done, Event, Found
from schemas.fields import Closed
from schemas.registry import Registry
from schemas.result import Extraction

Form = TypeVar("Form", bound=BaseModel)

_NOT_BLANK = r"[^\u0009-\u000d\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
"""A character that `str.strip` does not remove; `\\S` differs between dialects of regular expressions."""


@cache
def request_form(
    form: type[Form], registry: Registry, *, max_chars: int, max_deadline_seconds: float, name: str | None = None
) -> type[Form]:
    """A request's model with this service's kinds and limits; `name` is what documents call it, else the class's."""
    kind: Any = Literal[registry.names]
    return create_model(
        name or form.__name__,
        __base__=form,
        __doc__=form.__doc__,
        article=(_article(max_chars), ...),
        kinds=(list[kind] | None, form.model_fields["kinds"]),
        deadline_seconds=(
            Annotated[float, Field(le=max_deadline_seconds)] | None,
            form.model_fields["deadline_seconds"],
        ),
    )


@cache
def _article(max_chars: int) -> type[Article]:
    text = Annotated[str, Field(max_length=max_chars, pattern=_NOT_BLANK)]
    return create_model(
        Article.__name__, __base__=Article, __doc__=Article.__doc__, text=(text, Article.model_fields["text"])
    )


@cache
def extraction_form(registry: Registry) -> type[Extraction]:
    """The result of an article, with the schemas of the records of each kind."""
    fields: dict[str, Any] = {}
    for record in registry:
        fields[record.kind] = (list[record], Field(default_factory=list))  # type: ignore[valid-type]  # built at run time
    about = "Records by kind: those of the kinds asked for."
    records = create_model("Records", __base__=Closed, __doc__=about, **fields)
    return create_model(Extraction.__name__, __base__=Extraction, __doc__=Extraction.__doc__, records=(records, ...))


@cache
def event_form(registry: Registry) -> type[RootModel[Any]]:
    """The events of a stream, with the schemas of the records of each kind."""
    record: Any = Union[tuple(registry)]  # noqa: UP007 -- built at run time
    found = create_model(Found.__name__, __base__=Found, __doc__=Found.__doc__, record=(record, ...))
    done = create_model(Done.__name__, __base__=Done, __doc__=Done.__doc__, extraction=(extraction_form(registry), ...))
    others = [event for event in get_args(Event) if event not in (Found, Done)]
    event: Any = Union[(found, *others, done)]
    about = "What is told while an article is read. The last event is an `extraction` or a `problem`."
    return create_model("Event", __base__=RootModel[event], __doc__=about)
