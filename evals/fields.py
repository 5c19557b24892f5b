"""How far one field of a found record agrees with gold, between 0 and 1."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, get_origin

from evals.matching import assign, covered, f1, same_name, same_words
from schemas.fields import Record
from service.extraction.text.spans import Span
from service.jobs.gold import is_judged, is_passage

_EXTRAS_TOLERATED = frozenset({"topics"})
"""Lists of which gold names what must be there: more in them is not wrong, so that recall is all there is to score."""


def agreement(record: type[Record], name: str, right: Any, said: Any) -> float:
    """Judge a field that gold has.

    Args:
        record: the kind.
        name: of the field.
        right: what gold says (see `evals.gold`).
        said: the field of the found record; None where it has no such field.

    """
    field = record.model_fields[name]
    if is_passage(field):
        ours, theirs = covered(right), covered(spans(said))
        return f1(len(ours & theirs), len(ours), len(theirs))
    if name in _EXTRAS_TOLERATED:
        return _recall(listed(right), listed(said))
    if get_origin(field.annotation) is list:
        return _of_lists(right or [], listed(said), _same_value if is_judged(field) else _same_item)
    if is_judged(field):
        return float(said in _alternatives(right))
    if said is None or right is None:
        return float(said is None and None in (listed(right) or [None]))
    names = [words for words in listed(right) if words is not None]
    return float((same_name if name in record.actors else same_words)(text_of(said), names))


def is_mention(value: Any) -> bool:
    return isinstance(value, Mapping) and {"start", "end", "text"} <= set(value)


def mentions(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every surface value in an answer's record, or in a part of it."""
    if is_mention(value):
        yield value
    elif isinstance(value, Mapping | list):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from mentions(part)


def spans(value: Any) -> list[Span]:
    """Where the surface values in it stand, those that could not be placed left out."""
    return [Span(part["start"], part["end"]) for part in mentions(value) if 0 <= part["start"] < part["end"]]


def text_of(value: Any) -> str:
    """The words of a surface value; of an item with several fields those of the first one, its name."""
    return next((str(part["text"]) for part in mentions(value)), "")


def names_of(record: type[Record], said: Mapping[str, Any]) -> list[str]:
    """Everybody whom the actor fields of a found record name."""
    return [text_of(actor) for name in record.actors for actor in listed(said.get(name)) if text_of(actor)]


def listed(value: Any) -> list[Any]:
    """A value as a list: nothing of None, one of anything that is no list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _of_lists(right: Sequence[Any], said: Sequence[Any], alike: Callable[[Any, Any], float]) -> float:
    """F1 over the best pairing of two lists."""
    pairs = {
        (row, column): weight
        for row, ours in enumerate(right)
        for column, theirs in enumerate(said)
        if (weight := alike(ours, theirs)) > 0
    }
    return f1(sum(pairs[pair] for pair in assign(pairs)), len(right), len(said))


def _recall(right: Sequence[Any], said: Sequence[Any]) -> float:
    return sum(value in said for value in right) / len(right) if right else 1.0


def _same_value(right: Any, said: Any) -> float:
    return float(right == said)


def _same_item(right: Any, said: Any) -> float:
    """Compare an item with its names, or with what gold says about each of its fields: the words must be the same."""
    if not isinstance(right, Mapping):
        return float(same_name(text_of(said), listed(right)))
    said = said if isinstance(said, Mapping) else {}
    scores = []
    for part, words in right.items():
        value = said.get(part)
        if is_mention(value):
            if not same_words(text_of(value), listed(words)):
                return 0.0
            scores.append(1.0)
        else:
            scores.append(float(value in _alternatives(words)))
    return sum(scores) / len(scores)


def _alternatives(right: Any) -> list[Any]:
    """The values that are right; null is one where that is what gold says."""
    return right if isinstance(right, list) else [right]
