"""How code reads records of one kind off an article: the form of the modules in `candidates.readers`.

A kind works without a reader; its windows are then searched. With one, code finds sentences that may state a record
(by the kind's triggers in the language packs), fills in what it can tell, and offers the model what it may choose from.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pydantic.fields import FieldInfo

from schemas.draft import Allowed
from schemas.fields import Closed, Record, parts_of

if TYPE_CHECKING:
    from service.extraction.candidates.choices import Choices
    from service.extraction.candidates.prefill import Occasion
    from service.extraction.candidates.weak_triggers import WeakTriggers

Source = Literal["names", "places", "actors", "authorities", "persons", "dates", "figures"]
Prefill = Callable[["Occasion"], Any]
"""Reads the value of a field off an occasion, or answers `UNKNOWN`, so that the model is asked."""


class ReaderError(Exception):
    """A reader does not fit its kind. The message names the kind and says what to change."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """The model chooses the words of a field among what code found, and is not asked where that is nothing.

    Args:
        source: what is offered. `actors` are names that do not only say where, and what groups are called who take
            part, `authorities` those of them which can bind others: states and their bodies.
        at_least_two: for a list, whether two are asked for where there are as many and none stands for several.

    """

    source: Source
    at_least_two: bool = False


@dataclass(frozen=True, slots=True)
class Restatement:
    """When close accounts of one item are one record, whatever each calls its state.

    Args:
        same_names: lists of names of which one account has no other ones than the other.
        distinct: fields in which accounts of two items differ, besides derived ones and the circumstances.

    """

    same_names: tuple[str, ...]
    distinct: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SameEvent:
    """When records that were each read off a sentence of its own are of one event.

    Args:
        continues_across_sentences: whether neighbouring sentences usually go on about one item, so that its names need
            not be repeated.
        restatement: how sentences that lie close together tell of one item anew, if they do.
        same_fields: fields which are the same in neighbouring sentences about one event; then circumstances and figures
            that do not contradict each other are that event's. Without any, nothing is joined by that.
        circumstances: fields that tell where and when it was.
        figures: lists of figures, of which two accounts of one event count different things.

    """

    continues_across_sentences: bool = False
    restatement: Restatement | None = None
    same_fields: tuple[str, ...] = ()
    circumstances: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KindReader:
    """How one kind is read. Paths of fields inside others are written `representatives/name`.

    Args:
        record: the kind.
        prefill: by field, a function of `service.extraction.candidates.prefill` that reads its value off the sentences.
        options: by path, what the model may choose from.
        per_speaker: whether there is one candidate for each speaker, at all places where they speak, and not one for
            each sentence with a trigger. Then `prefill_each` has the fields whose values differ from place to place.
        hints_if: by field, what other fields are likely to be where it has a value.
        needs_actor: whether a record cannot be without somebody who acts: a sentence that names nobody is shown behind
            one that does.
        weak_triggers: what a sentence needs besides a weak trigger, by a function of
            `service.extraction.candidates.weak_triggers`; None where all triggers count alike.
        figures_are_no_actors: whether persons who are counted are losses: "12 soldiers" are then nobody who acts.
        open_in_examples: prefilled fields which are asked for in the prompt's examples, so that the model sees how that
            is answered where code cannot read them off.
        not_speaker: paths of names that are nobody's who only speaks of it.
        disjoint: by field, another one with which it has no name in common, because code takes the one for the other:
            what is hit for the place where it was hit.
        same_event: when records read off different sentences are one.

    """

    record: type[Record]
    prefill: Mapping[str, Prefill] = field(default_factory=dict)
    prefill_each: Mapping[str, Prefill] = field(default_factory=dict)
    options: Mapping[str, OneOf] = field(default_factory=dict)
    per_speaker: bool = False
    hints_if: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    needs_actor: bool = False
    weak_triggers: "WeakTriggers | None" = None
    figures_are_no_actors: bool = False
    open_in_examples: frozenset[str] = frozenset()
    not_speaker: frozenset[str] = frozenset()
    disjoint: Mapping[str, str] = field(default_factory=dict)
    same_event: SameEvent = field(default_factory=SameEvent)

    def __post_init__(self) -> None:
        """Check that all fields are the kind's.

        Raises:
            ReaderError: one is not.

        """
        known = dict(_paths(self.record))
        for what, path in self._named():
            if path not in known:
                raise ReaderError(
                    f"the reader of {self.record.kind!r}: `{what}` names a field {path!r}, which it has not"
                )

    def allowed(self, choices: "Choices") -> Allowed:
        """What the fields of a draft may be, where so much was found to choose from."""
        found = {path: getattr(choices, one.source) for path, one in self.options.items()}
        several = () if choices.collective else (path for path, one in self.options.items() if one.at_least_two)
        return Allowed(
            frozenset((path, values) for path, values in found.items() if values is not None), frozenset(several)
        )

    def _named(self) -> Iterator[tuple[str, str]]:
        """Every path that the reader names, and where it does so."""
        same = self.same_event
        again = same.restatement or Restatement(())
        named: dict[str, tuple[str, ...]] = {
            "prefill": tuple(self.prefill),
            "prefill_each": tuple(self.prefill_each),
            "options": tuple(self.options),
            "hints_if": (*self.hints_if, *(name for hints in self.hints_if.values() for name in hints)),
            "open_in_examples": tuple(self.open_in_examples),
            "not_speaker": tuple(self.not_speaker),
            "disjoint": (*self.disjoint, *self.disjoint.values()),
            "same_event": (*same.same_fields, *same.circumstances, *same.figures, *again.same_names, *again.distinct),
        }
        for what, paths in named.items():
            yield from ((what, path) for path in paths)


def _paths(model: type[Closed], before: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every field of a record and of the models inside it, by its path."""
    for name, one in model.model_fields.items():
        yield f"{before}{name}", one
        if parts := parts_of(one.annotation):
            yield from _paths(parts, f"{before}{name}/")
