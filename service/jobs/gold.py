"""The form of gold, which is what a right answer to an article says: its fields, and whether they are right about it.

Gold has the article's words where an answer has words and where they stand:

- an actor field: the ways the article names the actor (a list), or null; a list of them where the field is a list;
- a judged field: its value, or a list of the values that are right; a list of values where the field is a list;
- a passage: its unbroken parts, words or a `Citation` each;
- another surface field: words, null, or a list of alternatives;
- a list of items: an object for each, whose fields are as above;
- `evidence`: the sentences, words or a `Citation` each.

evals/GUIDELINES.md says how it is written by hand, `service.jobs.reviewed_gold` makes it of reviews.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from schemas.draft import marked
from schemas.fields import Closed, Derived, Mention, Record, Speech, inside, parts_of
from service.extraction.text.matching import Haystack, Span

Citation = dict[str, Any]
"""`{"text": words, "occurrence": number}`: words that stand in the article more than once, and which ones, from 1."""

NOT_THERE = "is not in the article"
NEVER_NULL = "is null, which this field never is"
NO_WORDS = "is no words of the article"
NO_LIST = "is no list"
EMPTY = "is an empty list"
NO_ITEM = "is no object with fields"


def is_passage(field: FieldInfo) -> bool:
    """Whether a field holds a passage of the article rather than a name or a phrase."""
    return any(isinstance(mark, Speech) and mark.part == "words" for mark in field.metadata)


def is_judged(field: FieldInfo) -> bool:
    """Whether a field holds what somebody decides, one value or several, and not the article's words."""
    return get_origin(inside(field.annotation)) is Literal or inside(field.annotation) is bool


def is_list(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is list


def may_be_null(field: FieldInfo) -> bool:
    return NoneType in get_args(field.annotation)


def fields_of(model: type[Closed]) -> dict[str, FieldInfo]:
    """The fields that gold may have: those that nobody works out from others. Not the evidence, which it always has."""
    evidence = "evidence" if issubclass(model, Record) else None
    return {
        name: field for name, field in model.model_fields.items() if name != evidence and not marked(field, Derived)
    }


def in_full(record: type[Record], name: str, value: Any) -> Any:
    """A field of gold in which each actor is a list of names: one that has but one name may be given as that."""
    if name not in record.actors:
        return value
    if not is_list(record.model_fields[name]):
        return [value] if isinstance(value, str) else value
    return [[one] if isinstance(one, str) else one for one in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class GoldFault:
    """What is wrong in a field of gold: the `value` that stands there at `at`. `problem` goes on after the value."""

    at: tuple[str | int, ...]
    value: Any
    problem: str

    def inside(self, *outer: str | int) -> "GoldFault":
        return replace(self, at=(*outer, *self.at))


class GoldText:
    """An article whose words gold has."""

    def __init__(self, text: str) -> None:
        self._haystack = Haystack(text)
        self._text = text
        self.whole = Span(0, len(text))

    def find(self, words: str, within: Sequence[Span]) -> Span | None:
        """Where words stand, in the first of the spans that has them."""
        return self._haystack.find(words, within)

    def places(self, words: str) -> list[Span]:
        """Everywhere that words stand, inside longer sentences too."""
        places: list[Span] = []
        while found := self.find(words, [Span(places[-1].end if places else 0, self.whole.end)]):
            places.append(found)
        return places

    def cited(self, span: Span) -> str | Citation | None:
        """The words of a span, as gold cites them; None where they cannot be found again."""
        words = self._text[span.start : span.end]
        places = self.places(words)
        here = [number for number, place in enumerate(places, 1) if place.start < span.end and span.start < place.end]
        if not here:
            return None
        return words if len(places) == 1 else {"text": words, "occurrence": here[0]}

    def faults(self, model: type[Closed], name: str, value: Any) -> Iterator[GoldFault]:
        """What is wrong with a field of gold: words that are not in the article, values that are not in the vocabulary.

        Whatever JSON holds may be asked about.

        Args:
            model: the kind of the record, or a model inside one.
            name: one of its `fields_of`.
            value: what is said of it.

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
        """Words, or a list of words of which each will do; null is one of them where there need be none."""
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
    """Tell values that are not in the vocabulary."""
    right = get_args(inside(field.annotation)) or (True, False)
    if is_list(field) and not isinstance(value, list):
        yield GoldFault((), value, NO_LIST)
    elif not is_list(field) and value == []:
        yield GoldFault((), value, EMPTY)
    else:
        for position, choice in enumerate(value if isinstance(value, list) else [value]):
            # 1 is not true, whatever Python says.
            if not any(choice == one and type(choice) is type(one) for one in right):
                at = (position,) if isinstance(value, list) else ()
                yield GoldFault(at, choice, f"is not among {', '.join(map(str, right))}")
