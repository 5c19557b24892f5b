"""The building blocks of a record kind: where each field's value comes from.

A kind is declared once, in the shape the caller receives. The shape which the model is asked for follows from it
(`schemas.draft`):

- *surface* fields are the article's own words: a `Mention` here, a plain string in the draft;
- *judged* fields are what the model decides (enums, booleans): the same in both;
- *derived* fields are computed by code and are left out of the draft: marked with `Derived`;
- `evidence` is cited by sentence number in the draft, and is spans here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field


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
        rule: name of a rule in `service.extraction.derive`.
        of: names of the sibling fields the rule reads, most telling first.
        options: settings of the rule, if it has any.

    """

    rule: str
    of: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Speech:
    """Marks a surface field that code can read off quotation marks and verbs of saying.

    The words and the cue of an attribution are settled by that where code looks for leads; its speaker is a proposal,
    which the model may better. Where the model searches by itself, words may be named by a passage's number (`Q1`).
    """

    part: Literal["words", "cue", "speaker"]


@dataclass(frozen=True, slots=True)
class Named:
    """Marks a surface field whose values are proper names as a rule.

    Where each question may have a schema of its own, the model chooses them among the names that are shown.
    """


Country = Annotated[str | None, Field(default=None, pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
EdtfDate = Annotated[str | None, Field(default=None, description="EDTF level 0 or 1")]


class Record(Closed):
    """Base of every record kind. The subclass' docstring is the kind's one-sentence definition."""

    kind: ClassVar[str]
    order: ClassVar[int]
    """Place of the kind among the others, in prompts, answers and listings."""
    identity: ClassVar[tuple[str, ...]]
    """Fields which agree in two records of the same item (see `service.extraction.merge`)."""
    told_on: ClassVar[bool] = False
    """Whether neighbouring sentences usually go on about one item, so that its names need not be repeated."""
    actors: ClassVar[tuple[str, ...]]
    """Fields that name who is involved: two accounts of one item have one of them in common."""

    evidence: list[Evidence] = Field(min_length=1, description="numbers of the sentences that state it")
