"""Quotations, after PARC3 and PolNeAR: source, cue and content."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.fields import Country, Derived, DisjointFrom, Mention, Record, Role

SpeakerType = Literal["person", "institution", "group", "anonymous"]
Sector = Literal["gov", "mil", "leg", "jud", "igo", "pty", "bus", "jrn", "edu", "cvl", "unknown"]
Subject = Literal["negotiation", "sanctions", "military", "economy", "domestic", "other"]
QuoteType = Literal["direct", "indirect", "mixed"]


class QuotedOfficial(Record):
    """Words of somebody whom the article names or describes, quoted or reported; `is_official` tells officials."""

    kind: ClassVar[str] = "quoted_officials"
    order: ClassVar[int] = 4
    identity: ClassVar[tuple[str, ...]] = ("content",)
    actors: ClassVar[tuple[str, ...]] = ("speaker",)

    content: Annotated[list[Mention], Role("words")] = Field(
        min_length=1,
        description="number of the passage, such as Q1; for reported speech the words reported, without the cue; "
        "several where the cue breaks them",
    )
    speaker: Annotated[Mention, Role("speaker")] = Field(description="who says it, the fullest name")
    position: Mention | None = Field(description="office or rank")
    affiliation: Annotated[Mention | None, DisjointFrom("speaker", redundant=True)] = Field(
        description="state or organisation the speaker serves"
    )
    country: Annotated[Country, Derived("country", of=("affiliation", "position"))]
    cue: Annotated[Mention | None, Role("cue")] = Field(description="the verb, such as: said")
    speaker_type: SpeakerType = Field(description="institution for ministries and the like")
    is_official: bool = Field(description="true for government, military, parliament, court, party, UN and the like")
    sector: Sector = Field(description="where the speaker belongs")
    quote_type: Annotated[QuoteType, Derived("quote_type", of=("content",))]
    about: list[Subject] = Field(description="what it is about")
