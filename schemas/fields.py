"""The building blocks of a record kind: where each field's value comes from.

A kind is declared once, in the shape the caller receives. The shape which the model is asked for follows from it
(`schemas.draft`):

- *surface* fields are the article's own words: a `Mention` here, a plain string in the draft;
- *judged* fields are what the model decides (enums, booleans): the same in both;
- *derived* fields are computed by code and are left out of the draft: marked with `Derived`;
- `evidence` is cited by sentence number in the draft, and is spans here.

There are three marks: `Derived`, `Role` and `DisjointFrom`. How code reads values of a kind off an article to help a
small model is no part of its schema: `service.extraction.candidates.readers`.

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

    `country: Annotated[Country, Derived("country", of=("location",))]`, as in `schemas.kinds.negotiations`.

    Args:
        rule: name of a rule in `service.extraction.normalize.rules`.
        of: names of the sibling fields the rule reads, most telling first.
        options: settings of the rule, if it has any.

    """

    rule: str
    of: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Role:
    """Marks who speaks, by which verb and in which words, or who mediates.

    `speaker: Annotated[Mention, Role("speaker")]`, as in `schemas.kinds.quoted_officials`. The page and the terminal
    lay out a record by it, and a quotation is told from others by its words. Those may be named by the number that
    their passage in quotation marks is shown with (`Q1`).
    """

    name: Literal["words", "cue", "speaker", "mediator"]


@dataclass(frozen=True, slots=True)
class DisjointFrom:
    """Marks a field that has no name in common with another one: who mediates is no party.

    `mediators: Annotated[list[Mention], DisjointFrom("parties")]`, as in `schemas.kinds.negotiations`.

    Args:
        other: name of the other field.
        redundant: whether the same name in both is no mistake: it says nothing new, and is left out without a word.

    """

    other: str
    redundant: bool = False


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
    actors: ClassVar[tuple[str, ...]]
    """Fields that name who is involved: two accounts of one item have one of them in common."""
    require_any: ClassVar[tuple[str, ...]] = ()
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
        definition = definition_of(cls) if hasattr(cls, "kind") else None  # the base itself is of no kind
        if definition:
            told = handler.resolve_ref_schema(schema)
            kind = [told.get("description"), f"None of it: {definition.outside}.", *definition.one_record]
            told["description"] = "\n\n".join(filter(None, kind))
            _tell_fields(cls, told, definition, handler)
        return schema


def inside(annotation: Any) -> Any:
    """What a list field holds, or an optional one may be; the annotation itself otherwise. Without marks."""
    if get_origin(annotation) is list:
        return _bare(get_args(annotation)[0])
    options = [option for option in get_args(annotation) if option is not NoneType]
    return _bare(options[0] if NoneType in get_args(annotation) and len(options) == 1 else annotation)


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


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
