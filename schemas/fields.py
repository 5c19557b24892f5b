"""The building blocks of a record kind: where each field's value comes from.

A kind is declared once, in the shape the caller receives. The shape which the model is asked for follows from it
(`schemas.draft`):

- *surface* fields are the article's own words: a `Mention` here, a plain string in the draft;
- *judged* fields are what the model decides (enums, booleans): the same in both;
- *derived* fields are computed by code and are left out of the draft: marked with `Derived`;
- `evidence` is cited by sentence number in the draft, and is spans here.

The JSON Schema of a record says all that `schemas.definitions` says of its kind; that of a draft has its descriptions
from the fields alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import Annotated, Any, ClassVar, Literal, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, PrivateAttr
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from schemas.definitions import Definition, definition_of


class Closed(BaseModel):
    """A model that refuses unknown fields and cannot be changed after it was made."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Mention(Closed):
    """Words of the article and where they stand: `article.text[start:end] == text`.

    Offsets are Unicode code points of the text as posted, `end` exclusive.
    """

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str


class Evidence(Mention):
    """A sentence that states the record. `sentence` is its number in the article, from 1."""

    sentence: int = Field(ge=1)


@dataclass(frozen=True, slots=True)
class Derived:
    """Marks a field which code computes.

    Args:
        rule: name of a rule in `service.extraction.normalize.rules`.
        of: names of the sibling fields the rule reads, most telling first.
        options: settings of the rule, if it has any.

    """

    rule: str
    of: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Speech:
    """Marks a surface field that code can read off quotation marks and verbs of saying.

    Where code looks for leads, the words, the cue and the speaker of an attribution are settled by that, a speaker only
    if it is known who that is. Where the model searches by itself, words may be named by a passage's number (`Q1`).
    """

    part: Literal["words", "cue", "speaker"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Marks a surface field whose values code can look up in a sentence.

    Where each question may have a schema of its own, the model chooses among them instead of copying, and is not asked
    where there are none.

    Args:
        among: what is looked up.
        first: whether, where code looks for leads, the first one of what is stated is taken and the model not asked.
        else_asked: whether the model is asked where there is none; otherwise it is null.
        several: whether two are chosen at least, where there are as many and none stands for several.

    """

    among: Literal["names", "places", "actors", "authorities", "persons", "dates", "figures", "programs"]
    first: bool = False
    else_asked: bool = False
    several: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """Marks a list of figures of which code can tell what they count, where it looks for leads."""


@dataclass(frozen=True, slots=True)
class AsCounted:
    """Marks a surface field that a figure may tell, where code looks for leads: "14 traders", who were killed.

    It is the first figure that counts one of these, if its words name what is counted.

    Args:
        metrics: what the figure counts.

    """

    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Precise:
    """Marks how exactly a place is named, which code can tell by the words with it, where it looks for leads."""


@dataclass(frozen=True, slots=True)
class Delegated:
    """Marks a list of persons with their offices, which code can read off, where it looks for leads.

    Args:
        name: field of an item for the name.
        position: field for the office.
        organization: field for whom the office is held.

    """

    name: str
    position: str
    organization: str


@dataclass(frozen=True, slots=True)
class Mediating:
    """Marks a list of those who mediate, which code can tell by the words beside a name, where it looks for leads.

    Args:
        hints: what other fields are likely to be where somebody mediates.

    """

    hints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Voiced:
    """Marks a judged field whose value follows from whether somebody is said to say it, where code looks for leads."""

    by_somebody: str
    by_the_article: str


@dataclass(frozen=True, slots=True)
class Portrayed:
    """Marks a field about who a speaker is, which code can read off the words that stand with the name."""

    part: Literal["speaker_type", "is_official", "sector", "position", "affiliation"]


@dataclass(frozen=True, slots=True)
class ToldBy:
    """Marks a list of values of which each stands for a kind; code can tell them by the kinds' cues.

    Args:
        kinds: name of the kind for each value that has one.

    """

    kinds: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Besides:
    """Marks a field that has nothing in common with another: who mediates is no party, nobody speaks for themselves.

    Args:
        other: name of the other field.
        led: whether that holds only where code looks for leads, which takes what is hit for the place where it was hit.
        redundant: whether the same name in both is no mistake: it says nothing new, and is left out without a word.

    """

    other: str
    led: bool = False
    redundant: bool = False


@dataclass(frozen=True, slots=True)
class Silent:
    """Marks a name that is nobody's who only speaks of it."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What code found for fields marked as `Chosen`; None where it cannot tell, so that any words will do.

    `actors` are names that do not only say where, and what groups are called who take part in the kind; `authorities`
    are those of them which can bind others: states and their bodies. Some actors may be named `together`.
    """

    names: tuple[str, ...] | None = None
    places: tuple[str, ...] | None = None
    actors: tuple[str, ...] | None = None
    authorities: tuple[str, ...] | None = None
    persons: tuple[str, ...] | None = None
    dates: tuple[str, ...] | None = None
    figures: tuple[str, ...] | None = None
    programs: tuple[str, ...] | None = None
    together: bool = False


ANYTHING = Choices()


@dataclass(frozen=True, slots=True)
class Retold:
    """How close accounts of one item are known, whatever each calls its state.

    Args:
        shared: lists of names of which one account has no other ones than the other.
        apart: fields in which accounts of two items differ, besides those that are derived and where and when it was.

    """

    shared: tuple[str, ...]
    apart: tuple[str, ...]


Country = Annotated[str | None, Field(default=None, pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
EdtfDate = Annotated[str | None, Field(default=None, description="EDTF level 0 or 1")]
Origin = Literal["read", "chosen", "asked", "derived"]
"""How a value came about: code read it off the words, the model chose it among what code had found there, the model was
asked for it (words are looked up in the article all the same), or code worked it out from other fields."""


class Record(Closed):  # noqa: PLW1641 -- pydantic makes the hash, of the fields
    """Base of every record kind. The subclass' docstring is the kind's one-sentence definition."""

    kind: ClassVar[str]
    order: ClassVar[int]
    """Place of the kind among the others, in prompts, answers and listings."""
    identity: ClassVar[tuple[str, ...]]
    """Fields which agree in two records of the same item (see `service.extraction.grounding.merge`)."""
    told_on: ClassVar[bool] = False
    """Whether neighbouring sentences usually go on about one item, so that its names need not be repeated."""
    retold: ClassVar[Retold | None] = None
    """How sentences that lie close together tell of one item anew, if they do."""
    told_by: ClassVar[tuple[str, ...]] = ()
    """Fields which are the same in neighbouring sentences about one event, if code can tell by them; then places, dates
    and figures that do not contradict each other are that event's."""
    actors: ClassVar[tuple[str, ...]]
    """Fields that name who is involved: two accounts of one item have one of them in common."""
    telling: ClassVar[tuple[str, ...]] = ()
    """Fields of which a record must have one: without any it tells a reader nothing."""

    evidence: list[Evidence] = Field(
        min_length=1,
        description="numbers of the sentences that state it",
        # A draft cites by number, a record has the sentences themselves.
        json_schema_extra={"description": "the sentences that state it"},
    )

    _origins: Mapping[str, Origin] = PrivateAttr(default_factory=dict)

    @property
    def origins(self) -> Mapping[str, Origin]:
        """How each value came about, by field: of those that are neither null nor empty, without the evidence.

        Empty where nobody told, as of a record that was read from JSON.
        """
        return self._origins

    def with_origins(self, origins: Mapping[str, Origin]) -> Self:
        """The same record, told how its values came about."""
        told = self.model_copy()
        told._origins = origins  # noqa: SLF001 -- its own
        return told

    def __eq__(self, other: object) -> bool:
        # What a record says is the same wherever it was taken from; pydantic would compare origins too.
        return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /) -> JsonSchemaValue:
        schema = handler(core_schema)
        definition = definition_of(cls.kind) if hasattr(cls, "kind") else None  # the base itself is of no kind
        if definition:
            told = handler.resolve_ref_schema(schema)
            kind = [told.get("description"), f"None of it: {definition.outside}.", *definition.one_record]
            told["description"] = "\n\n".join(filter(None, kind))
            _tell_fields(cls, told, definition, handler)
        return schema


def inside(annotation: Any) -> Any:
    """What a list field holds, or an optional one may be; the annotation itself otherwise."""
    if get_origin(annotation) is list:
        return get_args(annotation)[0]
    options = [option for option in get_args(annotation) if option is not NoneType]
    return options[0] if NoneType in get_args(annotation) and len(options) == 1 else annotation


def values_of(annotation: Any) -> tuple[str, ...]:
    """The values of a vocabulary; none of anything else."""
    inner = inside(annotation)
    return get_args(inner) if get_origin(inner) is Literal else ()


def parts_of(annotation: Any) -> type[Closed] | None:
    """The model inside a field that has fields of its own, which are not those of a `Mention`."""
    inner = inside(annotation)
    own = isinstance(inner, type) and issubclass(inner, Closed) and not issubclass(inner, Mention)
    return inner if own else None


def _tell_fields(
    model: type[Closed], schema: JsonSchemaValue, definition: Definition, handler: GetJsonSchemaHandler
) -> None:
    """Write what is said of the fields of a model, and of those of the models inside it, into its JSON Schema.

    A model inside a record is one kind's own, as all of it is in one document with the other kinds.
    """
    for name, one in model.model_fields.items():
        told = schema["properties"][name]
        meant = definition.values.get(name, {})
        values = "; ".join(definition.of_value(name, value) for value in values_of(one.annotation) if value in meant)
        said = ": ".join(filter(None, (definition.told(name, told.get("description")), values)))
        if said:
            told["description"] = said
        else:
            told.pop("description", None)
        if parts := parts_of(one.annotation):
            _tell_fields(parts, handler.resolve_ref_schema(_reference(told)), definition, handler)


def _reference(told: JsonSchemaValue) -> JsonSchemaValue:
    """The reference to the model inside a field, in the field's own schema."""
    options: Sequence[JsonSchemaValue] = (told, told.get("items", {}), *told.get("anyOf", ()))
    return next(option for option in options if "$ref" in option)
