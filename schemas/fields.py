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

    """

    among: Literal["names", "places", "actors", "persons", "dates", "figures"]
    first: bool = False
    else_asked: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """Marks a list of figures of which code can tell what they count, where it looks for leads."""


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
    """Marks a field that has nothing in common with another: who mediates is no party, nobody speaks for themselves."""

    other: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What code found for fields marked as `Chosen`; None where it cannot tell, so that any words will do.

    `actors` are names that do not only say where, and what groups are called who take part in the kind.
    """

    names: tuple[str, ...] | None = None
    places: tuple[str, ...] | None = None
    actors: tuple[str, ...] | None = None
    persons: tuple[str, ...] | None = None
    dates: tuple[str, ...] | None = None
    figures: tuple[str, ...] | None = None


ANYTHING = Choices()


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
    told_by: ClassVar[tuple[str, ...]] = ()
    """Fields which are the same in neighbouring sentences about one event, if code can tell by them; then places, dates
    and figures that do not contradict each other are that event's."""
    actors: ClassVar[tuple[str, ...]]
    """Fields that name who is involved: two accounts of one item have one of them in common."""
    telling: ClassVar[tuple[str, ...]] = ()
    """Fields of which a record must have one: without any it tells a reader nothing."""

    evidence: list[Evidence] = Field(min_length=1, description="numbers of the sentences that state it")
