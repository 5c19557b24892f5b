"""Sanctions, with the properties of FollowTheMoney and the measures of OpenSanctions."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.fields import Closed, Country, Derived, EdtfDate, Mention, Record

Action = Literal[
    "imposed", "extended", "expanded", "eased", "lifted", "proposed", "threatened", "enforced", "evaded", "assessed"
]
TargetType = Literal["country", "person", "organization", "company", "vessel", "sector", "goods", "other"]
Measure = Literal[
    "asset_freeze",
    "travel_ban",
    "export_control",
    "financial_restrictions",
    "arms_embargo",
    "import_restrictions",
    "arms_restrictions",
    "transportation_restrictions",
    "investment_ban",
    "services_ban",
    "prohibition_to_satisfy_claims",
    "debarment",
    "aid_suspension",
    "sectoral_sanctions",
]
Status = Literal["active", "suspended", "expired", "inactive", "proposed", "unknown"]


class Target(Closed):
    """Who or what is sanctioned."""

    name: Mention
    target_type: TargetType


class Sanction(Record):
    """Sanctions imposed, changed, lifted, proposed, enforced, evaded, or said to work or not."""

    kind: ClassVar[str] = "sanctions"
    order: ClassVar[int] = 2
    identity: ClassVar[tuple[str, ...]] = ("action", "targets")
    actors: ClassVar[tuple[str, ...]] = ("authorities", "targets")
    require_any: ClassVar[tuple[str, ...]] = ("authorities", "targets")

    action: Action = Field(description="evaded when they are got round, assessed when their effect is judged")
    authorities: list[Mention] = Field(description="who sanctions")
    targets: list[Target] = Field(description="who or what is sanctioned")
    target_country: Annotated[Country, Derived("country", of=("targets",))]
    program: Mention | None = Field(description="name of the package or law")
    measures: list[Measure] = Field(description="what is forbidden or frozen")
    reason: Mention | None = Field(description="why, in the article's words")
    status: Status = Field(description="proposed while they are not in force")
    date_text: Mention | None = Field(description="since when, as written")
    date: Annotated[EdtfDate, Derived("date", of=("date_text", "status"), options={"future": "proposed"})]
