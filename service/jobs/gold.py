"""The format of gold: the right records of an article, annotated by people. Checks gold against its article.

Gold has words of the article where a record has spans:

- an actor field: a list of the article's names for the actor, or null; a list of such lists for a list field;
- a judged field: its value, or a list of acceptable values; a list of values for a list field;
- a passage: its contiguous parts, each as words or as a `Citation`;
- another field with words of the article: words, null, or a list of alternatives;
- a list of items: an object for each, with fields as above;
- `evidence`: the sentences, each as words or as a `Citation`.

evals/GUIDELINES.md says how it is annotated by hand; `service.jobs.reviewed_gold` makes it from reviews.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from schemas.draft import marked
from schemas.fields import Closed, Derived, Mention, Record, Role, inside, parts_of
from service.extraction.text.matching import TextIndex
from service.extraction.text.spans import Span

Citation = dict[str, Any]
"""`{"text": words, "occurrence": number}`: words that occur more than once in the article; `occurrence` is from 1."""

NOT_THERE = "is not in the article"
NEVER_NULL = "is null, which this field never is"
NO_WORDS = "is not words of the article"
NO_LIST = "is not a list"
EMPTY = "is an empty list"
NO_ITEM = "is not an object with fields"


def is_passage(field: FieldInfo) -> bool:
    """Whether a field holds a passage of the article rather than a name or a phrase."""
    return any(isinstance(mark, Role) and mark.name == "words" for mark in field.metadata)


def is_judged(field: FieldInfo) -> bool:
    """Whether a field holds a judgement, one value of a vocabulary or several, and not words of the article."""
    return get_origin(inside(field.annotation)) is Literal or inside(field.annotation) is bool


def is_list(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is list


def may_be_null(field: FieldInfo) -> bool:
    return NoneType in get_args(field.annotation)


def fields_of(model: type[Closed]) -> dict[str, FieldInfo]:
    """The fields that gold may have: those that are not derived from others. Not `evidence`, which it always has."""
    evidence = "evidence" if issubclass(model, Record) else None
    return {
        name: field for name, field in model.model_fields.items() if name != evidence and not marked(field, Derived)
    }


def in_full(record: type[Record], name: str, value: Any) -> Any:
    """A field of gold with each actor as a list of names. In shorthand, an actor with one name is that name."""
    if name not in record.actors:
        return value
    if not is_list(record.model_fields[name]):
        return [value] if isinstance(value, str) else value
    return [[one] if isinstance(one, str) else one for one in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class GoldFault:
    """An error in a field of gold: the wrong `value`, its path `at`, and the `problem`, which completes "VALUE …"."""

    at: tuple[str | int, ...]
    value: Any
    problem: str

    def inside(self, *outer: str | int) -> "GoldFault":
        return replace(self, at=(*outer, *self.at))


class GoldText:
    """An article, in which the words of its gold are looked up."""

    def __init__(self, text: str) -> None:
        self._haystack = TextIndex(text)
        self._text = text
        self.whole = Span(0, len(text))

    def find(self, words: str, within: Sequence[Span]) -> Span | None:
        """The span of the words, in the first of the given spans that contains them."""
        return self._haystack.find(words, within)

    def places(self, words: str) -> list[Span]:
        """The spans of all occurrences of the words."""
        places: list[Span] = []
        while found := self.find(words, [Span(places[-1].end if places else 0, self.whole.end)]):
            places.append(found)
        return places

    def cited(self, span: Span) -> str | Citation | None:
        """The words of a span, as gold cites them; None if they cannot be found again."""
        words = self._text[span.start : span.end]
        places = self.places(words)
        here = [number for number, place in enumerate(places, 1) if place.start < span.end and span.start < place.end]
        if not here:
            return None
        return words if len(places) == 1 else {"text": words, "occurrence": here[0]}

    def faults(self, model: type[Closed], name: str, value: Any) -> Iterator[GoldFault]:
        """Check a field of gold: its words must be in the article, its values in the vocabulary.

        Any JSON value may be checked.

        Args:
            model: the kind of the record, or a model inside one.
            name: of the field, one of `fields_of(model)`.
            value: of the field in gold.

        """
        field = model.model_fields[name]
        if value is None:
            if not may_be_null(field):
                yield GoldFault((), value, NEVER_NULL)
        elif is_judged(field):
            yield from _judged(field, value)
        elif is_passage(field):
            yield from self._each(value if isinstance(value, list) else [value], self._part, least=1)
        elif not is_list(field):
            yield from self._names(value)
        elif inside(field.annotation) is Mention or (issubclass(model, Record) and name in model.actors):
            yield from self._each(value, self._names)
        elif (item := parts_of(field.annotation)) is not None:
            yield from self._each(value, lambda one: self._item(item, one))

    def _each(self, value: Any, faults: Any, *, least: int = 0) -> Iterator[GoldFault]:
        if not isinstance(value, list):
            yield GoldFault((), value, NO_LIST)
        elif len(value) < least:
            yield GoldFault((), value, EMPTY)
        else:
            for position, one in enumerate(value):
                yield from (fault.inside(position) for fault in faults(one))

    def _names(self, value: Any) -> Iterator[GoldFault]:
        """Check words, or a list of alternatives, one of which may be null."""
        if isinstance(value, list):
            yield from self._each(value, lambda one: () if one is None else self._words(one), least=1)
        else:
            yield from self._words(value)

    def _words(self, value: Any) -> Iterator[GoldFault]:
        if not isinstance(value, str):
            yield GoldFault((), value, NO_WORDS)
        elif self.find(value, [self.whole]) is None:
            yield GoldFault((), value, NOT_THERE)

    def _part(self, value: Any) -> Iterator[GoldFault]:
        if not isinstance(value, dict):
            yield from self._words(value)
            return
        words, number = value.get("text"), value.get("occurrence")
        if not isinstance(words, str) or type(number) is not int:
            yield GoldFault((), value, NO_WORDS)
        elif not 1 <= number <= len(self.places(words)):
            yield GoldFault((), value, NOT_THERE)

    def _item(self, model: type[Closed], value: Any) -> Iterator[GoldFault]:
        if not isinstance(value, dict) or not value:
            yield GoldFault((), value, NO_ITEM)
            return
        known = fields_of(model)
        if value.keys() - known:
            yield GoldFault((), value, f"has other fields than {', '.join(known)}")
        for name, said in value.items():
            if name in known:
                yield from (fault.inside(name) for fault in self.faults(model, name, said))


def _judged(field: FieldInfo, value: Any) -> Iterator[GoldFault]:
    """Check that the values of a judged field are in the vocabulary."""
    right = get_args(inside(field.annotation)) or (True, False)
    if is_list(field) and not isinstance(value, list):
        yield GoldFault((), value, NO_LIST)
    elif not is_list(field) and value == []:
        yield GoldFault((), value, EMPTY)
    else:
        for position, choice in enumerate(value if isinstance(value, list) else [value]):
            # In Python, 1 == True.
            if not any(choice == one and type(choice) is type(one) for one in right):
                at = (position,) if isinstance(value, list) else ()
                yield GoldFault(at, choice, f"is not among {', '.join(map(str, right))}")
