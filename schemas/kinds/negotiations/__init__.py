"""Talks, as PLOVER's CONSULT family and PA-X's stages describe them."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.fields import Closed, Country, Derived, DisjointFrom, EdtfDate, Mention, Record, Role

Format = Literal["bilateral", "multilateral", "third_party", "visit", "phone", "unknown"]
Status = Literal["proposed", "planned", "ongoing", "held", "concluded", "stalled", "cancelled", "rejected"]
Stage = Literal["pre_negotiation", "ceasefire", "framework", "substantive", "implementation", "not_peace_process"]
Topic = Literal[
    "territory",
    "ceasefire",
    "prisoners",
    "economic",
    "natural_resources",
    "sanctions",
    "security_guarantees",
    "diplomatic",
    "military",
    "humanitarian",
    "other",
]


class Representative(Closed):
    """A person who speaks for a party at the talks."""

    name: Mention
    position: Mention | None
    organization: Mention | None


class Negotiation(Record):
    """Talks, a meeting, a visit, a call or mediation between states, armed parties or international bodies."""

    kind: ClassVar[str] = "negotiations"
    order: ClassVar[int] = 1
    identity: ClassVar[tuple[str, ...]] = ("parties", "status")
    actors: ClassVar[tuple[str, ...]] = ("parties", "mediators")

    parties: list[Mention] = Field(min_length=1, description="who talks with whom, as named")
    mediators: Annotated[list[Mention], Role("mediator"), DisjointFrom("parties")] = Field(
        description="who mediates or hosts without being a party"
    )
    representatives: list[Representative] = Field(description="persons at the talks")
    format: Format = Field(description="third_party when somebody mediates")
    status: Status = Field(description="planned when it is still to come, held when it has taken place")
    stage: Stage = Field(description="stage of a peace process, if it is one")
    round: Mention | None = Field(description="such as: second round")
    topics: list[Topic] = Field(description="what it is about")
    outcome: Mention | None = Field(description="what came of it, in the article's words")
    location: Mention | None = Field(description="where")
    country: Annotated[Country, Derived("country", of=("location",), options={"of": "place"})]
    date_text: Mention | None = Field(description="when, as written")
    date: Annotated[EdtfDate, Derived("date", of=("date_text", "status"), options={"future": "proposed planned"})]
