"""Quotations, after PARC3 and PolNeAR: source, cue and content."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.fields import Besides, Chosen, Country, Derived, Mention, Portrayed, Record, Speech, ToldBy

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

    content: Annotated[list[Mention], Speech("words")] = Field(
        min_length=1,
        description="number of the passage, such as Q1; for reported speech the words reported, without the cue; "
        "several where the cue breaks them",
    )
    speaker: Annotated[Mention, Speech("speaker")] = Field(description="who says it, the fullest name")
    position: Annotated[Mention | None, Portrayed("position")] = Field(description="office or rank")
    affiliation: Annotated[
        Mention | None, Portrayed("affiliation"), Chosen("names"), Besides("speaker", redundant=True)
    ] = Field(description="state or organisation the speaker serves")
    country: Annotated[Country, Derived("country", of=("affiliation", "position"))]
    cue: Annotated[Mention | None, Speech("cue")] = Field(description="the verb, such as: said")
    speaker_type: Annotated[SpeakerType, Portrayed("speaker_type")] = Field(
        description="institution for ministries and the like"
    )
    is_official: Annotated[bool, Portrayed("is_official")] = Field(
        description="true for government, military, parliament, court, party, UN and the like"
    )
    sector: Annotated[Sector, Portrayed("sector")] = Field(description="where the speaker belongs")
    quote_type: Annotated[QuoteType, Derived("quote_type", of=("content",))]
    about: Annotated[
        list[Subject],
        ToldBy({"negotiation": "negotiations", "sanctions": "sanctions", "military": "military_claims"}),
    ] = Field(description="what it is about")
