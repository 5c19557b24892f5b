"""What code can know, the model is not asked: countries, dates, figures, quote types.

A rule is named in a kind's `Derived` mark. It gets the values of the fields it reads (records' own models, so a
surface value is a `Mention`) and answers None where the words do not settle the matter: a derived value is never a
guess.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.fields import Closed, Derived, Mention
from service.extraction.normalize import countries
from service.extraction.normalize import edtf as calendar
from service.extraction.normalize import numbers as figures
from service.extraction.text.quotes import Passage, overlapping_passages, with_unmarked
from service.extraction.text.spans import Span


@dataclass(frozen=True, slots=True)
class ArticleContext:
    """What is known of an article besides its words.

    Args:
        passages: all those in quotation marks, in order.
        published: the day of publication.
        language: BCP 47 tag.
        spoken: what somebody says without quotation marks: behind a dash, or in the turn of a transcript.

    """

    passages: tuple[Passage, ...]
    published: date | None
    language: str | None
    spoken: tuple[Passage, ...] = ()


Rule = Callable[[list[Any], Derived, ArticleContext], Any]


def derive(mark: Derived, values: Mapping[str, Any], around: ArticleContext) -> Any:
    """Apply a derived field's rule to the values of the fields it names."""
    return _RULES[mark.rule]([values.get(name) for name in mark.of], mark, around)


def rules() -> frozenset[str]:
    """Names of the rules that a kind may use."""
    return frozenset(_RULES)


def _country(values: list[Any], mark: Derived, around: ArticleContext) -> str | None:
    """The country that is named; with the option `of`: `place`, where the words say that something is."""
    is_place = mark.options.get("of") == "place"
    for value in values:
        named = (countries.without_house(words, around.language) if is_place else words for words in _surfaces(value))
        codes = {countries.code_of(words, around.language) for words in named} - {None}
        if codes:
            return codes.pop() if len(codes) == 1 else None
    return None


def _date(values: list[Any], mark: Derived, around: ArticleContext) -> str | None:
    surface, *others = values
    if not isinstance(surface, Mention):
        return None
    future = bool(set(mark.options.get("future", "").split()).intersection(other for other in others if other))
    return calendar.edtf(surface.text, published=around.published, future=future, language=around.language)


def _quote_type(values: list[Any], _: Derived, around: ArticleContext) -> str:
    """Direct when quotation marks hold all of the words, or a dash or label opens them; mixed when they hold a part."""
    spans = [Span(part.start, part.end) for part in values[0]]
    held_by = with_unmarked(around.passages, around.spoken) if around.spoken else around.passages
    inside = [overlapping_passages(held_by, span.start, span.end) for span in spans]
    if all(any(Span(*one.outer).contains(span) for one in held) for held, span in zip(inside, spans, strict=True)):
        return "direct"
    return "mixed" if any(inside) else "indirect"


def _least(values: list[Any], _: Derived, around: ArticleContext) -> float | None:
    return figures.least(values[0].text, around.language)


def _most(values: list[Any], _: Derived, around: ArticleContext) -> float | None:
    return figures.greatest(values[0].text, around.language)


_RULES: dict[str, Rule] = {
    "country": _country,
    "date": _date,
    "quote_type": _quote_type,
    "least": _least,
    "most": _most,
}


def _surfaces(value: Any) -> list[str]:
    """Words of a surface value: one, several, or the first surface field of each nested model."""
    if isinstance(value, Mention):
        return [value.text]
    if isinstance(value, list):
        return [words for item in value for words in _surfaces(item)]
    nested = [getattr(value, name) for name in type(value).model_fields] if isinstance(value, Closed) else []
    return next(([item.text] for item in nested if isinstance(item, Mention)), [])
