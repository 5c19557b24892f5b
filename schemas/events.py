"""What is told while an article is read, in the order in which it happens.

A stream of events ends with an `extraction` or a `problem`; one that does not was cut off. Records are numbered from 1
as they are found. Until the end they are provisional: some are withdrawn, others turn out to tell of one item.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, SerializeAsAny

from schemas.fields import Closed, Origin, Record
from schemas.result import Extraction, Failure, Rejection


class Begun(Closed):
    """The article is cut into sentences and questions."""

    event: Literal["begun"] = "begun"
    kinds: list[str]
    sentences: int
    questions: int
    model: str
    prompt_version: str
    schema_version: str


class Steps(Closed):
    """How many questions have been dealt with, and of how many."""

    done: int = 0
    questions: int = 0


class Progress(Closed):
    """How far it is: all questions, and those about each kind."""

    event: Literal["progress"] = "progress"
    done: int
    questions: int
    kinds: dict[str, Steps]


class Found(Closed):
    """A record that the article states."""

    event: Literal["record"] = "record"
    number: int = Field(ge=1)
    kind: str
    record: SerializeAsAny[Record]
    origins: Mapping[str, Origin]


class Withdrawn(Closed):
    """A record that will not be in the answer."""

    event: Literal["withdrawn"] = "withdrawn"
    number: int = Field(ge=1)
    kind: str
    reason: str


class Rejected(Closed):
    """Something the model said which will not be in the answer's records."""

    event: Literal["rejected"] = "rejected"
    rejection: Rejection


class Failed(Closed):
    """A part of the article that has no answer for a kind."""

    event: Literal["failure"] = "failure"
    failure: Failure


class Merged(Closed):
    """What became of the records."""

    event: Literal["merged"] = "merged"
    records: dict[str, list[list[int]]] = Field(
        description="for each record of the answer, in its order, the numbers of those that it was made of"
    )


class Done(Closed):
    """The whole answer, as it is without a stream. Nothing comes after it."""

    event: Literal["extraction"] = "extraction"
    extraction: Extraction


class Kept(Closed):
    """Article and answer are kept as a job that has ended."""

    event: Literal["kept"] = "kept"
    job: str = Field(description="address of the job")


class Unkept(Closed):
    """Article and answer should have been kept, and could not be."""

    event: Literal["unkept"] = "unkept"
    problem: dict[str, Any] = Field(description="as in a problem's own answer")


class Ended(Closed):
    """There is no answer. Nothing comes after it."""

    event: Literal["problem"] = "problem"
    problem: dict[str, Any] = Field(description="as in a problem's own answer (RFC 9457)")


Event = Begun | Progress | Found | Withdrawn | Rejected | Failed | Merged | Kept | Unkept | Done | Ended
